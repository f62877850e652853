/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads of io_uring: what their calls and their completions add up to. */
#ifndef IOPHASE_ENGINE_ASYNC_H
#define IOPHASE_ENGINE_ASYNC_H

#include "account.h"

/*
 * The read call that an io_uring request makes returns. Fills a, but for
 * asked_ns and told_ns, when it returns IOP_READ.
 */
IOP_INLINE int iop_async_read_exit(struct iop_thread *t, struct iop_sock *s, __u64 sock,
				   const struct iop_queue *q, __s64 ret, __u64 now,
				   struct iop_async *a)
{
	struct iop_reading *rd = &t->rd;
	__u64 called = rd->called_ns, late = iop_first_ready(s);

	if (!called || rd->sock != sock || now < called)
		return IOP_UNMATCHED;
	rd->called_ns = 0;
	if (ret == -IOP_EAGAIN && !rd->sleeps) {
		if (s->empty_ns < called)
			s->empty_ns = called;
		return IOP_RETRY;
	}
	a->ready_ns = 0;
	a->called_ns = called;
	a->end_ns = now;
	a->wait_ns = rd->sleeps ? rd->wait_ns : 0;
	a->wake_ns = rd->sleeps ? rd->wake_ns : 0;
	a->copied_ns = rd->copied_ns;
	a->flags = rd->flags;
	a->copies = rd->copies;
	a->sleeps = rd->sleeps;
	if (iop_has_data(q, ret)) {
		a->ready_ns = rd->ready_ns;
		/* it came while the call ran */
		if (!a->ready_ns && late >= called && late >= s->empty_ns)
			a->ready_ns = called;
		if (!a->ready_ns && !rd->woken)
			a->flags |= IOP_F_UNSEEN;
	} else {
		a->flags = (a->flags & ~(IOP_F_RESIDUAL | IOP_F_APPROX)) |
			   iop_cause(rd, q, ret);
		a->wait_ns += a->wake_ns;
		a->wake_ns = 0;
	}
	iop_settle(s, rd, q, ret, now);
	return IOP_READ;
}

/*
 * Is a completion that no read call of the request explains a failed read? Of
 * what may be a file's, only if it has tried to read from a socket.
 */
IOP_INLINE int iop_request_failed(__u32 kind, __u64 sock, __s32 res)
{
	if (res >= 0 || res == -IOP_EBADF || res == -IOP_ENOTSOCK)
		return 0;
	return sock || kind == IOP_REQUEST_RECEIVE;
}

/*
 * The request ends at now without its read call, or after read calls that found
 * nothing: cancelled, no buffer, no wait allowed. All until then was waiting.
 */
IOP_INLINE void iop_async_failed(struct iop_async *a, __u64 now)
{
	__u64 asked = a->asked_ns;

	__builtin_memset(a, 0, sizeof(*a));
	a->asked_ns = asked;
	a->called_ns = now;
	a->end_ns = now;
}

/* Of async, the rest is written before it is read. */
IOP_INLINE void iop_request_submit(struct iop_request *r, __u32 kind, __u32 tid, __u64 now)
{
	r->async.asked_ns = now;
	r->sock = 0;
	r->tid = tid;
	r->kind = kind;
	r->done = 0;
}

/* The read call that the request makes returns. */
IOP_INLINE int iop_request_read_exit(struct iop_thread *t, struct iop_sock *s,
				     const struct iop_read_end *e, struct iop_request *r)
{
	int verdict = iop_async_read_exit(t, s, e->sock, &e->q, e->ret, e->now,
					  &r->async);

	if (verdict == IOP_UNMATCHED)
		return verdict;
	r->sock = e->sock;
	if (verdict == IOP_READ) {
		r->done = 1;
		r->ret = e->ret;
	}
	return verdict;
}

/*
 * The request's completion is posted, with res. Returns 1 if that is a read, which
 * whoever waits for it is yet to find; the caller keeps what r says of it.
 */
IOP_INLINE int iop_request_complete(struct iop_request *r, __s32 res, __u64 now)
{
	if (!r->done && iop_request_failed(r->kind, r->sock, res)) {
		iop_async_failed(&r->async, now);
		r->ret = res;
		r->done = 1;
	}
	if (!r->done)
		return 0;
	r->async.told_ns = now;
	r->done = 0;
	return 1;
}

/* What was completed is kept: of a multishot request the next is wanted. */
IOP_INLINE void iop_request_next(struct iop_request *r, __u64 now)
{
	r->async.asked_ns = now;
}

/*
 * The thread that waited for the completion goes on at returned; or nobody
 * waited, and returned is told_ns.
 */
IOP_INLINE int iop_async_finish(const struct iop_async *a, __u64 returned,
				struct iop_result *out)
{
	__u64 begin = a->asked_ns, parts;

	__builtin_memset(out, 0, sizeof(*out));
	out->model = IOP_ASYNC;
	out->flags = a->flags;
	out->copies = a->copies;
	out->sleeps = a->sleeps;
	out->call_ns = a->end_ns - a->called_ns;
	parts = a->wait_ns + a->wake_ns + a->copied_ns;
	out->phase_ns[IOP_WAIT] = a->wait_ns;
	out->phase_ns[IOP_WAKE] = a->wake_ns;
	out->phase_ns[IOP_COPY] = a->copied_ns;
	out->phase_ns[IOP_REST] = out->call_ns - parts;
	out->phase_ns[IOP_DISPATCH] = returned - a->told_ns;
	if (!a->ready_ns) {
		out->phase_ns[IOP_WAIT] += a->called_ns - a->asked_ns;
		out->phase_ns[IOP_REST] += a->told_ns - a->end_ns;
	} else if (a->ready_ns <= a->asked_ns) {
		begin = a->ready_ns;
		out->phase_ns[IOP_DISPATCH] += a->called_ns - a->ready_ns;
		out->phase_ns[IOP_REST] += a->told_ns - a->end_ns;
	} else {
		out->phase_ns[IOP_WAIT] += a->ready_ns - a->asked_ns;
		out->phase_ns[IOP_WAKE] += (a->called_ns - a->ready_ns) +
					   (a->told_ns - a->end_ns);
	}
	out->total_ns = returned - begin;
	return parts <= out->call_ns && iop_sound(out) ? IOP_READ : IOP_REJECTED;
}

#endif

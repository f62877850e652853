/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests of io_uring, from submission until their thread finds them done. */
#ifndef IOPHASE_URING_BPF_H
#define IOPHASE_URING_BPF_H

#include "feed.bpf.h"
#include "publish.bpf.h"

/* IORING_OP_NOP stands for a request of which nothing is known: it may receive. */
static __always_inline __u32 request_kind(__u8 opcode)
{
	switch (opcode) {
	case IORING_OP_NOP:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_READ:
	case IORING_OP_READ_MULTISHOT:
		return IOP_REQUEST_READ;
	case IORING_OP_RECVMSG:
	case IORING_OP_RECV:
		return IOP_REQUEST_RECEIVE;
	case IORING_OP_POLL_ADD:
		return IOP_REQUEST_POLL;
	}
	return IOP_REQUEST_NONE;
}

/* Returns false if nothing is to be known of the request. */
static __always_inline bool on_uring_submit(__u64 req, __u32 fd, __u8 opcode)
{
	struct who who = current_ids();
	struct request r = {
		.pid = who.pid,
		.tid = who.tid,
		.fd = fd,
		.kind = request_kind(opcode),
	};

	if (r.kind == IOP_REQUEST_NONE || !active || !selected(who))
		return false;
	r.async.asked_ns = bpf_ktime_get_ns();
	bpf_map_update_elem(&requests, &req, &r, BPF_ANY);
	record_input(IOP_IN_URING_SUBMIT, who.tid, req, r.kind, 0,
		     r.async.asked_ns);
	return true;
}

/* From its submission to its completion. */
static __always_inline bool uring_is_known(__u64 req)
{
	return bpf_map_lookup_elem(&requests, &req);
}

/*
 * From here to the same with 0, a read is this request's, even if its
 * submission was not seen.
 */
static __always_inline void on_uring_issue(__u64 req)
{
	struct who who = current_ids();
	struct iop_thread *t;

	if (req && (!active || (!bpf_map_lookup_elem(&requests, &req) &&
				!selected(who))))
		return;
	t = req ? thread_new(who.tid) : thread_of(who.tid);
	if (!t || t->req == req)
		return;
	t->req = req;
	record_input(IOP_IN_URING_ISSUE, who.tid, req, 0, 0, bpf_ktime_get_ns());
}

/* Of its own where it can be, as end_of_read() is. */
ENGINE_FUNCTION int publish_async(const struct request *r, __u64 returned)
{
	struct call call = { .syscall = NR_IO_URING_ENTER };
	struct iop_result res;
	struct who who;
	int verdict;

	if (!r)
		return 0;
	who.pid = r->pid;
	who.tid = r->tid;
	call.fd = r->fd;
	verdict = iop_async_finish(&r->async, returned, &res);
	publish(who, r->sk, r->life, &res, verdict, &r->ends, &call, r->ret,
		returned);
	return 0;
}

/* The thread that is inside io_uring_enter() to wait for ring; 0: none. */
static __always_inline __u32 waiter_of(__u64 ring)
{
	__u32 *tid = bpf_map_lookup_elem(&ring_waiters, &ring);
	struct iop_thread *t = tid ? thread_of(*tid) : 0;

	return t && t->ring == ring ? *tid : 0;
}

/*
 * A request to poll has found its socket: that is a wait call's report, of the
 * thread that waits for the ring. If none does, the one that asked knows now.
 */
static __always_inline void on_uring_poll(__u64 ring, struct request *r,
					  __u64 sk, __u64 now)
{
	struct iop_queue process = { .head = r->pid }; /* for the recording */
	__u32 tid = waiter_of(ring);
	struct iop_thread *t;
	struct iop_sock *s;

	if (!tid)
		tid = r->tid;
	t = thread_of(tid);
	s = sk && t ? sock_new(sk) : 0;
	if (!s)
		return;
	if (iop_ring_report(t, s, tid, r->pid, r->async.asked_ns, now))
		COUNT(reports_full, 1);
	record_input(IOP_IN_URING_REPORT, tid, sk, r->async.asked_ns, &process,
		     now);
	r->async.asked_ns = now;
}

/* Posts what is done: the thread that waits for the ring will find it. */
static __always_inline void post_completion(__u64 ring, __u64 req,
					    struct request *r, __s64 arg,
					    __u64 now)
{
	__u32 tid = waiter_of(ring), n = MAX_COMPLETIONS;
	struct iop_thread *t = thread_of(tid);
	__u64 key;

	r->async.told_ns = now;
	record_input(IOP_IN_URING_COMPLETE, t ? tid : 0, req, arg, 0, now);
	if (t)
		n = FETCH_ADD(t->completions, 1);
	key = (__u64)tid << 32 | n;
	if (n >= MAX_COMPLETIONS ||
	    bpf_map_update_elem(&completions, &key, r, BPF_ANY)) {
		r->async.flags |= IOP_F_UNWAITED;
		publish_async(r, now);
	}
}

/* res and more are the completion's; sk the socket of a request to poll. */
static __always_inline void on_uring_complete(__u64 ring, __u64 req, __s32 res,
					      bool more, __u64 sk)
{
	struct iop_thread *t;
	struct request *r;
	__u64 now;

	if (!req) { /* one of several of a multishot request, being issued */
		t = thread_of(bpf_get_current_pid_tgid());
		req = t ? t->req : 0;
	}
	r = bpf_map_lookup_elem(&requests, &req);
	if (!r)
		return;
	now = bpf_ktime_get_ns();
	if (r->kind == IOP_REQUEST_POLL) {
		if (res > 0 && res & POLL_READ_MASK)
			on_uring_poll(ring, r, sk, now);
	} else if (!r->done && iop_request_failed(r->kind, r->sk, res)) {
		iop_async_failed(&r->async, now);
		r->ret = res;
		r->done = 1;
		r->unsampled = unsampled();
	}
	if (r->done) {
		if (r->unsampled)
			count_unsampled(r->ret);
		else
			post_completion(ring, req, r, (__s64)res << 1 | more, now);
		r->done = 0;
		r->async.asked_ns = now; /* multishot: the next is wanted */
	}
	if (!more)
		bpf_map_delete_elem(&requests, &req);
}

static __always_inline void on_uring_enter(__u64 ring)
{
	struct who who = current_ids();
	struct iop_thread *t;
	__u32 *tid;

	if (!ring || !active || !selected(who))
		return;
	t = thread_new(who.tid);
	if (!t)
		return;
	iop_ring_wait_enter(t, ring);
	record_input(IOP_IN_URING_ENTER, who.tid, ring, 0, 0, bpf_ktime_get_ns());
	tid = bpf_map_lookup_elem(&ring_waiters, &ring);
	if (!tid || *tid != who.tid)
		bpf_map_update_elem(&ring_waiters, &ring, &who.tid, BPF_ANY);
}

/*
 * The thread finds its completion i, at now. Of its own where it can be: then the
 * verifier walks it once, not once for each of them.
 */
NUMBER_FUNCTION int completion_found(__u32 tid, __u32 i, __u64 now)
{
	__u64 key = (__u64)tid << 32 | i;
	struct request *r = bpf_map_lookup_elem(&completions, &key);
	struct iop_counters *c = count();

	if (r) {
		r->tid = tid; /* the thread that gets the data */
		publish_async(r, now);
		bpf_map_delete_elem(&completions, &key);
	} else if (c) {
		c->seen++; /* completed while this ran: its times are gone */
		c->lost++;
	}
	return 0;
}

/* What was completed while the thread waited, it finds now. */
static __always_inline void on_uring_return(void)
{
	__u32 tid = bpf_get_current_pid_tgid(), n;
	struct iop_thread *t = thread_of(tid);
	__u64 now;

	if (!t || !t->ring)
		return;
	now = bpf_ktime_get_ns();
	iop_ring_wait_exit(t, now);
	n = EXCHANGE(t->completions, 0);
	record_input(IOP_IN_URING_RETURN, tid, 0, 0, 0, now);
	for (__u32 i = 0; i < MAX_COMPLETIONS && i < n; i++)
		completion_found(tid, i, now);
}

#endif

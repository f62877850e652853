/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a read call: its phases, and what it leaves for the next. */
#ifndef IOPHASE_ENGINE_ACCOUNT_H
#define IOPHASE_ENGINE_ACCOUNT_H

#include "recognise.h"

/* Adds the phases before the call; returns min(asked, ready). */
IOP_INLINE __u64 iop_account_before(const struct iop_thread *t, __u32 model,
				    const struct iop_before *b, __u64 called,
				    struct iop_result *out)
{
	if (!b->ready) {
		out->phase_ns[IOP_WAIT] += b->told - b->asked;
		out->phase_ns[IOP_DISPATCH] = called - b->told;
		return b->asked;
	}
	if (b->ready <= b->asked) {
		out->phase_ns[IOP_DISPATCH] = called - b->ready;
		return b->ready;
	}
	if (model == IOP_MULTIPLEXED && !(out->flags & IOP_F_HANDOFF))
		iop_split_wake(&t->wait_wakeup, b->ready, b->told, &out->notify_ns,
			       &out->sched_ns);
	else if (model == IOP_SIGNAL)
		iop_split_wake(&t->signal_wakeup, b->ready, b->told, &out->notify_ns,
			       &out->sched_ns);
	out->phase_ns[IOP_WAIT] += b->ready - b->asked;
	out->phase_ns[IOP_WAKE] += b->told - b->ready;
	out->phase_ns[IOP_DISPATCH] = called - b->told;
	return b->asked;
}

/* The phases inside the call. Returns 0 if they exceed it. */
IOP_INLINE int iop_account_inside(const struct iop_reading *rd, __u64 waited,
				  struct iop_result *out)
{
	__u64 parts = waited + rd->copied_ns;

	out->phase_ns[IOP_WAIT] = waited;
	out->phase_ns[IOP_WAKE] = 0;
	out->notify_ns = 0;
	out->sched_ns = 0;
	out->phase_ns[IOP_COPY] = rd->copied_ns;
	if (rd->sleeps) {
		parts += rd->wait_ns + rd->wake_ns;
		out->phase_ns[IOP_WAIT] += rd->wait_ns;
		out->phase_ns[IOP_WAKE] = rd->wake_ns;
		out->notify_ns = rd->notify_ns;
		out->sched_ns = rd->sched_ns;
	}
	out->phase_ns[IOP_REST] = out->call_ns - parts;
	return parts <= out->call_ns;
}

/*
 * Nothing negative, the call within the whole, and the sum exact. That the
 * parts inside the call add up to it, iop_account_inside() has checked. What is
 * negative has its highest bit set, and so few others cannot overflow.
 */
IOP_INLINE int iop_sound(const struct iop_result *out)
{
	__u64 sum = 0, bits = 0;

	for (int i = 0; i < IOP_NR_PHASES; i++) {
		sum += out->phase_ns[i];
		bits |= out->phase_ns[i];
	}
	return sum == out->total_ns && !(bits >> 61) && out->call_ns <= out->total_ns;
}

/* Even an empty datagram is. */
IOP_INLINE int iop_has_data(const struct iop_queue *q, __s64 ret)
{
	return ret > 0 || (!ret && q->packets && !q->shutdown);
}

/*
 * What the read leaves for the next one. Of packets the last that is queued is
 * the last that arrived; TCP says itself where it is.
 */
IOP_INLINE void iop_settle(struct iop_sock *s, const struct iop_reading *rd,
			   const struct iop_queue *q, __s64 ret, __u64 now)
{
	__u64 took = rd->called_ns;

	s->read_ns = now;
	if (rd->copies)
		s->read_ns = took = rd->last_copy_ns;
	s->polls = 0;
	s->polled_ns = 0;
	s->poll_ns = 0;
	s->parked_ns = 0;
	if (q->head == q->tail) {
		s->empty_ns = now;
		if (ret >= 0)
			s->drained_ns = now;
	} else if (ret >= 0 && s->ready_ns <= took) {
		s->next = q->packets ? s->tail - (q->tail - q->head) : q->head;
		s->left_ns = now; /* else: it arrived after the last copy */
	}
}

/* Why there was no data: IOP_F_*, or 0. */
IOP_INLINE __u32 iop_cause(const struct iop_reading *rd, const struct iop_queue *q,
			   __s64 ret)
{
	if (ret == -IOP_EINTR || ret <= -IOP_ERESTARTSYS)
		return IOP_F_INTR;
	if (ret == -IOP_EAGAIN && rd->sleeps)
		return IOP_F_TIMEOUT;
	if (ret == -IOP_ECONNRESET)
		return IOP_F_RESET;
	return ret == 0 && q->shutdown ? IOP_F_EOF : 0;
}

/*
 * When the data that this read took became ready, as far as it matters:
 * *waited is the part of asked..ready that lies inside the call (the data
 * arrived while the call ran, without a sleep). Returns IOP_F_UNSEEN, or 0.
 */
IOP_INLINE __u32 iop_find_ready(const struct iop_reading *rd, __u64 late, __u32 model,
				struct iop_before *b, __u64 *waited)
{
	b->ready = rd->ready_ns;
	if (model == IOP_NONBLOCKING && b->ready > b->asked && b->ready <= rd->called_ns)
		b->told = b->ready; /* nobody is told: the next poll finds it */
	if (b->ready && b->ready <= b->told)
		return 0;
	b->ready = 0;
	if (rd->sleeps && rd->woken)
		return 0;
	if (late && b->told == rd->called_ns) {
		*waited = late - rd->called_ns;
		return 0;
	}
	return IOP_F_UNSEEN;
}

/* Woken without data: all of it was waiting. */
IOP_INLINE void iop_woke_in_vain(struct iop_reading *rd)
{
	if (!rd->sleeps)
		return;
	rd->wait_ns += rd->wake_ns;
	rd->wake_ns = 0;
	rd->notify_ns = 0;
	rd->sched_ns = 0;
}

/*
 * There was nothing: an EAGAIN spends what its own thread was told, and what
 * arrived before it. The kernel's look for more datagrams is no poll.
 */
IOP_INLINE int iop_found_empty(struct iop_thread *t, struct iop_sock *s,
			       const struct iop_read_end *e, struct iop_result *out,
			       int hot)
{
	struct iop_report *report = iop_report_at(s, e->report);
	struct iop_reading *rd = &t->rd;
	__u64 called = rd->called_ns;

	rd->called_ns = 0;
	if (!hot && e->report & IOP_DRAINS)
		report = iop_report_to_write(s, e->tid);
	if (report && report->tid == e->tid)
		report->tid = 0;
	if (s->empty_ns < called)
		s->empty_ns = called;
	s->again_ns = called;
	if (rd->more)
		return IOP_NO_MORE;
	if (!s->polls++)
		s->polled_ns = called;
	s->poll_ns += e->now - called;
	if (!s->parked_ns) {
		s->parked_tid = e->tid;
		s->parked_ns = called;
	}
	*out = (struct iop_result){
		.model = IOP_NONBLOCKING,
		.flags = IOP_F_POLL,
		.call_ns = e->now - called,
		.total_ns = e->now - called,
		.phase_ns[IOP_REST] = e->now - called,
	};
	return IOP_POLL;
}

/*
 * What is left of the data that was handed over is told to the thread that reads
 * it, too: the later reads of a drain. Nobody's fresh report goes for that.
 */
IOP_INLINE void iop_keep_handoff(const struct iop_thread *t, struct iop_sock *s,
				 __u32 tid, __u32 pid, __u64 called)
{
	struct iop_report *r = iop_report_to_write(s, tid);

	if (r->tid && r->tid != tid && r->told_ns > s->read_ns)
		return;
	r->asked_ns = called;
	r->told_ns = called;
	r->wait_seq = r->last_seq = t->wait_seq;
	r->pid = pid;
	r->tid = tid;
}

/* Where instructions count more than what the verifier walks, it may see n. */
IOP_INLINE __u64 iop_disguise_unless(int hot, __u64 n, __u64 unknown)
{
	return hot ? n : iop_disguise(n, unknown);
}

/*
 * The read call of e ends. Fills out when it returns IOP_READ or IOP_POLL. Each
 * outcome has written what the next read of the socket needs, but for what
 * iop_keep_handoff() does where out says IOP_F_HANDOFF. hot: as above, and the report
 * is not one that was searched for.
 */
IOP_INLINE int iop_end_read(struct iop_thread *t, struct iop_sock *s,
			    const struct iop_read_end *e, struct iop_result *out, int hot)
{
	struct iop_reading *rd = &t->rd;
	struct iop_before b = {};
	__u64 called = rd->called_ns, waited = 0, late;
	__u32 model, flags = rd->flags;
	int inside;

	if (!called || rd->sock != e->sock || e->now < called)
		return IOP_UNMATCHED;
	if (e->ret == -IOP_EAGAIN && !rd->sleeps && !(flags & IOP_F_ERRQUEUE))
		return iop_found_empty(t, s, e, out, hot);
	if (rd->unsampled) {
		if (!(flags & IOP_F_ERRQUEUE))
			iop_settle(s, rd, &e->q, e->ret, e->now);
		rd->called_ns = 0;
		return IOP_UNSAMPLED;
	}

	late = iop_disguise_unless(hot, iop_late(rd, s, e->now), called);
	model = iop_recognise(t, s, e, late, &b, &flags);
	model = iop_disguise_unless(hot, model, called);
	flags = iop_disguise_unless(hot, flags, called);
	out->model = model;
	out->polls = 0;
	out->poll_ns = 0;
	if (model == IOP_NONBLOCKING && !(flags & IOP_F_ERRQUEUE)) {
		out->polls = s->polls;
		out->poll_ns = s->poll_ns;
	}
	out->copies = rd->copies;
	out->sleeps = rd->sleeps;
	out->call_ns = e->now - called;
	if (flags & IOP_F_ERRQUEUE) {
		iop_woke_in_vain(rd);
		flags |= iop_cause(rd, &e->q, e->ret);
	} else if (iop_has_data(&e->q, e->ret)) {
		flags |= iop_find_ready(rd, late, model, &b, &waited);
	} else {
		iop_woke_in_vain(rd);
		flags = (flags & ~(IOP_F_RESIDUAL | IOP_F_APPROX)) |
			iop_cause(rd, &e->q, e->ret);
	}
	flags = iop_disguise_unless(hot, flags, called);
	waited = iop_disguise_unless(hot, waited, called);
	b.ready = iop_disguise_unless(hot, b.ready, called);
	out->flags = flags;
	if (!(flags & IOP_F_ERRQUEUE))
		iop_settle(s, rd, &e->q, e->ret, e->now);
	inside = iop_account_inside(rd, waited, out);
	out->total_ns = e->now - iop_account_before(t, model, &b, called, out);
	rd->called_ns = 0;
	return inside && iop_sound(out) ? IOP_READ : IOP_REJECTED;
}

IOP_INLINE int iop_read_exit(struct iop_thread *t, struct iop_sock *s,
			     const struct iop_read_end *e, struct iop_result *out)
{
	return iop_end_read(t, s, e, out, 0);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What happens before a read: data arrives, threads wait, are told and woken. */
#ifndef IOPHASE_ENGINE_INPUTS_H
#define IOPHASE_ENGINE_INPUTS_H

#include "types.h"

/* --- where data arrives ------------------------------------------------- */

/* Is what arrives now the first that nobody has read? */
IOP_INLINE int iop_is_spent(const struct iop_sock *s)
{
	return s->ready_ns < s->empty_ns || !s->ready_ns;
}

/* When the first of what is unread arrived; 0: not known. */
IOP_INLINE __u64 iop_first_ready(const struct iop_sock *s)
{
	return s->older ? 0 : s->ready_ns;
}

/*
 * The kernel called the socket's data-ready callback. A stamp is kept while
 * its data is unread; an arrival that finds nothing unread starts anew.
 */
IOP_INLINE void iop_ready(struct iop_sock *s, const struct iop_queue *q, __u64 now)
{
	__u32 unread = q->tail - q->head, from = s->tail;
	int alone = q->packets ? unread == 1 : q->head == from;
	int anew = alone || iop_is_spent(s);

	s->kind = q->kind;
	if (!q->packets)
		s->tail = q->tail;
	else if (unread)
		s->tail += anew ? unread : 1;
	if (!unread)
		return; /* taken already: AF_UNIX queues first, calls back later */
	if (!anew) {
		iop_arrivals_add(&s->arrivals, from, s->next, now);
		return;
	}
	s->older = q->older && !alone;
	s->ready_ns = now;
	iop_arrivals_clear(&s->arrivals);
}

/* Has the data that the signal told of been read, or was there none? */
IOP_INLINE int iop_signal_is_spent(const struct iop_sock *s)
{
	return s->sent_ns <= s->read_ns || s->sent_ns <= s->again_ns;
}

IOP_INLINE void iop_signal_send(struct iop_sock *s, __u64 now)
{
	if (iop_signal_is_spent(s))
		s->sent_ns = now;
}

/* --- how a thread is woken, on demand --------------------------------------- */

IOP_INLINE void iop_waking(struct iop_thread *t, __u64 now)
{
	t->wakeup.waking_ns = now;
}

IOP_INLINE void iop_on_cpu(struct iop_thread *t, __u64 now)
{
	if (t->wakeup.oncpu_ns < t->wakeup.waking_ns)
		t->wakeup.oncpu_ns = now;
}

/* Adds the parts of ready..told, if this is the wakeup in between. */
IOP_INLINE void iop_split_wake(const struct iop_wakeup *w, __u64 ready, __u64 told,
			       __u64 *notify, __u64 *sched)
{
	if (w->waking_ns < ready || w->oncpu_ns < w->waking_ns || w->oncpu_ns > told)
		return;
	*notify += w->waking_ns - ready;
	*sched += w->oncpu_ns - w->waking_ns;
}

/* --- what the thread does before it reads -------------------------------- */

IOP_INLINE void iop_wait_enter(struct iop_thread *t, __u64 now)
{
	t->wait_enter_ns = now;
	t->wait_seq++;
}

/* The thread waits for completions of its ring: a wait call, too. */
IOP_INLINE void iop_ring_wait_enter(struct iop_thread *t, __u64 ring)
{
	t->ring = ring;
	t->wait_seq++;
}

IOP_INLINE void iop_ring_wait_exit(struct iop_thread *t, __u64 now)
{
	t->ring = 0;
	t->wait_exit_ns[t->wait_seq % IOP_NR_WAITS] = now;
}

/* Is the thread in the wait call of this number? */
IOP_INLINE int iop_still_waits(const struct iop_thread *t, __u32 wait_seq)
{
	return t->wait_seq == wait_seq && (t->wait_enter_ns || t->ring);
}

/* When t learned of it: the exact return, as long as it is known. */
IOP_INLINE __u64 iop_told(const struct iop_thread *t, const struct iop_report *r)
{
	if (t->wait_seq - r->wait_seq >= IOP_NR_WAITS || iop_still_waits(t, r->wait_seq))
		return r->told_ns;
	return t->wait_exit_ns[r->wait_seq % IOP_NR_WAITS];
}

/*
 * Which report to write: the thread's own, a free one, or else the oldest; the
 * caller finds its tid in it.
 */
IOP_INLINE struct iop_report *iop_report_to_write(struct iop_sock *s, __u32 tid)
{
	__u64 best = IOP_LAST, slot = 0;

	if (s->reports[0].tid != tid) {
		IOP_UNROLL
		for (__u32 i = 0; i < IOP_NR_REPORTS; i++) {
			const struct iop_report *r = &s->reports[i];
			__u64 rank = (r->told_ns & iop_if_differ(r->tid, 0)) + 1;

			rank &= iop_if_differ(r->tid, tid);
			best = iop_lesser(IOP_RANK(rank, i), best);
		}
		slot = best % IOP_SLOTS;
	}
	slot = iop_disguise(slot, s->read_ns);
	return &s->reports[slot % IOP_NR_REPORTS];
}

/*
 * A wait call of t, tid, which it began to ask at asked, found the socket
 * readable. Returns 1 if another thread's fresh report found no room.
 */
IOP_INLINE int iop_wait_report(const struct iop_thread *t, struct iop_sock *s,
			       __u32 tid, __u32 pid, __u64 asked, __u64 now)
{
	struct iop_report *r = iop_report_to_write(s, tid);
	int full = 0;

	s->polls = 0;
	s->polled_ns = 0;
	s->poll_ns = 0;
	if (r->tid == tid) {
		__u64 told = iop_told(t, r);

		r->last_seq = t->wait_seq;
		if (told > s->read_ns) {
			r->told_ns = told;
			return 0;
		}
	} else {
		full = r->tid && r->told_ns > s->read_ns;
	}
	r->asked_ns = asked;
	r->told_ns = now;
	r->wait_seq = r->last_seq = t->wait_seq;
	r->pid = pid;
	r->tid = tid;
	s->reported = 1;
	return full;
}

/*
 * A request to poll, asked at asked, found the socket readable. t learns of it
 * when it returns from waiting for its ring, or if it does not wait, now.
 */
IOP_INLINE int iop_ring_report(const struct iop_thread *t, struct iop_sock *s,
			       __u32 tid, __u32 pid, __u64 asked, __u64 now)
{
	int full = iop_wait_report(t, s, tid, pid, asked, now);
	struct iop_report *r = iop_report_to_write(s, tid);

	if (!t->ring && r->told_ns == now)
		r->wait_seq -= IOP_NR_WAITS; /* no return of that will be known */
	return full;
}

IOP_INLINE void iop_wait_exit(struct iop_thread *t, __u64 now)
{
	if (!t->wait_enter_ns)
		return;
	t->wait_exit_ns[t->wait_seq % IOP_NR_WAITS] = now;
	t->wait_wakeup = t->wakeup;
	t->wait_enter_ns = 0;
}

IOP_INLINE void iop_signal_arm(struct iop_sock *s, __u64 now)
{
	s->armed_ns = now;
}

IOP_INLINE void iop_signal_deliver(struct iop_thread *t, __u64 now)
{
	t->signal_ns[t->signal_seq++ % IOP_NR_SIGNALS] = now;
	t->signal_wakeup = t->wakeup;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* A read call from its entry on: its sleeps and its copies. */
#ifndef IOPHASE_ENGINE_READING_H
#define IOPHASE_ENGINE_READING_H

#include "inputs.h"

IOP_INLINE void iop_read_enter(struct iop_thread *t, const struct iop_sock *s,
			       __u64 sock, __u32 msg_flags, __u64 now)
{
	const int from = __builtin_offsetof(struct iop_reading, ready_ns);
	struct iop_reading *rd = &t->rd;
	__u64 ready = s->ready_ns;

	__builtin_memset(__builtin_assume_aligned((char *)rd + from, 8), 0,
			 __builtin_offsetof(struct iop_reading, wait_ns) - from);
	rd->called_ns = now;
	rd->sock = sock;
	rd->req = t->req;
	rd->msg_flags = msg_flags;
	if (msg_flags & (IOP_MSG_PEEK | IOP_MSG_ERRQUEUE)) {
		if (msg_flags & IOP_MSG_PEEK)
			rd->flags |= IOP_F_PEEK;
		if (msg_flags & IOP_MSG_ERRQUEUE) {
			rd->flags |= IOP_F_ERRQUEUE;
			return;
		}
	}
	if (s->left_ns > s->empty_ns && s->left_ns > ready) {
		int shared;

		rd->ready_ns = iop_arrivals_find(&s->arrivals, s->next,
						 iop_first_ready(s), &shared);
		rd->flags |= IOP_F_RESIDUAL | (shared ? IOP_F_APPROX : 0);
	} else if (ready >= s->empty_ns && ready <= now && !s->older) {
		rd->ready_ns = ready; /* else: it comes while the call runs */
	}
}

/* Came the data of the copy that begins while the call ran, without a sleep? */
IOP_INLINE int iop_copies_late(const struct iop_thread *t)
{
	return !t->rd.ready_ns && !t->rd.copies && !t->rd.sleeps;
}

/*
 * s matters if iop_copies_late(), and may be 0 otherwise: what arrives after
 * this copy begins a new ready.
 */
IOP_INLINE void iop_copy_enter(struct iop_thread *t, const struct iop_sock *s, __u64 now)
{
	__u64 ready = s ? iop_first_ready(s) : 0;

	if (ready && iop_copies_late(t) && ready >= s->empty_ns && ready <= now)
		t->rd.late_ns = ready;
	t->rd.copy_ns = now;
}

/*
 * The read looks for data again, so the copy in progress was none: a datagram's
 * checksum was wrong, and it is gone (csum_copy_err in udp_recvmsg()).
 */
IOP_INLINE void iop_copy_cancel(struct iop_thread *t)
{
	t->rd.copy_ns = 0;
}

IOP_INLINE void iop_copy_exit(struct iop_thread *t, __u64 now)
{
	struct iop_reading *rd = &t->rd;

	if (!rd->copy_ns)
		return;
	rd->copied_ns += now - rd->copy_ns;
	rd->last_copy_ns = rd->copy_ns;
	rd->copy_ns = 0;
	rd->copies++;
}

/*
 * The thread leaves the CPU to wait for data (schedule_timeout()). It looked
 * and found too little, so stamps from before that look are spent. If it has
 * copied nothing since it last slept, it was woken in vain, another reader was
 * faster: one wait, until the wake that brings data.
 */
IOP_INLINE void iop_sleep_enter(struct iop_thread *t, struct iop_sock *s, __u64 now)
{
	struct iop_reading *rd = &t->rd;
	__u64 looked = rd->copies ? rd->last_copy_ns : rd->called_ns;

	if (!rd->called_ns || rd->copy_ns)
		return; /* not waiting for data: a fault, or no read at all */
	rd->sleep_ns = now;
	if (!rd->copies) {
		rd->ready_ns = 0;
		rd->flags &= ~(IOP_F_RESIDUAL | IOP_F_APPROX);
	}
	if (looked > s->empty_ns)
		s->empty_ns = looked;
	if (!rd->sleeps)
		rd->wait_ns = rd->wake_ns = rd->notify_ns = rd->sched_ns = 0;
	else if (rd->copies == rd->copies_before)
		return;
	rd->from_ns = rd->copies ? now : rd->called_ns;
	rd->copies_before = rd->copies;
	rd->wait_before_ns = rd->wait_ns;
	rd->wake_before_ns = rd->wake_ns;
	rd->notify_before_ns = rd->notify_ns;
	rd->sched_before_ns = rd->sched_ns;
}

IOP_INLINE void iop_sleep_exit(struct iop_thread *t, const struct iop_sock *s, __u64 now)
{
	struct iop_reading *rd = &t->rd;
	__u64 from = rd->from_ns, ready = s->ready_ns;

	if (!rd->sleep_ns)
		return;
	if (ready < s->empty_ns || ready > now)
		ready = now;
	else
		rd->woken = 1;
	if (ready < from)
		ready = from;
	rd->wait_ns = rd->wait_before_ns + (ready - from);
	rd->wake_ns = rd->wake_before_ns + (now - ready);
	rd->notify_ns = rd->notify_before_ns;
	rd->sched_ns = rd->sched_before_ns;
	iop_split_wake(&t->wakeup, ready, now, &rd->notify_ns, &rd->sched_ns);
	rd->sleep_ns = 0;
	rd->sleeps++;
}

#endif

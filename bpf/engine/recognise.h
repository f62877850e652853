/* SPDX-License-Identifier: GPL-2.0-only */
/* Which model a read is of: who told its thread of the data, and when. */
#ifndef IOPHASE_ENGINE_RECOGNISE_H
#define IOPHASE_ENGINE_RECOGNISE_H

#include "inputs.h"

/* What the application did before the call; ready 0: not known, or no data. */
struct iop_before {
	__u64 asked;
	__u64 ready;
	__u64 told;
};

/* What a read call is, and what else must be known at its end. */
struct iop_read_end {
	__u64 sock;
	__u64 now;
	__s64 ret;	    /* bytes, or -errno */
	struct iop_queue q; /* what it leaves */
	__u32 tid;
	__u32 pid;
	__u32 report;	    /* iop_find_report() */
	__u64 told_ns;	    /* of another thread's report: iop_told(); 0: not told */
	__u64 delivered_ns; /* iop_delivered() */
};

#define IOP_NO_REPORT IOP_NR_REPORTS
#define IOP_DRAINS 16 /* beside another's report: the thread's own, older one holds */

/* Is this the thread's own report, and does it hold? */
IOP_INLINE int iop_own_report(const struct iop_thread *t, const struct iop_sock *s,
			      const struct iop_report *r, __u32 tid)
{
	return r->tid == tid &&
	       (r->last_seq == t->wait_seq || iop_told(t, r) > s->read_ns);
}

/*
 * Which report of the socket counts for this thread: its own fresh one, else a
 * fresh one of its process, which it was handed, else its own that still holds;
 * IOP_NO_REPORT. A thread of a pool need not find the socket empty, nor wait,
 * before it is handed it again.
 */
IOP_INLINE __u32 iop_find_report(const struct iop_thread *t, const struct iop_sock *s,
				 __u32 tid, __u32 pid)
{
	__u64 own = IOP_LAST, handed = IOP_LAST;
	const struct iop_report *r;

	if (!s->reported || t->rd.sleeps)
		return IOP_NO_REPORT;
	IOP_UNROLL
	for (__u32 i = 0; i < IOP_NR_REPORTS; i++) {
		__u64 unlike, is_fresh, told;

		r = &s->reports[i];
		unlike = r->tid ^ tid;
		own = iop_lesser(IOP_RANK(unlike, i), own);
		is_fresh = iop_if_differ(r->tid, tid) & iop_if_differ(r->tid, 0) &
			   ~iop_if_differ(r->pid, pid) &
			   iop_if_less(s->read_ns, r->told_ns);
		told = iop_choose(is_fresh, r->told_ns, IOP_NEVER);
		handed = iop_lesser(IOP_RANK(told, i), handed);
	}
	handed = handed < IOP_RANK(IOP_NEVER, 0) ? handed % IOP_SLOTS : IOP_NO_REPORT;
	handed = iop_disguise(handed, s->read_ns);
	if (own >= IOP_NR_REPORTS)
		return handed;
	r = &s->reports[own % IOP_NR_REPORTS];
	if (iop_told(t, r) > s->read_ns)
		return own;
	if (r->last_seq != t->wait_seq)
		return handed;
	return handed == IOP_NO_REPORT ? own : handed | IOP_DRAINS;
}

/* i: of iop_find_report() */
IOP_INLINE struct iop_report *iop_report_at(struct iop_sock *s, __u32 i)
{
	i &= ~IOP_DRAINS;
	if (i >= IOP_NR_REPORTS)
		return 0;
	asm("" : "+r"(i)); /* bounded where it is used: for the verifier */
	return &s->reports[i % IOP_NR_REPORTS];
}

/* First delivery to the thread after the signal was sent; 0: none. */
IOP_INLINE __u64 iop_delivered(const struct iop_thread *t, const struct iop_sock *s)
{
	__u64 first = IOP_LAST;

	if (iop_signal_is_spent(s))
		return 0;
	IOP_UNROLL
	for (int i = 0; i < IOP_NR_SIGNALS; i++) {
		__u64 d = t->signal_ns[i], before = iop_if_less(d, s->sent_ns);

		first = iop_lesser(iop_choose(before, IOP_NEVER, d), first);
	}
	return first < IOP_NEVER ? first : 0;
}

/* When data came while the call ran, without a sleep; else 0. */
IOP_INLINE __u64 iop_late(const struct iop_reading *rd, const struct iop_sock *s,
			  __u64 now)
{
	__u64 late;

	if (rd->ready_ns || rd->sleeps)
		return 0;
	late = rd->copies ? rd->late_ns : iop_first_ready(s);
	if (late < rd->called_ns || late > now)
		return 0;
	return rd->copies || late >= s->empty_ns ? late : 0;
}

/*
 * The report of another thread, which handed the socket over. It tells of this
 * data only if that was there when the other one's wait call returned. If that
 * was entered only when the data was there, nobody was asleep for it. Returns 0
 * if it does not count.
 */
IOP_INLINE int iop_handed_over(const struct iop_sock *s, const struct iop_read_end *e,
			       const struct iop_report *r, __u64 ready,
			       struct iop_before *b)
{
	__u64 told = e->told_ns, parked = s->parked_ns;

	if (!told || told > b->asked || ready > told || r->asked_ns > told)
		return 0;
	b->asked = r->asked_ns;
	if (parked && s->parked_tid == e->tid && parked <= told)
		b->asked = parked;
	b->told = told;
	if (b->asked < ready && ready <= r->asked_ns)
		b->told = ready;
	return 1;
}

/*
 * Which model, and its instants: the latest report decides. Another reader may
 * end meanwhile, so what both write is looked at once; a signal from before the
 * queue was drained is spent.
 */
IOP_INLINE __u32 iop_recognise(const struct iop_thread *t, struct iop_sock *s,
			       const struct iop_read_end *e, __u64 late,
			       struct iop_before *b, __u32 *flags)
{
	const struct iop_reading *rd = &t->rd;
	const struct iop_report *report = iop_report_at(s, e->report);
	__u64 told = 0, delivered, drained, polled = s->polled_ns;
	int own = 0;

	b->asked = b->told = rd->called_ns;
	if (rd->sleeps)
		return IOP_BLOCKING;
	if (*flags & IOP_F_ERRQUEUE)
		goto by_mode;
	if (report) {
		own = report->tid == e->tid;
		told = own ? iop_told(t, report) : e->told_ns;
	}
	delivered = e->delivered_ns;
	drained = s->drained_ns;
	if (delivered && (!report || delivered > told) && delivered >= drained) {
		b->told = delivered;
		b->asked = drained > s->armed_ns ? drained : s->armed_ns;
		if (!b->asked)
			b->asked = delivered; /* armed before iophase came */
		return IOP_SIGNAL;
	}
	if (own) {
		/* what came after it, or after a read, was not waited for */
		if (told > s->read_ns && rd->ready_ns <= told && !late) {
			b->told = told;
			b->asked = report->asked_ns;
		}
		return IOP_MULTIPLEXED;
	}
	if (report && !late && iop_handed_over(s, e, report, rd->ready_ns, b)) {
		*flags |= IOP_F_HANDOFF;
		return IOP_MULTIPLEXED;
	}
	if (e->report & IOP_DRAINS)
		return IOP_MULTIPLEXED;
by_mode:
	if (!(rd->msg_flags & IOP_MSG_DONTWAIT))
		return IOP_BLOCKING;
	if (polled && !(*flags & IOP_F_ERRQUEUE))
		b->asked = polled;
	return IOP_NONBLOCKING;
}

#endif

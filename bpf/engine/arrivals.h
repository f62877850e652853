/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When what is unread arrived, by position: TCP counts bytes, the others
 * packets. The first arrival of a queue that was empty has a stamp of its own
 * (ready_ns of struct iop_sock); what comes behind it is remembered here, in
 * steps. There are few of them: when more arrives, neighbours share a step and
 * its earlier time, so that all steps stay equally fine. A time is then early
 * by no more than an eighth of what all the unread took to arrive.
 *
 * Written where data arrives, looked at by the reader; a step that is merged
 * while it is being looked at gives a neighbour's time.
 */
#ifndef IOPHASE_ARRIVALS_H
#define IOPHASE_ARRIVALS_H

#define IOP_NR_STEPS 16

struct iop_arrivals {
	__u64 at_ns[IOP_NR_STEPS];
	__u32 from[IOP_NR_STEPS]; /* position of the step's first */
	__u32 nr;
	__u32 shift; /* a new step takes 1 << shift arrivals */
	__u16 oldest;
	__u16 shared;  /* a bit for each step that has several */
	__u32 in_last; /* arrivals in the newest */
};

IOP_INLINE void iop_arrivals_clear(struct iop_arrivals *a)
{
	a->nr = 0;
	a->shift = 0;
}

/* 1 if position x is at y, or behind it. Sequence numbers wrap (RFC 9293, 3.4). */
IOP_INLINE __u32 iop_not_before(__u32 x, __u32 y)
{
	return ~(x - y) >> 31;
}

/* Lets go of what was read; if that was nothing, two steps become one. */
IOP_INLINE void iop_arrivals_make_room(struct iop_arrivals *a, __u32 next)
{
	__u32 passed = 0;

	/* positions grow from step to step */
	for (int i = 1; i < IOP_NR_STEPS; i++) {
		passed += iop_not_before(next, a->from[(a->oldest + i) % IOP_NR_STEPS]);
		asm("" : "+r"(passed)); /* or clang makes branches of it */
	}
	if (passed) {
		a->oldest = (a->oldest + passed) % IOP_NR_STEPS;
		a->nr = IOP_NR_STEPS - passed;
		if (passed > IOP_NR_STEPS / 2 && a->shift)
			a->shift--;
		return;
	}
	for (int i = 0; i < IOP_NR_STEPS / 2; i++) {
		__u32 to = (a->oldest + i) % IOP_NR_STEPS;
		__u32 at = (a->oldest + 2 * i) % IOP_NR_STEPS;

		a->at_ns[to] = a->at_ns[at];
		a->from[to] = a->from[at];
		a->shared |= 1 << to;
	}
	a->nr = IOP_NR_STEPS / 2;
	if (a->shift < 31)
		a->shift++;
}

/* More arrives, at position from, while there is unread; next is read next. */
IOP_INLINE void iop_arrivals_add(struct iop_arrivals *a, __u32 from, __u32 next, __u64 now)
{
	__u32 at;

	if (a->nr && a->in_last >> (a->shift & 31) == 0) {
		at = (a->oldest + a->nr - 1) % IOP_NR_STEPS;
		a->shared |= 1 << at;
		a->in_last++;
		return;
	}
	if (a->nr >= IOP_NR_STEPS)
		iop_arrivals_make_room(a, next);
	at = (a->oldest + a->nr) % IOP_NR_STEPS;
	a->at_ns[at] = now;
	a->from[at] = from;
	a->shared &= ~(1 << at);
	a->nr++;
	a->in_last = 1;
}

/*
 * When did position next arrive? first is the time of what lies before all
 * steps. *shared: others arrived in the same step.
 */
IOP_INLINE __u64 iop_arrivals_find(const struct iop_arrivals *a, __u32 next,
				   __u64 first, int *shared)
{
	__u64 found = first;
	__u32 nr = a->nr;

	*shared = 0;
	for (__u32 i = 0; i < IOP_NR_STEPS; i++) {
		__u32 at = (a->oldest + i) % IOP_NR_STEPS;

		if (i >= nr || !iop_not_before(next, a->from[at]))
			break;
		found = a->at_ns[at];
		*shared = a->shared >> at & 1;
	}
	return found;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log-linear histogram arithmetic, for BPF and user space alike: values below
 * 8 ns have a slot each, above that every octave has 8 slots. No division, no
 * 64-bit shift by a variable beyond what every JIT has.
 */
#ifndef IOPHASE_HIST_H
#define IOPHASE_HIST_H

#include "phase.h"

/*
 * 1 if v > limit, for v below 2^63, without a branch: the verifier walks both
 * ways of each, for each phase, for each completion of a batch.
 */
#define HIST_ABOVE(v, limit) ((__u32)(((__u64)(limit) - (v)) >> 63))

/* floor(log2(v)) for v > 0; BPF has no count-leading-zeros. */
IOP_INLINE __u32 hist_log2(__u64 v)
{
	__u32 r, shift;

	r = HIST_ABOVE(v >> 1, 0x7fffffff) << 5; /* halved: below 2^63 */
	v >>= r;
	shift = HIST_ABOVE(v, 0xffff) << 4;
	v >>= shift;
	r += shift;
	shift = HIST_ABOVE(v, 0xff) << 3;
	v >>= shift;
	r += shift;
	shift = HIST_ABOVE(v, 0xf) << 2;
	v >>= shift;
	r += shift;
	shift = HIST_ABOVE(v, 0x3) << 1;
	v >>= shift;
	return r + shift + (v >> 1);
}

/* The slot of a value in ns; the last takes everything beyond. */
IOP_INLINE __u32 hist_slot(__u64 ns)
{
	__u32 exp, slot;

	if (ns < IOP_HIST_SUB)
		return ns;
	exp = hist_log2(ns);
	slot = (exp - IOP_HIST_SUB_BITS + 1) * IOP_HIST_SUB +
	       ((ns >> (exp - IOP_HIST_SUB_BITS)) & (IOP_HIST_SUB - 1));
	return slot < IOP_HIST_SLOTS ? slot : IOP_HIST_SLOTS - 1;
}

/* Lowest value in ns of a slot. */
IOP_INLINE __u64 hist_floor(__u32 slot)
{
	__u32 octave = slot / IOP_HIST_SUB;

	if (!octave)
		return slot;
	return (__u64)(IOP_HIST_SUB + slot % IOP_HIST_SUB) << (octave - 1);
}

#endif

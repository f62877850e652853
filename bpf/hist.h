/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log-linear histogram arithmetic, for BPF and user space alike: values below
 * 8 ns have a slot each, above that every octave has 8 slots. No division.
 */
#ifndef IOPHASE_HIST_H
#define IOPHASE_HIST_H

#include "phase.h"

/*
 * floor(log2(v)) for v > 0. BPF has no count-leading-zeros; branches would be
 * walked both ways by the verifier, for each phase, for each completion of a
 * batch; and x86's JIT makes five instructions of a shift by a variable. So: all
 * bits below the highest, times a de Bruijn sequence (Leiserson, Prokop,
 * Randall: Using de Bruijn Sequences to Index a 1 in a Computer Word, 1998).
 */
IOP_INLINE __u32 hist_log2(__u64 v)
{
	static const __u8 logs[64] = {
		0, 47, 1, 56, 48, 27, 2, 60, 57, 49, 41, 37, 28, 16, 3, 61,
		54, 58, 35, 52, 50, 42, 21, 44, 38, 32, 29, 23, 17, 11, 4, 62,
		46, 55, 26, 59, 40, 36, 15, 53, 34, 51, 20, 43, 31, 22, 10, 45,
		25, 39, 14, 33, 19, 30, 9, 24, 13, 18, 8, 12, 7, 6, 5, 63,
	};

	v |= v >> 1;
	v |= v >> 2;
	v |= v >> 4;
	v |= v >> 8;
	v |= v >> 16;
	v |= v >> 32;
	return logs[v * 0x03f79d71b4cb0a89 >> 58];
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

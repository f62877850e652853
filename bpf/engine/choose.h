/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Choices without a branch: of each branch in a loop the kernel's verifier walks all
 * that follows twice. A mask has all bits set, or none.
 */
#ifndef IOPHASE_ENGINE_CHOOSE_H
#define IOPHASE_ENGINE_CHOOSE_H

#include "../iophase.h"

#define IOP_INLINE static inline __attribute__((always_inline, unused))

/*
 * The same number, but nothing is known of it by who reasons about the program:
 * of a value that is one of two constants, the verifier walks all that follows twice.
 * unknown: any number that is read from memory.
 */
IOP_INLINE __u64 iop_disguise(__u64 n, __u64 unknown)
{
	n ^= unknown;
	asm("" : "+r"(n));
	return n ^ unknown;
}

/*
 * Both are below 1 << 63. Nothing that the verifier knows is to be masked: 6.12.117's
 * makes two ways of that.
 */
IOP_INLINE __u64 iop_if_less(__u64 a, __u64 b)
{
	__s64 mask = a - b;

	/*
	 * What clang knows of the number, or of the mask, it makes branches of; and
	 * it is to do one after the other, as it has no place for all of them.
	 */
	asm("" : "+r"(mask));
	mask >>= 63;
	asm volatile("" : "+r"(mask) : : "memory");
	return mask;
}

IOP_INLINE __u64 iop_if_differ(__u32 a, __u32 b)
{
	return iop_if_less(0, a ^ b);
}

IOP_INLINE __u64 iop_choose(__u64 mask, __u64 then, __u64 otherwise)
{
	return otherwise ^ ((otherwise ^ then) & mask);
}

IOP_INLINE __u64 iop_lesser(__u64 a, __u64 b)
{
	return iop_choose(iop_if_less(a, b), a, b);
}

/* Of the least of several of these the slot is known, too. */
#define IOP_SLOTS 8
#define IOP_RANK(n, slot) ((n)*IOP_SLOTS + (slot))
#define IOP_LAST (~0ull >> 1)  /* no rank is more */
#define IOP_NEVER (~0ull >> 4) /* no time is more */

/* Some verifiers refuse such a loop for how it is laid out. */
#ifdef __bpf__
#define IOP_UNROLL _Pragma("unroll")
#else
#define IOP_UNROLL
#endif

#endif

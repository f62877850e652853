/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log-linear histogram arithmetic, for BPF and user space alike: values below
 * 8 ns have a bucket each, above that every octave has 8 buckets. No division.
 */
#ifndef IOPHASE_HIST_H
#define IOPHASE_HIST_H

#include "phase.h"

#define HIST_1(n) n
#define HIST_2(n) n, n
#define HIST_4(n) HIST_2(n), HIST_2(n)
#define HIST_8(n) HIST_4(n), HIST_4(n)
#define HIST_16(n) HIST_8(n), HIST_8(n)
#define HIST_OCTAVE(wide, n)                                                      \
	wide(n), wide(n + 1), wide(n + 2), wide(n + 3), wide(n + 4), wide(n + 5), \
		wide(n + 6), wide(n + 7)

/*
 * The bucket of a value in ns; the last takes everything beyond. The first five
 * octaves are looked up; what is longer has the bucket of a 32nd of it, five
 * octaves on. That is less than a logarithm without count-leading-zeros takes,
 * and than a shift by a variable, of which x86's JIT makes five instructions.
 */
IOP_INLINE __u64 hist_bucket(__u64 ns)
{
	static const __u8 buckets[256] = {
		HIST_OCTAVE(HIST_1, 0),	 HIST_OCTAVE(HIST_1, 8),
		HIST_OCTAVE(HIST_2, 16), HIST_OCTAVE(HIST_4, 24),
		HIST_OCTAVE(HIST_8, 32), HIST_OCTAVE(HIST_16, 40),
	};
	__u64 bucket = 0;

	for (; ns >= sizeof(buckets); bucket += 5 * IOP_HIST_SUB) {
		if (bucket >= IOP_HIST_BUCKETS - 5 * IOP_HIST_SUB)
			return IOP_HIST_BUCKETS - 1;
		ns >>= 5;
	}
	/* what is bounded is what is used: for the verifier */
	asm("" : "+r"(ns));
	bucket += buckets[ns % sizeof(buckets)];
	asm("" : "+r"(bucket));
	return bucket < IOP_HIST_BUCKETS ? bucket : IOP_HIST_BUCKETS - 1;
}

/* Lowest value in ns of a bucket. */
IOP_INLINE __u64 hist_floor(__u32 bucket)
{
	__u32 octave = bucket / IOP_HIST_SUB;

	if (!octave)
		return bucket;
	return (__u64)(IOP_HIST_SUB + bucket % IOP_HIST_SUB) << (octave - 1);
}

#endif

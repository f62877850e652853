/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's histograms say: sums, differences and percentiles.
 *
 * A percentile is the middle of the bucket it falls into, and never above the
 * longest time counted. A bucket is at most 1/8 as wide as its lowest value, so
 * it is off by 6.25 % at the most; below 16 ns it is exact. The last bucket has
 * no upper end (beyond 68.7 s): there it is the longest time.
 */
#ifndef IOPHASE_PERCENTILE_H
#define IOPHASE_PERCENTILE_H

#include "abi.h"

/* Reads whose times are counted: those that returned data whose phases are known. */
__u64 sums_timed(const struct iop_sums *s);

void sums_add(struct iop_sums *to, const struct iop_sums *s);

/* As struct iop_hist, but wide enough for a run of any length. */
struct dist {
	struct iop_sums sums;
	__u64 sum_ns[IOP_NR_PHASES];
	__u64 max_ns[IOP_NR_PHASES];
	__u64 buckets[IOP_NR_PHASES][IOP_HIST_BUCKETS];
};

/*
 * What was counted between two looks at a histogram. The kernel keeps the
 * longest time since the start: where that did not grow in between, max_ns is
 * the middle of the highest bucket that did.
 */
void dist_between(struct dist *d, const struct iop_hist *before,
		  const struct iop_hist *now);

void dist_add(struct dist *to, const struct dist *d);

/* One read more, as the kernel counts it (hist_add() of bpf/rows.bpf.h). */
void dist_add_read(struct dist *d, const struct iop_read_record *r);

/*
 * What n times as many reads would have given; no percentile changes. EAGAINs are
 * all counted, whatever is sampled.
 */
void dist_scale(struct dist *d, __u32 n);

/*
 * The time that per_mille / 1000 of a phase's reads did not exceed: 500 is the
 * median. 0 if there are none.
 */
__u64 dist_percentile(const struct dist *d, enum iop_phase phase, unsigned int per_mille);

/* Likewise of one phase's buckets alone. */
__u64 buckets_percentile(const __u64 buckets[IOP_HIST_BUCKETS], __u64 max_ns,
			 unsigned int per_mille);

/* What a time in this bucket is shown as. */
__u64 bucket_middle(__u32 bucket, __u64 max_ns);

/* Times without reads: of event loops. */
struct spread {
	__u64 nr;
	__u64 max_ns;
	__u64 buckets[IOP_HIST_BUCKETS];
};

/* What was counted between two looks; max_ns as above. */
void spread_between(struct spread *s, const struct iop_times *before,
		    const struct iop_times *now);
void spread_add(struct spread *to, const struct spread *s);
__u64 spread_percentile(const struct spread *s, unsigned int per_mille);

#endif

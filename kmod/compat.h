/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernel versions. */
#ifndef ADDRSPLIT_COMPAT_H
#define ADDRSPLIT_COMPAT_H

#include <linux/mm.h>

/* 6.2 made them per-CPU counters, whose plain value is off by many pages. */
static inline u64 rss_bytes(struct mm_struct *mm, int kind)
{
	struct percpu_counter *counters = (void *)&mm->rss_stat;

	if (__same_type(mm->rss_stat, struct percpu_counter[NR_MM_COUNTERS]))
		return percpu_counter_sum_positive(counters + kind) << PAGE_SHIFT;
	return (u64)get_mm_counter(mm, kind) << PAGE_SHIFT;
}

static inline u64 resident_bytes(struct mm_struct *mm)
{
	return rss_bytes(mm, MM_FILEPAGES) + rss_bytes(mm, MM_ANONPAGES) +
		rss_bytes(mm, MM_SHMEMPAGES);
}

#endif

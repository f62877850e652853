/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernel versions. */
#ifndef ADDRSPLIT_COMPAT_H
#define ADDRSPLIT_COMPAT_H

#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/version.h>

/* 5.17 gave it its name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data(inode) PDE_DATA(inode)
#endif

/* One past the last address that is mapped, or 0. 6.1 made a maple tree of the list. */
static inline unsigned long mapped_end(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
	return mm->highest_vm_end;
#else
	VMA_ITERATOR(vmi, mm, ULONG_MAX);
	struct vm_area_struct *vma = vma_prev(&vmi);

	return vma ? vma->vm_end : 0;
#endif
}

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

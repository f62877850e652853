/* SPDX-License-Identifier: GPL-2.0-only */
/* One accessor for each difference between kernels. */
#include <linux/mm.h>
#include <linux/version.h>

/*
 * The end of the highest mapping; the caller holds the mmap lock. 6.1 has a
 * tree of mappings and no mm->highest_vm_end (763ecb035029).
 */
static inline unsigned long highest_vm_end(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
	VMA_ITERATOR(vmi, mm, ULONG_MAX);
	struct vm_area_struct *vma = vma_prev(&vmi);

	return vma ? vma->vm_end : 0;
#else
	return mm->highest_vm_end;
#endif
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* 3 GiB and 1 GiB; three levels of page tables with PAE, two without */
#include "x86.h"
#include <asm/highmem.h>

#define KERNEL_FIRST	PAGE_OFFSET
#define USER_LAST	(TASK_SIZE - 1)

#define PAGE_TABLE_LEVELS CONFIG_PGTABLE_LEVELS

#define KASLR (text_moved() ? "on" : "off")

#define LOWMEM_LAST	((unsigned long)high_memory - 1)
#define PKMAP_SIZE	(IS_ENABLED(CONFIG_HIGHMEM) ? LAST_PKMAP * PAGE_SIZE : 0)

/* Only the place of the kernel within lowmem is random. */
#define REGIONS ((struct region[]) { \
	{ "lowmem", PAGE_OFFSET, LOWMEM_LAST }, \
	{ "guard-hole", LOWMEM_LAST + 1, VMALLOC_START - 1 }, \
	{ "vmalloc", VMALLOC_START, VMALLOC_LAST }, \
	{ "pkmap", PKMAP_BASE, PKMAP_BASE + PKMAP_SIZE - 1 }, \
	{ "ldt-remap", LDT_BASE_ADDR, LDT_END_ADDR - 1 }, \
	{ "cpu-entry-area", CPU_ENTRY_AREA_BASE, \
	  CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_TOTAL_SIZE - 1 }, \
	{ "fixmap", FIXADDR_START, FIXADDR_TOP - 1 }, \
})

/*
 * The PMDs: with PAE the next level, without it the top. Eight bytes with PAE
 * and read in two halves: one that is just being set may seem to differ.
 */
static inline pmd_t *kernel_pmds(struct mm_struct *mm)
{
	p4d_t *p4d = p4d_offset(pgd_offset(mm, PAGE_OFFSET), PAGE_OFFSET);

	return pmd_offset(pud_offset(p4d, PAGE_OFFSET), PAGE_OFFSET);
}

#define KERNEL_ENTRIES	(-PAGE_OFFSET >> PMD_SHIFT)
#define KERNEL_ENTRY(mm, i) (pmd_val(kernel_pmds(mm)[i]) & PTE_PFN_MASK)
#define LDT_ENTRY	((LDT_BASE_ADDR - PAGE_OFFSET) >> PMD_SHIFT)
#define KERNEL_TABLE(mm) (IS_ENABLED(CONFIG_X86_PAE) ? kernel_pmds(mm) : NULL)

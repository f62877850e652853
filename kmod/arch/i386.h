/* SPDX-License-Identifier: GPL-2.0-only */
/* 3 GiB and 1 GiB; three levels of page tables with PAE, two without */
#include "x86.h"
#include "bits32.h"

#define KASLR (text_moved() ? "on" : "off")

/* Only the place of the kernel within lowmem is random. */
#define REGIONS                                                          \
	((struct region[]){                                              \
		{ "lowmem", PAGE_OFFSET, LOWMEM_LAST },                  \
		{ "guard-hole", LOWMEM_LAST + 1, VMALLOC_START - 1 },    \
		{ "vmalloc", VMALLOC_START, VMALLOC_LAST },              \
		{ "pkmap", PKMAP_BASE, PKMAP_BASE + PKMAP_SIZE - 1 },    \
		{ "ldt-remap", LDT_BASE_ADDR, LDT_END_ADDR - 1 },        \
		{ "cpu-entry-area", CPU_ENTRY_AREA_BASE,                 \
		  CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_TOTAL_SIZE - 1 }, \
		{ "fixmap", FIXADDR_START, FIXADDR_TOP - 1 },            \
	})

/* Eight bytes with PAE and read in two halves: one just being set may seem to differ. */
#define KERNEL_ENTRY(mm, i) (pmd_val(KERNEL_PMDS(mm)[i]) & PTE_PFN_MASK)
#define LDT_ENTRY ((LDT_BASE_ADDR - PAGE_OFFSET) >> PMD_SHIFT)

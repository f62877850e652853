/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's Documentation/arm/memory.rst, as data, for LPAE: without it,
 * kernel entries are copied where a process first needs them.
 */
#include "bits32.h"
#include <asm/fixmap.h>

/* It has neither. */
#define PTI "off"
#define KASLR "off"

/* The first two lie below the border, but are not the user's. */
#define REGIONS                                                                 \
	((struct region[]){                                                     \
		{ "modules", MODULES_VADDR, MODULES_END - 1 },                  \
		{ "pkmap", PKMAP_BASE, PKMAP_BASE + PKMAP_SIZE - 1 },           \
		{ "lowmem", PAGE_OFFSET, LOWMEM_LAST },                         \
		{ "guard-hole", LOWMEM_LAST + 1, VMALLOC_START - 1 },           \
		{ "vmalloc", VMALLOC_START, VMALLOC_LAST },                     \
		{ "fdt", FDT_FIXED_BASE, FDT_FIXED_BASE + FDT_FIXED_SIZE - 1 }, \
		{ "fixmap", FIXADDR_START, FIXADDR_END - 1 },                   \
		{ "vectors", VECTORS_BASE, VECTORS_BASE + PAGE_SIZE - 1 },      \
	})

/* One table, which all processes have. */
#define KERNEL_ENTRY(mm, i) (pmd_val(KERNEL_PMDS(mm)[i]) & PHYS_MASK & PAGE_MASK)
#define LDT_ENTRY KERNEL_ENTRIES /* none */

/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's Documentation/arch/x86/x86_64/mm.rst, as data */
#include "x86.h"
#include <uapi/asm/vsyscall.h>

#define KERNEL_FIRST	GUARD_HOLE_BASE_ADDR
#define USER_LAST	(~KERNEL_FIRST)

#define PAGE_TABLE_LEVELS (pgtable_l5_enabled() ? 5 : 4)

#define BASE(name)	(pgtable_l5_enabled() ? __##name##_BASE_L5 : __##name##_BASE_L4)
#define KASLR		(text_moved() || PAGE_OFFSET != BASE(PAGE_OFFSET) || \
			 VMALLOC_START != BASE(VMALLOC) || \
			 VMEMMAP_START != BASE(VMEMMAP) ? "on" : "off")

/* Whole sections have struct pages. */
#define MEMORY_LAST	((unsigned long)high_memory - 1)
#define VMEMMAP_LAST	((unsigned long)(vmemmap + \
			 ALIGN(PFN_UP(__pa(MEMORY_LAST)), PAGES_PER_SECTION)) - 1)

#ifndef CONFIG_KASAN
#define KASAN_SHADOW_START 0UL
#define KASAN_SHADOW_END 0UL
#endif

#define REGIONS(R) \
	R("guard-hole", GUARD_HOLE_BASE_ADDR, GUARD_HOLE_END_ADDR - 1, false) \
	R("ldt-remap", LDT_BASE_ADDR, LDT_END_ADDR - 1, false) \
	R("direct-map", PAGE_OFFSET, MEMORY_LAST, true) \
	R("vmalloc", VMALLOC_START, VMALLOC_LAST, true) \
	R("vmemmap", VMEMMAP_START, VMEMMAP_LAST, true) \
	R("kasan-shadow", KASAN_SHADOW_START, KASAN_SHADOW_END - 1, false) \
	R("cpu-entry-area", CPU_ENTRY_AREA_BASE, \
	  CPU_ENTRY_AREA_BASE + P4D_SIZE - 1, false) \
	R("espfix-stacks", ESPFIX_BASE_ADDR, ESPFIX_BASE_ADDR + P4D_SIZE - 1, false) \
	R("efi", EFI_VA_END, EFI_VA_START - 1, false) \
	R("kernel-text", __START_KERNEL_map, MODULES_VADDR - 1, false) \
	R("modules", MODULES_VADDR, MODULES_END - 1, false) \
	R("fixmap", FIXADDR_START, VSYSCALL_ADDR - 1, false) \
	R("vsyscall", VSYSCALL_ADDR, VSYSCALL_ADDR + PAGE_SIZE - 1, false)

#define KERNEL_ENTRIES	(PTRS_PER_PGD / 2)
#define KERNEL_ENTRY(mm, i) \
	(pgd_val(READ_ONCE((mm)->pgd[KERNEL_ENTRIES + (i)])) & PTE_PFN_MASK)
#define LDT_ENTRY	(pgd_index(LDT_BASE_ADDR) - KERNEL_ENTRIES)
#define KERNEL_TABLE(mm) NULL

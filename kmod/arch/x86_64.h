/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's Documentation/arch/x86/x86_64/mm.rst, as data */
#include "x86.h"
#include <uapi/asm/vsyscall.h>

#define KERNEL_FIRST GUARD_HOLE_BASE_ADDR
#define USER_LAST (~KERNEL_FIRST)

#define PAGE_TABLE_LEVELS (pgtable_l5_enabled() ? 5 : 4)

#define UNLESS_RANDOM(base) (pgtable_l5_enabled() ? base##_L5 : base##_L4)
/* clang-format off */
#define KASLR (text_moved() || \
	       UNLESS_RANDOM(__PAGE_OFFSET_BASE) != PAGE_OFFSET || \
	       UNLESS_RANDOM(__VMALLOC_BASE) != VMALLOC_START || \
	       UNLESS_RANDOM(__VMEMMAP_BASE) != VMEMMAP_START ? "on" : "off")

/* Whole sections have struct pages. */
#define MEMORY_LAST	((unsigned long)high_memory - 1)
#define VMEMMAP_LAST	((unsigned long)(vmemmap + \
			 ALIGN(PFN_UP(__pa(MEMORY_LAST)), PAGES_PER_SECTION)) - 1)

/* The vsyscall page is the first of the fixmap, which grows down from there. */
#define VSYSCALL_SIZE	(IS_ENABLED(CONFIG_X86_VSYSCALL_EMULATION) ? PAGE_SIZE : 0)
#define FIXMAP_LAST	((VSYSCALL_SIZE ? VSYSCALL_ADDR : FIXADDR_TOP + PAGE_SIZE) - 1)
/* clang-format on */

#ifndef CONFIG_KASAN
#define KASAN_SHADOW_START 0UL
#define KASAN_SHADOW_END 0UL
#endif

#define REGIONS                                                                         \
	((struct region[]){                                                             \
		{ "guard-hole", GUARD_HOLE_BASE_ADDR, GUARD_HOLE_END_ADDR - 1 },        \
		{ "ldt-remap", LDT_BASE_ADDR, LDT_END_ADDR - 1 },                       \
		{ "direct-map", PAGE_OFFSET, MEMORY_LAST, true },                       \
		{ "vmalloc", VMALLOC_START, VMALLOC_LAST, true },                       \
		{ "vmemmap", VMEMMAP_START, VMEMMAP_LAST, true },                       \
		{ "kasan-shadow", KASAN_SHADOW_START, KASAN_SHADOW_END - 1 },           \
		{ "cpu-entry-area", CPU_ENTRY_AREA_BASE,                                \
		  CPU_ENTRY_AREA_BASE + P4D_SIZE - 1 },                                 \
		{ "espfix-stacks", ESPFIX_BASE_ADDR, ESPFIX_BASE_ADDR + P4D_SIZE - 1 }, \
		{ "efi", EFI_VA_END, EFI_VA_START - 1 },                                \
		{ "kernel-text", __START_KERNEL_map, MODULES_VADDR - 1 },               \
		{ "modules", MODULES_VADDR, MODULES_END - 1 },                          \
		{ "fixmap", FIXADDR_START, FIXMAP_LAST },                               \
		{ "vsyscall", VSYSCALL_ADDR, VSYSCALL_ADDR + VSYSCALL_SIZE - 1 },       \
	})

#define KERNEL_ENTRIES (PTRS_PER_PGD / 2)
#define KERNEL_ENTRY(mm, i) \
	(pgd_val(READ_ONCE((mm)->pgd[KERNEL_ENTRIES + (i)])) & PTE_PFN_MASK)
#define LDT_ENTRY (pgd_index(LDT_BASE_ADDR) - KERNEL_ENTRIES)
#define KERNEL_TABLE(mm) NULL

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's Documentation/arch/arm64/memory.rst, as data. How many bits an
 * address has is up to the CPU where the kernel is built for 52: 48 or 52.
 */
#include <linux/kallsyms.h>
#include <asm/fixmap.h>
#include <asm/mmu.h>

#define KERNEL_FIRST _PAGE_OFFSET(vabits_actual)
#define USER_LAST ((1UL << vabits_actual) - 1)

/* A kernel for 52 bits has a level more for them, which it folds where there are 48. */
#define PAGE_TABLE_LEVELS \
	(CONFIG_PGTABLE_LEVELS - (vabits_actual < VA_BITS && CONFIG_PGTABLE_LEVELS > 3))

#define PTI (arm64_kernel_unmapped_at_el0() ? "on" : "off")

/* Where nothing was moved, the kernel's text is where it was linked for. */
static inline bool text_moved(void)
{
	char symbol[KSYM_SYMBOL_LEN];

	sprint_symbol(symbol, KIMAGE_VADDR + SZ_1M);
	return symbol[0] == '0';
}

#define KASLR (text_moved() ? "on" : "off")

/*
 * The kernel lies in vmalloc. Only places within these are random. Where addresses
 * have fewer bits than the kernel is built for, vmalloc goes on into vmemmap.
 */
#define REGIONS                                                              \
	((struct region[]){                                                  \
		{ "direct-map", _PAGE_OFFSET(vabits_actual), PAGE_END - 1 }, \
		{ "modules", MODULES_VADDR, MODULES_END - 1 },               \
		{ "vmalloc", VMALLOC_START, VMALLOC_LAST },                  \
		{ "vmemmap", VMALLOC_END + SZ_8M, VMEMMAP_END - 1 },         \
		{ "pci-io", PCI_IO_START, PCI_IO_END - 1 },                  \
		{ "fixmap", FIXADDR_TOT_START, FIXADDR_TOP - 1 },            \
	})

/* The kernel half has tables of its own, which no process has: nothing to compare. */
#define KERNEL_ENTRIES 0
#define KERNEL_ENTRY(mm, i) 0
#define LDT_ENTRY 0
#define KERNEL_TABLE(mm) ((void)(mm), NULL)

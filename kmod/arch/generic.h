/* SPDX-License-Identifier: GPL-2.0-only */
/* What every architecture with an MMU has. */
#include <linux/uaccess.h>

#define KERNEL_FIRST PAGE_OFFSET
#define USER_LAST (TASK_SIZE_MAX - 1)

#define PAGE_TABLE_LEVELS CONFIG_PGTABLE_LEVELS

#define PTI "unknown"
#define KASLR "unknown"

#define REGIONS                                                                      \
	((struct region[]){                                                          \
		{ "direct-map", PAGE_OFFSET, (unsigned long)high_memory - 1, true }, \
		{ "vmalloc", VMALLOC_START, VMALLOC_LAST, true },                    \
	})

/* Some have tables of their own for the kernel half: nothing to compare. */
#define KERNEL_ENTRIES 0
#define KERNEL_ENTRY(mm, i) 0
#define LDT_ENTRY 0
#define KERNEL_TABLE(mm) ((void)(mm), NULL)

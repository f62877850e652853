/* SPDX-License-Identifier: GPL-2.0-only */
/* What 32-bit architectures have in common: 1 GiB that holds a part of memory */
#include <asm/highmem.h>

#define KERNEL_FIRST PAGE_OFFSET
#define USER_LAST (TASK_SIZE - 1)

#define PAGE_TABLE_LEVELS CONFIG_PGTABLE_LEVELS

#define LOWMEM_LAST ((unsigned long)high_memory - 1)
#define PKMAP_SIZE (IS_ENABLED(CONFIG_HIGHMEM) ? LAST_PKMAP * PAGE_SIZE : 0)

/* With three levels of page tables the second, with two the top. */
#define KERNEL_PMDS(mm) pmd_off(mm, PAGE_OFFSET)
#define KERNEL_ENTRIES (-PAGE_OFFSET >> PMD_SHIFT)
#define KERNEL_TABLE(mm) (PAGE_TABLE_LEVELS > 2 ? KERNEL_PMDS(mm) : NULL)

/* SPDX-License-Identifier: GPL-2.0-only */
/* What both kinds of x86 have in common. */
#include <linux/kallsyms.h>
#include <asm/cpu_entry_area.h>
#include <asm/cpufeature.h>
#include <asm/fixmap.h>

#define PTI (boot_cpu_has(X86_FEATURE_PTI) ? "on" : "off")

/*
 * A kernel is moved up, by 2 MiB or more: then there is no symbol 1 MiB above
 * the place it was linked for, only a number.
 */
static inline bool text_moved(void)
{
	char symbol[KSYM_SYMBOL_LEN];

	sprint_symbol(symbol, __START_KERNEL + (1UL << 20));
	return symbol[0] == '0';
}

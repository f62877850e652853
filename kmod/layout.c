// SPDX-License-Identifier: GPL-2.0-only
/* /proc/addrsplit/layout: the border, and the regions of the kernel half */
#include <linux/gcd.h>
#include <linux/sort.h>
#include <linux/utsname.h>

#include "addrsplit.h"

static void show_half(struct seq_file *m, const char *name, unsigned long first,
		      unsigned long last)
{
	seq_printf(m, "%s_first: " ADDRESS "\n", name, DIGITS, first);
	seq_printf(m, "%s_last: " ADDRESS "\n", name, DIGITS, last);
	seq_printf(m, "%s_bytes: %lu\n", name, last - first + 1);
}

/* The place of a region may be secret, and so is the size of a hole beside it. */
static void show_region(struct seq_file *m, const struct region *r, bool hide_size)
{
	bool may_see = m->private;

	seq_printf(m, "region %s ", r->name);
	if (r->random && !may_see)
		seq_puts(m, "- - ");
	else
		seq_printf(m, ADDRESS " " ADDRESS " ", DIGITS, r->first, DIGITS, r->last);
	if (hide_size && !may_see)
		seq_puts(m, "-\n");
	else
		seq_printf(m, "%lu\n", r->last - r->first + 1);
}

static void show_hole(struct seq_file *m, unsigned long first, unsigned long last,
		      bool random)
{
	const struct region hole = { "unused-hole", first, last, random };

	if (first <= last)
		show_region(m, &hole, random);
}

static int by_address(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void show_regions(struct seq_file *m)
{
	struct region *r = REGIONS, *end = r + ARRAY_SIZE(REGIONS);
	struct region below = { .last = KERNEL_FIRST - 1 };

	sort(r, end - r, sizeof(*r), by_address, NULL);
	for (; r < end; r++) {
		if (r->last + 1 == r->first)
			continue;
		show_hole(m, below.last + 1, r->first - 1, below.random || r->random);
		show_region(m, r, false);
		below = *r;
	}
	if (below.last != ULONG_MAX)
		show_hole(m, below.last + 1, ULONG_MAX, below.random);
}

int layout_show(struct seq_file *m, void *v)
{
	unsigned long user = USER_LAST + 1, kernel = -KERNEL_FIRST;
	unsigned long unit = gcd(user, kernel);
	struct sysinfo i;

	si_meminfo(&i);
	seq_printf(m, "arch: %s\n", init_utsname()->machine);
	seq_printf(m, "bits: %d\n", BITS_PER_LONG);
	seq_printf(m, "page_size: %lu\n", PAGE_SIZE);
	seq_printf(m, "page_table_levels: %d\n", PAGE_TABLE_LEVELS);
	seq_printf(m, "pti: %s\n", PTI);
	seq_printf(m, "kaslr: %s\n", KASLR);
	seq_printf(m, "split: " ADDRESS "\n", DIGITS, KERNEL_FIRST);
	show_half(m, "user", 0, USER_LAST);
	show_half(m, "kernel", KERNEL_FIRST, ULONG_MAX);
	seq_printf(m, "ratio: %lu:%lu\n", user / unit, kernel / unit);
	seq_printf(m, "lowmem_bytes: %llu\n",
		   (u64)(i.totalram - i.totalhigh) * i.mem_unit);
	seq_printf(m, "highmem_bytes: %llu\n", (u64)i.totalhigh * i.mem_unit);
	show_regions(m);
	return 0;
}

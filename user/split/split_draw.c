// SPDX-License-Identifier: GPL-2.0-only
#include "split_draw.h"

#include <inttypes.h>
#include <string.h>

/* The linear picture: a row is 128 MiB, a column of its bar 8 MiB. */
#define ROWS_32 32
#define BAR_32 16
#define BAR_64 22

static const char *format_size(char buf[24], uint64_t bytes)
{
	static const char *const units[] = { "B",   "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	int k = 0;
	uint64_t part = 0;

	while (bytes >= 1024 && k < 6) {
		part = bytes % 1024;
		bytes /= 1024;
		k++;
	}
	if (bytes >= 10 || !k)
		snprintf(buf, 24, "%" PRIu64 " %s", bytes, units[k]);
	else
		snprintf(buf, 24, "%" PRIu64 ".%" PRIu64 " %s", bytes, part * 10 / 1024,
			 units[k]);
	return buf;
}

static uint64_t last_address(const struct address_space *as)
{
	return as->bits == 32 ? UINT32_MAX : UINT64_MAX;
}

static void address(const struct address_space *as, uint64_t a)
{
	printf("0x%0*" PRIx64 " ", (int)as->bits / 4, a);
}

static void rule(const struct address_space *as, uint64_t at, const char *words)
{
	address(as, at);
	printf("+%.*s+ %s\n", as->bits == 32 ? BAR_32 : BAR_64,
	       "------------------------", words);
}

void split_draw_head(const struct address_space *as, unsigned int pid)
{
	char kernel[24], user[24];

	printf("%s, %u bits, %u levels of page tables, PTI %s, KASLR %s\n", as->arch,
	       as->bits, as->levels, as->pti, as->kaslr);
	printf("kernel %s from 0x%" PRIx64 ", the same for every process; "
	       "user %s\n",
	       format_size(kernel, last_address(as) - as->split + 1), as->split,
	       format_size(user, as->user_last + 1));
	if (pid)
		printf("user half: process %u, bytes mapped\n", pid);
	putchar('\n');
}

/* --- 32 bits: to scale ------------------------------------------------------------ */

/*
 * Bytes of [first, last] that the areas cover, and their names. Where not all
 * of an area is mapped, it counts as spread evenly.
 */
static uint64_t covered(const struct address_space *as, uint64_t first, uint64_t last,
			char *names, size_t size)
{
	uint64_t sum = 0;
	size_t n = 0;

	names[0] = 0;
	for (int i = 0; i < as->nr; i++) {
		const struct area *a = &as->areas[i];
		uint64_t from = a->first > first ? a->first : first;
		uint64_t to = a->last < last ? a->last : last;

		if (a->hidden || from > to || !strcmp(a->name, "unused-hole"))
			continue;
		sum += (to - from + 1) * a->bytes / (a->last - a->first + 1);
		if (n < size)
			n += snprintf(names + n, size - n, "%s%s", n ? ", " : "",
				      a->name);
	}
	return sum;
}

void split_draw_linear(const struct address_space *as)
{
	uint64_t step = (last_address(as) + 1) / ROWS_32;
	char names[256];

	for (int i = ROWS_32 - 1; i >= 0; i--) {
		uint64_t first = i * step, last = first + step - 1;
		uint64_t sum = covered(as, first, last, names, sizeof(names));
		int full = (sum * BAR_32 + step - 1) / step;

		if (i == ROWS_32 - 1)
			rule(as, last, "");
		address(as, first);
		printf("|%.*s%*s| %s\n", full, "################", BAR_32 - full, "",
		       names);
		if (first == as->split)
			rule(as, as->split, "the split: kernel above, user below");
	}
	rule(as, 0, "");
	puts("\nTo scale: a line is 128 MiB, each # 8 MiB of a region.");
}

/* --- 64 bits: a line an area --------------------------------------------------------- */

static int log2_of(uint64_t v)
{
	int n = 0;

	while (v >>= 1)
		n++;
	return n;
}

static void draw_area(const struct address_space *as, const struct area *a)
{
	int full = a->sized ? log2_of(a->bytes) * BAR_64 / 57 : 0;
	char size[24];

	if (full > BAR_64)
		full = BAR_64;
	if (a->hidden)
		printf("%-*s ", (int)as->bits / 4 + 2, "(hidden)");
	else
		address(as, a->first);
	printf("|%.*s%*s| %-15s %9s\n", full, "########################", BAR_64 - full,
	       "", a->name, a->sized ? format_size(size, a->bytes) : "-");
}

void split_draw_compressed(const struct address_space *as)
{
	int user = address_space_nr_user(as);
	char size[24];

	rule(as, last_address(as), "");
	for (int i = as->nr - 1; i >= user; i--)
		draw_area(as, &as->areas[i]);
	rule(as, as->split, "the split: kernel above, user below");
	for (int i = user - 1; i >= 0; i--)
		draw_area(as, &as->areas[i]);
	if (!user)
		printf("%*s|%*s| %-15s %9s\n", (int)as->bits / 4 + 3, "", BAR_64, "",
		       "user", format_size(size, as->user_last + 1));
	rule(as, 0, "");
	puts("\nNot to scale: a line is a region from its first address on, the "
	     "bar its\nsize's logarithm: each # is a factor of about 6.");
}

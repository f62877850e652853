// SPDX-License-Identifier: GPL-2.0-only
#include "symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

struct symbol {
	__u64 address;
	char *name;
};

static struct {
	struct symbol *of;
	int nr;
	int room;
	bool read;
} kernel;

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static void add_symbol(__u64 address, const char *name)
{
	if (kernel.nr == kernel.room) {
		kernel.room = kernel.room ? 2 * kernel.room : 65536;
		kernel.of = xrealloc(kernel.of, kernel.room, sizeof(*kernel.of));
	}
	kernel.of[kernel.nr++] = (struct symbol){ address, strdup(name) };
}

/* Whoever may not know addresses is shown zeroes. */
static void read_kernel(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	char line[512], name[256], type;

	kernel.read = true;
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %c %255s", &address, &type, name) == 3 &&
		    address && strchr("tTwW", type))
			add_symbol(address, name);
	if (f)
		fclose(f);
	if (kernel.nr)
		qsort(kernel.of, kernel.nr, sizeof(*kernel.of), by_address);
}

const char *kernel_symbol(__u64 address, char buf[SYMBOL_LEN])
{
	int from = 0, to;

	if (!kernel.read)
		read_kernel();
	to = kernel.nr;
	while (to - from > 1) {
		int middle = from + (to - from) / 2;

		if (kernel.of[middle].address <= address)
			from = middle;
		else
			to = middle;
	}
	buf[0] = 0;
	if (to > from && kernel.of[from].address <= address && kernel.of[from].name)
		snprintf(buf, SYMBOL_LEN, "%s", kernel.of[from].name);
	return buf;
}

const char *user_symbol(__u32 pid, __u64 address, char buf[SYMBOL_LEN])
{
	unsigned long long start, end, offset;
	char path[64], line[512], file[256];
	const char *name;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	snprintf(buf, SYMBOL_LEN, "0x%llx", (unsigned long long)address);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx %*s %llx %*s %*s %255[^\n]", &start, &end,
			   &offset, file) != 4 ||
		    address < start || address >= end)
			continue;
		name = strrchr(file, '/');
		snprintf(buf, SYMBOL_LEN, "%.40s+0x%llx", name ? name + 1 : file,
			 (unsigned long long)address - start + offset);
		break;
	}
	if (f)
		fclose(f);
	return buf;
}

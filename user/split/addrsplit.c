// SPDX-License-Identifier: GPL-2.0-only
#include "addrsplit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define LAYOUT "/proc/addrsplit/layout"

static struct area *new_area(struct address_space *as, const char *name)
{
	struct area *a;

	if (as->nr == MAX_AREAS)
		return NULL;
	a = &as->areas[as->nr++];
	memset(a, 0, sizeof(*a));
	snprintf(a->name, sizeof(a->name), "%s", name);
	return a;
}

/* "region NAME FIRST LAST BYTES"; "-" for what this reader may not see. */
static bool parse_region(struct address_space *as, const char *line)
{
	char name[32], first[24], last[24], bytes[24];
	struct area *a;

	if (sscanf(line, "region %31s %23s %23s %23s", name, first, last, bytes) != 4)
		return false;
	a = new_area(as, name);
	if (!a)
		return false;
	a->hidden = !strcmp(first, "-");
	a->sized = strcmp(bytes, "-");
	a->first = a->hidden ? 0 : strtoull(first, NULL, 16);
	a->last = a->hidden ? 0 : strtoull(last, NULL, 16);
	a->bytes = a->sized ? strtoull(bytes, NULL, 10) : 0;
	return true;
}

/* Keys that are not known here are for others; a region must parse. */
static bool parse_line(struct address_space *as, const char *line)
{
	if (!strncmp(line, "region ", 7))
		return parse_region(as, line);
	(void)(sscanf(line, "arch: %31s", as->arch) == 1 ||
	       sscanf(line, "bits: %u", &as->bits) == 1 ||
	       sscanf(line, "page_table_levels: %u", &as->levels) == 1 ||
	       sscanf(line, "pti: %7s", as->pti) == 1 ||
	       sscanf(line, "kaslr: %7s", as->kaslr) == 1 ||
	       sscanf(line, "split: %" SCNx64, &as->split) == 1 ||
	       sscanf(line, "user_last: %" SCNx64, &as->user_last) == 1);
	return true;
}

bool address_space_parse(struct address_space *as, FILE *f)
{
	char line[256];
	bool ok = true;

	memset(as, 0, sizeof(*as));
	while (ok && fgets(line, sizeof(line), f))
		ok = parse_line(as, line);
	return ok && as->split && as->bits && as->nr;
}

int address_space_load(struct address_space *as)
{
	FILE *f = fopen(LAYOUT, "re");
	bool ok;

	if (!f && errno == ENOENT)
		return fail("the module is not loaded: make module, then "
			    "insmod build/kmod/KERNEL/addrsplit.ko (or modprobe "
			    "addrsplit where it is installed)");
	if (!f)
		return fail("cannot read %s: %s; it is for root", LAYOUT,
			    strerror(errno));
	ok = address_space_parse(as, f);
	fclose(f);
	if (!ok)
		return fail("%s is not as expected: module and iophase differ "
			    "in version",
			    LAYOUT);
	return EXIT_DONE;
}

/* --- a process's mappings -------------------------------------------------------- */

/* Which group a line of /proc/PID/maps belongs to; bss follows the program. */
static const char *group_of(const char *path, const char *exe, bool follows)
{
	if (!strcmp(path, "[heap]"))
		return "heap";
	if (!strcmp(path, "[stack]"))
		return "stack";
	if (!strcmp(path, "[vsyscall]") || !strcmp(path, "[vectors]"))
		return NULL; /* the kernel half has it */
	if (!strncmp(path, "[vdso]", 6) || !strncmp(path, "[vvar", 5) ||
	    !strcmp(path, "[sigpage]"))
		return "vdso";
	if (*path ? !strcmp(path, exe) : follows)
		return "text";
	return "mmap";
}

int address_space_nr_user(const struct address_space *as)
{
	int n = 0;

	while (n < as->nr && !as->areas[n].hidden && as->areas[n].last <= as->user_last)
		n++;
	return n;
}

bool address_space_add_mapping(struct address_space *as, const char *group,
			       uint64_t first, uint64_t last)
{
	struct area *a = as->nr ? &as->areas[as->nr - 1] : NULL;

	if (!a || strcmp(a->name, group)) {
		a = new_area(as, group);
		if (!a)
			return false;
		a->first = first;
		a->sized = true;
	}
	a->last = last;
	a->bytes += last - first + 1;
	return true;
}

static void first_path(FILE *f, char *exe, size_t size)
{
	char line[512], *slash;

	exe[0] = 0;
	while (!exe[0] && fgets(line, sizeof(line), f)) {
		slash = strchr(line, '/');
		if (slash)
			snprintf(exe, size, "%.*s", (int)strcspn(slash, "\n"), slash);
	}
	rewind(f);
}

int address_space_add_process(struct address_space *as, unsigned int pid)
{
	struct address_space user = { .nr = 0 };
	bool fits = true;
	char path[64], line[512], exe[256], name[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	f = fopen(path, "re");
	if (!f && errno == ENOENT)
		return fail("no such process: %u", pid);
	if (!f)
		return fail("cannot read %s: %s", path, strerror(errno));
	first_path(f, exe, sizeof(exe));
	while (fits && fgets(line, sizeof(line), f)) {
		uint64_t first, end, text_end = user.nr ? user.areas[0].last + 1 : 0;
		const char *group;

		name[0] = 0;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %255[^\n]",
			   &first, &end, name) < 2)
			continue;
		group = group_of(name, exe, first == text_end);
		if (group)
			fits = address_space_add_mapping(&user, group, first, end - 1);
	}
	fclose(f);
	if (!user.nr)
		return fail("process %u has no user half: a kernel thread, or "
			    "it is gone",
			    pid);
	if (!fits || user.nr + as->nr > MAX_AREAS)
		return fail("process %u: too many mappings that alternate", pid);
	memmove(as->areas + user.nr, as->areas, as->nr * sizeof(as->areas[0]));
	memcpy(as->areas, user.areas, user.nr * sizeof(as->areas[0]));
	as->nr += user.nr;
	return EXIT_DONE;
}

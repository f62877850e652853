// SPDX-License-Identifier: GPL-2.0-only
/* iophase doctor: what this kernel offers, what is missing, how to get it. */
#include <stdio.h>

#include "backend.h"
#include "commands.h"
#include "util.h"

struct finding {
	const char *what;
	const char *name;
	bool ok;
	bool optional;
	const char *detail;
	const char *remedy;
};

#define FINDING(row) ((const struct finding *)(row))

static struct value get_what(const void *row)
{
	return value_str(FINDING(row)->what);
}

static struct value get_name(const void *row)
{
	return value_str(FINDING(row)->name);
}

static struct value get_ok(const void *row)
{
	const struct finding *f = FINDING(row);

	return value_str(f->ok ? "ok" : f->optional ? "none" : "MISSING");
}

static struct value get_ok_int(const void *row)
{
	return value_int(FINDING(row)->ok);
}

static struct value get_detail(const void *row)
{
	return value_str(FINDING(row)->detail);
}

static struct value get_remedy(const void *row)
{
	const struct finding *f = FINDING(row);

	if (f->ok || !f->remedy)
		return (struct value){ .kind = VALUE_NONE };
	return value_str(f->remedy);
}

static const struct column columns[] = {
	{ "type", NULL, 0, get_what },
	{ "name", "WHAT", -23, get_name },
	{ NULL, "", -7, get_ok },
	{ "ok", NULL, 0, get_ok_int },
	{ "detail", "FOUND, OR WHAT IT GIVES", -1, get_detail },
	{ "remedy", NULL, 0, get_remedy },
};

static void show(const struct options *o, const struct finding *f)
{
	char line[256];

	if (o->json) {
		columns_json(columns, ARRAY_SIZE(columns), f, stdout);
		return;
	}
	columns_line(columns, ARRAY_SIZE(columns), f, line, sizeof(line));
	puts(line);
	if (!f->ok && f->remedy)
		printf("%-31s -> %s\n", "", f->remedy);
}

/* Returns how many hooks have no target. */
static int show_hooks(const struct options *o)
{
	int missing = 0;

	const struct hook *hooks = backends[0]->hooks;

	for (int i = 0; i < backends[0]->nr_hooks; i++) {
		const struct hook *h = &hooks[i];
		struct finding f = { "hook", h->target, hook_present(h),
				     h->optional, h->gives, NULL };

		if (i && hooks[i - 1].target == h->target)
			continue;
		missing += !f.ok && !f.optional;
		show(o, &f);
	}
	return missing;
}

int cmd_doctor(const struct options *o)
{
	struct check checks[MAX_CHECKS];
	int n = backend_checks(checks), bad = 0;
	char line[128];

	if (!o->json) {
		columns_header(columns, ARRAY_SIZE(columns), line, sizeof(line));
		puts(line);
	}
	for (int i = 0; i < n; i++) {
		struct finding f = { "check", checks[i].name, checks[i].ok,
				     false, checks[i].detail, checks[i].remedy };

		bad += !f.ok;
		show(o, &f);
	}
	bad += show_hooks(o);
	if (!o->json)
		puts(bad ? "\nBackend: none; see what is MISSING above." :
			   "\nBackend: btf: every phase can be measured.");
	return bad ? EXIT_FAILED : EXIT_DONE;
}

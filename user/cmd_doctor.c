// SPDX-License-Identifier: GPL-2.0-only
/* iophase doctor: what this kernel offers, what is missing, how to get it. */
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "commands.h"
#include "object.h"
#include "util.h"

struct finding {
	const char *what;
	const char *name;
	bool ok;
	bool optional;
	bool mild;
	bool bound;
	const char *detail;
	const char *remedy;
	__u32 loses; /* LOSES() */
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

	return value_str(f->ok	     ? "ok" :
			 f->bound    ? "bound" :
			 f->optional ? "none" :
			 f->mild     ? "WEAK" :
				       "MISSING");
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

static struct value get_loses(const void *row)
{
	return (struct value){ .kind = VALUE_LIST,
			       .num = phases_lost(FINDING(row)->loses),
			       .names = phase_names };
}

static struct value get_of(const void *row)
{
	return (struct value){ .kind = VALUE_LIST,
			       .num = models_lost(FINDING(row)->loses),
			       .names = model_names };
}

static const struct column columns[] = {
	{ "type", NULL, 0, get_what },
	{ "name", "WHAT", -23, get_name },
	{ NULL, "", -7, get_ok },
	{ "ok", NULL, 0, get_ok_int },
	{ "detail", "FOUND, OR WHAT IT GIVES", -1, get_detail },
	{ "remedy", NULL, 0, get_remedy },
	{ "loses", NULL, 0, get_loses },
	{ "of", NULL, 0, get_of },
};

static const struct column loses = { "loses", NULL, 0, get_loses };
static const struct column of = { "of", NULL, 0, get_of };

static void show(const struct options *o, const struct finding *f)
{
	char line[512], models[64];

	if (o->json) {
		columns_json(columns, ARRAY_SIZE(columns), f, stdout);
		return;
	}
	columns_line(columns, ARRAY_SIZE(columns), f, line, sizeof(line));
	puts(line);
	if (!f->ok && f->remedy)
		printf("%-31s -> %s\n", "", f->remedy);
	if (!f->loses)
		return;
	printf("%-31s -> lost: %s", "", column_text(&loses, f, line, sizeof(line)));
	if (models_lost(f->loses) == EVERY_MODEL)
		puts("");
	else
		printf(" of %s\n", column_text(&of, f, models, sizeof(models)));
}

/* What an object without relocations may read of the kernel's structures. */
static void show_types(const struct options *o, const struct object *object)
{
	struct finding f = {
		.what = "check",
		.name = "types",
		.ok = !object->unknown,
		.optional = true,
		.detail = object->unknown ?
			  "not known: no IPv6 addresses, no residual" :
			  "of the structures that are read",
		.remedy = "--btf FILE; tools/min-btf makes it from headers",
	};

	if (!object->backend->needs_btf)
		show(o, &f);
}

/* What became of every hook. Returns how many of those needed failed. */
static int show_hooks(const struct options *o, const struct object *object)
{
	char detail[400];
	int missing = 0;

	for (int i = 0; i < object->nr_hooks; i++) {
		const struct hook_state *s = &object->hooks[i];
		const struct hook *h = s->hook;
		bool missed = object_misses(object, i);
		struct finding f = {
			.what = "hook",
			.name = s->target,
			.ok = !s->error,
			.optional = !missed,
			.detail = h->gives,
			.loses = missed ? h->loses : 0,
		};

		missing += missed;
		if (h->flags & HOOK_AGAIN)
			continue; /* the hook itself is shown */
		if (i && !strcmp(s[-1].target, s->target) &&
		    !strcmp(s[-1].hook->gives, h->gives) && !missed)
			continue; /* entry and exit of a function */
		if (s->error && !(h->flags & HOOK_ON_DEMAND)) {
			snprintf(detail, sizeof(detail), "%s (%s)", h->gives,
				 object_hook_error(object, i));
			f.detail = detail;
		}
		show(o, &f);
	}
	return missing;
}

/* What is not measured, though every hook is there. */
static void show_bounds(const struct options *o, const struct backend *b)
{
	char detail[160];

	for (int i = 0; i < b->nr_bounds; i++) {
		struct finding f = {
			.what = "phase",
			.name = phase_names[b->bounds[i].phase],
			.bound = true,
			.detail = detail,
		};

		snprintf(detail, sizeof(detail), "at %s: %s",
			 b->bounds[i].kind == BOUND_AT_MOST ? "most" : "least",
			 b->bounds[i].why);
		show(o, &f);
	}
	if (b->nr_bounds)
		show(o, &(struct finding){
			.what = "model",
			.name = model_names[IOP_ASYNC],
			.optional = true,
			.detail = "not seen; its copies count as unmatched",
		});
}

/* Loads and attaches the real programs. False: the object says why not. */
static bool try_backend(const struct options *o, const struct backend *b,
			struct object *object)
{
	int err = object_open(object, b, o->btf);

	if (err)
		return false;
	object->config->wake_detail = 1; /* its hooks, too */
	return !object_load(object) && !object_attach(object);
}

/*
 * The best that the kernel does not refuse, as a session would find it. NULL:
 * there is none.
 */
static const struct backend *try_backends(const struct options *o,
					  const struct check *checks, int n,
					  struct object *object)
{
	const struct backend *b;
	const struct check *why;
	__u32 refused = 0;

	for (;;) {
		b = backend_pick(o->backend, refused, checks, n, &why);
		if (!b || try_backend(o, b, object))
			return b;
		show(o, &(struct finding){
			.what = "check",
			.name = b->name,
			.detail = object->why,
			.remedy = "none: this kernel refuses what it needs",
		});
		object_close(object);
		refused |= b->bit;
	}
}

static void conclude(const struct options *o, const struct backend *b, bool ok)
{
	bool bounds = ok && b && b->nr_bounds;
	struct finding f = {
		.what = "backend",
		.name = b ? b->name : "none",
		.ok = ok && !bounds,
		.detail = bounds ? "bounds of the phases" :
			  ok	 ? "every phase can be measured" :
			  b	 ? "not every hook is there" :
				   "nothing can be measured",
		.remedy = bounds ? "see what btf and kprobe lack" :
				   "see what is MISSING",
	};

	if (o->json)
		show(o, &f);
	else
		printf("\nBackend: %s: %s%s%s%s.\n", f.name, f.detail,
		       f.ok ? "" : "; ", f.ok ? "" : f.remedy,
		       ok ? "" : " above");
}

static void show_checks(const struct options *o, const struct backend *b,
			const struct check *checks, int n)
{
	for (int i = 0; i < n; i++) {
		struct finding f = {
			.what = "check",
			.name = checks[i].name,
			.ok = checks[i].ok,
			.optional = b && !backend_needs(b, &checks[i]),
			.mild = checks[i].mild,
			.detail = checks[i].detail,
			.remedy = checks[i].remedy,
		};

		show(o, &f);
	}
}

int cmd_doctor(const struct options *o)
{
	struct check checks[MAX_CHECKS];
	int n = backend_checks(checks), bad = 1;
	struct object object = {};
	const struct backend *b;
	const struct check *why;
	char line[128];

	b = backend_pick(o->backend, 0, checks, n, &why);
	if (!b && !why)
		return backend_choose(o->backend) ? EXIT_DONE : EXIT_FAILED;
	if (!o->json) {
		columns_header(columns, ARRAY_SIZE(columns), line, sizeof(line));
		puts(line);
	}
	show_checks(o, b, checks, n);
	b = b ? try_backends(o, checks, n, &object) : NULL;
	if (b) {
		show_types(o, &object);
		bad = show_hooks(o, &object);
		show_bounds(o, b);
	}
	object_close(&object);
	conclude(o, b, !bad);
	return bad || !b || b->nr_bounds ? EXIT_FAILED : EXIT_DONE;
}

// SPDX-License-Identifier: GPL-2.0-only
/* iophase doctor: what this kernel offers, what is missing, how to get it. */
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "command.h"
#include "kernel_checks.h"
#include "names.h"
#include "object.h"
#include "out.h"
#include "text.h"
#include "util.h"

struct finding {
	const char *what;
	const char *name;
	bool ok;
	bool optional;
	bool degraded;
	bool bound;
	const char *detail;
	const char *remedy;
	__u32 phases_lost; /* by a hook that is missed */
	__u32 models_lost;
};

/* In a word; what is missing is shouted. */
static struct value get_ok(const struct column *c, const void *row,
			   const struct phase_limits *limits)
{
	const struct finding *f = row;

	(void)c;
	(void)limits;
	return value_str(f->ok	     ? "ok" :
			 f->bound    ? "bound" :
			 f->optional ? "none" :
			 f->degraded ? "WEAK" :
				       "MISSING");
}

static bool has_remedy(const void *row)
{
	return !((const struct finding *)row)->ok;
}

#define ROW(member) MEMBER(struct finding, member)

static const struct column columns[] = {
	{ "type", NULL, 0, COLUMN_STRING, ROW(what),
	  "check, hook, phase, model, or backend: the last, which sums up" },
	{ "name", "WHAT", -23, COLUMN_STRING, ROW(name), "what it is about" },
	{ NULL, "", -7, COLUMN_COMPUTED, 0, 0, "ok, or how bad", .get = get_ok },
	{ "ok", NULL, 0, COLUMN_INT, ROW(ok), "1: as it should be" },
	{ "detail", "FOUND, OR WHAT IT GIVES", -1, COLUMN_STRING, ROW(detail),
	  "what was found; of a hook, what it gives" },
	{ "remedy", NULL, 0, COLUMN_STRING, ROW(remedy),
	  "what to do; null: nothing, or nothing helps", .known = has_remedy },
	{ "loses", NULL, 0, COLUMN_LIST, ROW(phases_lost), "phases that are lost",
	  phase_names },
	{ "of", NULL, 0, COLUMN_LIST, ROW(models_lost), "models that lose them",
	  model_names },
};

static const struct schema doctor_schema = {
	.about = "iophase doctor: one thing that tracing needs; these have no v",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
};

struct doctor {
	const struct options *options;
	struct out out;
	struct sheet sheet;
};

static void show(const struct doctor *d, const struct finding *f)
{
	struct value phases = { .kind = VALUE_LIST,
				.num = f->phases_lost,
				.names = phase_names };
	struct value models = { .kind = VALUE_LIST,
				.num = f->models_lost,
				.names = model_names };
	char lost[64], of[64];
	bool all = f->models_lost == EVERY_MODEL;

	out_record(&d->out, &d->sheet, f);
	if (!f->ok && f->remedy)
		out_words(&d->out, "%-31s -> %s", "", f->remedy);
	if (f->phases_lost)
		out_words(&d->out, "%-31s -> lost: %s%s%s", "",
			  value_text(&phases, lost, sizeof(lost)), all ? "" : " of ",
			  all ? "" : value_text(&models, of, sizeof(of)));
}

/* What an object without relocations may read of the kernel's structures. */
static void show_types(const struct doctor *d, const struct object *object)
{
	struct finding f = {
		.what = "check",
		.name = "types",
		.ok = !object->unknown,
		.optional = true,
		.detail = object->unknown ? "not known: no IPv6 addresses, no residual" :
					    "of the structures that are read",
		.remedy = "--btf FILE; tools/min-btf makes it from headers",
	};

	if (!object->backend->needs_btf)
		show(d, &f);
}

/* What became of every hook. Returns how many of those needed failed. */
static int show_hooks(const struct doctor *d, const struct object *object)
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
			.phases_lost = missed ? phases_lost(h->loses) : 0,
			.models_lost = missed ? models_lost(h->loses) : 0,
		};

		missing += missed;
		if ((h->flags & HOOK_AGAIN || s->error == HOOK_NOT_NEEDED) && !missed)
			continue; /* the hook itself is shown, or the one in its place */
		if (i && !strcmp(s[-1].target, s->target) &&
		    !strcmp(s[-1].hook->gives, h->gives) && !missed)
			continue; /* entry and exit of a function */
		if (s->error && !(h->flags & HOOK_ON_DEMAND)) {
			snprintf(detail, sizeof(detail), "%s (%s)", h->gives,
				 object_hook_error(object, i));
			f.detail = detail;
		}
		show(d, &f);
	}
	return missing;
}

/* What is not measured, though every hook is there. */
static void show_bounds(const struct doctor *d, const struct backend *b)
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
		show(d, &f);
	}
	if (b->nr_bounds)
		show(d, &(struct finding){
				.what = "model",
				.name = model_names[IOP_ASYNC],
				.optional = true,
				.detail = "not seen; its copies count as unmatched",
			});
}

/* Loads and attaches the real programs. False: the object says why not. */
static bool try_backend(const struct doctor *d, const struct backend *b,
			struct object *object)
{
	int err = object_open(object, b, d->options->btf);

	if (err)
		return false;
	object->config->wake_detail = 1; /* its hooks, too */
	return !object_load(object) && !object_attach(object);
}

/*
 * The best that the kernel does not refuse, as a session would find it. NULL:
 * there is none.
 */
static const struct backend *try_backends(const struct doctor *d,
					  const struct check *checks, int n,
					  struct object *object)
{
	const struct backend *b;
	const struct check *why;
	__u32 refused = 0;

	for (;;) {
		b = backend_pick(NULL, d->options->backend, refused, checks, n, &why);
		if (!b || try_backend(d, b, object))
			return b;
		show(d, &(struct finding){
				.what = "check",
				.name = b->name,
				.detail = object->why,
				.remedy = "none: this kernel refuses what it needs",
			});
		object_close(object);
		refused |= b->bit;
	}
}

static void conclude(const struct doctor *d, const struct backend *b, bool ok)
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
		.remedy = bounds ? "see what btf and kprobe lack" : "see what is MISSING",
	};

	if (!d->out.format->for_people)
		show(d, &f);
	out_words(&d->out, "\nBackend: %s: %s%s%s%s.", f.name, f.detail,
		  f.ok ? "" : "; ", f.ok ? "" : f.remedy, ok ? "" : " above");
}

/* A command with objects of its own: which of them it uses here. */
static void show_command(const struct doctor *d, const struct check *checks, int n,
			 const char *command)
{
	const struct check *why = NULL;
	const struct backend *b = backend_pick(command, NULL, 0, checks, n, &why);
	char detail[128];

	snprintf(detail, sizeof(detail),
		 b   ? "it uses %s" :
		 why ? "it has no backend here: see %s" :
		       "it has no backend for %s",
		 b   ? b->name :
		 why ? why->name :
		       "32 bits");
	show(d, &(struct finding){
			.what = "check",
			.name = command,
			.ok = b,
			.optional = true,
			.detail = detail,
		});
}

static void show_checks(const struct doctor *d, const struct backend *b,
			const struct check *checks, int n)
{
	for (int i = 0; i < n; i++) {
		struct finding f = {
			.what = "check",
			.name = checks[i].name,
			.ok = checks[i].ok,
			.optional = b && !backend_needs(b, &checks[i]),
			.degraded = checks[i].degraded,
			.detail = checks[i].detail,
			.remedy = checks[i].remedy,
		};

		show(d, &f);
	}
}

/* Returns whether every phase can be measured. */
static bool examine(const struct doctor *d, const struct backend *b,
		    const struct check *checks, int n)
{
	struct object object = {};
	int bad = 1;

	out_head(&d->out, &d->sheet);
	show_checks(d, b, checks, n);
	show_command(d, checks, n, "loops");
	show_command(d, checks, n, "zerocopy");
	b = b ? try_backends(d, checks, n, &object) : NULL;
	if (b) {
		show_types(d, &object);
		bad = show_hooks(d, &object);
		show_bounds(d, b);
	}
	object_close(&object);
	conclude(d, b, !bad);
	return !bad && b && !b->nr_bounds;
}

static int run(const struct options *o)
{
	struct doctor d = { .options = o, .out = out_open(o->format) };
	struct check checks[MAX_CHECKS];
	int n = kernel_checks(checks);
	const struct backend *b;
	const struct check *why;
	bool ok;

	b = backend_pick(NULL, o->backend, 0, checks, n, &why);
	if (!b && !why)
		return backend_choose(NULL, o->backend) ? EXIT_DONE : EXIT_FAILED;
	sheet_make(&d.sheet, &doctor_schema, 0, NULL);
	ok = examine(&d, b, checks, n);
	out_end(&d.out);
	sheet_free(&d.sheet);
	return ok ? EXIT_DONE : EXIT_FAILED;
}

static const struct option_row *const options[] = {
	OPTIONS_PRINT,
	OPTIONS_BACKEND,
	NULL,
};

static const struct schema *const schemas[] = {
	&doctor_schema,
	NULL,
};

const struct command cmd_doctor = {
	.name = "doctor",
	.help = "what this kernel offers and what is missing",
	.options = options,
	.schemas = schemas,
	.run = run,
};

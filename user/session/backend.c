// SPDX-License-Identifier: GPL-2.0-only
#include "backend.h"

#include <string.h>

#include "embed.h"
#include "kernel_checks.h"
#include "names.h"
#include "util.h"

#if __SIZEOF_LONG__ == 8 /* 32 bits have no trampolines */
static const struct backend backend_btf = {
	.name = "btf",
	.bit = BACKEND_BTF,
	.needs_btf = true,
	.elf = btf_elf,
};

static const struct backend backend_loops = {
	.name = "btf",
	.bit = BACKEND_LOOPS_BTF,
	.needs_btf = true,
	.elf = loops_elf,
};

static const struct backend backend_loops_kprobe = {
	.name = "kprobe",
	.bit = BACKEND_LOOPS_KPROBE,
	.needs_btf = true,
	.elf = loops_kprobe_elf,
};

static const struct backend backend_zerocopy = {
	.name = "btf",
	.bit = BACKEND_ZEROCOPY_BTF,
	.needs_btf = true,
	.elf = zerocopy_elf,
};

static const struct backend backend_zerocopy_kprobe = {
	.name = "kprobe",
	.bit = BACKEND_ZEROCOPY_KPROBE,
	.needs_btf = true,
	.elf = zerocopy_kprobe_elf,
};
#endif

static const struct backend backend_kprobe = {
	.name = "kprobe",
	.bit = BACKEND_KPROBE,
	.elf = kprobe_elf,
};

static const struct bound tracepoint_bounds[] = {
	{ IOP_WAIT, BOUND_AT_MOST, "ready was when the waking began, or before" },
	{ IOP_WAKE, BOUND_AT_LEAST, "ready was when the waking began, or before" },
	{ IOP_DISPATCH, BOUND_AT_LEAST, "nothing says since when data was there" },
	{ IOP_COPY, BOUND_AT_MOST, "but for TCP, up to all the time in the call" },
	{ IOP_REST, BOUND_AT_LEAST, "what is left of the call" },
};

static const struct backend backend_tracepoint = {
	.name = "tracepoint",
	.bit = BACKEND_TRACEPOINT,
	.elf = tracepoint_elf,
	.bounds = tracepoint_bounds,
	.nr_bounds = ARRAY_SIZE(tracepoint_bounds),
};

const struct backend *const backends[] = {
#if __SIZEOF_LONG__ == 8
	&backend_btf,
#endif
	&backend_kprobe,
	&backend_tracepoint,
	NULL,
};

/* What a command has that has objects of its own. */
static const struct own_backends {
	const char *command;
	const struct backend *backends[3];
} own_backends[] = {
#if __SIZEOF_LONG__ == 8
	{ "loops", { &backend_loops, &backend_loops_kprobe } },
	{ "zerocopy", { &backend_zerocopy, &backend_zerocopy_kprobe } },
#else
	{ "loops" },
	{ "zerocopy" },
#endif
};

static const struct backend *const *backends_of(const char *command)
{
	for (size_t i = 0; command && i < ARRAY_SIZE(own_backends); i++)
		if (!strcmp(own_backends[i].command, command))
			return own_backends[i].backends;
	return backends;
}

void backend_bounds(const struct backend *b, struct phase_limits *limits)
{
	for (int i = 0; i < b->nr_bounds; i++)
		*(b->bounds[i].kind == BOUND_AT_MOST ?
			  &limits->at_most :
			  &limits->at_least) |= PHASE(b->bounds[i].phase);
}

bool backend_needs(const struct backend *b, const struct check *c)
{
	if (!c->needed_by)
		return true;
	return !strcmp(c->needed_by, "types") ? b->needs_btf :
						!strcmp(c->needed_by, b->name);
}

/* What this backend lacks, also what it only works worse without; NULL: nothing. */
static const struct check *obstacle(const struct backend *b, const struct check *checks,
				    int n, bool strict)
{
	for (int i = 0; i < n; i++)
		if (!checks[i].ok && backend_needs(b, &checks[i]) &&
		    (strict || !checks[i].degraded))
			return &checks[i];
	return NULL;
}

const struct backend *backend_pick(const char *command, const char *asked_for,
				   __u32 refused, const struct check *checks, int n,
				   const struct check **why)
{
	const struct backend *const *from = backends_of(command);
	const struct check *c;

	for (int strict = 1; strict >= 0; strict--) {
		*why = NULL;
		for (int i = 0; from[i]; i++) {
			if (asked_for && strcmp(asked_for, from[i]->name))
				continue;
			if (refused & from[i]->bit)
				continue;
			/* rather something degraded than mere bounds */
			if (!asked_for && strict && from[i]->nr_bounds)
				continue;
			c = obstacle(from[i], checks, n, strict);
			if (!c)
				return from[i];
			*why = *why ? *why : c;
		}
	}
	return NULL;
}

const struct backend *backend_next(const char *command, __u32 refused)
{
	struct check checks[MAX_CHECKS];
	int n = kernel_checks(checks);
	const struct check *why;

	return backend_pick(command, NULL, refused, checks, n, &why);
}

const struct backend *backend_choose(const char *command, const char *asked_for)
{
	struct check checks[MAX_CHECKS];
	int n = kernel_checks(checks);
	const struct check *why;
	const struct backend *b = backend_pick(command, asked_for, 0, checks, n, &why);
	const struct backend *const *from = backends_of(command);
	const char *of = command ? command : "", *names[MAX_CHECKS];
	int nr = 0;

	for (; from[nr]; nr++)
		names[nr] = from[nr]->name;
	if (!b && why)
		fail("%s%s%s: %s; %s", of, command ? ": " : "", why->name, why->detail,
		     why->remedy);
	else if (!b && !nr)
		fail("%s has no backend for 32 bits", command);
	else if (!b)
		fail("%s%sno backend '%s': there is %s", of, command ? ": " : "",
		     asked_for, name_list(names, nr));
	return b;
}

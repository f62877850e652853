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
	.bit = BACKEND_LOOPS,
	.needs_btf = true,
	.elf = loops_elf,
	.command = "loops",
};

static const struct backend backend_zerocopy = {
	.name = "btf",
	.bit = BACKEND_ZEROCOPY,
	.needs_btf = true,
	.elf = zerocopy_elf,
	.command = "zerocopy",
};
#endif

static const struct backend *const own_backends[] = {
#if __SIZEOF_LONG__ == 8
	&backend_loops,
	&backend_zerocopy,
#endif
	NULL,
};

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

void backend_bounds(const struct backend *b, struct phase_limits *limits)
{
	for (int i = 0; i < b->nr_bounds; i++)
		*(b->bounds[i].kind == BOUND_AT_MOST ?
			  &limits->at_most :
			  &limits->at_least) |= PHASE(b->bounds[i].phase);
}

bool backend_needs(const struct backend *b, const struct check *c)
{
	return !c->needed_by || !strcmp(c->needed_by, b->name);
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

const struct backend *backend_pick(const char *asked_for, __u32 refused,
				   const struct check *checks, int n,
				   const struct check **why)
{
	const struct check *c;

	for (int strict = 1; strict >= 0; strict--) {
		*why = NULL;
		for (int i = 0; backends[i]; i++) {
			if (asked_for && strcmp(asked_for, backends[i]->name))
				continue;
			if (refused & backends[i]->bit)
				continue;
			/* rather something degraded than mere bounds */
			if (!asked_for && strict && backends[i]->nr_bounds)
				continue;
			c = obstacle(backends[i], checks, n, strict);
			if (!c)
				return backends[i];
			*why = *why ? *why : c;
		}
	}
	return NULL;
}

const struct backend *backend_next(__u32 refused)
{
	struct check checks[MAX_CHECKS];
	int n = kernel_checks(checks);
	const struct check *why;

	return backend_pick(NULL, refused, checks, n, &why);
}

const struct backend *backend_of_command(const char *command, const struct check *checks,
					 int n, const struct check **why)
{
	const struct backend *b = backend_pick("btf", 0, checks, n, why);

	for (const struct backend *const *own = own_backends; b && *own; own++)
		if (!strcmp((*own)->command, command))
			return *own;
	return NULL;
}

const struct backend *backend_choose_for(const char *command)
{
	struct check checks[MAX_CHECKS];
	int n = kernel_checks(checks);
	const struct check *why;
	const struct backend *b = backend_of_command(command, checks, n, &why);

	if (!b && why)
		fail("%s needs the backend btf: %s: %s; %s", command, why->name,
		     why->detail, why->remedy);
	else if (!b)
		fail("%s needs the backend btf, which 32 bits do not have", command);
	return b;
}

const struct backend *backend_choose(const char *asked_for)
{
	struct check checks[MAX_CHECKS];
	int n = kernel_checks(checks);
	const struct check *why;
	const struct backend *b = backend_pick(asked_for, 0, checks, n, &why);
	const char *names[MAX_CHECKS];
	int nr = 0;

	for (; backends[nr]; nr++)
		names[nr] = backends[nr]->name;
	if (!b && why)
		fail("%s: %s; %s", why->name, why->detail, why->remedy);
	else if (!b)
		fail("no backend '%s': there is %s", asked_for, name_list(names, nr));
	return b;
}

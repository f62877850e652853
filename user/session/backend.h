/* SPDX-License-Identifier: GPL-2.0-only */
/* The backends, and which of them this kernel can use. */
#ifndef IOPHASE_BACKEND_H
#define IOPHASE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"
#include "hooks.h"

struct check;

enum bound_kind {
	BOUND_AT_MOST,
	BOUND_AT_LEAST,
};

/* What a family of hooks can only give a bound for, in every read. */
struct bound {
	enum iop_phase phase;
	enum bound_kind kind;
	const char *why;
};

/* A family of hooks; bpf/hooks_NAME.bpf.c has its programs, hooks.c their rows. */
struct backend {
	const char *name;
	__u32 bit;	/* BACKEND_* */
	bool needs_btf; /* of the kernel */
	const void *(*elf)(size_t *size);
	const struct bound *bounds; /* if any, it is the last resort */
	int nr_bounds;
};

/* What b can only bound. */
void backend_bounds(const struct backend *b, struct phase_limits *limits);

/* In the order of preference; ends with NULL. */
extern const struct backend *const backends[];

/*
 * The backend to use: the given one or the best. command: one that has objects of its
 * own (loops, zerocopy), or NULL. Returns NULL after saying in one line what is missing.
 */
const struct backend *backend_choose(const char *command, const char *asked_for);

/*
 * The same of checks made before, in silence, but for those that the kernel
 * has refused; or NULL, and *why is what is missing (NULL: there is no such
 * backend).
 */
const struct backend *backend_pick(const char *command, const char *asked_for,
				   __u32 refused, const struct check *checks, int n,
				   const struct check **why);

/* The best of those that the kernel has not refused (BACKEND_*); or NULL. */
const struct backend *backend_next(const char *command, __u32 refused);

/* Does b need what c checks? */
bool backend_needs(const struct backend *b, const struct check *c);

#endif

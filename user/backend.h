/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel and this process allow. Asked of the kernel, never derived
 * from its version.
 */
#ifndef IOPHASE_BACKEND_H
#define IOPHASE_BACKEND_H

#include <stdbool.h>

#include "columns.h"

/* One thing a session needs. */
struct check {
	const char *name;
	bool ok;
	const char *detail; /* what was found */
	const char *remedy; /* if not ok: what to do */
};

#define MAX_CHECKS 32

/* Fills checks[]; returns how many. */
int backend_checks(struct check checks[MAX_CHECKS]);

/* One hook of the object: where it attaches, and what it gives. */
struct hook {
	const char *program; /* BPF program */
	const char *target;  /* kernel function or tracepoint */
	const char *gives;   /* what is lost without it */
	bool tracepoint;
	bool optional; /* not on every kernel, or it has another name there */
};

extern const struct hook hooks[];
extern const int nr_hooks;

/* Is the hook's target in the kernel's BTF? */
bool hook_present(const struct hook *h);

/*
 * The backend to use: the given one or the best. Returns NULL after saying in
 * one line what is missing.
 */
const char *backend_choose(const char *asked_for);

#endif

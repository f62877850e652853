/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel and this process allow. Asked of the kernel, never derived
 * from its version.
 */
#ifndef IOPHASE_BACKEND_H
#define IOPHASE_BACKEND_H

#include <stdbool.h>

#include "abi.h"
#include "columns.h"
#include "names.h"

/* One thing a session needs. */
struct check {
	const char *name;
	bool ok;
	const char *detail; /* what was found */
	const char *remedy; /* if not ok: what to do */
	const char *needed_by; /* a backend's name; NULL: all need it */
	bool mild; /* works without it, not as well: rather another backend */
};

#define MAX_CHECKS 32

/* Fills checks[]; returns how many. */
int backend_checks(struct check checks[MAX_CHECKS]);

/* One hook of an object: where it attaches, and what it gives. */
struct hook {
	const char *program; /* BPF program */
	const char *target;  /* kernel function or tracepoint */
	const char *gives;   /* what is lost without it, in words */
	__u32 loses;	     /* and which phases, a bit each */
	bool tracepoint;
	bool optional; /* not on every kernel, or it has another name there */
	bool on_demand; /* of --wake-detail */
};

#define FUNCTION(program, target, gives, loses) \
	{ program, target, gives, loses, false, false, false }
#define TRACEPOINT(program, target, gives, loses) \
	{ program, target, gives, loses, true, false, false }
#define MAYBE_FUNCTION(program, target, gives, loses) \
	{ program, target, gives, loses, false, true, false }
#define MAYBE_TRACEPOINT(program, target, gives, loses) \
	{ program, target, gives, loses, true, true, false }

/*
 * A time that is not seen falls to another phase, and a read whose report is
 * not seen is taken for one of another model: both are lost.
 */
#define NO_PHASE 0
#define BEFORE (PHASE(IOP_WAIT) | PHASE(IOP_WAKE) | PHASE(IOP_DISPATCH))
#define ASLEEP (PHASE(IOP_WAIT) | PHASE(IOP_WAKE) | PHASE(IOP_REST))
#define COPYING (PHASE(IOP_COPY) | PHASE(IOP_REST))
#define EVERY_PHASE (PHASE(IOP_NR_PHASES) - 1)

/* What a family of hooks can only give a bound for, in every read. */
struct bound {
	enum iop_phase phase;
	bool at_most; /* or at least */
	const char *why;
};

/* A family of hooks; bpf/hooks_NAME.bpf.c has its programs. */
struct backend {
	const char *name;
	const struct hook *hooks;
	int nr_hooks;
	const struct bound *bounds; /* if any, it is the last resort */
	int nr_bounds;
	bool needs_btf; /* of the kernel; and trampolines */
	const void *(*elf)(size_t *size);
};

extern const struct backend backend_btf, backend_kprobe, backend_tracepoint;

/* From now on, what b can only bound is shown as a bound. */
void backend_tell_bounds(const struct backend *b);

/* In the order of preference; ends with NULL. */
extern const struct backend *const backends[];

/* Is a hook that failed so needed? Not if the kernel has no such thing. */
bool hook_missed(const struct hook *h, int error);

/* Is the hook's target in the kernel's BTF? */
bool hook_present(const struct hook *h);

/*
 * The backend to use: the given one or the best. Returns NULL after saying in
 * one line what is missing.
 */
const struct backend *backend_choose(const char *asked_for);

/*
 * The same of checks made before, in silence; or NULL, and *why is what is
 * missing (NULL: there is no such backend).
 */
const struct backend *backend_pick(const char *asked_for,
				   const struct check *checks, int n,
				   const struct check **why);

/* Does b need what c checks? */
bool backend_needs(const struct backend *b, const struct check *c);

#endif

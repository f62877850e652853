/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel and this process allow. Asked of the kernel, never derived
 * from its version.
 */
#ifndef IOPHASE_BACKEND_H
#define IOPHASE_BACKEND_H

#include <errno.h>
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
	const char *program; /* BPF program, or what stands for its variants */
	const char *target;  /* kernel function or tracepoint */
	/*
	 * What is lost without it, in words. Hooks in a row that give the same
	 * are all there or none: half of a pair would not know the other's end.
	 */
	const char *gives;
	__u32 loses; /* and which phases of which models: LOSES() */
	__u32 flags;
};

enum {
	HOOK_TRACEPOINT = 1,
	HOOK_OPTIONAL = 2,  /* not on every kernel, and none is the worse for it */
	HOOK_ON_DEMAND = 4, /* of --wake-detail */
	HOOK_URING = 8,	    /* needed where the kernel has any of these */
	HOOK_AGAIN = 16,    /* only where the kernel preempts itself */
};

#define FUNCTION(program, target, gives, loses) \
	{ program, target, gives, loses, 0 }
#define TRACEPOINT(program, target, gives, loses) \
	{ program, target, gives, loses, HOOK_TRACEPOINT }
#define MAYBE_FUNCTION(program, target, gives, loses) \
	{ program, target, gives, loses, HOOK_OPTIONAL }
#define MAYBE_TRACEPOINT(program, target, gives, loses) \
	{ program, target, gives, loses, HOOK_OPTIONAL | HOOK_TRACEPOINT }
#define URING_FUNCTION(program, target, gives, loses) \
	{ program, target, gives, loses, HOOK_URING }
#define URING_TRACEPOINT(program, target, gives, loses) \
	{ program, target, gives, loses, HOOK_URING | HOOK_TRACEPOINT }
#define AGAIN(program, target) \
	{ program, target, "runs that preemption skips", NOTHING, HOOK_AGAIN }
#define ON_DEMAND(program, target, gives) \
	{ program, target, gives, NOTHING, HOOK_ON_DEMAND | HOOK_TRACEPOINT }

/* A time that is not seen falls to another phase: both are lost. */
#define BEFORE (PHASE(IOP_WAIT) | PHASE(IOP_WAKE) | PHASE(IOP_DISPATCH))
#define ASLEEP (PHASE(IOP_WAIT) | PHASE(IOP_WAKE) | PHASE(IOP_REST))
#define COPYING (PHASE(IOP_COPY) | PHASE(IOP_REST))
#define EVERY_PHASE (PHASE(IOP_NR_PHASES) - 1)

#define MODEL(m) (1u << (m))
#define EVERY_MODEL (MODEL(IOP_NR_MODELS) - 1)

#define LOSES(models, phases) ((models) << IOP_NR_PHASES | (phases))

static inline __u32 models_lost(__u32 loses)
{
	return loses >> IOP_NR_PHASES;
}

static inline __u32 phases_lost(__u32 loses)
{
	return loses & EVERY_PHASE;
}

/*
 * A read whose report is not seen is taken for one that asks by itself, which
 * is then not known of any: both models are lost. A blocking read that slept is
 * known by that.
 */
#define NOTHING 0
#define EVERYTHING LOSES(EVERY_MODEL, EVERY_PHASE)
#define READY LOSES(EVERY_MODEL, BEFORE)
#define COPIES LOSES(EVERY_MODEL, COPYING)
#define SLEEPS LOSES(MODEL(IOP_BLOCKING), ASLEEP)
#define WAIT_REPORTS LOSES(MODEL(IOP_MULTIPLEXED) | MODEL(IOP_NONBLOCKING), BEFORE)
#define SIGNAL_REPORTS LOSES(MODEL(IOP_SIGNAL) | MODEL(IOP_NONBLOCKING), BEFORE)
#define SIGNAL_ASKED LOSES(MODEL(IOP_SIGNAL), BEFORE)
#define ASYNC_READS LOSES(MODEL(IOP_ASYNC) | MODEL(IOP_NONBLOCKING), BEFORE)
#define ASYNC_DISPATCH LOSES(MODEL(IOP_ASYNC), PHASE(IOP_DISPATCH))
#define ASYNC LOSES(MODEL(IOP_ASYNC), EVERY_PHASE) /* they are not seen at all */

/* May a thread be preempted in the kernel? Yes, if nobody says. */
bool kernel_preempts(void);

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

/* A hook is left off because another, which it needs, is missed: that one is. */
#define HOOK_WITHOUT_OTHERS ECANCELED

/*
 * Is a hook that failed so missed? Not if the kernel has no such thing, and need
 * not have it. has_uring: the kernel has some of io_uring's.
 */
bool hook_missed(const struct hook *h, int error, bool has_uring);

/*
 * The backend to use: the given one or the best. Returns NULL after saying in
 * one line what is missing.
 */
const struct backend *backend_choose(const char *asked_for);

/*
 * The same of checks made before, in silence, but for those that the kernel
 * has refused; or NULL, and *why is what is missing (NULL: there is no such
 * backend).
 */
const struct backend *backend_pick(const char *asked_for, __u32 refused,
				   const struct check *checks, int n,
				   const struct check **why);

/* The best of those that the kernel has not refused, a bit each; or NULL. */
const struct backend *backend_next(__u32 refused);
__u32 backend_bit(const struct backend *b);

/* Does b need what c checks? */
bool backend_needs(const struct backend *b, const struct check *c);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hooks of every backend, one row each: which BPF program, and what is lost
 * where the kernel does not take it. Where a program is put is its own section's
 * name, in bpf/hooks/.
 */
#ifndef IOPHASE_HOOKS_H
#define IOPHASE_HOOKS_H

#include <errno.h>

#include "abi.h"
#include "phase_limits.h"

/* Which backends have a hook, a bit each. */
enum {
	BACKEND_BTF = 1 << 0,
	BACKEND_KPROBE = 1 << 1,
	BACKEND_TRACEPOINT = 1 << 2,
	BACKEND_LOOPS_BTF = 1 << 3, /* those of iophase loops, in an object of their own */
	BACKEND_ZEROCOPY_BTF = 1 << 4, /* likewise of iophase zerocopy */
	BACKEND_ZEROCOPY_KPROBE = 1 << 5,
	BACKEND_LOOPS_KPROBE = 1 << 6,
};

struct hook {
	const char *program; /* BPF program, or what stands for its variants */
	/*
	 * What is lost without it, in words. Hooks in a row that give the same
	 * are all there or none: half of a pair would not know the other's end.
	 * Where a kernel has only some, those are missed that are not there. With
	 * HOOK_AGAIN this holds for each function by itself.
	 */
	const char *gives;
	__u32 loses;	/* and which phases of which models: LOSES() */
	__u32 flags;	/* HOOK_* */
	__u32 backends; /* BACKEND_* */
};

enum {
	HOOK_OPTIONAL = 1 << 0,	 /* not on every kernel, and none is the worse for it */
	HOOK_ON_DEMAND = 1 << 1, /* of --wake-detail, --slow */
	HOOK_URING = 1 << 2,	 /* needed where the kernel has any of these */
	HOOK_AGAIN = 1 << 3,	 /* only where the kernel preempts itself */
	HOOK_TRACEPOINT = 1 << 4, /* of these: where it does so in tracepoints, too */
	HOOK_SPARE = 1 << 5, /* what its kprobe passes by another ends, or counts */
	HOOK_ISSUE = 1 << 6, /* not needed where requests of io_uring keep their messages */
	HOOK_UNGUARDED = 1 << 7, /* of a security module, where the kernel preempts itself */
	HOOK_CALL = 1 << 8,	 /* not needed where that is */
};

#define MODEL(m) (1u << (m))
#define EVERY_MODEL (MODEL(IOP_NR_MODELS) - 1)
#define EVERY_PHASE (PHASE(IOP_NR_PHASES) - 1)

#define LOSES(models, phases) ((models) << IOP_NR_PHASES | (phases))

static inline __u32 models_lost(__u32 loses)
{
	return loses >> IOP_NR_PHASES;
}

static inline __u32 phases_lost(__u32 loses)
{
	return loses & EVERY_PHASE;
}

#define NOTHING 0
#define EVERYTHING LOSES(EVERY_MODEL, EVERY_PHASE)
#define ASYNC_DISPATCH LOSES(MODEL(IOP_ASYNC), PHASE(IOP_DISPATCH))

/* The hooks of one backend, in the order in which they are attached. */
int hooks_of(__u32 backend, const struct hook **hooks);

/* No backend has more: there are no more rows. */
#define MAX_HOOKS 272

/* A hook is left off because another, which it needs, is missed: that one is. */
#define HOOK_WITHOUT_OTHERS ECANCELED

/* Another hook tells the same here. */
#define HOOK_NOT_NEEDED EALREADY

/*
 * Is a hook that failed so missed? Not if the kernel has no such thing, and need
 * not have it. has_uring: the kernel has some of io_uring's.
 */
bool hook_missed(const struct hook *h, int error, bool has_uring);

#endif

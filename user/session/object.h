/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backend's BPF object: opened, its variables set, loaded, and attached hook
 * by hook. A program that the kernel refuses is left out, so that it costs what
 * it gives and no more; each hook can say what became of it.
 */
#ifndef IOPHASE_OBJECT_H
#define IOPHASE_OBJECT_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "abi.h"
#include "backend.h"
#include "hooks.h"
#include "prototypes.h"

/* What became of a hook. */
struct hook_state {
	const struct hook *hook;
	char target[64];		    /* kernel function or tracepoint */
	const char *variants[MAX_VARIANTS]; /* programs to be tried, in turn */
	int nr_variants;
	struct bpf_link *link; /* NULL: not attached */
	int error;	       /* and why not */
	bool torn;	       /* while others that give the same are there */
	__u64 passed_by;       /* times that its kprobe was, until it was detached */
	char *why;	       /* in the kernel's words; NULL: the error says it */
};

struct object {
	const struct backend *backend;
	struct bpf_object *obj;
	struct hook_state hooks[MAX_HOOKS];
	int nr_hooks;
	struct iop_config *config; /* to be filled before the load */
	__u32 lost[IOP_NR_MODELS]; /* phases that the hooks attached cannot tell */
	bool calls_are_unguarded;  /* by the program that sees a read begin */
	bool unknown;		   /* it cannot read some of the kernel's structures */
	char why[1024];		   /* this kernel cannot use it: in a line */
};

/*
 * btf: a file with the kernel's types, or NULL for what the kernel offers.
 * Returns EXIT_DONE, or EXIT_FAILED after saying what is wrong.
 */
int object_open(struct object *o, const struct backend *b, const char *btf);

/*
 * These return EXIT_FAILED only where no read would be seen, and o->why has the
 * reason: another backend may do.
 */
int object_load(struct object *o);
int object_attach(struct object *o);

/*
 * Runs that its programs have missed, as far as the kernel says (of kprobes from 6.7
 * on): another was running on this CPU, or too many calls had not returned.
 */
__u64 object_missed_runs(const struct object *o);

/* Says for each hook that is missed what is lost. */
void object_say_missed(const struct object *o);

/* Is this hook missed, and why? The text is valid until the next call. */
bool object_misses(const struct object *o, int hook);
const char *object_hook_error(const struct object *o, int hook);

/* The programs are attached, from now on (or no longer) they count. */
int object_activate(struct object *o, bool active);

/* A variable that BPF programs only read. Returns 0 or -errno. */
int object_set(const struct object *o, const char *name, __u32 value);
void object_detach(struct object *o);

/* Runs the programs that look at what is there. */
int object_iterate(const struct object *o);
void object_close(struct object *o);

struct bpf_map *object_map(const struct object *o, const char *name);
int object_map_fd(const struct object *o, const char *name);

#endif

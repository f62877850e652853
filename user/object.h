/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backend's BPF object: opened, its variables set, loaded, and attached hook
 * by hook, so that each can say what became of it.
 */
#ifndef IOPHASE_OBJECT_H
#define IOPHASE_OBJECT_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "abi.h"
#include "backend.h"

struct object {
	const struct backend *backend;
	struct bpf_object *obj;
	struct bpf_link **links; /* one a hook; NULL: not attached */
	int *errors;		 /* one a hook; why not */
	struct iop_config *config; /* to be filled before the load */
	__u32 lost; /* phases that the hooks attached cannot tell */
	int unknown; /* members of kernel structures that it cannot read */
};

/*
 * btf: a file with the kernel's types, or NULL for what the kernel offers.
 * These return EXIT_DONE, or EXIT_FAILED after saying what is wrong.
 */
int object_open(struct object *o, const struct backend *b, const char *btf);
int object_load(struct object *o);
/*
 * Attaches what can be; fails only where no read would be seen, unless that may
 * be, too. aloud: says for each hook that is missed what is lost.
 */
int object_attach(struct object *o, bool whatever_goes, bool aloud);

/* The programs are attached, from now on (or no longer) they count. */
int object_activate(struct object *o, bool active);
void object_detach(struct object *o);
void object_close(struct object *o);

struct bpf_map *object_map(const struct object *o, const char *name);
int object_map_fd(const struct object *o, const char *name);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel calls a hook with differs between kernels. The types of the
 * running one say which of our programs fits, never its version.
 */
#ifndef IOPHASE_PROTOTYPES_H
#define IOPHASE_PROTOTYPES_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "hooks.h"

/* Programs that may stand for one hook. */
#define MAX_VARIANTS 4

/* Does the kernel have this function, for itself? */
bool kernel_has(const char *function);

/* The function or tracepoint that a program is put on, as its section says. */
const char *program_target(const struct bpf_program *p);
bool program_is_iterator(const struct bpf_program *p);

/* The same for a hook: that of its program, or of the newest of its variants. */
const char *hook_target(const struct bpf_object *obj, const struct hook *h);

/*
 * Fills programs[] with those to try, in turn: the one that fits, or all of
 * the hook's where the kernel has no types. Returns how many; 0 if there is
 * none, and *error is ENOENT (the kernel has no such thing) or EPROTO (it calls
 * it with other arguments than those known: why has them). typed: a hook that
 * the kernel's types do not have cannot be tried.
 */
int hook_variants(const struct bpf_object *obj, const struct hook *h, bool typed,
		  const char *programs[MAX_VARIANTS], int *error, char *why, size_t size);

#endif

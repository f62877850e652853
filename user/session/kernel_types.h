/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of the running kernel: read once, as they are megabytes, in pieces of
 * a page; and walked once, as there are 100,000, for all that are looked for.
 */
#ifndef IOPHASE_KERNEL_TYPES_H
#define IOPHASE_KERNEL_TYPES_H

#include <bpf/btf.h>
#include <stdbool.h>

/* A function that takes a number for the address of a structure; programs may call it. */
#define CAST_FUNCTION "bpf_rdonly_cast"

/* NULL if the kernel has none. */
const struct btf *kernel_btf(void);

/* Id of the next structure of that name behind this one (0: the first), or -ENOENT. */
int kernel_struct_type(const char *name, __u32 id);

/* Type of a member, also in nameless ones, or NULL; adds its offset in bits. */
const struct btf_type *btf_member_of(const struct btf *btf, const struct btf_type *t,
				     const char *name, size_t len, __u32 *bits);

/* Id of a function's, or a tracepoint's, type, or -ENOENT. */
int kernel_hook_type(const char *target, bool tracepoint);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of the running kernel: read once, as they are megabytes, in pieces of
 * a page; and walked once, as there are 100,000, for all that are looked for.
 */
#ifndef IOPHASE_KERNEL_TYPES_H
#define IOPHASE_KERNEL_TYPES_H

#include <bpf/btf.h>
#include <stdbool.h>

/* NULL if the kernel has none. */
const struct btf *kernel_btf(void);

/* Id of the next structure of that name behind this one (0: the first), or -ENOENT. */
int kernel_struct_type(const char *name, __u32 id);

/* Id of a function's, or a tracepoint's, type, or -ENOENT. */
int kernel_hook_type(const char *target, bool tracepoint);

#endif

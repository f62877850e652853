/* SPDX-License-Identifier: GPL-2.0-only */
/* How libbpf loads and attaches programs of hooks that the kernel's types have. */
#ifndef IOPHASE_TYPED_H
#define IOPHASE_TYPED_H

/*
 * Once, before an object is opened. libbpf by itself walks all types of the kernel
 * for each program.
 */
void typed_programs_by_index(void);

#endif

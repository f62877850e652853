/* SPDX-License-Identifier: GPL-2.0-only */
/* The backends' BPF objects, which are inside the program. */
#ifndef IOPHASE_EMBED_H
#define IOPHASE_EMBED_H

#include <stddef.h>

const void *btf_elf(size_t *size);
const void *loops_elf(size_t *size);
const void *loops_kprobe_elf(size_t *size);
const void *zerocopy_elf(size_t *size);
const void *zerocopy_kprobe_elf(size_t *size);
const void *kprobe_elf(size_t *size);
const void *tracepoint_elf(size_t *size);

#endif

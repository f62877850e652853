/* SPDX-License-Identifier: GPL-2.0-only */
/* EMBED(btf): the file build/.../btf.bpf.o as btf_elf(), inside the program. */
#ifndef IOPHASE_EMBED_H
#define IOPHASE_EMBED_H

#include <stddef.h>

/* In this program, not looked up: 64-bit ARM's table for that has no place for both. */
#define HIDDEN __attribute__((visibility("hidden")))

#define EMBED(name)                                                   \
	asm(".pushsection .rodata\n"                                  \
	    ".balign 16\n"                                            \
	    ".local " #name "_begin, " #name "_end\n"                 \
	    #name "_begin: .incbin \"" BPF_DIR "/" #name ".bpf.o\"\n" \
	    #name "_end: .popsection\n");                             \
	extern const char name##_begin[] HIDDEN, name##_end[] HIDDEN; \
	static const void *name##_elf(size_t *size)                   \
	{                                                             \
		*size = name##_end - name##_begin;                    \
		return name##_begin;                                  \
	}

#endif

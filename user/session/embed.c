// SPDX-License-Identifier: GPL-2.0-only
#include "embed.h"

/* clang-format off */
/* build/.../NAME.bpf.o as NAME_elf(). */
#define EMBED(name)                                                   \
	asm(".pushsection .rodata\n"                                  \
	    ".balign 16\n"                                            \
	    ".local " #name "_begin, " #name "_end\n"                 \
	    #name "_begin: .incbin \"" BPF_DIR "/" #name ".bpf.o\"\n" \
	    #name "_end: .popsection\n");                             \
	extern const char name##_begin[] HIDDEN, name##_end[] HIDDEN; \
	const void *name##_elf(size_t *size)                          \
	{                                                             \
		*size = name##_end - name##_begin;                    \
		return name##_begin;                                  \
	}
/* clang-format on */

/* In this program, not looked up: 64-bit ARM's table for that has no place for both. */
#define HIDDEN __attribute__((visibility("hidden")))

#if __SIZEOF_LONG__ == 8 /* 32 bits have no trampolines */
EMBED(btf)
EMBED(loops)
EMBED(loops_kprobe)
EMBED(zerocopy)
EMBED(zerocopy_kprobe)
#endif
EMBED(kprobe)
EMBED(tracepoint)

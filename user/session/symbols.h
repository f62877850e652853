/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of stacks, as words. */
#ifndef IOPHASE_SYMBOLS_H
#define IOPHASE_SYMBOLS_H

#include "abi.h"

#define SYMBOL_LEN 64

/*
 * The kernel's function at an address, from /proc/kallsyms, which is read once; ""
 * where it is not to be known.
 */
const char *kernel_symbol(__u64 address, char buf[SYMBOL_LEN]);

/*
 * "libc.so.6+0x8c3f0": the file that a process has at an address, and where in it;
 * the address itself if the process is gone, or has none there.
 */
const char *user_symbol(__u32 pid, __u64 address, char buf[SYMBOL_LEN]);

#endif

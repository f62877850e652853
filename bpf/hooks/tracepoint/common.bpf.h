/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs of raw tracepoints need, and what they know of a thread. */
#ifndef IOPHASE_HOOKS_TRACEPOINT_COMMON_BPF_H
#define IOPHASE_HOOKS_TRACEPOINT_COMMON_BPF_H

#include "../../kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define SOCKS_ARE_NOT_FREED
#include "../../syscalls.bpf.h"
#include "../../descriptors.bpf.h"
#include "../../engine.bpf.h"

/* A thread and the call that it is in. */
struct task {
	__u32 pid;
	__u32 tid;
	__u32 call; /* enum call_kind; CALL_NONE: none */
	__u32 is_32bit;
	__u32 fd;
	__u32 flags; /* MSG_*, SOCK_* */
	__u32 count; /* how many may be at memory */
	__u32 begun; /* the engine knows of the read */
	__u64 memory;
	__u64 called_ns;
	__u64 sleep_ns; /* of the sleep that the engine does not know of yet */
	__u64 waking_ns;
	__u64 awake_ns;
	__u64 skb; /* being copied */
	__s64 ret; /* bytes, or -errno */
	__u32 off; /* it has left the CPU */
	__u32 slept;
	__u64 reported; /* the last that a wait call has; 0: none */
	__u64 several;	/* and others */
};

#include "../../hooks_raw.bpf.h"

static __always_inline __u64 key_of(const struct task *t, __u32 fd)
{
	return (__u64)t->pid << 32 | fd;
}

/* An arrival, when others may still be unread. */
static const struct iop_queue arrival = { .tail = 2, .packets = 1 };

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring: when its reader is woken, and inputs that are recorded into it. */
#ifndef IOPHASE_RECORD_BPF_H
#define IOPHASE_RECORD_BPF_H

#include "store.bpf.h"

/*
 * Wakes the reader of the ring, with a record of size, only when it is half full,
 * and then once for each sixteenth; otherwise it looks by itself. A wakeup would go
 * through the epoll machinery being measured.
 */
static __always_inline __u64 ring_flags(__u32 size)
{
	__u64 bytes = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	bool wake = bytes > config.ring_bytes / 2 &&
		    (bytes & (config.ring_bytes / 16 - 1)) < size;

	return wake ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/*
 * A hook that only later learns what it saw passes the time at which it saw it.
 */
#define AT_NOW 0

static __always_inline __u64 event_time(__u64 at)
{
	return at == AT_NOW ? bpf_ktime_get_ns() : at;
}

static __always_inline void record_input(__u32 kind, __u32 tid, __u64 sk, __s64 arg,
					 const struct iop_queue *q, __u64 now)
{
	struct iop_input *in;

	if (!config.record)
		return;
	in = bpf_ringbuf_reserve(&ring, sizeof(*in), 0);
	if (!in) {
		COUNT(inputs_lost, 1);
		return;
	}
	in->type = IOP_REC_INPUT;
	in->kind = kind;
	in->ts_ns = now;
	in->sock = sk;
	in->arg = arg;
	in->tid = tid;
	in->head = q ? q->head : 0;
	in->tail = q ? q->tail : 0;
	in->packets = q ? q->packets | q->shutdown << 1 | q->older << 2 : 0;
	bpf_ringbuf_submit(in, ring_flags(sizeof(*in)));
}

/* The same of what nobody else asks the time of. */
static __always_inline void record_now(__u32 kind, __u32 tid, __u64 sk, __s64 arg)
{
	if (config.record)
		record_input(kind, tid, sk, arg, 0, bpf_ktime_get_ns());
}

#endif

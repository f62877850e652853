/* SPDX-License-Identifier: GPL-2.0-only */
/* What is kept of pollers, of the threads that wait on them, and of channels. */
#ifndef IOPHASE_LOOPS_STATES_BPF_H
#define IOPHASE_LOOPS_STATES_BPF_H

#include "../engine/loops.h"
#include "../feed.bpf.h"
#include "../lifetime.bpf.h"

#define MAX_POLLERS 16384
#define POLLER_OF_SELECT (1ull << 32) /* beside the thread; of poll() it is alone */

static const struct iop_loop zero_loop;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, IOP_MAX_LOOPS);
	__type(key, struct iop_loop_key);
	__type(value, struct iop_loop);
} loops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_POLLERS);
	__type(key, __u64);
	__type(value, struct iop_poller);
} pollers SEC(".maps");

/* By address of the socket. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, IOP_MAX_CHANNELS);
	__type(key, __u64);
	__type(value, struct iop_channel);
} channels SEC(".maps");

/* Lags of each channel, where they are asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1); /* set before load */
	__type(key, __u64);
	__type(value, struct iop_times);
} channel_lags SEC(".maps");

/* By thread. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, struct iop_waiter);
} waiters SEC(".maps");

/* Ports that are listened on: what else is there was accepted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} listened SEC(".maps");

/* What a request of a ring has taken, which its loop has not been told of. */
struct iop_received {
	__u64 sk; /* 0: a connection */
	__u64 ready_ns;
	__u64 bytes;
};

#define MAX_RECEIVED 256 /* between two returns of a ring's waits */

struct received_key {
	__u64 ring;
	__u64 n;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_POLLERS);
	__type(key, struct received_key);
	__type(value, struct iop_received);
} received SEC(".maps");

/* By thread, where slow turns are asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1); /* set before load */
	__type(key, __u32);
	__type(value, struct iop_turn);
} turns SEC(".maps");

/* --- states ------------------------------------------------------------------- */

static __always_inline struct iop_loop *loop_new(__u64 poller, struct task_ids who,
						 __u32 kind)
{
	struct iop_loop_key key = { .poller = poller, .tid = who.tid };
	struct iop_loop *l = bpf_map_lookup_elem(&loops, &key);
	struct task_ids ids;

	if (l)
		return l;
	bpf_map_update_elem(&loops, &key, &zero_loop, BPF_NOEXIST);
	l = bpf_map_lookup_elem(&loops, &key);
	if (!l) {
		COUNT(loops_full, 1);
		return 0;
	}
	ids = shown_ids(who);
	l->pid = ids.pid;
	l->tid = ids.tid;
	l->kind = kind;
	bpf_get_current_comm(l->comm, sizeof(l->comm));
	return l;
}

static __always_inline struct iop_loop *loop_of(__u64 poller, __u32 tid)
{
	struct iop_loop_key key = { .poller = poller, .tid = tid };

	return bpf_map_lookup_elem(&loops, &key);
}

static __always_inline struct iop_poller *poller_of(__u64 poller)
{
	return bpf_map_lookup_elem(&pollers, &poller);
}

static __always_inline struct iop_poller *poller_new(__u64 poller)
{
	struct iop_poller *p = poller_of(poller), none = {};

	if (p)
		return p;
	none.home = poller;
	bpf_map_update_elem(&pollers, &poller, &none, BPF_NOEXIST);
	p = poller_of(poller);
	if (!p)
		COUNT(loops_full, 1);
	return p;
}

static __always_inline struct iop_waiter *waiter_lookup(__u32 tid)
{
	return bpf_map_lookup_elem(&waiters, &tid);
}

static __always_inline struct iop_waiter *waiter_new(__u32 tid)
{
	struct iop_waiter *w = waiter_lookup(tid), none = {};

	if (w)
		return w;
	bpf_map_update_elem(&waiters, &tid, &none, BPF_NOEXIST);
	w = waiter_lookup(tid);
	if (!w)
		COUNT(threads_full, 1);
	return w;
}

static __always_inline struct iop_channel *channel_of(__u64 sk)
{
	return bpf_map_lookup_elem(&channels, &sk);
}

static __always_inline struct iop_channel *channel_new(__u64 sk)
{
	struct iop_channel *c = channel_of(sk), none = {};

	if (c)
		return c;
	none.fd = IOP_ANY;
	bpf_map_update_elem(&channels, &sk, &none, BPF_NOEXIST);
	c = channel_of(sk);
	if (!c)
		COUNT(channels_full, 1);
	return c;
}

#endif

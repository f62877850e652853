/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps behind the engine's state. Plain hashes by thread id and socket
 * address: the same on every backend, reachable from every hook, and on 6.1
 * a look-up costs less than bpf_task_storage_get().
 */
#ifndef IOPHASE_STORE_BPF_H
#define IOPHASE_STORE_BPF_H

#include "phase.h"

#define MAX_THREADS 16384
#define MAX_SOCKS 65536
#define MAX_TARGETS 16384
#define MAX_REQUESTS 16384
#define MAX_RINGS 4096
#define MAX_COMPLETIONS 64 /* during one io_uring_enter() */

const volatile struct iop_config config = {};

/*
 * Set once all hooks are attached, cleared before they are taken off: a read
 * seen by some of them only would have wrong phases.
 */
volatile __u32 active = 0;

/* An io_uring request, and the receive that it has made. */
struct request {
	struct iop_async async;
	__u64 sk;
	__s64 ret;
	__u32 pid; /* who submitted it */
	__u32 tid;
	__u32 fd;
	__u32 done; /* the read call is over */
	__u32 unsampled;
	__u32 life; /* the socket's */
	struct iop_ends ends;
};

/* Templates for new elements: too large for the 512-byte stack. */
static const struct iop_thread zero_thread;
static const struct iop_sock zero_sock;
static const struct iop_hist zero_hist;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, struct iop_thread);
} threads SEC(".maps");

struct {
#ifdef SOCKS_ARE_NOT_FREED
	__uint(type, BPF_MAP_TYPE_LRU_HASH); /* no hook for a socket's end */
	__uint(max_entries, MAX_DESCRIPTORS);
#else
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_SOCKS);
#endif
	__type(key, __u64);
	__type(value, struct iop_sock);
} socks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set before load */
	__type(key, struct iop_hist_key);
	__type(value, struct iop_hist);
} hists SEC(".maps");

/* By address of the kernel's request. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_REQUESTS);
	__type(key, __u64);
	__type(value, struct request);
} requests SEC(".maps");

/* Completions that a thread will find: tid << 32 | number. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_REQUESTS);
	__type(key, __u64);
	__type(value, struct request);
} completions SEC(".maps");

/* Ring → thread that waited last for its completions. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_RINGS);
	__type(key, __u64);
	__type(value, __u32);
} ring_waiters SEC(".maps");

/* Thread or process id → IOP_TARGET_*. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_TARGETS);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cgroups SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct iop_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* set before load */
} ring SEC(".maps");

static __always_inline struct iop_counters *count(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

#define COUNT(field, n)                              \
	do {                                         \
		struct iop_counters *c_ = count();   \
		if (c_)                              \
			c_->field += (n);            \
	} while (0)

static __always_inline struct iop_thread *thread_of(__u32 tid)
{
	return bpf_map_lookup_elem(&threads, &tid);
}

static __always_inline struct iop_thread *thread_new(__u32 tid)
{
	struct iop_thread *t = bpf_map_lookup_elem(&threads, &tid);

	if (t)
		return t;
	bpf_map_update_elem(&threads, &tid, &zero_thread, BPF_NOEXIST);
	t = bpf_map_lookup_elem(&threads, &tid);
	if (!t)
		COUNT(threads_full, 1);
	return t;
}

static __always_inline struct iop_sock *sock_of(__u64 sk)
{
	return bpf_map_lookup_elem(&socks, &sk);
}

static __always_inline struct iop_sock *sock_new(__u64 sk)
{
	struct iop_sock *s = bpf_map_lookup_elem(&socks, &sk);

	if (s)
		return s;
	bpf_map_update_elem(&socks, &sk, &zero_sock, BPF_NOEXIST);
	s = bpf_map_lookup_elem(&socks, &sk);
	if (!s)
		COUNT(socks_full, 1);
	return s;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps behind the engine's state: hashes by thread id and socket address,
 * reachable from every hook on every backend. A look-up takes 140 instructions
 * on 6.1 (bpf_task_storage_get() is no cheaper), so a backend with atomic
 * operations may have a cache, too (HAS_STATE_CACHE): an array, which the JIT looks up
 * in place. What finds its entry taken is in the hash. kprobes go without: each
 * of the two ways doubles what the verifier walks, and what kprobes cost is
 * something else.
 */
#ifndef IOPHASE_STORE_BPF_H
#define IOPHASE_STORE_BPF_H

#include "cache.h"
#include "counters.bpf.h"

#define MAX_THREADS 16384
#define MAX_SOCKS 65536

/* What rows are of where config.regroups. */
volatile __u32 live_group = 0;

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

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* set before load */
} ring SEC(".maps");

#if HAS_STATE_CACHE
/*
 * Sections of their own are addressed, not looked up: 4 instructions for an
 * array's 12. 4 MB is the most that one may have (6.1). User space maps what it
 * reads.
 */
struct iop_cached_thread thread_cache[IOP_CACHED_THREADS] SEC(".bss.threads");
struct iop_cached_sock sock_cache[IOP_CACHED_SOCKS] SEC(".bss.socks");
struct iop_cached_row row_cache[IOP_CACHED_ROWS] SEC(".bss.rows");

static __always_inline struct iop_cached_thread *cached_thread(__u32 tid)
{
	return &thread_cache[iop_thread_index(tid)];
}

/* Cut by an instruction of its own: the verifier lets nothing else be done to it. */
static __always_inline __u32 low_half(__u64 address)
{
	__u32 low;

	asm("%0 = %1" : "=w"(low) : "w"((__u32)address));
	return low;
}

static __always_inline struct iop_cached_sock *cached_sock(__u64 sk)
{
	return &sock_cache[iop_sock_index(low_half(sk))];
}

static __always_inline struct iop_cached_row *cached_row(__u32 pid, __u32 tid, __u32 model)
{
	return &row_cache[iop_row_index(pid, tid, model)];
}

/* Makes the entry owner's, if it is nobody's. */
static __always_inline bool cache_claim(struct iop_cached *entry, __u64 owner)
{
	return !entry->owner && !__sync_val_compare_and_swap(&entry->owner, 0, owner);
}

/* Makes it another's, who may look as soon as it is. */
static __always_inline void cache_give(struct iop_cached *entry, __u64 owner)
{
	__sync_lock_test_and_set(&entry->owner, owner);
}
#else
static __always_inline struct iop_cached_thread *cached_thread(__u32 tid)
{
	return 0;
}

static __always_inline struct iop_cached_sock *cached_sock(__u64 sk)
{
	return 0;
}

static __always_inline struct iop_cached_row *cached_row(__u32 pid, __u32 tid, __u32 model)
{
	return 0;
}

static __always_inline bool cache_claim(struct iop_cached *entry, __u64 owner)
{
	return false;
}

static __always_inline void cache_give(struct iop_cached *entry, __u64 owner)
{
}
#endif

/* An owner of 0 means free, and there is a thread 0: a thread's owner is one more. */
static __always_inline __u32 thread_owner(__u32 tid)
{
	return tid + 1;
}

static __always_inline bool thread_owns(const struct iop_cached_thread *n, __u32 tid)
{
	return n && (__u32)n->entry.owner == thread_owner(tid);
}

static __always_inline struct iop_thread *thread_lookup(__u32 tid)
{
	struct iop_cached_thread *n = cached_thread(tid);

	if (thread_owns(n, tid))
		return &n->t;
	if (n && !n->entry.overflowed)
		return 0;
	return bpf_map_lookup_elem(&threads, &tid);
}

/* Of the running thread only: nobody else makes it meanwhile. */
static __always_inline struct iop_thread *thread_lookup_or_init(__u32 tid)
{
	struct iop_cached_thread *n = cached_thread(tid);
	struct iop_thread *t = 0;

	if (thread_owns(n, tid))
		return &n->t;
	if (!n || n->entry.overflowed)
		t = bpf_map_lookup_elem(&threads, &tid);
	if (t)
		return t;
	if (n) {
		if (cache_claim(&n->entry, thread_owner(tid)))
			return &n->t;
		n->entry.overflowed = 1;
	}
	bpf_map_update_elem(&threads, &tid, &zero_thread, BPF_NOEXIST);
	t = bpf_map_lookup_elem(&threads, &tid);
	if (!t)
		COUNT(threads_full, 1);
	return t;
}

static __always_inline void thread_delete(__u32 tid)
{
	struct iop_cached_thread *n = cached_thread(tid);

	if (thread_owns(n, tid)) {
		__builtin_memset(&n->t, 0, sizeof(n->t));
		barrier(); /* zero before it is anybody else's */
		n->entry.owner = 0;
	} else {
		bpf_map_delete_elem(&threads, &tid);
	}
}

static __always_inline bool sock_owns(const struct iop_cached_sock *n, __u64 sk)
{
	return n && n->entry.owner == sk;
}

static __always_inline struct iop_sock *sock_lookup(__u64 sk)
{
	struct iop_cached_sock *n = cached_sock(sk);

	if (sock_owns(n, sk))
		return &n->s;
	if (n && !n->entry.overflowed)
		return 0;
	return bpf_map_lookup_elem(&socks, &sk);
}

static __always_inline void cached_sock_delete(struct iop_cached_sock *n)
{
	__builtin_memset(&n->s, 0, sizeof(n->s));
	barrier();
	n->entry.owner = 0;
}

/*
 * Two CPUs may do this for one socket. Should its entry become free meanwhile,
 * one of them may take that and one the hash: each looks at what the other did.
 */
static __always_inline struct iop_sock *sock_lookup_or_init(__u64 sk)
{
	struct iop_cached_sock *n = cached_sock(sk);
	struct iop_sock *s = 0;

	if (sock_owns(n, sk))
		return &n->s;
	if (!n || n->entry.overflowed)
		s = bpf_map_lookup_elem(&socks, &sk);
	if (s)
		return s;
	if (n && cache_claim(&n->entry, sk)) {
		s = n->entry.overflowed ? bpf_map_lookup_elem(&socks, &sk) : 0;
		if (!s)
			return &n->s;
		cached_sock_delete(n);
		return s;
	}
	if (n)
		n->entry.overflowed = 1;
	bpf_map_update_elem(&socks, &sk, &zero_sock, BPF_NOEXIST);
	if (sock_owns(n, sk)) {
		bpf_map_delete_elem(&socks, &sk);
		return &n->s;
	}
	s = bpf_map_lookup_elem(&socks, &sk);
	if (!s)
		COUNT(socks_full, 1);
	return s;
}

static __always_inline void sock_delete(__u64 sk)
{
	struct iop_cached_sock *n = cached_sock(sk);

	if (sock_owns(n, sk))
		cached_sock_delete(n);
	else
		bpf_map_delete_elem(&socks, &sk);
}

#endif

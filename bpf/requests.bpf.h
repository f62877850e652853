/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where io_uring's requests are kept: by the address of the kernel's request until
 * they are completed, then by the thread that will find them. As of threads and
 * sockets (store.bpf.h), most are in a cache, and what finds its entry taken is in a
 * hash: a read asks three times for its request, and a hash takes memory for it
 * and for its completion.
 */
#ifndef IOPHASE_REQUESTS_BPF_H
#define IOPHASE_REQUESTS_BPF_H

#include "store.bpf.h"

#define MAX_REQUESTS 16384
#define MAX_RINGS 4096
#define MAX_COMPLETIONS 64 /* during one io_uring_enter() */

/* An io_uring request, and the receive that it has made. */
struct request {
	struct iop_request req;
	__u32 pid; /* who submitted it */
	__u32 fd;
	__u32 unsampled;
	__u32 generation; /* the socket's */
	struct iop_endpoints ends;
};

#define WITHOUT_ENDS __builtin_offsetof(struct request, ends)

/* The same in a cache: of a request by its address, of a completion by its key. */
struct cached_request {
	struct iop_cached entry;
	struct request r;
};

/* Thread that waited last for a ring. */
struct cached_waiter {
	__u32 tid;	  /* 0: nobody */
	__u32 overflowed; /* of another ring the thread is in the hash */
};

static const struct request zero_request;

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

#if HAS_STATE_CACHE
#define CACHED_REQUESTS 4096
#define CACHED_COMPLETIONS 2048
#define CACHED_WAITERS 1024

struct cached_request request_cache[CACHED_REQUESTS] SEC(".bss.requests");
struct cached_request completion_cache[CACHED_COMPLETIONS] SEC(".bss.completed");
struct cached_waiter waiter_cache[CACHED_WAITERS] SEC(".bss.waiters");

static __always_inline struct cached_request *cached_request(__u64 req)
{
	return &request_cache[iop_address_index(low_half(req), CACHED_REQUESTS)];
}

/* Several that a thread finds at once lie side by side. */
static __always_inline struct cached_request *cached_completion(__u32 tid, __u32 i)
{
	return &completion_cache[(tid * 4 + i) % CACHED_COMPLETIONS];
}

static __always_inline struct cached_waiter *cached_waiter(__u64 ring)
{
	return &waiter_cache[iop_address_index(low_half(ring), CACHED_WAITERS)];
}
#else
static __always_inline struct cached_request *cached_request(__u64 req)
{
	return 0;
}

static __always_inline struct cached_request *cached_completion(__u32 tid, __u32 i)
{
	return 0;
}

static __always_inline struct cached_waiter *cached_waiter(__u64 ring)
{
	return 0;
}
#endif

/* --- by the address of the kernel's request ------------------------------------ */

/* req: not 0 */
static __always_inline struct request *request_lookup(__u64 req)
{
	struct cached_request *n = cached_request(req);

	if (n && n->entry.owner == req)
		return &n->r;
	if (n && !n->entry.overflowed)
		return 0;
	return bpf_map_lookup_elem(&requests, &req);
}

/*
 * Of a request that has just been made; the caller fills it. An earlier one of
 * that address is over, whether its completion was seen or not.
 */
static __always_inline struct request *request_lookup_or_init(__u64 req)
{
	struct cached_request *n = cached_request(req);

	if (n) {
		if (n->entry.owner == req || cache_claim(&n->entry, req))
			return &n->r;
		n->entry.overflowed = 1;
	}
	bpf_map_update_elem(&requests, &req, &zero_request, BPF_ANY);
	return bpf_map_lookup_elem(&requests, &req);
}

static __always_inline void request_delete(__u64 req)
{
	struct cached_request *n = cached_request(req);

	if (n && n->entry.owner == req)
		n->entry.owner = 0;
	else
		bpf_map_delete_elem(&requests, &req);
}

/* --- by the thread that will find them done ------------------------------------- */

static __always_inline __u64 completion_key(__u32 tid, __u32 i)
{
	return (__u64)tid << 32 | i;
}

#define BEING_FILLED 1 /* no completion's key: thread 0 waits for no ring */

/*
 * Keeps r as the thread's completion i. The thread may look before it is there, and
 * leave it: then the next one of that number takes its place. Returns false if
 * there is no room.
 */
static __always_inline bool completion_add(__u32 tid, __u32 i, const struct request *r)
{
	struct cached_request *n = cached_completion(tid, i);
	__u64 key = completion_key(tid, i);

	if (n) {
		if (n->entry.owner == key)
			n->entry.owner = 0;
		if (cache_claim(&n->entry, BEING_FILLED)) {
			__builtin_memcpy(&n->r, r, WITHOUT_ENDS);
			if (config.ends)
				n->r.ends = r->ends;
			cache_give(&n->entry, key);
			return true;
		}
		n->entry.overflowed = 1;
	}
	return !bpf_map_update_elem(&completions, &key, r, BPF_ANY);
}

static __always_inline struct request *completion_lookup(__u32 tid, __u32 i)
{
	struct cached_request *n = cached_completion(tid, i);
	__u64 key = completion_key(tid, i);

	if (n && n->entry.owner == key)
		return &n->r;
	if (n && !n->entry.overflowed)
		return 0;
	return bpf_map_lookup_elem(&completions, &key);
}

static __always_inline void completion_delete(__u32 tid, __u32 i)
{
	struct cached_request *n = cached_completion(tid, i);
	__u64 key = completion_key(tid, i);

	if (n && n->entry.owner == key)
		n->entry.owner = 0;
	else
		bpf_map_delete_elem(&completions, &key);
}

/* --- who waits for a ring --------------------------------------------------------- */

static __always_inline struct iop_thread *waits_for(__u32 tid, __u64 ring)
{
	struct iop_thread *t = tid ? thread_lookup(tid) : 0;

	return t && t->ring == ring ? t : 0;
}

/* The thread waits for ring, the last to do so. */
static __always_inline void waiter_set(__u64 ring, __u32 tid)
{
	struct cached_waiter *n = cached_waiter(ring);
	__u32 *known, was = n ? n->tid : 0;
	struct iop_thread *t;

	if (n) {
		if (was == tid)
			return;
		t = was ? thread_lookup(was) : 0;
		if (!t || !t->ring || t->ring == ring) {
			n->tid = tid;
			return;
		}
		n->overflowed = 1;
	}
	known = bpf_map_lookup_elem(&ring_waiters, &ring);
	if (!known || *known != tid)
		bpf_map_update_elem(&ring_waiters, &ring, &tid, BPF_ANY);
}

/* The thread that is inside io_uring_enter() to wait for ring, and its id; 0: none. */
static __always_inline struct iop_thread *waiter_lookup(__u64 ring, __u32 *tid)
{
	struct cached_waiter *n = cached_waiter(ring);
	struct iop_thread *t;
	__u32 *known;

	*tid = n ? n->tid : 0;
	t = waits_for(*tid, ring);
	if (t)
		return t;
	known = n && !n->overflowed ? 0 : bpf_map_lookup_elem(&ring_waiters, &ring);
	*tid = known ? *known : 0;
	t = waits_for(*tid, ring);
	if (!t)
		*tid = 0;
	return t;
}

#endif

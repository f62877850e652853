/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What system calls and tracepoints have told about the descriptors of
 * processes. A key is pid << 32 | descriptor, and stands for a socket's address
 * in the engine. Nobody says when the last of them is closed, so the maps forget
 * what has not been used for longest.
 */
#ifndef IOPHASE_DESCRIPTORS_BPF_H
#define IOPHASE_DESCRIPTORS_BPF_H

#include "field_compat.bpf.h"
#include "phase.h"

#define MAX_DESCRIPTORS 16384

/* include/uapi/linux/eventpoll.h */
struct epoll_event {
	__u32 events;
	__u64 data;
} EPOLL_EVENT_LAYOUT;

struct descriptor {
	__u64 sk; /* 0: not known */
	__u8 is_socket;
	__u8 is_tcp;
	__u8 nonblocking;
	__u8 pad[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_DESCRIPTORS);
	__type(key, __u64);
	__type(value, struct descriptor);
} descriptors SEC(".maps");

/* Socket → descriptor that read it last. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_DESCRIPTORS);
	__type(key, __u64);
	__type(value, __u64);
} sock_descriptors SEC(".maps");

/* What an epoll_ctl() has given an epoll instance to return for a descriptor. */
struct interest {
	__u64 epoll; /* key of its descriptor */
	__u64 data;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_DESCRIPTORS);
	__type(key, struct interest);
	__type(value, __u64);
} interests SEC(".maps");

/* The descriptor of a process that has O_ASYNC, unless there are several. */
struct async_fd {
	__u32 fd;
	__u32 several;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct async_fd);
} async_fds SEC(".maps");

static __always_inline struct descriptor *descriptor_lookup(__u64 key)
{
	return bpf_map_lookup_elem(&descriptors, &key);
}

static __always_inline struct descriptor *descriptor_lookup_or_init(__u64 key)
{
	struct descriptor *d = descriptor_lookup(key), fresh = {};

	if (d)
		return d;
	bpf_map_update_elem(&descriptors, &key, &fresh, BPF_NOEXIST);
	return descriptor_lookup(key);
}

static __always_inline void set_sock(__u64 key, __u64 sk)
{
	struct descriptor *d = descriptor_lookup_or_init(key);

	if (!d || d->sk == sk)
		return;
	d->is_socket = 1;
	d->sk = sk;
	bpf_map_update_elem(&sock_descriptors, &sk, &key, BPF_ANY);
}

static __always_inline void set_interest(__u64 epoll, __u32 fd, __u64 event)
{
	struct interest i = { .epoll = epoll };
	__u64 key = (epoll & ~0xffffffffull) | fd;
	struct epoll_event e;

	if (bpf_probe_read_user(&e, sizeof(e), (void *)event))
		return;
	i.data = e.data;
	bpf_map_update_elem(&interests, &i, &key, BPF_ANY);
}

/* 0: it was added before iophase came. */
static __always_inline __u64 interest_of(__u64 epoll, __u64 data)
{
	struct interest i = { .epoll = epoll, .data = data };
	__u64 *key = bpf_map_lookup_elem(&interests, &i);

	return key ? *key : 0;
}

/* --- what the engine asks for -------------------------------------------------- */

/*
 * The queue cannot be seen: a read empties it; one that did not makes the next
 * read say unseen. A read of 0 bytes is TCP's end, or nobody knows.
 */
static __always_inline void fill_queue(struct sock *sock, const struct iop_sock *s,
				       struct iop_queue *q, __u32 arrived)
{
}

static __always_inline bool is_shut_down(struct sock *sock)
{
	struct descriptor *d = descriptor_lookup((__u64)sock);

	return d && d->is_tcp;
}

static __always_inline void fill_endpoints(struct sock *sock, struct iop_endpoints *ends)
{
	struct descriptor *d = descriptor_lookup((__u64)sock);

	if (!d || !d->sk)
		return;
	read_endpoints(d->sk, ends);
	if (d->is_tcp) {
		ends->type = SOCK_STREAM;
		ends->protocol = IPPROTO_TCP;
	}
}

/* -1: not known. */
static __always_inline __s64 ack_backlog(struct sock *sock)
{
	struct descriptor *d = descriptor_lookup((__u64)sock);
	__u32 backlog = 0;

	if (!KNOWN(ack_backlog) || !d || !d->sk)
		return -1;
	READ(backlog, d->sk, ack_backlog);
	return backlog;
}

#endif

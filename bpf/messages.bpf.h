/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which request of io_uring receives into a message. Since 6.10 the message is not on
 * the stack of who calls, as a system call's is, but lies with the request from its
 * submission to its completion. So a read call says whose it is, and no function of
 * io_uring needs to be hooked for that.
 */
#ifndef IOPHASE_MESSAGES_BPF_H
#define IOPHASE_MESSAGES_BPF_H

#include "core_compat.bpf.h"
#include "requests.bpf.h"

#define CACHED_MESSAGES 4096
#define THREAD_SIZE 16384 /* of 64 bits; what lies beyond is no less far away */

struct cached_message {
	__u64 message; /* 0: none */
	__u64 req;
};

/* What finds its entry taken, by a request that is not over. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_REQUESTS);
	__type(key, __u64);
	__type(value, __u64);
} messages SEC(".maps");

struct cached_message message_cache[CACHED_MESSAGES] SEC(".bss.messages");

static __always_inline struct cached_message *cached_message(__u64 message)
{
	return &message_cache[iop_address_index(low_half(message), CACHED_MESSAGES)];
}

/* Do requests keep their messages here, as is known of those kernels? */
static __always_inline bool messages_are_kept(void)
{
	return IS_SINCE_6_15;
}

/* What has just been submitted, to receive. */
static __always_inline void message_keep(struct io_kiocb *req)
{
	__u64 message = (__u64)req->async_data +
			bpf_core_field_offset(struct io_async_msghdr, msg);
	struct cached_message *n = cached_message(message);
	__u64 id = (__u64)req, was = n->message;

	if (was == message ||
	    ((!was || !request_lookup(n->req)) &&
	     __sync_val_compare_and_swap(&n->message, was, message) == was))
		n->req = id;
	else
		bpf_map_update_elem(&messages, &message, &id, BPF_ANY);
}

/* The request that receives into it; 0: not known. */
static __always_inline __u64 request_of_message(__u64 message)
{
	struct cached_message *n = cached_message(message);
	__u64 *req;

	if (n->message == message)
		return n->req;
	req = bpf_map_lookup_elem(&messages, &message);
	return req ? *req : 0;
}

static __always_inline bool is_multishot(__u64 req)
{
	return casts.io_sr_msg && CAST(io_sr_msg, req)->flags & IORING_RECV_MULTISHOT;
}

#endif

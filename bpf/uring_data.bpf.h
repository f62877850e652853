/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before 6.0 io_uring's completion names no request, but what the program has
 * called it. Two requests under way on a ring with one name are taken for each
 * other.
 */
#ifndef IOPHASE_URING_DATA_BPF_H
#define IOPHASE_URING_DATA_BPF_H

#include "requests.bpf.h"
#include "targets.bpf.h"

struct uring_data {
	__u64 ring;
	__u64 user_data;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_REQUESTS);
	__type(key, struct uring_data);
	__type(value, __u64); /* the request */
} requests_by_data SEC(".maps");

static __always_inline void remember_data(__u64 ring, __u64 user_data, __u64 req)
{
	struct uring_data key = { .ring = ring, .user_data = user_data };

	if (active && task_selected(current_task_ids()))
		bpf_map_update_elem(&requests_by_data, &key, &req, BPF_ANY);
}

/* 0: none. It is asked for once, at its end. */
static __always_inline __u64 request_of_data(__u64 ring, __u64 user_data)
{
	struct uring_data key = { .ring = ring, .user_data = user_data };
	__u64 *req = bpf_map_lookup_elem(&requests_by_data, &key), found;

	if (!req)
		return 0;
	found = *req;
	bpf_map_delete_elem(&requests_by_data, &key);
	return found;
}

#endif

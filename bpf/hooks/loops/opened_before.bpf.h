/* SPDX-License-Identifier: GPL-2.0-only */
/* What was there before iophase came. */
#ifndef IOPHASE_HOOKS_LOOPS_OPENED_BEFORE_BPF_H
#define IOPHASE_HOOKS_LOOPS_OPENED_BEFORE_BPF_H

#include "common.bpf.h"

#define MAX_EPOLLS_OF_FILE 8

/*
 * Epolls that a process has open. A file that it shares with another (a server's workers
 * have it from their parent) may be waited for by that one's.
 */
struct opened_epoll {
	__u64 poller;
	__u64 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_POLLERS);
	__type(key, struct opened_epoll);
	__type(value, __u32);
} opened_epolls SEC(".maps");

static __always_inline void note_epoll(struct file *file, __u64 pid)
{
	struct eventpoll *ep = LOAD(file, private_data);
	struct opened_epoll opened = { .poller = (__u64)ep, .pid = pid };
	__u32 one = 1;

	if (ep && BPF_CORE_READ(ep, file) == file &&
	    bpf_map_update_elem(&opened_epolls, &opened, &one, BPF_ANY))
		COUNT(loops_full, 1);
}

/* Ports that are listened on, before the other: they tell who was accepted. */
SEC("iter/task_file")
int on_task_file_listening(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	__u64 sk = file ? sock_of_file(file) : 0;

	if (sk && is_listening((struct sock *)sk))
		listen_with((struct sock *)sk, 0);
	else if (task && file && !sk)
		note_epoll(file, task->tgid);
	return 0;
}

/*
 * An open file says which epolls wait for it: in a list that ends, or, until
 * 319c15174757 (5.11), in one that comes back to the file itself.
 */
static __always_inline void *first_epoll_of(struct file *file)
{
	if (!BY_KPROBE || bpf_core_field_exists(file->f_ep))
		return BPF_CORE_READ(file, f_ep, first);
	return BPF_CORE_READ(file, f_ep_links.next);
}

SEC("iter/task_file")
int on_task_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct opened_epoll opened;
	struct task_ids who;
	struct epitem *item;
	void *node;
	__u64 sk;

	if (!task || !file)
		return 0;
	who = (struct task_ids){ .pid = task->tgid, .tid = task->pid };
	/* what has been said by ids of another namespace is not known of it yet */
	if (config.by_target && !config.in_pidns &&
	    !is_target(who, config.process_flags, config.thread_flags))
		return 0;
	sk = sock_of_file(file);
	node = sk ? first_epoll_of(file) : 0;
	for (int i = 0; i < MAX_EPOLLS_OF_FILE && node; i++) {
		item = node - bpf_core_field_offset(struct epitem, fllink);
		if (BY_KPROBE && BPF_CORE_READ(item, ffd.file) != file)
			break;
		opened.poller = (__u64)BPF_CORE_READ(item, ep);
		opened.pid = who.pid;
		if (bpf_map_lookup_elem(&opened_epolls, &opened))
			register_channel((struct sock *)sk, opened.poller,
					 BPF_CORE_READ(item, ffd.fd), who.pid, 0);
		node = BPF_CORE_READ((struct hlist_node *)node, next);
	}
	return 0;
}

#endif

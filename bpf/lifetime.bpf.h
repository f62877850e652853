/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets and threads end, change programs and names: what goes with them. */
#ifndef IOPHASE_LIFETIME_BPF_H
#define IOPHASE_LIFETIME_BPF_H

#include "record.bpf.h"
#include "rows.bpf.h"

static __always_inline void on_sock_free(__u64 sk)
{
	sock_delete(sk);
	record_now(IOP_IN_SOCK_FREE, 0, sk, 0);
}

static __always_inline void on_thread_exit(__u32 tid)
{
	thread_delete(tid);
	record_now(IOP_IN_THREAD_EXIT, tid, 0, 0);
}

/* The running thread ends; last: and its process. */
static __always_inline void on_task_exit(bool last)
{
	struct task_ids who = current_task_ids();

	on_thread_exit(who.tid);
	drop_target(who, last);
}

/* A thread that was not its process's first takes that one's id as it execs. */
static __always_inline void on_exec(__u32 old_tid)
{
	if (old_tid == current_task_ids().tid)
		return;
	on_thread_exit(old_tid);
	if (config.by_target)
		set_target(old_tid, 0);
}

static __always_inline void on_rename(struct task_ids who, __u64 new_comm)
{
	char comm[IOP_COMM_LEN] = {};

	bpf_probe_read_kernel_str(comm, sizeof(comm), (void *)new_comm);
	rename_target(who, comm);
	rename_rows(who, comm);
}

#endif

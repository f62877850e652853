/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the objects without BTF share: raw tracepoints that say the same to both,
 * and what they keep of a thread beside the engine. The object defines its struct
 * task first.
 */
#ifndef IOPHASE_HOOKS_RAW_BPF_H
#define IOPHASE_HOOKS_RAW_BPF_H

#include "feed.bpf.h"
#include "lifetime.bpf.h"

struct raw_tracepoint {
	__u64 args[0];
};

/* By address of the thread's task_struct. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u64);
	__type(value, struct task);
} tasks SEC(".maps");

static __always_inline __u64 current_task(void)
{
	return (kaddr)bpf_get_current_task();
}

static __always_inline struct task *task_lookup(__u64 task)
{
	return bpf_map_lookup_elem(&tasks, &task);
}

/* --- signals ----------------------------------------------------------------------- */

/* SIGIO, or F_SETSIG's real-time signal: its si_code is a POLL_*. */
static __always_inline void signal_told(int sig, __u64 info)
{
	int code = 0;

	if (sig >= SIGRTMIN)
		READ(code, info, si_code);
	if (sig == SIGIO || (code >= POLL_IN && code <= POLL_HUP))
		on_signal_deliver();
}

SEC("raw_tp/signal_deliver")
int on_signal_delivered(struct raw_tracepoint *ctx)
{
	signal_told(ctx->args[0], ctx->args[1]);
	return 0;
}

/* --- tasks come, change and go ------------------------------------------------------- */

/* The classic tracepoint's record has the new id, which no type is needed for. */
SEC("tp/task/task_newtask")
int on_task_newtask(void *record)
{
	__u64 at = (__u64)record;
	__u32 tid, pid, flags;

	READ(tid, at, newtask_pid);
	READ(flags, at, newtask_flags);
	pid = flags & CLONE_THREAD ? bpf_get_current_pid_tgid() >> 32 : tid;
	on_clone(pid, tid);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int on_sched_process_exec(struct raw_tracepoint *ctx)
{
	on_exec(ctx->args[1]);
	return 0;
}

SEC("raw_tp/task_rename")
int on_task_rename(struct raw_tracepoint *ctx)
{
	on_rename(ids_of(ctx->args[0]), ctx->args[1]);
	return 0;
}

/* The running thread; true: its process ends with it. */
static __always_inline bool end_of_task(void)
{
	__u64 task = current_task(), id = bpf_get_current_pid_tgid();
	bool last = is_last_thread(id >> 32, id);

	bpf_map_delete_elem(&tasks, &task);
	on_task_exit(last);
	return last;
}

#endif

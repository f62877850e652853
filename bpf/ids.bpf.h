/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is running, by the ids of the initial PID namespace. */
#ifndef IOPHASE_IDS_BPF_H
#define IOPHASE_IDS_BPF_H

/* A process and one of its threads. */
struct task_ids {
	__u32 pid;
	__u32 tid;
};

#ifdef CURRENT_TASK_IDS /* a backend may have a cheaper way to them */
static struct task_ids current_task_ids(void);
#else
static __always_inline struct task_ids current_task_ids(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return (struct task_ids){ .pid = id >> 32, .tid = id };
}
#endif

static __always_inline __u32 current_tid(void)
{
	return current_task_ids().tid;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks that keep it right whom to trace, of each object with BTF tracepoints, which
 * has on_exec() and on_rename().
 */
#ifndef IOPHASE_HOOKS_TASKS_BPF_H
#define IOPHASE_HOOKS_TASKS_BPF_H

#include "targets.bpf.h"

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	on_clone(child->tgid, child->pid);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_sched_process_exec, struct task_struct *p, int old_tid)
{
	on_exec(old_tid);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(on_task_rename, struct task_struct *p, const char *comm)
{
	on_rename((struct task_ids){ .pid = p->tgid, .tid = p->pid }, (__u64)comm);
	return 0;
}

#endif

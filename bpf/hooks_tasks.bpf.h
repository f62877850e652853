/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks that keep it right whom to trace, of each object that knows the kernel's types,
 * which has on_exec() and on_rename().
 */
#ifndef IOPHASE_HOOKS_TASKS_BPF_H
#define IOPHASE_HOOKS_TASKS_BPF_H

#include "either.bpf.h"
#include "targets.bpf.h"

AT_TRACEPOINT(sched_process_fork, on_sched_process_fork, struct task_struct *parent,
	      struct task_struct *child)
{
	on_clone(LOAD(child, tgid), LOAD(child, pid));
	return 0;
}

AT_TRACEPOINT(sched_process_exec, on_sched_process_exec, struct task_struct *p,
	      int old_tid)
{
	on_exec(old_tid);
	return 0;
}

AT_TRACEPOINT(task_rename, on_task_rename, struct task_struct *p, const char *comm)
{
	on_rename((struct task_ids){ .pid = LOAD(p, tgid), .tid = LOAD(p, pid) },
		  (__u64)comm);
	return 0;
}

#endif

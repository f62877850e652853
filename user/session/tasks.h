/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes and threads that are there, as /proc has them. */
#ifndef IOPHASE_TASKS_H
#define IOPHASE_TASKS_H

#include <stdbool.h>

#include "abi.h"

/* Does /proc show the processes of iophase's own PID namespace? */
bool tasks_are_ours(void);

struct task {
	__u32 pid;
	__u32 tid;
	__u32 ppid; /* of processes only */
	char comm[IOP_COMM_LEN];
};

typedef void (*task_fn)(void *ctx, const struct task *task);

/* Every process, that is its first thread; every thread. */
void tasks_each_process(task_fn fn, void *ctx);
void tasks_each_thread(task_fn fn, void *ctx);

/* The processes that a thread has made and that are still there. */
void tasks_each_child(__u32 tid, void (*fn)(void *ctx, __u32 pid), void *ctx);

/*
 * The name of a process (tid 0), or of one of its threads. Returns false if it is
 * gone or /proc is not ours, and leaves comm as it is.
 */
bool task_comm(__u32 pid, __u32 tid, char comm[IOP_COMM_LEN]);

/* The system call that a thread sleeps in. Returns false if it does not, or is gone. */
bool task_call(__u32 pid, __u32 tid, __u32 *number);

/* The process that a thread is part of; 0 if it is gone. */
__u32 task_process(__u32 tid);

#endif

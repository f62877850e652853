/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs of kprobes need, and what they know of a thread. */
#ifndef IOPHASE_HOOKS_KPROBE_COMMON_BPF_H
#define IOPHASE_HOOKS_KPROBE_COMMON_BPF_H

#include "../../kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "../../field_compat.bpf.h"
#include "../../queue_compat.bpf.h"
#include "../../engine.bpf.h"
#include "../../uring.bpf.h"
#include "../../uring_data.bpf.h"

/* What is known of a thread: of its sleep, and of the call that it is in. */
struct task {
	__u32 tid;
	__u32 sleeps; /* it is on its way to sleep for data */
	__u32 off;    /* and has left the CPU */
	/* recvmmsg() returns how many datagrams there were: their sizes come from the copies */
	__u32 batch; /* it is in one, */
	__u32 batch_fd;
	__u32 batch_read;  /* which has read so many, but for the one in progress, */
	__u32 batch_bytes; /* and so much of that one */
	__u32 poll_mask;   /* what a wait call asks of poll_sk; 0: it asks nothing */
	__u64 poll_sk;
	__u64 siginfo; /* where dequeue_signal() puts it; 0: not in there */
	__u64 aio;     /* the last request of the kernel's AIO in this call; 0: none */
};

#include "../../hooks_raw.bpf.h"

/* The running thread's, if it is one that is asked for. */
static __always_inline struct task *task_lookup_or_init(void)
{
	struct task fresh = { .tid = bpf_get_current_pid_tgid() };
	__u64 task = current_task();
	struct task *t = task_lookup(task);

	if (t || !task_selected(current_task_ids()))
		return t;
	if (bpf_map_update_elem(&tasks, &task, &fresh, BPF_ANY))
		COUNT(threads_full, 1);
	return task_lookup(task);
}

#endif

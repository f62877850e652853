/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals. */
#ifndef IOPHASE_HOOKS_KPROBE_SIGNALS_BPF_H
#define IOPHASE_HOOKS_KPROBE_SIGNALS_BPF_H

#include "common.bpf.h"
#include "read.bpf.h"

SEC("kprobe/sock_fasync")
int on_sock_fasync(struct regs *ctx)
{
	__u64 sk = (__u32)ARG3(ctx) ? sock_of_file(ARG2(ctx)) : 0;

	if (sk)
		on_signal_arm(sk);
	return 0;
}

/* Only called for sockets with O_ASYNC. */
SEC("kprobe/sock_wake_async")
int on_sock_wake_async(struct regs *ctx)
{
	if ((__u32)ARG3(ctx) == POLL_IN)
		on_signal_send(sock_of_wq(ARG1(ctx)));
	return 0;
}

/*
 * sigwaitinfo() and signalfd take signals without delivering them. The task
 * went from the arguments with a2b80ce87a87 (6.12).
 */
SEC("kprobe/dequeue_signal")
int on_dequeue_signal(struct regs *ctx)
{
	__u64 second = ARG2(ctx), third = ARG3(ctx);
	struct task *task;

	/* one load at a computed address, which clang makes of the choice
	 * below, is no access that the verifier allows to a context
	 */
	asm volatile("" : "+r"(second), "+r"(third));
	task = task_lookup_or_init();
	if (task)
		task->siginfo = ARG1(ctx) == current_task() ? third : second;
	return 0;
}

SEC("kretprobe/dequeue_signal")
int on_dequeue_signal_exit(struct regs *ctx)
{
	struct task *task = task_lookup(current_task());

	if (!task || !task->siginfo)
		return 0;
	signal_told(RESULT(ctx), task->siginfo);
	task->siginfo = 0;
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals. */
#ifndef IOPHASE_HOOKS_BTF_SIGNALS_BPF_H
#define IOPHASE_HOOKS_BTF_SIGNALS_BPF_H

#include "common.bpf.h"

SEC("fexit/sock_fasync")
int BPF_PROG(on_sock_fasync_exit, int fd, struct file *file, int on, int ret)
{
	struct socket *sock;

	if (!on || ret < 0)
		return 0;
	sock = bpf_sock_from_file(file);
	if (sock)
		on_signal_arm((__u64)sock->sk);
	return 0;
}

/* After suppression: this signal is really sent. reason 1 is POLL_IN. */
SEC("fentry/send_sigio_to_task")
int BPF_PROG(on_send_sigio_to_task, struct task_struct *p, struct fown_struct *fown,
	     int fd, int reason)
{
	if (reason == POLL_IN)
		on_signal_send(sock_of_fown(fown));
	return 0;
}

/*
 * SIGIO, or F_SETSIG's real-time signal: its si_code is a POLL_*. 6.12's
 * verifier takes info for a number, so it is read, not followed.
 */
static __always_inline void signal_told(int sig, const struct kernel_siginfo *info)
{
	int code = sig >= SIGRTMIN ? BPF_CORE_READ(info, si_code) : 0;

	if (sig == SIGIO || (code >= POLL_IN && code <= POLL_HUP))
		on_signal_deliver();
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(on_signal_delivered, int sig, struct kernel_siginfo *info)
{
	signal_told(sig, info);
	return 0;
}

/* sigwaitinfo() and signalfd take signals without delivering them. */
static __always_inline int signal_dequeued(int sig, const struct kernel_siginfo *info)
{
	if (sig >= SIGIO)
		signal_told(sig, info);
	return 0;
}

SEC("fexit/dequeue_signal")
int BPF_PROG(on_signal_dequeued, void *mask, struct kernel_siginfo *info, void *type,
	     int sig)
{
	return signal_dequeued(sig, info);
}

SEC("fexit/dequeue_signal")
int BPF_PROG(on_signal_dequeued_task, struct task_struct *task, void *mask,
	     struct kernel_siginfo *info, void *type, int sig)
{
	return signal_dequeued(sig, info);
}

SEC("fexit/dequeue_signal")
int BPF_PROG(on_signal_dequeued_untyped, struct task_struct *task, void *mask,
	     struct kernel_siginfo *info, int sig)
{
	return signal_dequeued(sig, info);
}

#endif

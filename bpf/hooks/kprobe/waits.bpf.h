/* SPDX-License-Identifier: GPL-2.0-only */
/* select, poll, epoll. */
#ifndef IOPHASE_HOOKS_KPROBE_WAITS_BPF_H
#define IOPHASE_HOOKS_KPROBE_WAITS_BPF_H

#include "common.bpf.h"
#include "read.bpf.h"

SEC("kprobe/do_epoll_wait")
int on_do_epoll_wait(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

SEC("kprobe/do_sys_poll")
int on_do_sys_poll(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

SEC("kprobe/core_sys_select")
int on_core_sys_select(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

/* select() of a 32-bit process on a 64-bit kernel. */
SEC("kprobe/compat_core_sys_select")
int on_compat_core_sys_select(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

/*
 * sock_poll() has the file, from which the socket is a question of layout; the
 * families' functions that it calls are given the socket itself.
 */
static __always_inline int polls_socket(struct regs *ctx)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());
	struct task *task;
	__u32 mask = 0;

	if (!t || !t->wait_enter_ns || !ARG3(ctx))
		return 0;
	READ(mask, ARG3(ctx), poll_key);
	task = mask & POLL_READ_MASK ? task_lookup_or_init() : 0;
	if (!task)
		return 0;
	task->poll_sk = sock_of_socket(ARG2(ctx));
	task->poll_mask = mask & POLL_READ_MASK;
	return 0;
}

#define POLLS_SOCKET(function)              \
	SEC("kprobe/" #function)            \
	int on_##function(struct regs *ctx) \
	{                                   \
		return polls_socket(ctx);   \
	}

POLLS_SOCKET(tcp_poll)
POLLS_SOCKET(udp_poll)
POLLS_SOCKET(unix_poll)
POLLS_SOCKET(unix_dgram_poll)
POLLS_SOCKET(datagram_poll)

SEC("kretprobe/sock_poll")
int on_sock_poll_exit(struct regs *ctx)
{
	struct task *task = task_lookup(current_task());
	int error = 0;

	if (!task || !task->poll_mask)
		return 0;
	if (RESULT(ctx) & POLL_ERROR && KNOWN(sk_err))
		READ(error, task->poll_sk, sk_err);
	if (RESULT(ctx) & task->poll_mask || error)
		on_wait_report(task->poll_sk);
	task->poll_mask = 0;
	return 0;
}

#endif

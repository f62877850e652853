/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As in hooks/btf/skipped.bpf.h: where the kernel preempts itself each has others beside
 * it, which do what has not been done. Those that are not guarded can be done twice.
 */
#ifndef IOPHASE_HOOKS_LOOPS_SKIPPED_BPF_H
#define IOPHASE_HOOKS_LOOPS_SKIPPED_BPF_H

#include "common.bpf.h"
#include "reads.bpf.h"
#include "rings.bpf.h"
#include "waits.bpf.h"

#define READ_AGAIN(again)                                                              \
	SEC("fentry/sock_recvmsg")                                                     \
	int BPF_PROG(on_sock_recvmsg_##again, struct socket *sock, struct msghdr *msg, \
		     int flags)                                                        \
	{                                                                              \
		if (!is_reading())                                                     \
			on_read_enter((__u64)sock->sk, flags);                         \
		return 0;                                                              \
	}                                                                              \
	SEC("fexit/sock_recvmsg")                                                      \
	int BPF_PROG(on_sock_recvmsg_exit_##again, struct socket *sock,                \
		     struct msghdr *msg, int flags, int ret)                           \
	{                                                                              \
		on_loop_read_exit(sock->sk, ret);                                      \
		return 0;                                                              \
	}

READ_AGAIN(again)
READ_AGAIN(again2)

SEC("fentry/do_accept")
int BPF_PROG(on_do_accept_again, struct file *file)
{
	struct socket *sock = bpf_sock_from_file(file);

	if (sock && !is_reading())
		on_read_enter((__u64)sock->sk, 0);
	return 0;
}

SEC("fexit/do_accept")
int BPF_PROG(on_do_accept_exit_again, struct file *file, void *a2, void *a3, void *a4,
	     int flags, struct file *ret)
{
	accept_exit(file, ret);
	return 0;
}

SEC("fentry/do_epoll_wait")
int BPF_PROG(on_epoll_wait_again, int epfd, void *events, int max, struct timespec64 *to)
{
	__u64 poller = is_waiting() ? 0 : epoll_of(epfd);

	if (poller)
		on_loop_wait(poller, IOP_POLLER_EPOLL, may_block(to));
	return 0;
}

SEC("fexit/do_epoll_wait")
int BPF_PROG(on_epoll_wait_exit_again, int epfd, void *events, int max,
	     struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

SEC("fexit/do_epoll_ctl")
int BPF_PROG(on_epoll_ctl_exit_again, int epfd, int op, int fd, void *event,
	     bool nonblock, int ret)
{
	epoll_ctl_exit(epfd, op, fd, ret);
	return 0;
}

SEC("fentry/" URING_ENTER)
int BPF_PROG(on_ring_enter_again, const struct pt_regs *regs)
{
	if (!is_waiting())
		ring_enter(regs);
	return 0;
}

SEC("fexit/" URING_ENTER)
int BPF_PROG(on_ring_enter_exit_again, const struct pt_regs *regs, long ret)
{
	on_loop_told(ret);
	return 0;
}

SEC("fentry/do_sys_poll")
int BPF_PROG(on_poll_again, void *fds, unsigned int nr, struct timespec64 *to)
{
	if (!is_waiting())
		on_loop_wait(poller_of_poll(), IOP_POLLER_POLL, may_block(to));
	return 0;
}

SEC("fexit/do_sys_poll")
int BPF_PROG(on_poll_exit_again, void *fds, unsigned int nr, struct timespec64 *to,
	     int ret)
{
	on_loop_told(ret);
	return 0;
}

SEC("fentry/core_sys_select")
int BPF_PROG(on_select_again, int n, void *in, void *out, void *ex, struct timespec64 *to)
{
	if (!is_waiting())
		select_enter(to);
	return 0;
}

SEC("fexit/core_sys_select")
int BPF_PROG(on_select_exit_again, int n, void *in, void *out, void *ex,
	     struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

#endif

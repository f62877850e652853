/* SPDX-License-Identifier: GPL-2.0-only */
/* Waits, and which sockets they are for. */
#ifndef IOPHASE_HOOKS_LOOPS_WAITS_BPF_H
#define IOPHASE_HOOKS_LOOPS_WAITS_BPF_H

#include "common.bpf.h"

/* No timeout, or one that is not 0. */
static __always_inline bool may_block(const struct timespec64 *to)
{
	return !to || LOAD(to, tv_sec) || LOAD(to, tv_nsec);
}

static __always_inline __u64 epoll_of(__u32 fd)
{
	struct file *file = file_of(fd);

	return file ? (__u64)BPF_CORE_READ(file, private_data) : 0;
}

AT_ENTRY(do_epoll_wait, on_epoll_wait, int epfd, void *events, int max,
	 struct timespec64 *to)
{
	__u64 poller = epoll_of(epfd);

	if (poller)
		on_loop_wait(poller, IOP_POLLER_EPOLL, may_block(to));
	return 0;
}

/* Until 7cdf7c20e971 (5.11) in milliseconds. */
AT_ENTRY(do_epoll_wait, on_epoll_wait_ms, int epfd, void *events, int max, int ms)
{
	__u64 poller = epoll_of(epfd);

	if (poller)
		on_loop_wait(poller, IOP_POLLER_EPOLL, !!ms);
	return 0;
}

AT_EXIT_OF_SLEEPER(do_epoll_wait, on_epoll_wait_exit, int epfd, void *events, int max,
		   struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

static __always_inline __u64 poller_of_poll(void)
{
	return current_task_ids().tid;
}

AT_ENTRY(do_sys_poll, on_poll, void *fds, unsigned int nr, struct timespec64 *to)
{
	on_loop_wait(poller_of_poll(), IOP_POLLER_POLL, may_block(to));
	return 0;
}

AT_EXIT_OF_SLEEPER(do_sys_poll, on_poll_exit, void *fds, unsigned int nr,
		   struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

static __always_inline void select_enter(const struct timespec64 *to)
{
	on_loop_wait(poller_of_poll() | POLLER_OF_SELECT, IOP_POLLER_SELECT,
		     may_block(to));
}

AT_ENTRY(core_sys_select, on_select, int n, void *in, void *out, void *ex,
	 struct timespec64 *to)
{
	select_enter(to);
	return 0;
}

AT_EXIT_OF_SLEEPER(core_sys_select, on_select_exit, int n, void *in, void *out,
		   void *ex, struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

/* select() of a 32-bit process on a 64-bit kernel. */
AT_ENTRY(compat_core_sys_select, on_compat_select, int n, void *in, void *out, void *ex,
	 struct timespec64 *to)
{
	select_enter(to);
	return 0;
}

AT_EXIT_OF_SLEEPER(compat_core_sys_select, on_compat_select_exit, int n, void *in,
		   void *out, void *ex, struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

AT_EXIT_KEEPING(is_waiting(), sock_poll, on_socket_poll_exit, struct file *file,
		struct poll_table_struct *wait, __u32 mask)
{
	struct socket *sock = wait ? socket_of_file(file) : 0;

	if (sock)
		on_loop_poll(LOAD(sock, sk), mask & LOAD(wait, _key));
	return 0;
}

static __always_inline void epoll_ctl_exit(int epfd, int op, int fd, int ret)
{
	struct task_ids who = current_task_ids();
	struct file *file;
	__u64 poller, sk;

	if (ret || !active || !task_selected(who) ||
	    (op != EPOLL_CTL_ADD && op != EPOLL_CTL_DEL))
		return;
	file = file_of(fd);
	poller = epoll_of(epfd);
	sk = file && poller ? sock_of_file(file) : 0;
	if (!sk)
		return;
	if (op == EPOLL_CTL_ADD)
		register_channel((struct sock *)sk, poller, fd, who.pid,
				 bpf_ktime_get_ns());
	else
		on_deregister((struct sock *)sk, poller);
}

AT_EXIT_KEEPING(active, do_epoll_ctl, on_epoll_ctl_exit, int epfd, int op, int fd,
		void *event, bool nonblock, int ret)
{
	epoll_ctl_exit(epfd, op, fd, ret);
	return 0;
}

#endif

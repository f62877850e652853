/* SPDX-License-Identifier: GPL-2.0-only */
/* select, poll, epoll. */
#ifndef IOPHASE_HOOKS_BTF_WAITS_BPF_H
#define IOPHASE_HOOKS_BTF_WAITS_BPF_H

#include "common.bpf.h"

SEC("fentry/do_epoll_wait")
int BPF_PROG(on_do_epoll_wait)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/do_epoll_wait")
int BPF_PROG(on_do_epoll_wait_exit)
{
	on_wait_exit();
	return 0;
}

SEC("fentry/do_sys_poll")
int BPF_PROG(on_do_sys_poll)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/do_sys_poll")
int BPF_PROG(on_do_sys_poll_exit)
{
	on_wait_exit();
	return 0;
}

SEC("fentry/core_sys_select")
int BPF_PROG(on_core_sys_select)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/core_sys_select")
int BPF_PROG(on_core_sys_select_exit)
{
	on_wait_exit();
	return 0;
}

/* select() of a 32-bit process on a 64-bit kernel. */
SEC("fentry/compat_core_sys_select")
int BPF_PROG(on_compat_core_sys_select)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/compat_core_sys_select")
int BPF_PROG(on_compat_core_sys_select_exit)
{
	on_wait_exit();
	return 0;
}

/*
 * _key holds the events that the wait call asks for on this file. An error may
 * be the socket's own, which the next read returns, or lie in its error queue.
 */
static __always_inline int socket_polled(struct file *file,
					 struct poll_table_struct *wait, __u32 mask)
{
	struct socket *sock;

	if (!(mask & (POLL_READ_MASK | POLL_ERROR)) || !wait)
		return 0;
	if (!(wait->_key & POLL_READ_MASK))
		return 0;
	sock = bpf_sock_from_file(file);
	if (sock && (mask & wait->_key & POLL_READ_MASK ||
		     (mask & POLL_ERROR && sock->sk->sk_err)))
		on_wait_report((__u64)sock->sk);
	return 0;
}

SEC("fexit/sock_poll")
int BPF_PROG(on_sock_poll_exit, struct file *file, struct poll_table_struct *wait,
	     __u32 mask)
{
	return socket_polled(file, wait, mask);
}

#endif

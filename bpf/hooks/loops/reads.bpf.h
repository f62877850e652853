/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads and accepts. */
#ifndef IOPHASE_HOOKS_LOOPS_READS_BPF_H
#define IOPHASE_HOOKS_LOOPS_READS_BPF_H

#include "common.bpf.h"
#include "kprobe_ends.bpf.h"

AT_ENTRY(sock_recvmsg, on_sock_recvmsg, struct socket *sock, struct msghdr *msg, int flags)
{
	end_retry();
	on_read_enter((__u64)LOAD(sock, sk), flags);
	return 0;
}

AT_EXIT_OF_SLEEPER(sock_recvmsg, on_sock_recvmsg_exit, struct socket *sock,
		   struct msghdr *msg, int flags, int ret)
{
	on_loop_read_exit(LOAD(sock, sk), ret);
	return 0;
}

AT_ENTRY(sock_def_readable, on_sock_def_readable, struct sock *sk)
{
	on_loop_ready(sk);
	return 0;
}

AT_ENTRY(do_accept, on_do_accept, struct file *file)
{
	struct socket *sock = socket_of_file(file);

	end_retry();
	if (sock)
		on_read_enter((__u64)LOAD(sock, sk), 0);
	return 0;
}

static __always_inline void accept_exit(struct file *file, struct file *ret)
{
	struct socket *sock = socket_of_file(file);
	__s64 error = (__s64)ret;

	if (!sock)
		return;
	if (error < 0 && error > -4096)
		on_accepted(LOAD(sock, sk), error, 0);
	else
		on_accepted(LOAD(sock, sk), 1, sock_of_file(ret));
}

AT_EXIT_OF_SLEEPER(do_accept, on_do_accept_exit, struct file *file, void *a2, void *a3,
		   void *a4, int flags, struct file *ret)
{
	accept_exit(file, ret);
	return 0;
}

#endif

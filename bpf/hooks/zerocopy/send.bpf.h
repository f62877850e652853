/* SPDX-License-Identifier: GPL-2.0-only */
/* The send family; how it copies is in copies.bpf.h. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_SEND_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_SEND_BPF_H

#include "common.bpf.h"

static __always_inline enum iop_zc_path send_path(__u32 flags)
{
	return flags & MSG_ZEROCOPY ? IOP_ZC_ZC_SEND : IOP_ZC_SEND;
}

AT_ENTRY(__sys_sendto, on_sys_sendto, int fd, void *buf, unsigned long len,
	 unsigned int flags)
{
	on_call_enter(IOP_ZC_SYS_SENDTO, send_path(flags));
	return 0;
}

AT_EXIT_OF_SLEEPER(__sys_sendto, on_sys_sendto_exit, int fd, void *buf, unsigned long len,
		   unsigned int flags, void *addr, int addr_len, int ret)
{
	on_call_exit(IOP_ZC_SYS_SENDTO, ret);
	return 0;
}

/* io_uring says with the message by whom it wants to be told, since 6.0. */
static __always_inline __u64 told_by(const struct msghdr *msg)
{
	if (BY_KPROBE && !bpf_core_field_exists(msg->msg_ubuf))
		return 0;
	return (__u64)LOAD(msg, msg_ubuf);
}

static __always_inline void send_enter(enum iop_zc_function function,
				       const struct msghdr *msg, __u32 flags)
{
	__u64 uarg = told_by(msg);
	struct iop_zc_call *c;

	c = on_call_enter(function, uarg ? IOP_ZC_URING_SEND : send_path(flags));
	if (c && uarg)
		on_note(c, uarg);
}

AT_ENTRY(____sys_sendmsg, on_sys_sendmsg, struct socket *sock, struct msghdr *msg,
	 unsigned int flags)
{
	send_enter(IOP_ZC_SYS_SENDMSG, msg, flags);
	return 0;
}

AT_EXIT(____sys_sendmsg, on_sys_sendmsg_exit, struct socket *sock, struct msghdr *msg,
	unsigned int flags, void *used, unsigned int allowed, int ret)
{
	on_call_exit(IOP_ZC_SYS_SENDMSG, ret);
	return 0;
}

AT_ENTRY(sock_write_iter, on_sock_write_iter)
{
	on_call_enter(IOP_ZC_SOCK_WRITE, IOP_ZC_SEND);
	return 0;
}

AT_EXIT(sock_write_iter, on_sock_write_iter_exit, void *iocb, struct iov_iter *from,
	__s64 ret)
{
	on_call_exit(IOP_ZC_SOCK_WRITE, ret);
	return 0;
}

/* io_uring's sends; inside a sendfile or a splice it is a part of that. */
AT_ENTRY(sock_sendmsg, on_sock_sendmsg, struct socket *sock, struct msghdr *msg)
{
	struct iop_zc_call *c = current_call();

	if (!c || (c->function != IOP_ZC_DO_SENDFILE && c->function != IOP_ZC_DO_SPLICE))
		send_enter(IOP_ZC_SOCK_SENDMSG, msg, 0);
	return 0;
}

AT_EXIT(sock_sendmsg, on_sock_sendmsg_exit, struct socket *sock, struct msghdr *msg,
	int ret)
{
	on_call_exit(IOP_ZC_SOCK_SENDMSG, ret);
	return 0;
}

#endif

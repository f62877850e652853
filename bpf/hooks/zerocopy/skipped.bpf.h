/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As in hooks/btf/skipped.bpf.h: where the kernel preempts itself what makes and ends a
 * call has another beside it, which does what has not been done.
 */
#ifndef IOPHASE_HOOKS_ZEROCOPY_SKIPPED_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_SKIPPED_BPF_H

#include "common.bpf.h"
#include "completions.bpf.h"
#include "recv.bpf.h"
#include "send.bpf.h"

SEC("fentry/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg_again, struct socket *sock, struct msghdr *msg, int flags)
{
	if (!current_call())
		recv_enter(IOP_ZC_SOCK_RECVMSG, sock, msg, flags);
	return 0;
}

SEC("fexit/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg_exit_again, struct socket *sock, struct msghdr *msg,
	     int flags, int ret)
{
	recv_exit(IOP_ZC_SOCK_RECVMSG, msg, ret);
	return 0;
}

SEC("fentry/____sys_recvmsg")
int BPF_PROG(on_sys_recvmsg_again, struct socket *sock, struct msghdr *msg_sys,
	     void *msg, void *uaddr, unsigned int flags, int nosec)
{
	if (nosec && !current_call())
		recv_enter(IOP_ZC_SYS_RECVMSG, sock, msg_sys, flags);
	return 0;
}

SEC("fexit/____sys_recvmsg")
int BPF_PROG(on_sys_recvmsg_exit_again, struct socket *sock, struct msghdr *msg_sys,
	     void *msg, void *uaddr, unsigned int flags, int nosec, int ret)
{
	recv_exit(IOP_ZC_SYS_RECVMSG, msg_sys, ret);
	return 0;
}

SEC("fentry/__sys_sendto")
int BPF_PROG(on_sys_sendto_again, int fd, void *buf, unsigned long len, unsigned int flags)
{
	if (!current_call())
		on_call_enter(IOP_ZC_SYS_SENDTO, send_path(flags));
	return 0;
}

SEC("fexit/__sys_sendto")
int BPF_PROG(on_sys_sendto_exit_again, int fd, void *buf, unsigned long len,
	     unsigned int flags, void *addr, int addr_len, int ret)
{
	on_call_exit(IOP_ZC_SYS_SENDTO, ret);
	return 0;
}

SEC("fentry/____sys_sendmsg")
int BPF_PROG(on_sys_sendmsg_again, struct socket *sock, struct msghdr *msg,
	     unsigned int flags)
{
	if (!current_call())
		send_enter(IOP_ZC_SYS_SENDMSG, msg, flags);
	return 0;
}

SEC("fexit/____sys_sendmsg")
int BPF_PROG(on_sys_sendmsg_exit_again, struct socket *sock, struct msghdr *msg,
	     unsigned int flags, void *used, unsigned int allowed, int ret)
{
	on_call_exit(IOP_ZC_SYS_SENDMSG, ret);
	return 0;
}

SEC("fentry/sock_write_iter")
int BPF_PROG(on_sock_write_iter_again)
{
	if (!current_call())
		on_call_enter(IOP_ZC_SOCK_WRITE, IOP_ZC_SEND);
	return 0;
}

SEC("fexit/sock_write_iter")
int BPF_PROG(on_sock_write_iter_exit_again, void *iocb, struct iov_iter *from, __s64 ret)
{
	on_call_exit(IOP_ZC_SOCK_WRITE, ret);
	return 0;
}

SEC("fentry/sock_sendmsg")
int BPF_PROG(on_sock_sendmsg_again, struct socket *sock, struct msghdr *msg)
{
	if (!current_call())
		send_enter(IOP_ZC_SOCK_SENDMSG, msg, 0);
	return 0;
}

SEC("fexit/sock_sendmsg")
int BPF_PROG(on_sock_sendmsg_exit_again, struct socket *sock, struct msghdr *msg, int ret)
{
	on_call_exit(IOP_ZC_SOCK_SENDMSG, ret);
	return 0;
}

/*
 * The ends of sends are not of the running thread, nor need they be: who takes a note
 * off counts it, and nobody else gets its address before the function itself has run. So
 * once more is harmless.
 */
SEC("fexit/msg_zerocopy_realloc")
int BPF_PROG(on_msg_zerocopy_realloc_exit_again, struct sock *sk, unsigned long size,
	     void *uarg, struct ubuf_info *ret)
{
	zerocopy_begun(ret);
	return 0;
}

SEC("fexit/msg_zerocopy_realloc")
int BPF_PROG(on_msg_zerocopy_realloc_exit_devmem_again, struct sock *sk,
	     unsigned long size, void *uarg, bool devmem, struct ubuf_info *ret)
{
	zerocopy_begun(ret);
	return 0;
}

SEC("fentry/__msg_zerocopy_callback")
int BPF_PROG(on_msg_zerocopy_callback_again, struct ubuf_info_msgzc *uarg)
{
	zerocopy_ended(uarg);
	return 0;
}

SEC("fentry/io_tx_ubuf_complete")
int BPF_PROG(on_io_tx_complete_again, struct sk_buff *skb, struct ubuf_info *uarg,
	     bool success)
{
	on_uring_told((__u64)uarg, skb, success);
	return 0;
}

SEC("fentry/io_notif_tw_complete")
int BPF_PROG(on_io_notif_complete_again, struct io_kiocb *notif)
{
	uring_completes(notif);
	return 0;
}

SEC("fentry/skb_copy_ubufs")
int BPF_PROG(on_skb_copy_ubufs_again, struct sk_buff *skb)
{
	if (!is_unsharing((__u64)skb))
		unshare_enter(skb);
	return 0;
}

SEC("fexit/skb_copy_ubufs")
int BPF_PROG(on_skb_copy_ubufs_exit_again, struct sk_buff *skb)
{
	on_unshare_exit((__u64)skb);
	return 0;
}

#endif

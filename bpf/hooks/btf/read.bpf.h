/* SPDX-License-Identifier: GPL-2.0-only */
/* The read, its copy. */
#ifndef IOPHASE_HOOKS_BTF_READ_BPF_H
#define IOPHASE_HOOKS_BTF_READ_BPF_H

#include "common.bpf.h"

/*
 * The request whose read it is, by its message: that of a call lies on its stack, as
 * ctx does. What has not been seen to be submitted is not known by it, but is no call.
 */
static __always_inline struct issuer issuer_of(const void *ctx, const struct msghdr *msg)
{
	__u64 req;

	if (!messages_are_kept() || (__u64)msg - (__u64)ctx < THREAD_SIZE)
		return (struct issuer){};
	req = request_of_message((__u64)msg);
	return (struct issuer){ .req = req ? req : (__u64)msg, .is_known = req };
}

static __always_inline void recvmsg_enter(const void *ctx, struct socket *sock,
					  const struct msghdr *msg, __u32 flags)
{
	on_read_enter_of((__u64)sock->sk, flags, 0, AT_NOW, issuer_of(ctx, msg));
}

SEC("fentry/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg, struct socket *sock, struct msghdr *msg, int flags)
{
	recvmsg_enter(ctx, sock, msg, flags);
	return 0;
}

/*
 * What security modules are asked as sock_recvmsg() begins, and a program may be one:
 * the kernel does not guard such a program, so it is not skipped.
 */
SEC("lsm/bpf_lsm_socket_recvmsg")
int BPF_PROG(on_socket_recvmsg, struct socket *sock, struct msghdr *msg, int size,
	     int flags)
{
	recvmsg_enter(ctx, sock, msg, flags);
	return 0;
}

SEC("fexit/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg_exit, struct socket *sock, struct msghdr *msg, int flags,
	     int ret)
{
	on_read_exit(sock->sk, ret, 0);
	return 0;
}

static __always_inline void on_sys_recvmsg_enter(struct socket *sock, __u32 flags)
{
	if (sock->file->f_flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	on_more_enter((__u64)sock->sk, flags);
}

/* recvmmsg() takes all datagrams but the first past sock_recvmsg(). */
SEC("fentry/____sys_recvmsg")
int BPF_PROG(on_sys_recvmsg, struct socket *sock, struct msghdr *msg_sys, void *msg,
	     void *uaddr, unsigned int flags, int nosec)
{
	if (nosec)
		on_sys_recvmsg_enter(sock, flags);
	return 0;
}

SEC("fexit/____sys_recvmsg")
int BPF_PROG(on_sys_recvmsg_exit, struct socket *sock, struct msghdr *msg_sys,
	     void *msg, void *uaddr, unsigned int flags, int nosec, int ret)
{
	if (nosec)
		on_rare_read_exit(sock->sk, ret);
	return 0;
}

/* A socket that has no splice of its own is read by sock_recvmsg() for one. */
static __always_inline struct socket *spliced_sock(struct file *file)
{
	struct socket *sock = bpf_sock_from_file(file);

	return sock && BPF_CORE_READ(sock, ops, splice_read) ? sock : 0;
}

SEC("fentry/sock_splice_read")
int BPF_PROG(on_sock_splice_read, struct file *file)
{
	struct socket *sock = spliced_sock(file);

	if (sock)
		on_read_enter((__u64)sock->sk,
			      file->f_flags & O_NONBLOCK ? MSG_DONTWAIT : 0);
	return 0;
}

SEC("fexit/sock_splice_read")
int BPF_PROG(on_sock_splice_read_exit, struct file *file, void *ppos, void *pipe,
	     unsigned long len, unsigned int flags, __s64 ret)
{
	struct socket *sock = spliced_sock(file);

	if (sock)
		on_rare_read_exit(sock->sk, ret);
	return 0;
}

/*
 * getsockopt(TCP_ZEROCOPY_RECEIVE), which never waits. What it returns has been mapped,
 * or copied beside that. If it did neither, but leaves bytes to another call, it was no
 * read: that call's will have the wait.
 */
SEC("fentry/tcp_zerocopy_receive")
int BPF_PROG(on_zerocopy_read, struct sock *sk)
{
	on_read_enter((__u64)sk, MSG_DONTWAIT);
	return 0;
}

static __always_inline void zerocopy_read_ended(struct sock *sk,
						struct tcp_zerocopy_receive *zc, int ret)
{
	__s64 bytes = zc->length;

	if (zc->copybuf_len > 0)
		bytes += zc->copybuf_len;
	if (!ret && !bytes && zc->recv_skip_hint)
		on_read_cancel();
	else
		on_rare_read_exit(sk, ret ? ret : bytes ? bytes : -IOP_EAGAIN);
}

SEC("fexit/tcp_zerocopy_receive")
int BPF_PROG(on_zerocopy_read_exit, struct sock *sk, struct tcp_zerocopy_receive *zc,
	     void *timestamps, int ret)
{
	zerocopy_read_ended(sk, zc, ret);
	return 0;
}

SEC("fexit/tcp_zerocopy_receive")
int BPF_PROG(on_zerocopy_read_exit_untimed, struct sock *sk,
	     struct tcp_zerocopy_receive *zc, int ret)
{
	zerocopy_read_ended(sk, zc, ret);
	return 0;
}

/* sk_wait_data() also runs the backlog; this is where the CPU is left. */
SEC("fentry/schedule_timeout")
int BPF_PROG(on_schedule_timeout, long timeout)
{
	on_sleep_enter();
	return 0;
}

SEC("fexit/schedule_timeout")
int BPF_PROG(on_schedule_timeout_exit, long timeout, long ret)
{
	on_sleep_exit(current_tid());
	return 0;
}

/* The first thing that skb_copy_datagram_iter() does; half of what fentry takes. */
SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(on_skb_copy_datagram_iovec)
{
	on_copy_enter();
	return 0;
}

SEC("fexit/skb_copy_datagram_iter")
int BPF_PROG(on_skb_copy_datagram_iter_exit, struct sk_buff *skb, int offset,
	     struct iov_iter *to, int len, int ret)
{
	on_copy_exit();
	return 0;
}

/*
 * A linear UDP datagram is copied by _copy_to_iter(), which cannot be hooked:
 * the copy is what lies between taking it off the queue and giving it back.
 * The rest of UDP passes skb_copy_datagram_iter() in between, which is nearer.
 */
SEC("fexit/__skb_recv_udp")
int BPF_PROG(on_skb_recv_udp_exit, struct sock *sk, unsigned int flags, int *off,
	     int *err, struct sk_buff *ret)
{
	if (ret)
		on_copy_enter();
	return 0;
}

SEC("fexit/__skb_recv_udp")
int BPF_PROG(on_skb_recv_udp_exit_noblock, struct sock *sk, unsigned int flags,
	     int noblock, int *off, int *err, struct sk_buff *ret)
{
	if (ret)
		on_copy_enter();
	return 0;
}

/* A datagram that is dropped for its checksum is not given back. */
SEC("fentry/__skb_wait_for_more_packets")
int BPF_PROG(on_skb_wait_for_more_packets)
{
	on_copy_cancel();
	return 0;
}

SEC("fentry/skb_consume_udp")
int BPF_PROG(on_skb_consume_udp)
{
	on_copy_exit();
	return 0;
}

#endif

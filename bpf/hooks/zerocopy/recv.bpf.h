/* SPDX-License-Identifier: GPL-2.0-only */
/* The recv family, and what it copies. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_RECV_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_RECV_BPF_H

#include "common.bpf.h"

#if BY_KPROBE
/* TCP's MSG_TRUNC drops what it is told of. */
static __always_inline bool is_dropped(struct socket *sock, __u32 flags)
{
	__u32 protocol = flags & MSG_TRUNC ? LOAD(sock, sk, sk_protocol) : 0;

	return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

/* What MSG_TRUNC says is more than what the program has got: it had no room for that. */
static __always_inline __s64 bytes_received(const struct iop_zc_call *c,
					    const struct msghdr *msg, int ret)
{
	return ret > 0 ? iop_zc_least(c->room, ret) : 0;
}
#else
static __always_inline bool is_dropped(struct socket *sock, __u32 flags)
{
	return false;
}

/* What the program has room for has shrunk by what it got; MSG_TRUNC says more. */
static __always_inline __s64 bytes_received(const struct iop_zc_call *c,
					    const struct msghdr *msg, int ret)
{
	return ret > 0 ? c->room - msg->msg_iter.count : 0;
}
#endif

static __always_inline void recv_enter(enum iop_zc_function function, struct socket *sock,
				       const struct msghdr *msg, __u32 flags)
{
	struct iop_zc_call *c;

	if (flags & MSG_ERRQUEUE)
		return;
	c = on_call_enter(function, IOP_ZC_RECV);
	if (c)
		c->room = is_dropped(sock, flags) ? 0 : LOAD(msg, msg_iter.count);
}

static __always_inline void recv_exit(enum iop_zc_function function,
				      const struct msghdr *msg, int ret)
{
	struct iop_zc_call *c = current_call();

	if (c)
		on_call_exit(function, bytes_received(c, msg, ret));
}

/* A socket that has no splice of its own is read for one. */
static __always_inline bool is_spliced(const struct iop_zc_call *c)
{
	return c && c->path == IOP_ZC_SPLICE_IN;
}

/* Of a call whose end is seen, and not always that of what copies in it. */
static __always_inline void all_is_copied(struct iop_zc_call *c)
{
	c->copied = ~0ull;
	c->causes |= IOP_ZC_PROTOCOL;
}

AT_ENTRY(sock_recvmsg, on_sock_recvmsg, struct socket *sock, struct msghdr *msg, int flags)
{
	struct iop_zc_call *c = current_call();

	if (!is_spliced(c))
		recv_enter(IOP_ZC_SOCK_RECVMSG, sock, msg, flags);
	else if (BY_KPROBE)
		all_is_copied(c);
	return 0;
}

AT_EXIT(sock_recvmsg, on_sock_recvmsg_exit, struct socket *sock, struct msghdr *msg,
	int flags, int ret)
{
	struct iop_zc_call *c = current_call();

	if (!is_spliced(c)) {
		recv_exit(IOP_ZC_SOCK_RECVMSG, msg, ret);
	} else if (!BY_KPROBE && ret > 0) {
		c->copied += ret;
		c->causes |= IOP_ZC_PROTOCOL;
	}
	return 0;
}

/* The others of a recvmmsg. */
AT_ENTRY(____sys_recvmsg, on_sys_recvmsg, struct socket *sock, struct msghdr *msg_sys,
	 void *msg, void *uaddr, unsigned int flags, int nosec)
{
	if (nosec)
		recv_enter(IOP_ZC_SYS_RECVMSG, sock, msg_sys, flags);
	return 0;
}

AT_EXIT(____sys_recvmsg, on_sys_recvmsg_exit, struct socket *sock, struct msghdr *msg_sys,
	void *msg, void *uaddr, unsigned int flags, int nosec, int ret)
{
	recv_exit(IOP_ZC_SYS_RECVMSG, msg_sys, ret);
	return 0;
}

AT_TRACEPOINT(skb_copy_datagram_iovec, on_skb_copy_datagram_iovec,
	      const struct sk_buff *skb, int len)
{
	on_copy_enter(0, len);
	return 0;
}

AT_EXIT(skb_copy_datagram_iter, on_skb_copy_datagram_iter_exit)
{
	on_copy_exit(0);
	return 0;
}

/* A linear datagram has no hook of its own. */
static __always_inline void datagram_found(const struct sk_buff *skb)
{
	if (skb)
		on_copy_enter(0, 0);
}

AT_EXIT_OF_SLEEPER(__skb_recv_udp, on_skb_recv_udp_exit, struct sock *sk,
		   unsigned int flags, int *off, int *err, struct sk_buff *ret)
{
	datagram_found(ret);
	return 0;
}

AT_EXIT_OF_SLEEPER(__skb_recv_udp, on_skb_recv_udp_exit_noblock, struct sock *sk,
		   unsigned int flags, int noblock, int *off, int *err,
		   struct sk_buff *ret)
{
	datagram_found(ret);
	return 0;
}

#if BY_KPROBE
/* What takes it off the queue does not sleep. */
AT_EXIT(__skb_try_recv_from_queue, on_skb_try_recv_exit, struct sk_buff *ret)
{
	datagram_found(ret);
	return 0;
}
#endif

/* len is negative if the datagram stays. */
AT_ENTRY(skb_consume_udp, on_skb_consume_udp, struct sock *sk, struct sk_buff *skb,
	 int len)
{
	struct iop_zc_call *c = current_call();

	if (!c || !c->copying_ns)
		return 0;
	c->copying_bytes = len < 0 ? -len : len;
	iop_zc_copy_exit(c, 0, bpf_ktime_get_ns());
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Channels: sockets that come to a poller, move to another, and close. */
#ifndef IOPHASE_LOOPS_CHANNELS_BPF_H
#define IOPHASE_LOOPS_CHANNELS_BPF_H

#include "states.bpf.h"

static __always_inline bool is_listening(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN;
}

/* It has, or has had, somebody at its other end. */
static __always_inline bool is_connected(struct sock *sk)
{
	switch (BPF_CORE_READ(sk, __sk_common.skc_state)) {
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
	case TCP_CLOSE:
	case TCP_LISTEN:
		return false;
	}
	return true;
}

/* fill_endpoints() of an address, which the verifier does not know to be a socket's. */
static __always_inline void read_endpoints(struct sock *sk, struct iop_endpoints *ends)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	ends->family = family;
	bpf_core_read(&ends->type, sizeof(ends->type), &sk->sk_type);
	bpf_core_read(&ends->protocol, sizeof(ends->protocol), &sk->sk_protocol);
	if (family != AF_INET && family != AF_INET6)
		return;
	ends->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	ends->peer_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (family == AF_INET) {
		bpf_core_read(ends->local, 4, &sk->__sk_common.skc_rcv_saddr);
		bpf_core_read(ends->peer, 4, &sk->__sk_common.skc_daddr);
	} else {
		bpf_core_read(ends->local, IOP_ADDR_LEN,
			      &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(ends->peer, IOP_ADDR_LEN, &sk->__sk_common.skc_v6_daddr);
	}
}

static __always_inline void set_origin(struct iop_channel *c)
{
	__u32 port = c->ends.local_port;

	if (c->origin || !port || c->ends.protocol != IPPROTO_TCP)
		return;
	c->origin = bpf_map_lookup_elem(&listened, &port) ? IOP_ORIGIN_ACCEPTED :
							    IOP_ORIGIN_CONNECTED;
}

static __always_inline void note_origin(const struct iop_channel *c, struct iop_poller *p)
{
	if (c->origin == IOP_ORIGIN_ACCEPTED)
		p->has |= IOP_HAS_ACCEPTED;
	else if (c->origin == IOP_ORIGIN_CONNECTED)
		p->has |= IOP_HAS_CONNECTED;
	if (c->accepted_by && c->accepted_by != p->home)
		p->fed_by = c->accepted_by;
}

/* Its ends are known once it is connected. Returns false until then. */
static __always_inline bool look_at_channel(struct iop_channel *c, struct sock *sk,
					    struct iop_poller *p)
{
	if (c->connected)
		return true;
	if (!is_connected(sk))
		return false;
	read_endpoints(sk, &c->ends);
	set_origin(c);
	c->connected = 1;
	note_origin(c, p);
	return true;
}

static __always_inline void count_moved(__u64 left, __u32 pid)
{
	struct iop_poller *from = left ? poller_of(left) : 0;

	/* a child that has inherited it is another process */
	if (from && (!from->pid || from->pid == pid))
		__sync_fetch_and_add(&from->moved, 1);
}

static __always_inline void listen_with(struct sock *sk, struct iop_poller *p)
{
	__u32 port = BPF_CORE_READ(sk, __sk_common.skc_num), one = 1;

	if (p)
		p->has |= IOP_HAS_LISTENER;
	if (port)
		bpf_map_update_elem(&listened, &port, &one, BPF_ANY);
}

/* sk is registered with a poller, as fd; since 0: it has been before. */
static __always_inline void register_channel(struct sock *sk, __u64 poller, __u32 fd,
					     __u32 pid, __u64 since)
{
	struct iop_poller *p = poller_new(poller);
	struct iop_channel *c;

	if (!p)
		return;
	if (!p->pid)
		p->pid = pid;
	if (is_listening(sk)) {
		listen_with(sk, p);
		return;
	}
	c = channel_new((__u64)sk);
	if (!c)
		return;
	if (c->fd == IOP_ANY && !c->since_ns)
		c->since_ns = since;
	c->fd = fd;
	count_moved(iop_channel_register(c, poller), pid);
	look_at_channel(c, sk, p);
	note_origin(c, p);
}

static __always_inline void on_deregister(struct sock *sk, __u64 poller)
{
	struct iop_channel *c = channel_of((__u64)sk);

	if (c)
		iop_channel_deregister(c, poller);
}

static __always_inline void on_sock_close(__u64 sk)
{
	struct iop_channel *c = active ? channel_of(sk) : 0;
	struct iop_poller *p = c && c->poller ? poller_of(c->poller) : 0;

	if (!c)
		return;
	if (p && c->connected)
		__sync_fetch_and_add(&p->closed, 1);
	bpf_map_delete_elem(&channels, &sk);
	bpf_map_delete_elem(&channel_lags, &sk);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What a socket says of itself where its address is known, without CO-RE. */
#ifndef IOPHASE_QUEUE_COMPAT_BPF_H
#define IOPHASE_QUEUE_COMPAT_BPF_H

#include "field_compat.bpf.h"
#include "phase.h"

/* Whose queue can be seen: not that of vsock, MPTCP or kernel TLS. */
static __always_inline bool queue_is_known(__u64 sk, __u16 protocol, bool tcp)
{
	__u16 family = 0;

	READ(family, sk, family);
	if (family == AF_VSOCK || protocol == IPPROTO_MPTCP)
		return false;
	return !tcp || !KNOWN(ulp_ops) || !kernel_pointer(sk, fields.ulp_ops);
}

static __always_inline bool is_shut_down(struct sock *sock)
{
	__u8 shutdown = 0;

	if (KNOWN(sk_shutdown))
		READ(shutdown, (__u64)sock, sk_shutdown);
	return shutdown & RCV_SHUTDOWN;
}

/*
 * What lies unread. Where nobody knows, or without BTF, there is more than one
 * unread when data arrives and none after a read: if that did leave data
 * behind, the next read says unseen.
 */
static __always_inline void fill_queue(struct sock *sock, const struct iop_sock *s,
				       struct iop_queue *q, __u32 arrived)
{
	__u16 type = 0, protocol = 0;
	__u64 sk = (__u64)sock;
	__u32 more = 0;
	bool tcp;

	q->head = 0;
	q->tail = 2 * arrived;
	q->packets = 1;
	q->older = 0;
	if (!KNOWN(qlen) || !KNOWN(copied_seq) || !KNOWN(sk_protocol))
		return;
	READ(type, sk, sk_type);
	READ(protocol, sk, sk_protocol);
	tcp = protocol == IPPROTO_TCP && type == SOCK_STREAM;
	if (!queue_is_known(sk, protocol, tcp))
		return;
	READ(q->tail, sk, qlen);
	if (protocol == IPPROTO_UDP && KNOWN(reader_qlen)) {
		READ(more, sk, reader_qlen);
		q->tail += more;
	}
	q->older = !s->ready_ns && q->tail > 1;
	if (tcp) {
		READ(q->head, sk, copied_seq);
		READ(q->tail, sk, rcv_nxt);
		q->packets = 0;
	}
}

static __always_inline void fill_endpoints(struct sock *sock, struct iop_endpoints *ends)
{
	read_endpoints((__u64)sock, ends);
}

/* -1: not known. */
static __always_inline __s64 ack_backlog(struct sock *sock)
{
	__u32 backlog = 0;

	if (!KNOWN(ack_backlog))
		return -1;
	READ(backlog, (__u64)sock, ack_backlog);
	return backlog;
}

#endif

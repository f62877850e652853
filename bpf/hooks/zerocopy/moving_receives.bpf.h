/* SPDX-License-Identifier: GPL-2.0-only */
/* Receives that can move: TCP_ZEROCOPY_RECEIVE, and RECV_ZC of io_uring. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_MOVING_RECEIVES_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_MOVING_RECEIVES_BPF_H

#include "common.bpf.h"

/* --- TCP_ZEROCOPY_RECEIVE ---------------------------------------------------------- */

AT_ENTRY(tcp_zerocopy_receive, on_tcp_zerocopy_receive)
{
	on_call_enter(IOP_ZC_TCP_RECEIVE, IOP_ZC_RECEIVE);
	return 0;
}

AT_EXIT_KEEPING(active, tcp_zerocopy_receive, on_tcp_zerocopy_receive_exit,
		struct sock *sk, struct tcp_zerocopy_receive *zc, void *tss, int ret)
{
	struct iop_zc_call *c = current_call();

	if (!c || c->function != IOP_ZC_TCP_RECEIVE)
		return 0;
	if (!ret) {
		c->left = LOAD(zc, recv_skip_hint);
		c->copied = LOAD(zc, copybuf_len) > 0 ? LOAD(zc, copybuf_len) : 0;
	}
	on_call_exit(IOP_ZC_TCP_RECEIVE, ret ? 0 : LOAD(zc, length) + c->copied);
	return 0;
}

/* --- io_uring's RECV_ZC ------------------------------------------------------------ */

AT_ENTRY(io_recvzc, on_io_recvzc)
{
	on_call_enter(IOP_ZC_IO_RECVZC, IOP_ZC_ZCRX);
	return 0;
}

/* It returns no bytes. */
AT_EXIT(io_recvzc, on_io_recvzc_exit)
{
	struct iop_zc_call *c = current_call();

	if (c)
		on_call_exit(IOP_ZC_IO_RECVZC, c->read);
	return 0;
}

static __always_inline struct iop_zc_call *current_recvzc(void)
{
	struct iop_zc_call *c = current_call();

	return c && c->function == IOP_ZC_IO_RECVZC ? c : 0;
}

/* A packet of fragments is read by reading each of them. */
AT_ENTRY(io_zcrx_recv_skb, on_io_zcrx_recv_skb)
{
	struct iop_zc_call *c = current_recvzc();

	if (c)
		c->packets++;
	return 0;
}

AT_EXIT(io_zcrx_recv_skb, on_io_zcrx_recv_skb_exit, void *desc, struct sk_buff *skb,
	unsigned int offset, unsigned long len, int ret)
{
	struct iop_zc_call *c = current_recvzc();

	if (c && !--c->packets && ret > 0)
		c->read += ret;
	return 0;
}

/* What a device did not put into the ring's area. */
AT_ENTRY(io_zcrx_copy_chunk, on_io_zcrx_copy_chunk)
{
	if (current_recvzc())
		on_copy_enter(0, 0);
	return 0;
}

AT_EXIT(io_zcrx_copy_chunk, on_io_zcrx_copy_chunk_exit, struct io_kiocb *req, void *ifq,
	struct page *page, unsigned int offset, unsigned long len, __s64 ret)
{
	struct iop_zc_call *c = current_recvzc();

	if (!c || !c->copying_ns)
		return 0;
	if (ret <= 0) {
		on_copy_cancel();
		return 0;
	}
	c->copied += ret;
	c->causes |= IOP_ZC_AREA;
	c->copying_bytes = ret;
	iop_zc_copy_exit(c, 0, bpf_ktime_get_ns());
	return 0;
}

#endif

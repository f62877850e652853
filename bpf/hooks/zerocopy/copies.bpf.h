/* SPDX-License-Identifier: GPL-2.0-only */
/* How a send copies. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_COPIES_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_COPIES_BPF_H

#include "common.bpf.h"

/* TCP has room for so much, and copies it next; it has, when it does anything else. */
AT_EXIT_KEEPING(current_call(), tcp_wmem_schedule, on_tcp_wmem_schedule_exit,
		struct sock *sk, int copy, int ret)
{
	if (ret > 0)
		on_copy_enter((__u64)sk, ret);
	return 0;
}

#if BY_KPROBE
static __always_inline __u32 write_seq(const struct sock *sk)
{
	return LOAD((const struct tcp_sock *)sk, write_seq);
}

/*
 * Until f54755f6a11a (5.19) it says so nowhere, but has a page for it. What it has
 * copied then, its sequence number has gone on by.
 */
AT_EXIT_KEEPING(current_call(), sk_page_frag_refill, on_sk_page_frag_refill_exit,
		struct sock *sk, void *page, bool ret)
{
	struct thread_call *t = thread_call_of(current_task_ids().tid);

	if (!t || !ret || LOAD(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	t->by_seq = 1;
	t->seq = write_seq(sk);
	on_copy_enter((__u64)sk, 0);
	return 0;
}

static __always_inline int tcp_copied(const struct sock *sk)
{
	struct thread_call *t = thread_call_of(current_task_ids().tid);

	if (t && t->by_seq && t->c.copying_sk == (__u64)sk) {
		t->c.copying_bytes = write_seq(sk) - t->seq;
		if (!t->c.copying_bytes)
			on_copy_cancel(); /* it had no memory */
	}
	on_copy_exit((__u64)sk);
	return 0;
}
#else
static __always_inline int tcp_copied(const struct sock *sk)
{
	on_copy_exit((__u64)sk);
	return 0;
}
#endif

AT_ENTRY(tcp_push, on_tcp_push, struct sock *sk)
{
	return tcp_copied(sk);
}

AT_ENTRY(tcp_push_one, on_tcp_push_one, struct sock *sk)
{
	return tcp_copied(sk);
}

AT_ENTRY(__tcp_push_pending_frames, on_tcp_push_pending_frames, struct sock *sk)
{
	return tcp_copied(sk);
}

AT_ENTRY(sk_page_frag_refill, on_sk_page_frag_refill, struct sock *sk)
{
	return tcp_copied(sk);
}

AT_ENTRY(tcp_stream_alloc_skb, on_tcp_stream_alloc_skb, struct sock *sk)
{
	return tcp_copied(sk);
}

#if BY_KPROBE
AT_ENTRY(sk_stream_alloc_skb, on_sk_stream_alloc_skb, struct sock *sk)
{
	return tcp_copied(sk);
}
#endif

/* Or it does not copy. */
AT_ENTRY(skb_zerocopy_iter_stream, on_skb_zerocopy_iter_stream)
{
	on_copy_cancel();
	return 0;
}

AT_ENTRY(skb_copy_datagram_from_iter, on_skb_copy_datagram_from_iter,
	 struct sk_buff *skb, int offset, void *from, int len)
{
	on_copy_enter(0, len);
	return 0;
}

AT_EXIT(skb_copy_datagram_from_iter, on_skb_copy_datagram_from_iter_exit)
{
	on_copy_exit(0);
	return 0;
}

/* UDP and raw sockets. */
AT_ENTRY(ip_generic_getfrag, on_ip_generic_getfrag, void *from, char *to, int offset,
	 int len)
{
	on_copy_enter(0, len);
	return 0;
}

AT_EXIT(ip_generic_getfrag, on_ip_generic_getfrag_exit)
{
	on_copy_exit(0);
	return 0;
}

#endif

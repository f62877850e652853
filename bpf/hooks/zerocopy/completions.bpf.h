/* SPDX-License-Identifier: GPL-2.0-only */
/* Sends that are over later: MSG_ZEROCOPY, and SEND_ZC of io_uring. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_COMPLETIONS_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_COMPLETIONS_BPF_H

#include "common.bpf.h"

#define MAX_LINKED (1 << 20) /* requests that io_uring completes together */

static __always_inline void zerocopy_begun(struct ubuf_info *uarg)
{
	struct iop_zc_call *c = uarg ? current_call() : 0;

	if (!c)
		return;
	c->path = IOP_ZC_ZC_SEND;
	on_note(c, (__u64)uarg);
}

AT_EXIT(msg_zerocopy_realloc, on_msg_zerocopy_realloc_exit, struct sock *sk,
	unsigned long size, void *uarg, struct ubuf_info *ret)
{
	zerocopy_begun(ret);
	return 0;
}

AT_EXIT(msg_zerocopy_realloc, on_msg_zerocopy_realloc_exit_devmem, struct sock *sk,
	unsigned long size, void *uarg, bool devmem, struct ubuf_info *ret)
{
	zerocopy_begun(ret);
	return 0;
}

#if BY_KPROBE
/* Their names until 8c793822c5803 (5.12). */
AT_EXIT(sock_zerocopy_realloc, on_sock_zerocopy_realloc_exit, struct ubuf_info *ret)
{
	zerocopy_begun(ret);
	return 0;
}

AT_ENTRY(sock_zerocopy_callback, on_sock_zerocopy_callback, struct ubuf_info *uarg,
	 bool success)
{
	on_zerocopy_complete((__u64)uarg, !success);
	return 0;
}
#endif

/* The last of its pages is free, whether or not the program will ask for it. */
static __always_inline void zerocopy_ended(struct ubuf_info_msgzc *uarg)
{
	on_zerocopy_complete((__u64)uarg, !BPF_CORE_READ_BITFIELD_PROBED(uarg, zerocopy));
}

AT_ENTRY(__msg_zerocopy_callback, on_msg_zerocopy_callback, struct ubuf_info_msgzc *uarg)
{
	zerocopy_ended(uarg);
	return 0;
}

AT_ENTRY(io_uring_tx_zerocopy_callback, on_io_tx_callback, struct sk_buff *skb,
	 struct ubuf_info *uarg, bool success)
{
	on_uring_told((__u64)uarg, skb, success);
	return 0;
}

AT_ENTRY(io_tx_ubuf_complete, on_io_tx_complete, struct sk_buff *skb,
	 struct ubuf_info *uarg, bool success)
{
	on_uring_told((__u64)uarg, skb, success);
	return 0;
}

/* Requests that the kernel completes together are a list. */
struct uring_list {
	struct io_notif_data *last; /* that has ended */
	enum uring_fate first;
};

static long next_completes(__u32 i, struct uring_list *list)
{
	struct io_notif_data *last = list->last, *nd = BPF_CORE_READ(last, next);

	if (!nd)
		return 1;
	list->last = nd;
	on_uring_complete((__u64)&nd->uarg, list->first);
	return 0;
}

/* The last that has a hold on a request has let it go: nothing is left to be told. */
static __always_inline void uring_completes(struct io_kiocb *notif)
{
	struct io_notif_data *first = (void *)notif; /* a command's data comes first */
	struct uring_list list = { .last = first };

	list.first = on_uring_complete((__u64)&first->uarg, COPIED);
	if (bpf_core_field_exists(first->next))
		bpf_loop(MAX_LINKED, next_completes, &list, 0);
}

AT_ENTRY(__io_notif_complete_tw, on_io_notif_complete_tw, struct io_kiocb *notif)
{
	uring_completes(notif);
	return 0;
}

AT_ENTRY(io_notif_tw_complete, on_io_notif_complete, struct io_kiocb *notif)
{
	uring_completes(notif);
	return 0;
}

static __always_inline void unshare_enter(const struct sk_buff *skb)
{
	struct skb_shared_info *shared = (void *)(LOAD(skb, head) + LOAD(skb, end));

	on_unshare_enter((__u64)skb, (__u64)BPF_CORE_READ(shared, destructor_arg),
			 LOAD(skb, data_len));
}

AT_ENTRY(skb_copy_ubufs, on_skb_copy_ubufs, struct sk_buff *skb)
{
	unshare_enter(skb);
	return 0;
}

AT_EXIT_KEEPING(active, skb_copy_ubufs, on_skb_copy_ubufs_exit, struct sk_buff *skb,
		__u32 gfp, int ret)
{
	on_unshare_exit((__u64)skb);
	return 0;
}

#endif

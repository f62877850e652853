/* SPDX-License-Identifier: GPL-2.0-only */
/* sendfile() and splice(), and which pages they move. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_SPLICE_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_SPLICE_BPF_H

#include "common.bpf.h"

#define TMPFS_MAGIC 0x01021994 /* include/uapi/linux/magic.h */
#define DATAREF_MASK 0xffff /* include/linux/skbuff.h: the rest counts headers alone */

/*
 * tmpfs takes O_DIRECT since e88e0d366f9c (6.6), and reads its cache all the same.
 * copy_splice_read() may be a part of its caller then.
 */
static __always_inline bool is_tmpfs(struct file *f)
{
	return BPF_CORE_READ(f, f_mapping, host, i_sb, s_magic) == TMPFS_MAGIC;
}

AT_ENTRY(do_sendfile, on_do_sendfile, int out_fd, int in_fd)
{
	struct file *out = file_of(out_fd), *in = file_of(in_fd);
	struct iop_zc_call *c;

	if (!out)
		return 0;
	if (!sock_of_file(out)) {
		if (in && sock_of_file(in)) /* to a pipe, since 5.12 */
			on_call_enter(IOP_ZC_DO_SENDFILE, IOP_ZC_SPLICE_IN);
		return 0;
	}
	c = on_call_enter(IOP_ZC_DO_SENDFILE, IOP_ZC_SENDFILE);
	if (c && in && BPF_CORE_READ(in, f_flags) & O_DIRECT) {
		c->remade = is_tmpfs(in);
		c->direct = !c->remade;
	}
	return 0;
}

AT_EXIT_OF_SLEEPER(do_sendfile, on_do_sendfile_exit, int out_fd, int in_fd, void *ppos,
		   unsigned long count_, __s64 max, __s64 ret)
{
	on_call_exit(IOP_ZC_DO_SENDFILE, ret);
	return 0;
}

AT_ENTRY(do_splice, on_do_splice, struct file *in, void *off_in, struct file *out)
{
	if (socket_of_file(out))
		on_call_enter(IOP_ZC_DO_SPLICE, IOP_ZC_SPLICE_OUT);
	else if (socket_of_file(in))
		on_call_enter(IOP_ZC_DO_SPLICE, IOP_ZC_SPLICE_IN);
	return 0;
}

AT_EXIT(do_splice, on_do_splice_exit, struct file *in, void *off_in, struct file *out,
	void *off_out, unsigned long len, unsigned int flags, __s64 ret)
{
	on_call_exit(IOP_ZC_DO_SPLICE, ret);
	return 0;
}

/* Pages that a socket takes as they are. */
AT_ENTRY(skb_splice_from_iter, on_skb_splice_from_iter)
{
	on_copy_cancel();
	return 0;
}

AT_EXIT(skb_splice_from_iter, on_skb_splice_from_iter_exit, void *skb, void *iter,
	__s64 max, __u32 gfp, __s64 ret)
{
	on_moved(ret);
	return 0;
}

AT_EXIT(skb_splice_from_iter, on_skb_splice_from_iter_exit_nogfp, void *skb, void *iter,
	__s64 max, __s64 ret)
{
	on_moved(ret);
	return 0;
}

/* Until dc97391e6610 (6.5) page by page. One of no file was made by reading it. */
static __always_inline void page_sent(struct page *page, __s64 bytes)
{
	struct iop_zc_call *c = current_call();

	if (!c || bytes <= 0)
		return;
	c->moved += bytes;
	if (c->path == IOP_ZC_SENDFILE && !c->direct && !BPF_CORE_READ(page, mapping))
		c->source += bytes;
}

/*
 * By kprobe seen when they are given: a socket that sleeps until it has room for them
 * takes them all, or the call ends (iop_zc_end_pages()).
 */
AT_ENTRY(do_tcp_sendpages, on_do_tcp_sendpages, struct sock *sk, struct page *page,
	 int offset, unsigned long size)
{
	struct iop_zc_call *c = current_call();

	if (c)
		c->moves = 1;
	if (BY_KPROBE)
		page_sent(page, size);
	return 0;
}

AT_EXIT_OF_SLEEPER(do_tcp_sendpages, on_do_tcp_sendpages_exit, struct sock *sk,
		   struct page *page, int offset, unsigned long size, int flags,
		   __s64 ret)
{
	struct iop_zc_call *c = current_call();

	if (c)
		c->moves = 0;
	page_sent(page, ret);
	return 0;
}

#if BY_KPROBE
AT_ENTRY(unix_stream_sendpage, on_unix_stream_sendpage, struct socket *sock,
	 struct page *page, int offset, unsigned long size)
{
	page_sent(page, size);
	return 0;
}
#endif

AT_EXIT_OF_SLEEPER(unix_stream_sendpage, on_unix_stream_sendpage_exit,
		   struct socket *sock, struct page *page, int offset,
		   unsigned long size, int flags, __s64 ret)
{
	page_sent(page, ret);
	return 0;
}

AT_EXIT_KEEPING(current_call(), ip_append_page, on_ip_append_page_exit, struct sock *sk,
		void *fl4, struct page *page, int offset, unsigned long size, int flags,
		__s64 ret)
{
	page_sent(page, ret ? 0 : size);
	return 0;
}

/* A file that has no pages to share is read into new ones, since 6.5. */
AT_ENTRY(copy_splice_read, on_copy_splice_read)
{
	struct iop_zc_call *c = BY_KPROBE ? current_call() : 0;

	if (c && c->path == IOP_ZC_SENDFILE && !c->direct)
		c->source = ~0ull; /* its end may not be seen */
	on_copy_enter(0, 0);
	return 0;
}

AT_EXIT(copy_splice_read, on_copy_splice_read_exit, struct file *in, void *ppos,
	void *pipe, unsigned long len, unsigned int flags, __s64 ret)
{
	struct iop_zc_call *c = current_call();

	if (!c || c->path != IOP_ZC_SENDFILE || c->direct || ret <= 0) {
		on_copy_cancel();
		return 0;
	}
	if (!BY_KPROBE)
		c->source += ret;
	c->copying_bytes = ret;
	iop_zc_copy_exit(c, 0, bpf_ktime_get_ns());
	return 0;
}

/*
 * Of a packet's bytes from offset on, those that splice has to copy: they are in its
 * head, which is no page, or one that others use.
 */
static __always_inline __u32 bytes_of_head(struct sk_buff *skb, __u32 offset, __u32 bytes)
{
	struct skb_shared_info *shared = (void *)(LOAD(skb, head) + LOAD(skb, end));
	__u32 head = LOAD(skb, len) - LOAD(skb, data_len);

	if (offset >= head)
		return 0;
	if (BPF_CORE_READ_BITFIELD_PROBED(skb, head_frag) &&
	    !(BPF_CORE_READ_BITFIELD_PROBED(skb, cloned) &&
	      (BPF_CORE_READ(shared, dataref.counter) & DATAREF_MASK) != 1))
		return 0;
	return iop_zc_least(head - offset, bytes);
}

AT_ENTRY(skb_splice_bits, on_skb_splice_bits)
{
	on_copy_enter(0, 0);
	return 0;
}

AT_EXIT_KEEPING(current_call(), skb_splice_bits, on_skb_splice_bits_exit,
		struct sk_buff *skb, struct sock *sk, unsigned int offset, void *pipe,
		unsigned int len, unsigned int flags, int ret)
{
	struct iop_zc_call *c = current_call();
	__u32 bytes = c && ret > 0 ? bytes_of_head(skb, offset, ret) : 0;

	if (!bytes) {
		on_copy_cancel();
		return 0;
	}
	c->copied += bytes;
	c->causes |= IOP_ZC_LINEAR;
	c->copying_bytes = bytes;
	iop_zc_copy_exit(c, 0, bpf_ktime_get_ns());
	return 0;
}

#endif

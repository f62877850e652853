// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks of iophase zerocopy, in an object of their own, so that no other command pays
 * for them: trampolines and BTF tracepoints, or kprobes (BY_KPROBE).
 */
#include "kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "core_compat.bpf.h"
#include "zerocopy.bpf.h"
#include "hooks_tasks.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define TMPFS_MAGIC 0x01021994 /* include/uapi/linux/magic.h */
#define DATAREF_MASK 0xffff  /* include/linux/skbuff.h: the rest counts headers alone */
#define MAX_LINKED (1 << 20) /* requests that io_uring completes together */

/* --- recv family ---------------------------------------------------------------- */

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

/* --- send family ----------------------------------------------------------------- */

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

#if BY_KPROBE
/* --- the ends of calls that sleep ---------------------------------------------------- */

/*
 * Kprobes at returns lose threads that sleep, so the system call's is the end of what
 * has not ended. But it returns no bytes where it makes several calls, and of
 * TCP_ZEROCOPY_RECEIVE: of a recvmmsg(), a sendmmsg(), io_uring and that, what was lost
 * is not seen.
 */
static __always_inline int begin_several(__u32 how)
{
	struct task_ids who = current_task_ids();
	struct thread_call *t;

	if (!active || !task_selected(who))
		return 0;
	t = thread_call_new(who.tid);
	if (t)
		t->several = how;
	return 0;
}

static __always_inline void give_up(struct thread_call *t)
{
	if (!t->c.function)
		return;
	COUNT(unmatched, 1);
	if (iop_zc_is_pending(&t->c))
		note_end(&t->c, 0, 0); /* it is not to wait for this one */
	t->c.function = IOP_ZC_NONE;
}

AT_ENTRY(do_recvmmsg, on_do_recvmmsg)
{
	return begin_several(BATCH);
}

AT_ENTRY(__sys_sendmmsg, on_sys_sendmmsg)
{
	return begin_several(BATCH);
}

AT_ENTRY(io_issue_sqe, on_io_issue_sqe)
{
	return begin_several(REQUEST);
}

AT_EXIT(io_issue_sqe, on_io_issue_sqe_exit)
{
	struct thread_call *t = thread_call_of(current_task_ids().tid);

	if (!t)
		return 0;
	give_up(t);
	t->several = 0;
	return 0;
}

AT_TRACEPOINT(sys_exit, on_sys_exit, const struct regs *regs, int ret)
{
	struct thread_call *t = thread_call_of(current_task_ids().tid);
	bool told;

	if (!t || !(t->c.function || t->several))
		return 0;
	told = !t->several && t->c.function != IOP_ZC_TCP_RECEIVE;
	if (t->several == REQUEST || (!told && ret >= 0))
		give_up(t);
	t->several = 0;
	if (t->c.path == IOP_ZC_RECV)
		recv_exit(t->c.function, 0, ret);
	else
		on_call_exit(t->c.function, ret);
	return 0;
}
#endif

/* --- how a send copies -------------------------------------------------------------- */

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

/* --- sendfile and splice ------------------------------------------------------------- */

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

/* --- sends that are over later -------------------------------------------------------- */

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

/* --- the ends of things ----------------------------------------------------------------- */

AT_TRACEPOINT(sched_process_exit, on_sched_process_exit, struct task_struct *p)
{
	on_call_thread_exit(LOAD(p, pid));
	drop_target(current_task_ids(), LOAD(p, signal, live.counter) == 0);
	return 0;
}

#if !BY_KPROBE
/* --- programs that the kernel skips --------------------------------------------------- */

/*
 * As in hooks_btf.bpf.c: where the kernel preempts itself what makes and ends a call has
 * another beside it, which does what has not been done.
 */
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

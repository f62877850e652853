// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks for kernels with BTF: trampolines (fentry, fexit) and BTF tracepoints.
 * One shim a hook: take the arguments apart, call the engine. What each
 * function stands for and where it was seen to fire: docs/architecture.md.
 */
#include "kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "core_compat.bpf.h"
#include "engine.bpf.h"
#include "messages.bpf.h"
#include "uring.bpf.h"
#include "rare_end.bpf.h"
#include "hooks_tasks.bpf.h"
#include "uring_data.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline struct iop_thread *this_thread(void)
{
	return thread_lookup(current_tid());
}

static __always_inline bool is_reading(const struct iop_thread *t)
{
	return t && t->rd.called_ns;
}

/* --- the read ---------------------------------------------------------------- */

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

/* --- data ready ---------------------------------------------------------------- */

SEC("fentry/sock_def_readable")
int BPF_PROG(on_sock_def_readable, struct sock *sk)
{
	on_data_ready(sk);
	return 0;
}

/* --- select, poll, epoll --------------------------------------------------------- */

SEC("fentry/do_epoll_wait")
int BPF_PROG(on_do_epoll_wait)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/do_epoll_wait")
int BPF_PROG(on_do_epoll_wait_exit)
{
	on_wait_exit();
	return 0;
}

SEC("fentry/do_sys_poll")
int BPF_PROG(on_do_sys_poll)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/do_sys_poll")
int BPF_PROG(on_do_sys_poll_exit)
{
	on_wait_exit();
	return 0;
}

SEC("fentry/core_sys_select")
int BPF_PROG(on_core_sys_select)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/core_sys_select")
int BPF_PROG(on_core_sys_select_exit)
{
	on_wait_exit();
	return 0;
}

/* select() of a 32-bit process on a 64-bit kernel. */
SEC("fentry/compat_core_sys_select")
int BPF_PROG(on_compat_core_sys_select)
{
	on_wait_enter();
	return 0;
}

SEC("fexit/compat_core_sys_select")
int BPF_PROG(on_compat_core_sys_select_exit)
{
	on_wait_exit();
	return 0;
}

/*
 * _key holds the events that the wait call asks for on this file. An error may
 * be the socket's own, which the next read returns, or lie in its error queue.
 */
static __always_inline int socket_polled(struct file *file,
					 struct poll_table_struct *wait, __u32 mask)
{
	struct socket *sock;

	if (!(mask & (POLL_READ_MASK | POLL_ERROR)) || !wait)
		return 0;
	if (!(wait->_key & POLL_READ_MASK))
		return 0;
	sock = bpf_sock_from_file(file);
	if (sock && (mask & wait->_key & POLL_READ_MASK ||
		     (mask & POLL_ERROR && sock->sk->sk_err)))
		on_wait_report((__u64)sock->sk);
	return 0;
}

SEC("fexit/sock_poll")
int BPF_PROG(on_sock_poll_exit, struct file *file, struct poll_table_struct *wait,
	     __u32 mask)
{
	return socket_polled(file, wait, mask);
}

/* --- signals ----------------------------------------------------------------------- */

SEC("fexit/sock_fasync")
int BPF_PROG(on_sock_fasync_exit, int fd, struct file *file, int on, int ret)
{
	struct socket *sock;

	if (!on || ret < 0)
		return 0;
	sock = bpf_sock_from_file(file);
	if (sock)
		on_signal_arm((__u64)sock->sk);
	return 0;
}

/* After suppression: this signal is really sent. reason 1 is POLL_IN. */
SEC("fentry/send_sigio_to_task")
int BPF_PROG(on_send_sigio_to_task, struct task_struct *p, struct fown_struct *fown,
	     int fd, int reason)
{
	if (reason == POLL_IN)
		on_signal_send(sock_of_fown(fown));
	return 0;
}

/*
 * SIGIO, or F_SETSIG's real-time signal: its si_code is a POLL_*. 6.12's
 * verifier takes info for a number, so it is read, not followed.
 */
static __always_inline void signal_told(int sig, const struct kernel_siginfo *info)
{
	int code = sig >= SIGRTMIN ? BPF_CORE_READ(info, si_code) : 0;

	if (sig == SIGIO || (code >= POLL_IN && code <= POLL_HUP))
		on_signal_deliver();
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(on_signal_delivered, int sig, struct kernel_siginfo *info)
{
	signal_told(sig, info);
	return 0;
}

/* sigwaitinfo() and signalfd take signals without delivering them. */
static __always_inline int signal_dequeued(int sig, const struct kernel_siginfo *info)
{
	if (sig >= SIGIO)
		signal_told(sig, info);
	return 0;
}

SEC("fexit/dequeue_signal")
int BPF_PROG(on_signal_dequeued, void *mask, struct kernel_siginfo *info, void *type,
	     int sig)
{
	return signal_dequeued(sig, info);
}

SEC("fexit/dequeue_signal")
int BPF_PROG(on_signal_dequeued_task, struct task_struct *task, void *mask,
	     struct kernel_siginfo *info, void *type, int sig)
{
	return signal_dequeued(sig, info);
}

SEC("fexit/dequeue_signal")
int BPF_PROG(on_signal_dequeued_untyped, struct task_struct *task, void *mask,
	     struct kernel_siginfo *info, int sig)
{
	return signal_dequeued(sig, info);
}

/* --- the scheduler: --wake-detail ----------------------------------------------- */

SEC("tp_btf/sched_waking")
int BPF_PROG(on_sched_waking, struct task_struct *p)
{
	on_waking(p->pid);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_sched_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	on_cpu(next->pid);
	return 0;
}

/* --- io_uring ---------------------------------------------------------------------- */

/*
 * io_uring_enter(fd, to_submit, min_complete, flags, ...) is not hooked where it begins:
 * that it waits is known when it submits, or is found to wait, or posts a completion.
 */
static __always_inline bool call_waits(const struct task_struct *task,
				       const struct regs *r)
{
	if (IS_COMPAT_CALL(task, r))
		return r->CALL32_3 && r->CALL32_4 & IORING_ENTER_GETEVENTS;
	return r->CALL_3 && r->CALL_4 & IORING_ENTER_GETEVENTS;
}

/* The running thread submits to the ring: in its call, if it is not the ring's own. */
static __always_inline void on_submitting_call(__u32 tid, __u64 ring)
{
	struct task_struct *task = CURRENT;
	struct iop_thread *t = thread_lookup_or_init(tid);

	if (t && t->ring != ring && !(LOAD(task, flags) & PF_IO_WORKER) &&
	    call_waits(task, REGS_OF(task)))
		wait_for_ring(t, tid, ring);
}

static __always_inline __u64 ring_waited_for(void)
{
	struct task_struct *task = CURRENT;
	const struct regs *r = REGS_OF(task);

	if (r->CALL_NR != NR_IO_URING_ENTER || !CALL_RUNS(r) || !call_waits(task, r))
		return 0;
	return IS_COMPAT_CALL(task, r) ? ring_of(r->CALL32_1, r->CALL32_4) :
					 ring_of(r->CALL_1, r->CALL_4);
}

/* Of its own: else the verifier walks all that follows for each way through it. */
SUBPROG_OF_NUMBERS int wait_is_found(void)
{
	return !!on_uring_wait(ring_waited_for());
}

static __always_inline bool found_to_wait(void)
{
	return wait_is_found();
}

static __always_inline int uring_submit(struct io_kiocb *req)
{
	struct request *r = on_uring_submit((__u64)req, req->cqe.fd, req->opcode);

	if (!r)
		return 0;
	if (messages_are_kept() && r->req.kind == IOP_REQUEST_RECEIVE)
		message_keep(req);
	on_submitting_call(r->req.tid, (__u64)req->ctx);
	return 0;
}

SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_io_uring_submit_ring, void *ring, void *req, __u8 opcode, __u64 user_data)
{
	if (on_uring_submit((__u64)req, IOP_ANY, opcode))
		remember_data((__u64)ring, user_data, (__u64)req);
	return 0;
}

SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_io_uring_submit_sqe, struct io_kiocb *req)
{
	return uring_submit(req);
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_io_uring_submit_req, struct io_kiocb *req)
{
	return uring_submit(req);
}

#define URING_ISSUE(function)                                    \
	SEC("fentry/" #function)                                 \
	int BPF_PROG(on_##function, struct io_kiocb *req)        \
	{                                                        \
		on_uring_issue((__u64)req);                      \
		return 0;                                        \
	}                                                        \
	SEC("fexit/" #function)                                  \
	int BPF_PROG(on_##function##_exit, struct io_kiocb *req) \
	{                                                        \
		on_uring_issued();                               \
		return 0;                                        \
	}

URING_ISSUE(io_recv)
URING_ISSUE(io_recvmsg)
URING_ISSUE(io_read)
URING_ISSUE(io_read_mshot)

SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_io_uring_complete, struct io_ring_ctx *ring, void *req, __u64 user_data,
	     int res, unsigned int cflags)
{
	on_uring_complete((__u64)ring, (__u64)req, res, cflags & IORING_CQE_F_MORE);
	return 0;
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_io_uring_complete_data, void *ring, __u64 user_data, int res,
	     unsigned int cflags)
{
	__u64 req = request_of_data((__u64)ring, user_data);

	if (req)
		on_uring_complete((__u64)ring, req, res, false);
	return 0;
}

static __always_inline int uring_complete_cqe(struct io_ring_ctx *ring, void *req,
					      struct io_uring_cqe *cqe)
{
	on_uring_complete((__u64)ring, (__u64)req, cqe->res,
			  cqe->flags & IORING_CQE_F_MORE);
	return 0;
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_io_uring_complete_cqe, struct io_ring_ctx *ring, void *req,
	     struct io_uring_cqe *cqe)
{
	return uring_complete_cqe(ring, req, cqe);
}

/*
 * RECV_ZC takes what TCP has without sock_recvmsg(). It does not return how much that was
 * if it is to be called again, and its completions, one for each piece, pass no
 * tracepoint: what one call takes is a read, and completed as it returns.
 */
SEC("fentry/io_zcrx_recv")
int BPF_PROG(on_io_zcrx_recv, struct io_kiocb *req, void *ifq, struct socket *sock)
{
	struct iop_thread *t;

	if (!uring_is_known((__u64)req)) /* it may have been there for long */
		on_uring_submit((__u64)req, IOP_ANY, IORING_OP_RECV_ZC);
	on_uring_issue((__u64)req);
	on_read_enter((__u64)sock->sk, MSG_DONTWAIT);
	t = this_thread();
	if (t)
		t->rd.packets = 0;
	return 0;
}

SEC("fexit/io_zcrx_recv")
int BPF_PROG(on_io_zcrx_recv_exit, struct io_kiocb *req, void *ifq, struct socket *sock,
	     unsigned int flags, unsigned int issue_flags, void *len, int ret)
{
	struct iop_thread *t = this_thread();
	const struct request *r;
	__s64 bytes = ret;

	if (is_reading(t)) {
		if (ret < 0 && t->rd.received)
			bytes = t->rd.received;
		on_rare_read_exit(sock->sk, bytes);
		r = request_lookup((__u64)req);
		if (r && r->req.done && r->req.ret > 0)
			on_uring_complete((__u64)req->ctx, (__u64)req, r->req.ret, true);
	}
	on_uring_issued();
	return 0;
}

/* A packet of fragments is read by reading each of them. */
SEC("fentry/io_zcrx_recv_skb")
int BPF_PROG(on_io_zcrx_recv_skb)
{
	struct iop_thread *t = this_thread();

	if (is_reading(t))
		t->rd.packets++;
	return 0;
}

SEC("fexit/io_zcrx_recv_skb")
int BPF_PROG(on_io_zcrx_recv_skb_exit, void *desc, struct sk_buff *skb,
	     unsigned int offset, unsigned long len, int ret)
{
	struct iop_thread *t = this_thread();

	if (is_reading(t) && !--t->rd.packets && ret > 0)
		t->rd.received += ret;
	return 0;
}

/* What a device did not put into the ring's area. */
SEC("fentry/io_zcrx_copy_chunk")
int BPF_PROG(on_io_zcrx_copy_chunk)
{
	on_copy_enter();
	return 0;
}

SEC("fexit/io_zcrx_copy_chunk")
int BPF_PROG(on_io_zcrx_copy_chunk_exit)
{
	on_copy_exit();
	return 0;
}

SEC("tp_btf/io_uring_cqring_wait")
int BPF_PROG(on_io_uring_cqring_wait, void *ring)
{
	on_uring_wait((__u64)ring);
	return 0;
}

SEC("fexit/" URING_ENTER)
int BPF_PROG(on_io_uring_enter_exit)
{
	on_uring_return();
	return 0;
}

/* by a 32-bit process */
SEC("fexit/__ia32_sys_io_uring_enter")
int BPF_PROG(on_ia32_io_uring_enter_exit)
{
	on_uring_return();
	return 0;
}

/* --- programs that the kernel skips ------------------------------------------------- */

/*
 * Where a thread is preempted in one of the trampolines' programs, the kernel
 * skips that program in whoever comes next on this CPU. So each has a second one
 * beside it, which is another to the kernel: it does what has not been done. Both
 * would have to be interrupted at once for a read to be missed. What runs with
 * preemption off needs none, as tracepoints do until 7.2, which guards them by SRCU.
 * Nor has a copy: a read of which it is missed has its time as rest.
 */
static __always_inline bool is_waiting(const struct iop_thread *t)
{
	return t && t->wait_enter_ns;
}

/* What is seldom done, in functions of their own: else each run would save registers. */
SUBPROG_STATIC int read_exit_again(struct socket *sock, int ret)
{
	on_rare_read_exit(sock->sk, ret);
	return 0;
}

SUBPROG_STATIC int uring_submit_again(struct io_kiocb *req)
{
	return uring_submit(req);
}

SUBPROG_STATIC int uring_return_again(void)
{
	on_uring_return();
	return 0;
}

SUBPROG_STATIC int uring_complete_again(struct io_ring_ctx *ring, void *req,
					struct io_uring_cqe *cqe)
{
	return uring_complete_cqe(ring, req, cqe);
}

#define READ_AGAIN(again)                                                              \
	SEC("fentry/sock_recvmsg")                                                     \
	int BPF_PROG(on_sock_recvmsg_##again, struct socket *sock, struct msghdr *msg, \
		     int flags)                                                        \
	{                                                                              \
		if (!is_reading(this_thread()))                                        \
			recvmsg_enter(ctx, sock, msg, flags);                          \
		return 0;                                                              \
	}                                                                              \
	SEC("fexit/sock_recvmsg")                                                      \
	int BPF_PROG(on_sock_recvmsg_exit_##again, struct socket *sock,                \
		     struct msghdr *msg, int flags, int ret)                           \
	{                                                                              \
		if (is_reading(this_thread()))                                         \
			read_exit_again(sock, ret);                                    \
		return 0;                                                              \
	}                                                                              \
	SEC("fentry/____sys_recvmsg")                                                  \
	int BPF_PROG(on_sys_recvmsg_##again, struct socket *sock,                      \
		     struct msghdr *msg_sys, void *msg, void *uaddr,                   \
		     unsigned int flags, int nosec)                                    \
	{                                                                              \
		if (nosec && !is_reading(this_thread()))                               \
			on_sys_recvmsg_enter(sock, flags);                             \
		return 0;                                                              \
	}                                                                              \
	SEC("fexit/____sys_recvmsg")                                                   \
	int BPF_PROG(on_sys_recvmsg_exit_##again, struct socket *sock,                 \
		     struct msghdr *msg_sys, void *msg, void *uaddr,                   \
		     unsigned int flags, int nosec, int ret)                           \
	{                                                                              \
		if (nosec && is_reading(this_thread()))                                \
			read_exit_again(sock, ret);                                    \
		return 0;                                                              \
	}

/*
 * Of what no read can do without there are two: with one, 2 in 100,000 were missed. With
 * on_socket_recvmsg, which is not skipped, one is enough.
 */
READ_AGAIN(again)
READ_AGAIN(again2)

SEC("fentry/schedule_timeout")
int BPF_PROG(on_schedule_timeout_again)
{
	struct iop_thread *t = this_thread();

	if (is_reading(t) && !t->rd.sleep_ns)
		on_sleep_enter();
	return 0;
}

SEC("fexit/schedule_timeout")
int BPF_PROG(on_schedule_timeout_exit_again)
{
	on_sleep_exit(current_tid());
	return 0;
}

#define WAIT_AGAIN(function)                     \
	SEC("fentry/" #function)                 \
	int BPF_PROG(on_##function##_again)      \
	{                                        \
		if (!is_waiting(this_thread()))  \
			on_wait_enter();         \
		return 0;                        \
	}                                        \
	SEC("fexit/" #function)                  \
	int BPF_PROG(on_##function##_exit_again) \
	{                                        \
		if (is_waiting(this_thread()))   \
			on_wait_exit();          \
		return 0;                        \
	}

WAIT_AGAIN(do_epoll_wait)
WAIT_AGAIN(do_sys_poll)
WAIT_AGAIN(core_sys_select)

#define URING_AGAIN(function)                                          \
	SEC("fentry/" #function)                                       \
	int BPF_PROG(on_##function##_again, struct io_kiocb *req)      \
	{                                                              \
		struct iop_thread *t = this_thread();                  \
		if (!t || t->req != (__u64)req)                        \
			on_uring_issue((__u64)req);                    \
		return 0;                                              \
	}                                                              \
	SEC("fexit/" #function)                                        \
	int BPF_PROG(on_##function##_exit_again, struct io_kiocb *req) \
	{                                                              \
		on_uring_issued();                                     \
		return 0;                                              \
	}

URING_AGAIN(io_recv)
URING_AGAIN(io_recvmsg)
URING_AGAIN(io_read)

SEC("tp_btf/io_uring_cqring_wait")
int BPF_PROG(on_io_uring_cqring_wait_again, void *ring)
{
	on_uring_wait((__u64)ring);
	return 0;
}

SEC("fexit/" URING_ENTER)
int BPF_PROG(on_io_uring_enter_exit_again)
{
	struct iop_thread *t = this_thread();

	return t && t->ring ? uring_return_again() : 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_io_uring_submit_req_again, struct io_kiocb *req)
{
	return uring_is_known((__u64)req) ? 0 : uring_submit_again(req);
}

/* What has been completed is no longer known, or goes on: once more is harmless. */
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_io_uring_complete_cqe_again, struct io_ring_ctx *ring, void *req,
	     struct io_uring_cqe *cqe)
{
	if (req && !uring_is_known((__u64)req))
		return 0;
	return uring_complete_again(ring, req, cqe);
}

SEC("fexit/sock_poll")
int BPF_PROG(on_sock_poll_exit_again, struct file *file, struct poll_table_struct *wait,
	     __u32 mask)
{
	return socket_polled(file, wait, mask);
}

/* --- the end of things --------------------------------------------------------------- */

SEC("fentry/security_sk_free")
int BPF_PROG(on_security_sk_free, struct sock *sk)
{
	on_sock_free((__u64)sk);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_sched_process_exit, struct task_struct *p)
{
	on_task_exit(p->signal->live.counter == 0);
	return 0;
}

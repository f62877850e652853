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

char LICENSE[] SEC("license") = "GPL";

/* --- the read ---------------------------------------------------------------- */

SEC("fentry/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg, struct socket *sock, struct msghdr *msg,
	     int flags)
{
	on_read_enter((__u64)sock->sk, flags);
	return 0;
}

SEC("fexit/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg_exit, struct socket *sock, struct msghdr *msg,
	     int flags, int ret)
{
	on_read_exit(sock->sk, ret, 0);
	return 0;
}

/* recvmmsg() takes all datagrams but the first past sock_recvmsg(). */
SEC("fentry/____sys_recvmsg")
int BPF_PROG(on_sys_recvmsg, struct socket *sock, struct msghdr *msg_sys,
	     void *msg, void *uaddr, unsigned int flags, int nosec)
{
	if (!nosec)
		return 0;
	if (sock->file->f_flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	on_read_enter((__u64)sock->sk, flags);
	return 0;
}

SEC("fexit/____sys_recvmsg")
int BPF_PROG(on_sys_recvmsg_exit, struct socket *sock, struct msghdr *msg_sys,
	     void *msg, void *uaddr, unsigned int flags, int nosec, int ret)
{
	if (nosec)
		on_read_exit(sock->sk, ret, 0);
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
	on_sleep_exit(bpf_get_current_pid_tgid());
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
int BPF_PROG(on_skb_recv_udp_exit, struct sock *sk, unsigned int flags,
	     int *off, int *err, struct sk_buff *ret)
{
	if (ret)
		on_copy_enter();
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
SEC("?fentry/compat_core_sys_select")
int BPF_PROG(on_compat_core_sys_select)
{
	on_wait_enter();
	return 0;
}

SEC("?fexit/compat_core_sys_select")
int BPF_PROG(on_compat_core_sys_select_exit)
{
	on_wait_exit();
	return 0;
}

/* _key holds the events that the wait call asks for on this file. */
SEC("fexit/sock_poll")
int BPF_PROG(on_sock_poll_exit, struct file *file,
	     struct poll_table_struct *wait, __u32 mask)
{
	struct socket *sock;

	if (!(mask & POLL_READ_MASK) || !wait)
		return 0;
	if (!(mask & wait->_key & POLL_READ_MASK))
		return 0;
	sock = bpf_sock_from_file(file);
	if (sock)
		on_wait_report((__u64)sock->sk);
	return 0;
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
int BPF_PROG(on_send_sigio_to_task, struct task_struct *p,
	     struct fown_struct *fown, int fd, int reason)
{
	if (reason == POLL_IN)
		on_signal_send(sock_of_fown(fown));
	return 0;
}

/*
 * SIGIO, or F_SETSIG's real-time signal: its si_code is a POLL_*. 6.12's
 * verifier takes info for a number, so it is read, not followed.
 */
static __always_inline void signal_told(int sig,
					const struct kernel_siginfo *info)
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

/*
 * sigwaitinfo() and signalfd take signals without delivering them. The task
 * went from the arguments with a2b80ce87a87 (6.12).
 */
SEC("?fexit/dequeue_signal")
int on_dequeue_signal_exit(__u64 *ctx)
{
	__u64 info = 0, sig = 0;

	if (bpf_get_func_ret(ctx, &sig) || (int)sig < SIGIO ||
	    bpf_get_func_arg(ctx, bpf_get_func_arg_cnt(ctx) - 2, &info))
		return 0;
	signal_told(sig, (struct kernel_siginfo *)info);
	return 0;
}

/* --- the scheduler: --wake-detail ----------------------------------------------- */

SEC("?tp_btf/sched_waking")
int BPF_PROG(on_sched_waking, struct task_struct *p)
{
	on_waking(p->pid);
	return 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(on_sched_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	on_cpu(next->pid);
	return 0;
}

/* --- io_uring ---------------------------------------------------------------------- */

static __always_inline int uring_submit(struct io_kiocb *req)
{
	switch (req->opcode) {
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_RECVMSG:
	case IORING_OP_READ:
	case IORING_OP_RECV:
	case IORING_OP_READ_MULTISHOT:
		on_uring_submit((__u64)req, req->cqe.fd);
	}
	return 0;
}

/* One of the two is there: renamed by 2ad57931db64 (6.4). */
SEC("?tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_io_uring_submit_sqe, struct io_kiocb *req)
{
	return uring_submit(req);
}

SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(on_io_uring_submit_req, struct io_kiocb *req)
{
	return uring_submit(req);
}

#define URING_ISSUE(function)                                          \
	SEC("?fentry/" #function)                                      \
	int BPF_PROG(on_##function, struct io_kiocb *req)              \
	{                                                              \
		on_uring_issue((__u64)req);                            \
		return 0;                                              \
	}                                                              \
	SEC("?fexit/" #function)                                       \
	int BPF_PROG(on_##function##_exit, struct io_kiocb *req)       \
	{                                                              \
		on_uring_issue(0);                                     \
		return 0;                                              \
	}

URING_ISSUE(io_recv)
URING_ISSUE(io_recvmsg)
URING_ISSUE(io_read)
URING_ISSUE(io_read_mshot)

SEC("?tp_btf/io_uring_complete")
int BPF_PROG(on_io_uring_complete, struct io_ring_ctx *ring, void *req,
	     __u64 user_data, int res, unsigned int cflags)
{
	on_uring_complete((__u64)ring, (__u64)req, cflags & IORING_CQE_F_MORE);
	return 0;
}

/* io_uring_enter(fd, to_submit, min_complete, flags, ...) */
SEC("?fentry/__x64_sys_io_uring_enter")
int BPF_PROG(on_io_uring_enter, const struct pt_regs *regs)
{
	if (regs->dx && regs->r10 & IORING_ENTER_GETEVENTS)
		on_uring_enter(ring_of(regs->di, regs->r10));
	return 0;
}

SEC("?fexit/__x64_sys_io_uring_enter")
int BPF_PROG(on_io_uring_enter_exit)
{
	on_uring_return();
	return 0;
}

/* by a 32-bit process */
SEC("?fentry/__ia32_sys_io_uring_enter")
int BPF_PROG(on_ia32_io_uring_enter, const struct pt_regs *regs)
{
	if (regs->dx && regs->si & IORING_ENTER_GETEVENTS)
		on_uring_enter(ring_of(regs->bx, regs->si));
	return 0;
}

SEC("?fexit/__ia32_sys_io_uring_enter")
int BPF_PROG(on_ia32_io_uring_enter_exit)
{
	on_uring_return();
	return 0;
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

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_sched_process_fork, struct task_struct *parent,
	     struct task_struct *child)
{
	on_clone(child->tgid, child->pid);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_sched_process_exec, struct task_struct *p, int old_tid)
{
	on_exec(old_tid);
	return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(on_task_rename, struct task_struct *p, const char *comm)
{
	on_rename((struct who){ .pid = p->tgid, .tid = p->pid }, (__u64)comm);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a thread is preempted in one of the trampolines' programs, the kernel
 * skips that program in whoever comes next on this CPU. So each has a second one
 * beside it, which is another to the kernel: it does what has not been done. Both
 * would have to be interrupted at once for a read to be missed. What runs with
 * preemption off needs none, as tracepoints do until 7.2, which guards them by SRCU.
 * Nor has a copy: a read of which it is missed has its time as rest.
 */
#ifndef IOPHASE_HOOKS_BTF_SKIPPED_BPF_H
#define IOPHASE_HOOKS_BTF_SKIPPED_BPF_H

#include "common.bpf.h"
#include "read.bpf.h"
#include "signals.bpf.h"
#include "uring.bpf.h"
#include "waits.bpf.h"

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

#endif

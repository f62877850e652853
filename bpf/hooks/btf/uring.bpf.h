/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring. */
#ifndef IOPHASE_HOOKS_BTF_URING_BPF_H
#define IOPHASE_HOOKS_BTF_URING_BPF_H

#include "common.bpf.h"

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

#endif

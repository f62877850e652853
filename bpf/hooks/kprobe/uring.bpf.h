/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring. */
#ifndef IOPHASE_HOOKS_KPROBE_URING_BPF_H
#define IOPHASE_HOOKS_KPROBE_URING_BPF_H

#include "common.bpf.h"
#include "read.bpf.h"

/* Its io_uring_enter() is hooked where it begins. */
static __always_inline bool found_to_wait(void)
{
	return false;
}

/* Who issues a request is known from the function that does. */
static __always_inline bool is_multishot(__u64 req)
{
	return false;
}

static __always_inline int uring_submit(__u64 req)
{
	__u32 fd = IOP_ANY;

	if (KNOWN(uring_fd))
		READ(fd, req, uring_fd);
	on_uring_submit(req, fd, uring_opcode(req));
	return 0;
}

SEC("raw_tp/io_uring_submit_sqe")
int on_io_uring_submit_ring(struct raw_tracepoint *ctx)
{
	if (on_uring_submit(ctx->args[1], IOP_ANY, ctx->args[2]))
		remember_data(ctx->args[0], ctx->args[3], ctx->args[1]);
	return 0;
}

SEC("raw_tp/io_uring_submit_sqe")
int on_io_uring_submit_sqe(struct raw_tracepoint *ctx)
{
	return uring_submit(ctx->args[0]);
}

SEC("raw_tp/io_uring_submit_req")
int on_io_uring_submit_req(struct raw_tracepoint *ctx)
{
	return uring_submit(ctx->args[0]);
}

SEC("raw_tp/io_uring_submit_req")
int on_io_uring_submit_req_again(struct raw_tracepoint *ctx)
{
	return uring_is_known(ctx->args[0]) ? 0 : uring_submit(ctx->args[0]);
}

static __always_inline int uring_issue(__u64 req)
{
	end_retry();
	on_uring_issue(req);
	return 0;
}

/*
 * The request has been issued: 0, or ECANCELED for a multishot one that is over
 * (IOU_STOP_MULTISHOT), and its result is stored; or nothing was there yet.
 * Without BTF the result comes with the completion.
 */
static __always_inline int uring_issued(int ret)
{
	bool over = !ret || ret == -IOP_ECANCELED;
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);
	int res = -IOP_EAGAIN;

	if (!t || !t->req)
		return 0;
	if (t->rd.called_ns && (!over || KNOWN(uring_res))) {
		if (over)
			READ(res, t->req, uring_res);
		end_uring_read(res);
	}
	on_uring_issued();
	return 0;
}

/* They sleep in workers only, whose reads end with the completion then. */
#define URING_ISSUE(function)                      \
	SEC("kprobe/" #function)                   \
	int on_##function(struct regs *ctx)        \
	{                                          \
		return uring_issue(ARG1(ctx));     \
	}                                          \
	SEC("kretprobe/" #function)                \
	int on_##function##_exit(struct regs *ctx) \
	{                                          \
		return uring_issued(RESULT(ctx));  \
	}

URING_ISSUE(io_recv)
URING_ISSUE(io_recvmsg)
URING_ISSUE(io_read)
URING_ISSUE(io_read_mshot)

/* struct io_uring_cqe, which user space knows, too. */
struct cqe {
	__u64 user_data;
	__s32 res;
	__u32 flags;
};

static __always_inline int uring_complete(__u64 ring, __u64 req, int res, __u32 flags)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);

	if (t && t->rd.called_ns && t->rd.req && (!req || t->rd.req == req))
		end_uring_read(res);
	on_uring_complete(ring, req, res, flags & IORING_CQE_F_MORE);
	return 0;
}

SEC("raw_tp/io_uring_complete")
int on_io_uring_complete(struct raw_tracepoint *ctx)
{
	return uring_complete(ctx->args[0], ctx->args[1], ctx->args[3], ctx->args[4]);
}

SEC("raw_tp/io_uring_complete")
int on_io_uring_complete_data(struct raw_tracepoint *ctx)
{
	__u64 req = request_of_data(ctx->args[0], ctx->args[1]);

	return req ? uring_complete(ctx->args[0], req, ctx->args[2], 0) : 0;
}

static __always_inline int uring_complete_cqe(struct raw_tracepoint *ctx)
{
	struct cqe cqe = {};

	bpf_probe_read_kernel(&cqe, sizeof(cqe), (void *)ctx->args[2]);
	return uring_complete(ctx->args[0], ctx->args[1], cqe.res, cqe.flags);
}

SEC("raw_tp/io_uring_complete")
int on_io_uring_complete_cqe(struct raw_tracepoint *ctx)
{
	return uring_complete_cqe(ctx);
}

/* What has been completed is no longer known, or goes on: once more is harmless. */
SEC("raw_tp/io_uring_complete")
int on_io_uring_complete_cqe_again(struct raw_tracepoint *ctx)
{
	return uring_complete_cqe(ctx);
}

static __always_inline void enter_uring(__u32 fd, __u32 read_selected, __u32 flags)
{
	if (read_selected && flags & IORING_ENTER_GETEVENTS)
		on_uring_enter(fd, flags);
}

/* io_uring_enter(fd, to_submit, min_complete, flags, ...) */
SEC("kprobe/" URING_ENTER)
int on_io_uring_enter(struct regs *ctx)
{
	struct regs user = {};

	if (!HAS_CALL_WRAPPERS) {
		enter_uring(ARG1(ctx), ARG3(ctx), ARG4(ctx));
		return 0;
	}
	bpf_probe_read_kernel(&user, sizeof(user), (void *)ARG1(ctx));
	enter_uring(user.CALL_1, user.CALL_3, user.CALL_4);
	return 0;
}

/* by a 32-bit process on x86 */
SEC("kprobe/__ia32_sys_io_uring_enter")
int on_ia32_io_uring_enter(struct regs *ctx)
{
	struct regs user = {};

	bpf_probe_read_kernel(&user, sizeof(user), (void *)ARG1(ctx));
	enter_uring(user.CALL32_1, user.CALL32_3, user.CALL32_4);
	return 0;
}

/* In programs of its own: together they are too much for the verifier. */
static __always_inline int end_of_uring_call(struct raw_tracepoint *ctx)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	if (!t)
		return 0;
	if (t->req)
		on_uring_issued();
	if (t->ring)
		on_uring_return();
	return 0;
}

AT_SYS_EXIT(on_sys_exit_uring, end_of_uring_call)
AT_SYS_EXIT(on_sys_exit_uring_again, end_of_uring_call)

/* Which ring the thread waits for, when nothing else says so. */
SEC("raw_tp/io_uring_cqring_wait")
int on_io_uring_cqring_wait(struct raw_tracepoint *ctx)
{
	if (!KNOWN(task_files))
		on_uring_wait(ctx->args[0]);
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Rings of io_uring. */
#ifndef IOPHASE_HOOKS_LOOPS_RINGS_BPF_H
#define IOPHASE_HOOKS_LOOPS_RINGS_BPF_H

#include "common.bpf.h"
#include "kprobe_ends.bpf.h"

/* io_uring_enter(fd, to_submit, min_complete, flags, ...) */
static __always_inline void ring_enter(const struct pt_regs *regs)
{
	const struct regs *r = user_regs(regs);
	__u64 fd = USER_REG(r, CALL_1), flags = USER_REG(r, CALL_4);
	__u64 ring = flags & IORING_ENTER_GETEVENTS ? ring_of(fd, flags) : 0;

	if (ring)
		on_loop_wait(ring, IOP_POLLER_URING, !!(__u32)USER_REG(r, CALL_3));
}

#if !BY_KPROBE
SEC("fentry/" URING_ENTER)
int BPF_PROG(on_ring_enter, const struct pt_regs *regs)
{
	ring_enter(regs);
	return 0;
}

SEC("fexit/" URING_ENTER)
int BPF_PROG(on_ring_enter_exit, const struct pt_regs *regs, long ret)
{
	on_loop_told(ret);
	return 0;
}
#else
SEC("kprobe/" URING_ENTER)
int on_ring_enter(struct regs *regs)
{
	ring_enter((const struct pt_regs *)ARG1(regs));
	return 0;
}
#endif

/* They sleep in workers only. */
#define RING_ISSUE_IF(condition, function, program, names)                      \
	AT_ENTRY(function, program, struct io_kiocb *req)                       \
	{                                                                       \
		if (condition)                                                  \
			on_ring_issue(req, names);                              \
		return 0;                                                       \
	}                                                                       \
	AT_EXIT_KEEPING(active, function, program##_exit, struct io_kiocb *req, \
			unsigned int flags, int ret)                            \
	{                                                                       \
		end_issued(req, ret);                                           \
		on_ring_issued();                                               \
		return 0;                                                       \
	}
#define RING_ISSUE(function, names) \
	RING_ISSUE_IF(true, function, on_ring_##function, names)

RING_ISSUE(io_recv, true)
RING_ISSUE(io_recvmsg, true)
RING_ISSUE(io_read, true)
RING_ISSUE(io_read_mshot, true)
RING_ISSUE(io_poll_add, true)
RING_ISSUE(io_accept, false)
/* 5.10 has no function of its own for it */
RING_ISSUE_IF(LOAD(req, opcode) == IORING_OP_ACCEPT, io_issue_sqe, on_ring_accept, false)

#if !BY_KPROBE
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_ring_complete, void *ring, void *req)
{
	/* before 6.0 it is what the program calls the request */
	on_ring_posts((__u64)ring,
		      bpf_core_field_exists(struct io_kiocb, cqe) ? (__u64)req : 0);
	return 0;
}
#endif

AT_ENTRY(io_uring_release, on_ring_release, void *inode, struct file *file)
{
	on_poller_free((__u64)LOAD(file, private_data));
	return 0;
}

#endif

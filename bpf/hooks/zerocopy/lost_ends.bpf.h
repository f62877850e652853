/* SPDX-License-Identifier: GPL-2.0-only */
/* By kprobe alone: calls whose ends are lost, as they sleep. */
#ifndef IOPHASE_HOOKS_ZEROCOPY_LOST_ENDS_BPF_H
#define IOPHASE_HOOKS_ZEROCOPY_LOST_ENDS_BPF_H

#include "common.bpf.h"
#include "recv.bpf.h"

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

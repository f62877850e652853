/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One way into the engine: what happened, as the kernel's hooks see it and as a
 * recording holds it. The end of a read has a result, and is a function of its own:
 * account.h, and of io_uring's requests async.h.
 */
#ifndef IOPHASE_ENGINE_APPLY_H
#define IOPHASE_ENGINE_APPLY_H

#include "async.h"
#include "inputs.h"
#include "reading.h"

struct iop_event {
	__u64 now;
	__u64 sock; /* or a ring */
	__s64 arg;  /* by kind */
	const struct iop_queue *q;
	struct iop_request *req; /* that is submitted or completed */
	__u32 tid;
};

/* URING_COMPLETE's argument: the completion's result; are there more to come? */
IOP_INLINE __s64 iop_complete_arg(__s32 res, int more)
{
	return (__s64)res * 2 | more;
}

/* READ_ENTER's argument: flags, "more" (struct iop_reading) and the process. */
IOP_INLINE __s64 iop_read_enter_arg(__u32 msg_flags, __u32 more, __u32 pid)
{
	return msg_flags | (__u64)more << 32 | (__u64)pid << 33;
}

IOP_INLINE __u32 iop_read_enter_pid(__s64 arg)
{
	return (__u64)arg >> 33;
}

/* Is the event's sock a socket, whose state it asks for or changes? */
IOP_INLINE int iop_is_about_sock(__u32 kind)
{
	switch (kind) {
	case IOP_IN_READY:
	case IOP_IN_WAIT_REPORT:
	case IOP_IN_SIGNAL_ARM:
	case IOP_IN_SIGNAL_SEND:
	case IOP_IN_READ_ENTER:
	case IOP_IN_SLEEP_ENTER:
	case IOP_IN_SLEEP_EXIT:
	case IOP_IN_COPY_ENTER:
	case IOP_IN_URING_REPORT:
		return 1;
	}
	return 0;
}

/*
 * t may be 0 where no thread's state matters, s where no socket's does; s of
 * COPY_ENTER, if iop_copies_late() says no. Returns 1 if another thread's report
 * found no room; of a completion, if it is that of a read (async.h).
 */
IOP_INLINE int iop_apply(enum iop_input_kind kind, struct iop_thread *t,
			 struct iop_sock *s, const struct iop_event *e)
{
	switch (kind) {
	case IOP_IN_READY:
		iop_ready(s, e->q, e->now);
		break;
	case IOP_IN_WAIT_ENTER:
		iop_wait_enter(t, e->now);
		break;
	case IOP_IN_WAIT_REPORT: /* arg: the process */
		return iop_wait_report(t, s, e->tid, e->arg, t->wait_enter_ns, e->now);
	case IOP_IN_WAIT_EXIT:
		iop_wait_exit(t, e->now);
		break;
	case IOP_IN_SIGNAL_ARM:
		iop_signal_arm(s, e->now);
		break;
	case IOP_IN_SIGNAL_SEND:
		iop_signal_send(s, e->now);
		break;
	case IOP_IN_SIGNAL_DELIVER:
		iop_signal_deliver(t, e->now);
		break;
	case IOP_IN_WAKING:
		iop_waking(t, e->now);
		break;
	case IOP_IN_ON_CPU:
		iop_on_cpu(t, e->now);
		break;
	case IOP_IN_READ_ENTER:
		iop_read_enter(t, s, e->sock, e->arg, e->now);
		t->rd.more = e->arg >> 32 & 1;
		break;
	case IOP_IN_SLEEP_ENTER:
		iop_sleep_enter(t, s, e->now);
		break;
	case IOP_IN_SLEEP_EXIT:
		iop_sleep_exit(t, s, e->now);
		break;
	case IOP_IN_COPY_ENTER:
		iop_copy_enter(t, s, e->now);
		break;
	case IOP_IN_COPY_CANCEL:
		iop_copy_cancel(t);
		break;
	case IOP_IN_COPY_EXIT:
		iop_copy_exit(t, e->now);
		break;
	case IOP_IN_URING_SUBMIT: /* sock: the request; arg: its kind */
		iop_request_submit(e->req, e->arg, e->tid, e->now);
		break;
	case IOP_IN_URING_COMPLETE: /* sock: the request */
		return iop_request_complete(e->req, e->arg >> 1, e->now);
	case IOP_IN_URING_ISSUE: /* sock: the request; 0: it is over */
		t->req = e->sock;
		break;
	case IOP_IN_URING_ENTER:
		iop_ring_wait_enter(t, e->sock);
		break;
	case IOP_IN_URING_REPORT: /* arg: when it was asked; head: by whom */
		return iop_ring_report(t, s, e->tid, e->q->head, e->arg, e->now);
	case IOP_IN_URING_RETURN:
		iop_ring_wait_exit(t, e->now);
		break;
	case IOP_IN_READ_EXIT: /* these are not applied: above */
	case IOP_IN_SOCK_FREE:
	case IOP_IN_THREAD_EXIT:
	case IOP_NR_INPUTS:
		break;
	}
	return 0;
}

#endif

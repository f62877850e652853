/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stage for the engine: one thread, one socket, a TCP-like or packet queue
 * behind it. Times are plain numbers; each call says when it happens.
 */
#ifndef SCENE_H
#define SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/types.h>

#include "../../bpf/phase.h"

#define TID 7
#define PID 5
#define SK 0x1000

struct scene {
	struct iop_thread t;
	struct iop_sock s;
	struct iop_queue q;
	struct iop_result r;
};

static inline void arrive(struct scene *c, __u64 now, __u32 n)
{
	c->q.tail += n;
	iop_ready(&c->s, &c->q, now);
}

static inline void enter(struct scene *c, __u64 now, __u32 msg_flags)
{
	iop_read_enter(&c->t, &c->s, SK, msg_flags, now);
}

/* A copy that takes n bytes (or packets) off the queue. */
static inline void copy(struct scene *c, __u64 from, __u64 to, __u32 n)
{
	iop_copy_enter(&c->t, &c->s, from);
	if (c->q.packets)
		c->q.tail -= n;
	else
		c->q.head += n;
	iop_copy_exit(&c->t, to);
}

static inline void sleep_from(struct scene *c, __u64 now)
{
	iop_sleep_enter(&c->t, &c->s, now);
}

static inline void wake_at(struct scene *c, __u64 now)
{
	iop_sleep_exit(&c->t, &c->s, now);
}

/* The read of t, tid, ends; other is the thread that may have handed it over. */
static inline int leave_of(struct scene *c, struct iop_thread *t, __u32 tid,
			   const struct iop_thread *other, __u64 now, __s64 ret)
{
	struct iop_read_end e = {
		.sock = SK,
		.now = now,
		.ret = ret,
		.q = c->q,
		.tid = tid,
		.pid = PID,
	};
	const struct iop_report *r;
	int verdict;

	e.delivered_ns = iop_delivered(t, &c->s);
	e.report = iop_find_report(t, &c->s, tid, PID);
	r = iop_report_at(&c->s, e.report);
	if (r && other && r->tid != tid && !iop_still_waits(other, r->wait_seq))
		e.told_ns = iop_told(other, r);
	verdict = iop_read_exit(t, &c->s, &e, &c->r);
	if (verdict == IOP_READ && c->r.flags & IOP_F_HANDOFF)
		iop_keep_handoff(t, &c->s, tid, PID, now - c->r.call_ns);
	return verdict;
}

static inline int leave(struct scene *c, __u64 now, __s64 ret)
{
	return leave_of(c, &c->t, TID, NULL, now, ret);
}

static inline void report_to(struct scene *c, const struct iop_thread *t, __u32 tid,
			     __u64 now)
{
	iop_wait_report(t, &c->s, tid, PID, t->wait_enter_ns, now);
}

static inline void report(struct scene *c, __u64 now)
{
	report_to(c, &c->t, TID, now);
}

static inline void poll_call(struct scene *c, __u64 from, __u64 to, int found)
{
	iop_wait_enter(&c->t, from);
	if (found)
		report(c, to);
	iop_wait_exit(&c->t, to);
}

static inline void eagain(struct scene *c, __u64 from, __u64 to)
{
	enter(c, from, IOP_MSG_DONTWAIT);
	assert_int_equal(leave(c, to, -IOP_EAGAIN), IOP_POLL);
}

#define assert_phases(c, model_, wait_, wake_, dispatch_, copy_, rest_)                \
	do {                                                                           \
		assert_int_equal((c)->r.model, model_);                                \
		assert_int_equal((c)->r.phase_ns[IOP_WAIT], wait_);                    \
		assert_int_equal((c)->r.phase_ns[IOP_WAKE], wake_);                    \
		assert_int_equal((c)->r.phase_ns[IOP_DISPATCH], dispatch_);            \
		assert_int_equal((c)->r.phase_ns[IOP_COPY], copy_);                    \
		assert_int_equal((c)->r.phase_ns[IOP_REST], rest_);                    \
		assert_int_equal((c)->r.total_ns,                                      \
				 (wait_) + (wake_) + (dispatch_) + (copy_) + (rest_)); \
	} while (0)

#endif

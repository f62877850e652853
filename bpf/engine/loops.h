/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event loops: a thread and what it waits on. A turn is from the return of a
 * wait that may block to the entry of the next; waits with timeout 0 belong to
 * the turn around them. Lag is how long what was ready waited for the loop:
 * ready to called, of what inputs.h and reading.h know.
 */
#ifndef IOPHASE_ENGINE_LOOPS_H
#define IOPHASE_ENGINE_LOOPS_H

#include "../hist.h"

/* The wait call that a thread is in, and its loop. */
struct iop_waiter {
	__u64 loop;   /* poller of its last wait that may block; 0: none yet */
	__u64 poller; /* the one it is waiting on; 0: it is not */
	__u32 blocks;
	__u32 socks;   /* reported meanwhile */
	__u64 issuing; /* ring whose request it carries out; 0: none */
};

/* Threads may share what is counted here. */
IOP_INLINE void iop_times_add(struct iop_times *t, __u64 ns)
{
	__u64 bucket = hist_bucket(ns);

	__sync_fetch_and_add(&t->buckets[bucket], 1);
	if (ns > t->max_ns)
		t->max_ns = ns;
}

/* The thread of w, whose loop l is, begins to wait; blocks: its timeout is not 0. */
IOP_INLINE void iop_loop_wait_enter(struct iop_loop *l, struct iop_waiter *w,
				    __u64 poller, __u32 blocks, __u64 now)
{
	w->poller = poller;
	w->blocks = blocks;
	w->socks = 0;
	l->waited = 1;
	if (!blocks)
		return;
	w->loop = poller;
	if (!l->turn_ns)
		return;
	iop_times_add(&l->turn, now - l->turn_ns);
	l->busy_ns += now - l->turn_ns;
	l->turn_ns = 0;
	l->turns++;
}

/* That wait returns: found events, 0, or an error. */
IOP_INLINE void iop_loop_wait_exit(struct iop_loop *l, struct iop_waiter *w,
				   __s64 found, __u64 now)
{
	w->poller = 0;
	if (found > 0)
		l->events += found;
	if (w->blocks) {
		if (found > 0 && w->socks)
			l->wakes_io++;
		else if (found)
			l->wakes_other++;
		else
			l->wakes_timeout++;
	}
	/* one that never blocks is in a turn since its first wait */
	if (w->blocks || !l->turn_ns)
		l->turn_ns = now;
}

/* Its thread ends, which ends no turn by waiting again. */
IOP_INLINE void iop_loop_over(struct iop_loop *l, __u64 now)
{
	if (l->turn_ns)
		l->busy_ns += now - l->turn_ns;
	l->turn_ns = 0;
}

/* Lag of a read or an accept is not known, or there is none. */
#define IOP_NO_LAG (~0ull)

/*
 * The call that t has begun ends: a read, or an accept of a listening socket,
 * whose queue is of connections. Returns how long what it took had been ready
 * when it was called.
 */
IOP_INLINE __u64 iop_lag(struct iop_thread *t, struct iop_sock *s,
			 const struct iop_queue *q, __s64 ret, __u64 now)
{
	struct iop_reading *rd = &t->rd;
	__u64 called = rd->called_ns, lag = IOP_NO_LAG;

	if (ret == -IOP_EAGAIN) {
		if (s->empty_ns < called)
			s->empty_ns = called;
	} else if (!(rd->flags & IOP_F_ERRQUEUE)) {
		iop_settle(s, rd, q, ret, now);
		if (rd->ready_ns && iop_has_data(q, ret))
			lag = called - rd->ready_ns;
	}
	rd->called_ns = 0;
	return lag;
}

/*
 * A channel is registered with a poller. Returns the poller that it has left for
 * that, if it had been another's of the same process; else 0.
 */
IOP_INLINE __u64 iop_channel_register(struct iop_channel *c, __u64 poller)
{
	__u64 left = c->last != poller ? c->last : 0;

	c->poller = poller;
	c->last = poller;
	if (!left || c->moved)
		return 0;
	c->moved = IOP_MOVED_TO_LOOP;
	return left;
}

IOP_INLINE void iop_channel_deregister(struct iop_channel *c, __u64 poller)
{
	if (c->poller == poller)
		c->poller = 0;
}

/*
 * It is read by tid, and p is its poller. Returns 1 if it has moved by that, unless
 * p turns out to be shared later.
 */
IOP_INLINE int iop_channel_read_by(struct iop_channel *c, const struct iop_poller *p,
				   __u32 tid)
{
	if (c->moved || p->shared || !p->tid || p->tid == tid)
		return 0;
	c->moved = IOP_MOVED_TO_THREAD;
	return 1;
}

/*
 * tid waits on p. One that is only looked at, with timeout 0, by a thread that
 * waits on another one (an epoll in an epoll) is part of that one's loop.
 */
IOP_INLINE void iop_poller_waited(struct iop_poller *p, __u64 poller, __u32 pid,
				  __u32 tid, __u32 blocks, __u64 loop)
{
	if (blocks)
		p->has |= IOP_HAS_BLOCKED;
	p->home = p->has & IOP_HAS_BLOCKED || !loop ? poller : loop;
	if (p->tid && p->tid != tid)
		p->shared = 1;
	p->pid = pid;
	p->tid = tid;
}

#endif

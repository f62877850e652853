/* SPDX-License-Identifier: GPL-2.0-only */
/* A loop waits, and is told: the turns between them. */
#ifndef IOPHASE_LOOPS_WAITS_BPF_H
#define IOPHASE_LOOPS_WAITS_BPF_H

#include "channels.bpf.h"
#include "turns.bpf.h"

static __always_inline void on_loop_wait(__u64 poller, __u32 kind, __u32 blocks)
{
	struct task_ids who = current_task_ids();
	struct iop_waiter *w;
	struct iop_poller *p;
	struct iop_loop *l;
	__u64 now;

	if (!active || !task_selected(who))
		return;
	w = waiter_new(who.tid);
	/* poll() of a thread that has an epoll or a ring is part of its turn */
	if (!w ||
	    ((kind == IOP_POLLER_POLL || kind == IOP_POLLER_SELECT) && w->loop >> 63))
		return;
	p = poller_new(poller);
	if (!p)
		return;
	p->ring = kind == IOP_POLLER_URING;
	iop_poller_waited(p, poller, who.pid, who.tid, blocks, w->loop);
	l = loop_new(p->home, who, kind);
	if (!l)
		return;
	now = bpf_ktime_get_ns();
	if (blocks)
		turn_ends(l, who.tid, p->shared, now);
	iop_loop_wait_enter(l, w, poller, blocks, now);
}

SUBPROG_OF_NUMBERS int told_of_received(__u64 ring, __u32 i, __u32 tid, __u64 now);

/* Events are what was posted since the last return: nothing else says how many. */
static __always_inline __s64 take_posted(struct iop_poller *p, struct iop_waiter *w,
					 __s64 ret)
{
	__u32 posted = EXCHANGE(p->posted, 0);

	w->socks = EXCHANGE(p->posted_socks, 0);
	if (posted)
		return posted;
	return ret < 0 && ret != -IOP_ETIME ? ret : 0;
}

static __always_inline void tell_received(struct iop_poller *p, __u64 ring, __u32 tid,
					  __u64 now)
{
	__u32 n = EXCHANGE(p->received, 0);

	for (__u32 i = 0; i < MAX_RECEIVED && i < n; i++)
		told_of_received(ring, i, tid, now);
}

static __always_inline void on_loop_told(__s64 found)
{
	struct task_ids who = current_task_ids();
	struct iop_waiter *w = waiter_lookup(who.tid);
	struct iop_poller *p;
	struct iop_loop *l;
	__u64 now, poller;

	if (!w || !w->poller)
		return;
	poller = w->poller;
	p = poller_of(poller);
	l = p ? loop_of(p->home, who.tid) : 0;
	if (l) {
		now = bpf_ktime_get_ns();
		if (p->ring)
			found = take_posted(p, w, found);
		iop_loop_wait_exit(l, w, found, now);
		turn_begins(l, p->home, who.tid, now);
		if (p->ring)
			tell_received(p, poller, who.tid, now);
	}
	w->poller = 0;
}

/*
 * The running thread's wait call looks at a socket. poll() and select() register
 * what they look at; an epoll's has been registered.
 */
static __always_inline void on_loop_poll(struct sock *sk, bool reported)
{
	struct task_ids who = current_task_ids();
	struct iop_waiter *w = waiter_lookup(who.tid);
	struct iop_channel *c;
	struct iop_poller *p;

	if (!w || !w->poller)
		return;
	if (reported)
		w->socks++;
	c = channel_of((__u64)sk);
	if (w->poller >> 63) {
		p = c && !c->connected ? poller_of(w->poller) : 0;
		if (p)
			look_at_channel(c, sk, p);
	} else if (!c || !c->poller || (c->poller != w->poller && !(c->poller >> 63))) {
		register_channel(sk, w->poller, IOP_ANY, who.pid, bpf_ktime_get_ns());
	}
}

#endif

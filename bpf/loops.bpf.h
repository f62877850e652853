/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event loops: pollers, the threads that wait on them, and the sockets that are
 * registered with them. The hooks of hooks/loops/ call on_*() of this file
 * and of those that it includes.
 */
#ifndef IOPHASE_LOOPS_BPF_H
#define IOPHASE_LOOPS_BPF_H

#include "loops/channels.bpf.h"
#include "loops/reads.bpf.h"
#include "loops/states.bpf.h"
#include "loops/turns.bpf.h"
#include "loops/waits.bpf.h"

/* --- rings ------------------------------------------------------------------------------ */

/* The running thread carries out a request of a ring, which names its socket by that. */
static __always_inline void on_ring_issue(struct io_kiocb *req, bool names)
{
	struct task_ids who = current_task_ids();
	__u64 ring = (__u64)BPF_CORE_READ(req, ctx), sk;
	struct iop_channel *c;
	struct iop_waiter *w;
	__u32 flags = 0, fd;

	if (!active || !task_selected(who))
		return;
	w = waiter_new(who.tid);
	if (!w)
		return;
	w->issuing = ring;
	sk = names ? polled_sock((__u64)req) : 0;
	c = sk ? channel_of(sk) : 0;
	if (!sk || (c && c->poller == ring))
		return;
	bpf_core_read(&flags, sizeof(flags), &req->flags);
	fd = flags & REQ_F_FIXED_FILE ? IOP_ANY : fd_of_request(req);
	register_channel((struct sock *)sk, ring, fd, who.pid, bpf_ktime_get_ns());
}

static __always_inline void on_ring_issued(void)
{
	struct iop_waiter *w = waiter_lookup(bpf_get_current_pid_tgid());

	if (w)
		w->issuing = 0;
}

/* req: 0 if it is one of several that a request posts as it is carried out. */
static __always_inline void on_ring_posts(__u64 ring, __u64 req)
{
	struct iop_poller *p = poller_of(ring);

	if (!p)
		return;
	__sync_fetch_and_add(&p->posted, 1);
	if (req ? polled_sock(req) : issuing(bpf_get_current_pid_tgid()))
		__sync_fetch_and_add(&p->posted_socks, 1);
}

/* --- the ends of things ------------------------------------------------------------------ */

/*
 * Its loop, at which nobody may have looked so far, remains what it was. Hooks are taken
 * off one by one, which takes time: what ends meanwhile is kept.
 */
static __always_inline void on_poller_free(__u64 poller)
{
	struct iop_poller *p = active ? poller_of(poller) : 0;
	struct iop_loop *l = p ? loop_of(p->home, p->tid) : 0;

	if (l) {
		l->has |= p->has;
		l->moved += p->moved + (p->shared ? 0 : p->read_elsewhere);
		l->closed += p->closed;
	}
	if (p)
		bpf_map_delete_elem(&pollers, &poller);
}

static __always_inline void on_loop_thread_exit(__u32 tid)
{
	struct iop_waiter *w = waiter_lookup(tid);
	struct iop_loop *l = w && w->loop ? loop_of(w->loop, tid) : 0;
	struct iop_poller *p = l ? poller_of(w->loop) : 0;
	__u64 poller = tid, now = bpf_ktime_get_ns();

	if (!w || !active)
		return;
	if (l) {
		turn_ends(l, tid, p && p->shared, now);
		iop_loop_over(l, now);
	}
	if (config.slow_ns)
		bpf_map_delete_elem(&turns, &tid);
	bpf_map_delete_elem(&waiters, &tid);
	on_poller_free(poller);
	poller |= POLLER_OF_SELECT;
	on_poller_free(poller);
}

#endif

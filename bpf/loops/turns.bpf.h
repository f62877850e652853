/* SPDX-License-Identifier: GPL-2.0-only */
/* Turns that may become slow: which channels they read, and where the thread was. */
#ifndef IOPHASE_LOOPS_TURNS_BPF_H
#define IOPHASE_LOOPS_TURNS_BPF_H

#include "../engine/turns.h"
#include "states.bpf.h"

static const struct iop_turn zero_turn;

/* The turn that a thread is in, or has been in. */
static __always_inline struct iop_turn *turn_state(__u32 tid)
{
	return config.slow_ns ? bpf_map_lookup_elem(&turns, &tid) : 0;
}

/* The one that it is in. As hooks are taken off, those in progress stay as they are. */
static __always_inline struct iop_turn *turn_of(__u32 tid)
{
	struct iop_turn *t = active ? turn_state(tid) : 0;

	return t && t->begin_ns ? t : 0;
}

static __always_inline void turn_begins(const struct iop_loop *l, __u64 poller,
					__u32 tid, __u64 now)
{
	struct iop_turn *t;

	if (!config.slow_ns || l->turn_ns != now)
		return;
	t = turn_state(tid);
	if (!t) {
		bpf_map_update_elem(&turns, &tid, &zero_turn, BPF_NOEXIST);
		t = turn_state(tid);
	}
	if (!t) {
		COUNT(turns_lost, 1);
		return;
	}
	iop_turn_begin(t, now);
	t->type = IOP_REC_TURN;
	t->poller = poller;
	t->pid = l->pid;
	t->tid = l->tid;
	t->kind = l->kind;
	bpf_get_current_comm(t->comm, sizeof(t->comm));
}

/* Whose turn it is nobody can say where threads share a poller. */
static __always_inline void turn_ends(const struct iop_loop *l, __u32 tid, bool shared,
				      __u64 now)
{
	struct iop_turn *t = turn_of(tid);

	if (!t)
		return;
	if (t->begin_ns == l->turn_ns && now - t->begin_ns >= config.slow_ns && !shared) {
		iop_turn_end(t, now);
		if (bpf_ringbuf_output(&ring, t, sizeof(*t), ring_flags(sizeof(*t))))
			COUNT(turns_lost, 1);
	}
	t->begin_ns = 0;
}

/* The running thread has read a channel. */
static __always_inline void turn_reads(const struct iop_channel *c, __u64 sk, __u32 tid,
				       __u64 bytes, __u64 called)
{
	struct iop_turn *t = turn_of(tid);
	struct iop_turn_channel *first = t ? iop_turn_read(t, sk, bytes, called) : 0;

	if (!first)
		return;
	first->fd = c->fd;
	first->ends = c->ends;
}

static __always_inline void take_stack(void *ctx, struct iop_stack *s)
{
	s->kernel_bytes = bpf_get_stack(ctx, s->kernel, sizeof(s->kernel), 0);
	s->user_bytes = bpf_get_stack(ctx, s->user, sizeof(s->user), BPF_F_USER_STACK);
}

/* The running thread leaves the CPU. */
static __always_inline void on_turn_off(void *ctx, __u32 tid, bool asleep)
{
	struct iop_turn *t = turn_of(tid);
	struct call call = {};

	if (!t)
		return;
	fill_call(&call, 0);
	t->compat = call.compat;
	iop_turn_off(t, asleep, call.syscall, bpf_ktime_get_ns());
	take_stack(ctx, &t->stacks[t->longest ? IOP_STACK_OFF + 1 : IOP_STACK_OFF]);
}

static __always_inline void on_turn_woken(__u32 tid)
{
	struct iop_turn *t = turn_of(tid);

	if (t)
		iop_turn_woken(t, bpf_ktime_get_ns());
}

static __always_inline void on_turn_on(__u32 tid)
{
	struct iop_turn *t = turn_of(tid);

	if (t)
		iop_turn_on(t, bpf_ktime_get_ns());
}

/* The scheduler takes stock of the running thread, mostly at a tick: a sample. */
static __always_inline void on_turn_tick(void *ctx, __u32 tid, __u64 ran)
{
	struct iop_turn *t = tid == current_task_ids().tid ? turn_of(tid) : 0;

	if (!t || ran < t->sample_ns)
		return;
	t->sample_ns = ran;
	take_stack(ctx, &t->stacks[IOP_STACK_CPU]);
}

#endif

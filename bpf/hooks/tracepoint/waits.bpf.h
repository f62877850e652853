/* SPDX-License-Identifier: GPL-2.0-only */
/* select, poll, epoll. */
#ifndef IOPHASE_HOOKS_TRACEPOINT_WAITS_BPF_H
#define IOPHASE_HOOKS_TRACEPOINT_WAITS_BPF_H

#include "common.bpf.h"
#include "calls.bpf.h"
#include "read.bpf.h"

/*
 * What a wait call has reported is kept in its struct task: what is in a map the
 * verifier does not follow from one turn of a loop to the next, which is more
 * than 5.10's has the patience for.
 */

/* Not static: verified once, not for every turn of a loop. */
__attribute__((noinline)) int report_readable(__u64 key)
{
	on_wait_report(key);
	return 0;
}

static __always_inline void report(struct task *t, __u64 key)
{
	t->several |= t->reported;
	t->reported = key;
	report_readable(key);
}

static __always_inline void poll_reported(struct task *t)
{
	struct {
		__u32 fd;
		__u16 events;
		__u16 revents;
	} p;

	for (__u32 i = 0; i < MAX_REPORTS && i < t->count; i++) {
		if (bpf_probe_read_user(&p, sizeof(p),
					(void *)(t->memory + i * sizeof(p))))
			break;
		if (p.revents & POLL_READ_MASK)
			report(t, key_of(t, p.fd));
	}
}

static __always_inline void epoll_reported(struct task *t, __s64 ret)
{
	struct epoll_event e;
	__u64 key;

	for (__u32 i = 0; i < MAX_REPORTS && i < ret; i++) {
		if (bpf_probe_read_user(&e, sizeof(e),
					(void *)(t->memory + i * sizeof(e))))
			break;
		if (!(e.events & POLL_READ_MASK))
			continue;
		key = interest_of(key_of(t, t->fd), e.data);
		if (key)
			report(t, key);
	}
}

/*
 * Counts the zeros below it, without a branch. BPF has no instruction for that,
 * and clang must not see that there might be one.
 */
static __always_inline __u32 lowest_bit(__u32 word)
{
	__u32 below = ~word & (word - 1);

	below -= below >> 1 & 0x55555555;
	barrier_var(below);
	below = (below & 0x33333333) + (below >> 2 & 0x33333333);
	barrier_var(below);
	return ((below + (below >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

/* The descriptors of a set from the one of first on, of which word is a part. */
__attribute__((noinline)) int report_word(__u64 first, __u32 word)
{
	for (int i = 0; i < 32; i++) {
		if (!word)
			break;
		report_readable(first + lowest_bit(word));
		word &= word - 1;
	}
	return 0;
}

/* The set that is left in memory. */
static __always_inline void select_reported(struct task *t)
{
	__u32 word;
	__u64 key;

	for (__u32 at = 0; at < MAX_SELECT; at += 32) {
		if (at >= t->count || bpf_probe_read_user(&word, sizeof(word),
							  (void *)(t->memory + at / 8)))
			break;
		if (!word)
			continue;
		key = key_of(t, at);
		t->several |= t->reported | (word & (word - 1));
		t->reported = key + lowest_bit(word);
		report_word(key, word);
	}
}

static __always_inline void end_wait(struct task *t)
{
	/* of several, only one has woken it */
	if (t->reported && !t->several && t->sleep_ns && t->waking_ns)
		on_ready_at(t->reported, &arrival, t->waking_ns);
	on_wait_exit();
	t->call = CALL_NONE;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_poll(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(current_task());

	if (!t || t->call != CALL_POLL)
		return 0;
	if ((int)ctx->args[1] > 0)
		poll_reported(t);
	end_wait(t);
	return 0;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_epoll(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(current_task());

	if (!t || t->call != CALL_EPOLL)
		return 0;
	epoll_reported(t, (int)ctx->args[1]);
	end_wait(t);
	return 0;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_select(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(current_task());

	if (!t || (t->call != CALL_SELECT && t->call != CALL_OLD_SELECT))
		return 0;
	if ((int)ctx->args[1] > 0 && t->memory)
		select_reported(t);
	end_wait(t);
	return 0;
}

#endif

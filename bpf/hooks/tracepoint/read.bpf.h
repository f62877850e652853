/* SPDX-License-Identifier: GPL-2.0-only */
/* The read: its sleep, its copy, its end. */
#ifndef IOPHASE_HOOKS_TRACEPOINT_READ_BPF_H
#define IOPHASE_HOOKS_TRACEPOINT_READ_BPF_H

#include "common.bpf.h"
#include "calls.bpf.h"

/* Interruptible is how one sleeps for data; for locks and pages it is not. */
static __always_inline int task_switch(struct raw_tracepoint *ctx, __u64 state)
{
	struct task *prev = 0, *next = task_lookup(ctx->args[2]);

	if (!(ctx->args[0] & 1) && state & TASK_INTERRUPTIBLE) /* not preempted */
		prev = task_lookup(ctx->args[1]);
	if (prev && (is_read(prev->call) || is_wait(prev->call)) && !prev->skb) {
		prev->off = 1;
		prev->waking_ns = 0;
		if (!prev->sleep_ns)
			prev->sleep_ns = bpf_ktime_get_ns();
	}
	if (next && next->off) {
		next->off = 0;
		next->slept = 1;
		next->awake_ns = bpf_ktime_get_ns();
	}
	return 0;
}

SEC("raw_tp/sched_switch")
int on_task_switch(struct raw_tracepoint *ctx)
{
	return task_switch(ctx, ctx->args[3]);
}

SEC("raw_tp/sched_switch")
int on_task_switch_untold(struct raw_tracepoint *ctx)
{
	return task_switch(ctx, state_of_task(ctx->args[1]));
}

SEC("raw_tp/sched_waking")
int on_sched_waking(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(ctx->args[0]);

	if (t && t->off && !t->waking_ns)
		t->waking_ns = bpf_ktime_get_ns();
	return 0;
}

/* Once it is known that the call reads a socket, the engine hears of it. */
static __always_inline void begin_read(struct task *t)
{
	__u64 key = key_of(t, t->fd);
	struct descriptor *d = descriptor_lookup_or_init(key);
	__u32 flags = t->flags;

	if (d && d->nonblocking)
		flags |= MSG_DONTWAIT;
	if (d)
		d->is_socket = 1;
	if (!t->begun) {
		t->begun = 1;
		on_read_enter_at(key, flags, 0, t->called_ns);
	}
	if (!t->sleep_ns)
		return;
	on_sleep_enter_at(t->sleep_ns);
	if (t->waking_ns)
		on_ready_at(key, &arrival, t->waking_ns);
	on_sleep_exit_at(t->tid, t->awake_ns);
	t->sleep_ns = 0;
}

/* The running thread's read; 0: it is in none that is followed. */
static __always_inline struct task *reader(void)
{
	struct task *t = task_lookup(current_task());

	return t && is_read(t->call) ? t : 0;
}

static __always_inline void end_copy(struct task *t)
{
	if (!t->skb)
		return;
	t->skb = 0;
	on_copy_exit();
}

/* Data that goes to a thread in no read is somebody else's: io_uring's. */
SEC("raw_tp/skb_copy_datagram_iovec")
int on_skb_copy_datagram_iovec(struct raw_tracepoint *ctx)
{
	struct task *t = reader();

	if (!t) {
		if (active && task_selected(current_task_ids()))
			COUNT(unmatched, 1);
		return 0;
	}
	end_copy(t);
	begin_read(t);
	t->skb = ctx->args[0];
	on_copy_enter();
	return 0;
}

/* TCP, after each copy. */
SEC("raw_tp/tcp_rcv_space_adjust")
int on_tcp_rcv_space_adjust(struct raw_tracepoint *ctx)
{
	struct task *t = reader();
	struct descriptor *d;
	__u64 key;

	if (!t || !t->begun)
		return 0;
	key = key_of(t, t->fd);
	end_copy(t);
	set_sock(key, ctx->args[0]);
	d = descriptor_lookup(key);
	if (d)
		d->is_tcp = 1;
	return 0;
}

/* What has been copied and was read to its end is freed. */
static __always_inline void skb_freed(__u64 skb)
{
	struct task *t = reader();

	if (t && t->skb == skb)
		end_copy(t);
}

SEC("raw_tp/consume_skb")
int on_consume_skb(struct raw_tracepoint *ctx)
{
	skb_freed(ctx->args[0]);
	return 0;
}

SEC("raw_tp/kfree_skb")
int on_kfree_skb(struct raw_tracepoint *ctx)
{
	skb_freed(ctx->args[0]);
	return 0;
}

/* Since 6.3: of every read of a socket, its result too. */
SEC("raw_tp/sock_recv_length")
int on_sock_recv_length(struct raw_tracepoint *ctx)
{
	struct task *t = reader();

	if (!t)
		return 0;
	begin_read(t);
	set_sock(key_of(t, t->fd), ctx->args[0]);
	return 0;
}

/* A recvmmsg() is one read: its datagrams' times are not known, their sizes are. */
static __always_inline __s64 bytes_of_batch(const struct task *t, __s64 ret)
{
	__u32 size = t->is_32bit ? 32 : 64; /* of struct mmsghdr */
	__u64 at = t->memory + size - size / 8;
	__s64 sum = 0;

	for (int i = 0; i < MAX_BATCH; i++) {
		__u32 len = 0;

		if (i >= ret)
			break;
		bpf_probe_read_user(&len, sizeof(len), (void *)at);
		sum += len;
		at += size;
	}
	return sum;
}

/* Was it a read of a socket? */
static __always_inline bool was_read(const struct task *t, __s64 ret)
{
	__u64 key = key_of(t, t->fd);
	struct descriptor *d;

	if (t->begun)
		return true;
	if (ret == -EBADF || ret == -ENOTSOCK)
		return false;
	if (t->call != CALL_READ)
		return true;
	d = descriptor_lookup(key);
	return d && d->is_socket;
}

/* A copy that nothing has told of began when the thread ran, at the earliest. */
static __always_inline void add_unseen_copy(const struct task *t)
{
	struct iop_thread *thread = thread_lookup(t->tid);

	if (!thread || thread->rd.copies)
		return;
	on_copy_enter_at(t->slept ? t->awake_ns : t->called_ns);
	on_copy_exit();
}

/* What is still open ends; then, in a program of its own, the read. */
SEC("raw_tp/sys_exit")
int on_sys_exit_parts(struct raw_tracepoint *ctx)
{
	__s64 ret = (int)ctx->args[1];
	struct task *t = reader();

	if (!t)
		return 0;
	if (!was_read(t, ret)) {
		t->call = CALL_NONE;
		return 0;
	}
	end_copy(t);
	begin_read(t);
	if (ret > 0)
		add_unseen_copy(t);
	if (ret > 0 && t->call == CALL_RECVMMSG)
		ret = bytes_of_batch(t, ret);
	t->ret = ret;
	return 0;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_read(struct raw_tracepoint *ctx)
{
	struct call_site site = { .user_regs = ctx->args[0] };
	struct task *t = reader();
	__u64 key;
	__s64 ret;

	if (!t)
		return 0;
	key = key_of(t, t->fd);
	ret = t->ret;
	t->call = CALL_NONE;
	on_read_exit((struct sock *)key, ret, &site);
	if (ret == -IOP_EAGAIN && !t->slept && !(t->flags & MSG_DONTWAIT))
		set_nonblocking(key, true);
	return 0;
}

#endif

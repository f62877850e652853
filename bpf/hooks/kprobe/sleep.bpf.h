/* SPDX-License-Identifier: GPL-2.0-only */
/* It sleeps, it copies: what is inside of a read. */
#ifndef IOPHASE_HOOKS_KPROBE_SLEEP_BPF_H
#define IOPHASE_HOOKS_KPROBE_SLEEP_BPF_H

#include "common.bpf.h"
#include "read.bpf.h"

SEC("kprobe/schedule_timeout")
int on_schedule_timeout(struct regs *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);
	struct task *task;

	if (!t || !t->rd.called_ns || t->rd.copy_ns)
		return 0;
	if (t->rd.sleep_ns)
		on_sleep_exit(tid);
	on_sleep_enter();
	task = task_lookup_or_init();
	if (!task)
		return 0;
	task->tid = tid; /* another one since an exec() */
	task->off = 0;
	task->sleeps = 1;
	return 0;
}

/* Being preempted on the way there is not the sleep. */
SEC("raw_tp/sched_switch")
int on_sched_switch(struct raw_tracepoint *ctx)
{
	bool preempted = ctx->args[0] & 1;
	struct task *task;

	if (!preempted) {
		task = task_lookup(ctx->args[1]);
		if (task)
			task->off = 1;
	}
	task = task_lookup(ctx->args[2]);
	if (!task || !task->sleeps || !task->off)
		return 0;
	on_sleep_exit(task->tid);
	task->sleeps = 0;
	return 0;
}

/*
 * A thread that was woken before it left the CPU has not slept, and nothing
 * said so: its sleep ends here, or the end of the read would count it twice.
 */
static __always_inline void begin_copy(void)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	if (t && t->rd.sleep_ns)
		end_sleep();
	on_copy_enter();
}

SEC("kprobe/skb_copy_datagram_iter")
int on_skb_copy_datagram_iter(struct regs *ctx)
{
	copies_bytes(ARG4(ctx));
	begin_copy();
	return 0;
}

/* TCP, after each copy: the copy itself may fault and sleep. */
SEC("raw_tp/tcp_rcv_space_adjust")
int on_tcp_rcv_space_adjust(struct raw_tracepoint *ctx)
{
	on_copy_exit();
	return 0;
}

/* Datagrams but UDP's, after the copy. */
SEC("kprobe/skb_free_datagram")
int on_skb_free_datagram(struct regs *ctx)
{
	on_copy_exit();
	return 0;
}

/*
 * UNIX streams: nothing is called after the copy that is always called. A
 * thread that faults and sleeps in it may be lost; the end of the read then
 * ends its copy.
 */
SEC("kretprobe/unix_stream_read_actor")
int on_unix_stream_read_actor_exit(struct regs *ctx)
{
	on_copy_exit();
	return 0;
}

/*
 * A linear UDP datagram is copied by _copy_to_iter(), which cannot be hooked:
 * the copy is what lies between taking it off the queue and giving it back.
 */
SEC("kretprobe/__skb_try_recv_from_queue")
int on_skb_try_recv_exit(struct regs *ctx)
{
	if (RESULT(ctx))
		begin_copy();
	return 0;
}

/* A datagram that is dropped for its checksum is not given back. */
SEC("kprobe/__skb_wait_for_more_packets")
int on_skb_wait_for_more_packets(struct regs *ctx)
{
	on_copy_cancel();
	return 0;
}

SEC("kprobe/skb_consume_udp")
int on_skb_consume_udp(struct regs *ctx)
{
	copies_bytes(ARG3(ctx));
	on_copy_exit();
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Feeds the engine with all but the end of a read. */
#ifndef IOPHASE_FEED_BPF_H
#define IOPHASE_FEED_BPF_H

#include "filter.bpf.h"
#include "record.bpf.h"

/* --- what happens before a read -------------------------------------------- */

/*
 * Nothing is remembered from before the session is active: a time from then
 * would be the time that attaching took.
 */

static __always_inline void on_ready_at(__u64 sk, const struct iop_queue *q,
					__u64 at)
{
	struct iop_sock *s = active ? sock_new(sk) : 0;
	__u64 now;

	if (!s)
		return;
	now = time_of(at);
	iop_ready(s, q, now);
	record_input(IOP_IN_READY, 0, sk, 0, q, now);
}

static __always_inline void on_ready(__u64 sk, const struct iop_queue *q)
{
	on_ready_at(sk, q, NOW);
}

/* The same of a queue that can be seen. */
static __always_inline void on_data_ready(struct sock *sock)
{
	struct iop_sock *s = active ? sock_new((__u64)sock) : 0;
	struct iop_queue q = {};
	__u64 now;

	if (!s)
		return;
	fill_queue(sock, s, &q, 1);
	now = bpf_ktime_get_ns();
	iop_ready(s, &q, now);
	record_input(IOP_IN_READY, 0, (__u64)sock, 0, &q, now);
}

static __always_inline void on_wait_enter(void)
{
	struct who who = current_ids();
	struct iop_thread *t;
	__u64 now;

	if (!active || !selected(who))
		return;
	t = thread_new(who.tid);
	if (!t)
		return;
	now = bpf_ktime_get_ns();
	iop_wait_enter(t, now);
	record_input(IOP_IN_WAIT_ENTER, who.tid, 0, 0, 0, now);
}

/* The running thread's wait call found sk readable. */
static __always_inline void on_wait_report(__u64 sk)
{
	struct who who = current_ids();
	struct iop_thread *t = thread_of(who.tid);
	struct iop_sock *s;
	__u64 now;

	if (!t || !t->wait_enter_ns)
		return;
	s = sock_new(sk);
	if (!s)
		return;
	now = bpf_ktime_get_ns();
	if (iop_wait_report(t, s, who.tid, who.pid, t->wait_enter_ns, now))
		COUNT(reports_full, 1);
	record_input(IOP_IN_WAIT_REPORT, who.tid, sk, who.pid, 0, now);
}

static __always_inline void on_wait_exit(void)
{
	struct who who = current_ids();
	struct iop_thread *t = thread_of(who.tid);
	__u64 now;

	if (!t)
		return;
	now = bpf_ktime_get_ns();
	iop_wait_exit(t, now);
	record_input(IOP_IN_WAIT_EXIT, who.tid, 0, 0, 0, now);
}

static __always_inline void on_signal_arm(__u64 sk)
{
	struct iop_sock *s = active ? sock_new(sk) : 0;
	struct who who = current_ids();
	__u64 now;

	if (!s)
		return;
	if (config.wake_detail && selected(who))
		thread_new(who.tid); /* it is watched from now on */
	now = bpf_ktime_get_ns();
	iop_signal_arm(s, now);
	record_input(IOP_IN_SIGNAL_ARM, 0, sk, 0, 0, now);
}

static __always_inline void on_signal_send(__u64 sk)
{
	struct iop_sock *s = active ? sock_of(sk) : 0;
	__u64 now;

	if (!s)
		return;
	now = bpf_ktime_get_ns();
	iop_signal_send(s, now);
	record_input(IOP_IN_SIGNAL_SEND, 0, sk, 0, 0, now);
}

static __always_inline void on_signal_deliver(void)
{
	struct who who = current_ids();
	struct iop_thread *t;
	__u64 now;

	if (!active || !selected(who))
		return;
	t = thread_new(who.tid);
	if (!t)
		return;
	now = bpf_ktime_get_ns();
	iop_signal_deliver(t, now);
	record_input(IOP_IN_SIGNAL_DELIVER, who.tid, 0, 0, 0, now);
}

/* --- how a thread is woken, on demand ----------------------------------------- */

static __always_inline void on_waking(__u32 tid)
{
	struct iop_thread *t = thread_of(tid);

	if (t)
		iop_waking(t, bpf_ktime_get_ns());
}

static __always_inline void on_cpu(__u32 tid)
{
	struct iop_thread *t = thread_of(tid);

	if (t)
		iop_on_cpu(t, bpf_ktime_get_ns());
}

/* --- the read -------------------------------------------------------------- */

/*
 * READ_ENTER's argument in a recording: flags, "more" (struct iop_reading) and
 * the process.
 */
static __always_inline __s64 read_enter_arg(__u32 msg_flags, __u32 more, __u32 pid)
{
	return msg_flags | (__u64)more << 32 | (__u64)pid << 33;
}

static __always_inline void on_read_enter_at(__u64 sk, __u32 msg_flags,
					     __u32 more, __u64 at)
{
	struct who who = current_ids();
	struct iop_thread *t;
	struct iop_sock *s;
	__u64 now;

	if (!active)
		return;
	t = thread_of(who.tid);
	/* a worker of io_uring reads for a thread that was asked for */
	if (!(t && t->req) && !selected(who))
		return;
	if (!t && !is_kernel_thread())
		t = thread_new(who.tid);
	s = t ? sock_new(sk) : 0;
	if (!s)
		return;
	now = time_of(at);
	iop_read_enter(t, s, sk, msg_flags, now);
	t->rd.more = more;
	t->rd.unsampled = unsampled() && !t->rd.req;
	record_input(IOP_IN_READ_ENTER, who.tid, sk,
		     read_enter_arg(msg_flags, more, who.pid), 0, now);
}

static __always_inline void on_read_enter(__u64 sk, __u32 msg_flags)
{
	on_read_enter_at(sk, msg_flags, 0, NOW);
}

/* The kernel looks for one more datagram of a recvmmsg(). */
static __always_inline void on_more_enter(__u64 sk, __u32 msg_flags)
{
	on_read_enter_at(sk, msg_flags, 1, NOW);
}

static __always_inline void on_sleep_enter_at(__u64 at)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_of(tid);
	struct iop_sock *s;
	__u64 now;

	if (!t || !t->rd.called_ns)
		return;
	s = sock_of(t->rd.sock);
	if (!s)
		return;
	now = time_of(at);
	iop_sleep_enter(t, s, now);
	record_input(IOP_IN_SLEEP_ENTER, tid, t->rd.sock, 0, 0, now);
}

static __always_inline void on_sleep_enter(void)
{
	on_sleep_enter_at(NOW);
}

static __always_inline void on_sleep_exit_at(__u32 tid, __u64 at)
{
	struct iop_thread *t = thread_of(tid);
	struct iop_sock *s;
	__u64 now;

	if (!t || !t->rd.sleep_ns)
		return;
	s = sock_of(t->rd.sock);
	if (!s)
		return;
	now = time_of(at);
	iop_sleep_exit(t, s, now);
	record_input(IOP_IN_SLEEP_EXIT, tid, t->rd.sock, 0, 0, now);
}

static __always_inline void on_sleep_exit(__u32 tid)
{
	on_sleep_exit_at(tid, NOW);
}

static __always_inline void on_copy_enter_at(__u64 at)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_of(tid);
	struct iop_sock *s = 0;
	__u64 now;

	if (!t || !t->rd.called_ns)
		return;
	if (iop_copies_late(t))
		s = sock_of(t->rd.sock);
	now = time_of(at);
	iop_copy_enter(t, s, now);
	record_input(IOP_IN_COPY_ENTER, tid, t->rd.sock, 0, 0, now);
}

static __always_inline void on_copy_enter(void)
{
	on_copy_enter_at(NOW);
}

static __always_inline void on_copy_cancel(void)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_of(tid);

	if (!t || !t->rd.copy_ns)
		return;
	iop_copy_cancel(t);
	record_now(IOP_IN_COPY_CANCEL, tid, t->rd.sock, 0);
}

static __always_inline void on_copy_exit(void)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_of(tid);
	__u64 now;

	if (!t || !t->rd.copy_ns)
		return;
	/* nobody asks how long: that it was, and when it began, is enough */
	now = t->rd.unsampled ? t->rd.copy_ns : bpf_ktime_get_ns();
	iop_copy_exit(t, now);
	record_input(IOP_IN_COPY_EXIT, tid, t->rd.sock, 0, 0, now);
}

#endif

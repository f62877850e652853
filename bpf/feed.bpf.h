/* SPDX-License-Identifier: GPL-2.0-only */
/* Feeds the engine with all but the end of a read. */
#ifndef IOPHASE_FEED_BPF_H
#define IOPHASE_FEED_BPF_H

#include "filter.bpf.h"
#include "record.bpf.h"

/* What happened, to the engine and to a recording. */
static __always_inline void feed(enum iop_input_kind kind, struct iop_thread *t,
				 struct iop_sock *s, const struct iop_event *e)
{
	if (iop_apply(kind, t, s, e))
		COUNT(reports_full, 1);
	record_input(kind, e->tid, e->sock, e->arg, e->q, e->now);
}

/* The same of what the engine does not ask the time of. */
static __always_inline void feed_untimed(__u32 kind, struct iop_thread *t,
					 struct iop_sock *s, const struct iop_event *e)
{
	iop_apply(kind, t, s, e);
	record_now(kind, e->tid, e->sock, e->arg);
}

/* --- what happens before a read -------------------------------------------- */

/*
 * Nothing is remembered from before the session is active: a time from then
 * would be the time that attaching took.
 */

static __always_inline void on_ready_at(__u64 sk, const struct iop_queue *q, __u64 at)
{
	struct iop_sock *s = active ? sock_lookup_or_init(sk) : 0;

	if (!s)
		return;
	feed(IOP_IN_READY, 0, s,
	     &(struct iop_event){
		     .now = event_time(at),
		     .sock = sk,
		     .q = q,
	     });
}

static __always_inline void on_ready(__u64 sk, const struct iop_queue *q)
{
	on_ready_at(sk, q, AT_NOW);
}

/* The same of a queue that can be seen. */
static __always_inline void on_data_ready(struct sock *sock)
{
	struct iop_sock *s = active ? sock_lookup_or_init((__u64)sock) : 0;
	struct iop_queue q = {};

	if (!s)
		return;
	fill_queue(sock, s, &q, 1);
	feed(IOP_IN_READY, 0, s,
	     &(struct iop_event){
		     .now = bpf_ktime_get_ns(),
		     .sock = (__u64)sock,
		     .q = &q,
	     });
}

static __always_inline void on_wait_enter(void)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t;

	if (!active || !task_selected(who))
		return;
	t = thread_lookup_or_init(who.tid);
	if (!t)
		return;
	feed(IOP_IN_WAIT_ENTER, t, 0,
	     &(struct iop_event){
		     .now = bpf_ktime_get_ns(),
		     .tid = who.tid,
	     });
}

/* The running thread's wait call found sk readable. */
static __always_inline void on_wait_report(__u64 sk)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t = thread_lookup(who.tid);
	struct iop_sock *s;

	if (!t || !t->wait_enter_ns)
		return;
	s = sock_lookup_or_init(sk);
	if (!s)
		return;
	feed(IOP_IN_WAIT_REPORT, t, s,
	     &(struct iop_event){
		     .now = bpf_ktime_get_ns(),
		     .tid = who.tid,
		     .sock = sk,
		     .arg = who.pid,
	     });
}

static __always_inline void on_wait_exit(void)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t = thread_lookup(who.tid);

	if (!t)
		return;
	feed(IOP_IN_WAIT_EXIT, t, 0,
	     &(struct iop_event){
		     .now = bpf_ktime_get_ns(),
		     .tid = who.tid,
	     });
}

static __always_inline void on_signal_arm(__u64 sk)
{
	struct iop_sock *s = active ? sock_lookup_or_init(sk) : 0;
	struct task_ids who = current_task_ids();

	if (!s)
		return;
	if (config.wake_detail && task_selected(who))
		thread_lookup_or_init(who.tid); /* it is watched from now on */
	feed(IOP_IN_SIGNAL_ARM, 0, s,
	     &(struct iop_event){
		     .now = bpf_ktime_get_ns(),
		     .sock = sk,
	     });
}

static __always_inline void on_signal_send(__u64 sk)
{
	struct iop_sock *s = active ? sock_lookup(sk) : 0;

	if (!s)
		return;
	feed(IOP_IN_SIGNAL_SEND, 0, s,
	     &(struct iop_event){
		     .now = bpf_ktime_get_ns(),
		     .sock = sk,
	     });
}

static __always_inline void on_signal_deliver(void)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t;

	if (!active || !task_selected(who))
		return;
	t = thread_lookup_or_init(who.tid);
	if (!t)
		return;
	feed(IOP_IN_SIGNAL_DELIVER, t, 0,
	     &(struct iop_event){
		     .now = bpf_ktime_get_ns(),
		     .tid = who.tid,
	     });
}

/* --- how a thread is woken, on demand ----------------------------------------- */

static __always_inline void on_waking(__u32 tid)
{
	struct iop_thread *t = thread_lookup(tid);

	if (t)
		feed(IOP_IN_WAKING, t, 0,
		     &(struct iop_event){
			     .now = bpf_ktime_get_ns(),
			     .tid = tid,
		     });
}

static __always_inline void on_cpu(__u32 tid)
{
	struct iop_thread *t = thread_lookup(tid);

	if (t)
		feed(IOP_IN_ON_CPU, t, 0,
		     &(struct iop_event){
			     .now = bpf_ktime_get_ns(),
			     .tid = tid,
		     });
}

/* --- the read -------------------------------------------------------------- */

/* The request of io_uring that makes a read call, as the call itself says. */
struct issuer {
	__u64 req; /* 0: none, or the thread's req says so */
	bool is_known;
};

static __always_inline void on_read_enter_of(__u64 sk, __u32 msg_flags, __u32 more,
					     __u64 at, struct issuer by)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t;
	struct iop_sock *s;

	if (!active)
		return;
	t = thread_lookup(who.tid);
	/* a worker of io_uring reads for a thread that was asked for */
	if (!by.is_known && !(t && t->req) && !task_selected(who))
		return;
	if (!t && !is_kernel_thread())
		t = thread_lookup_or_init(who.tid);
	s = t ? sock_lookup_or_init(sk) : 0;
	if (!s)
		return;
	if (by.req)
		record_now(IOP_IN_URING_ISSUE, who.tid, by.req, 0);
	feed(IOP_IN_READ_ENTER, t, s,
	     &(struct iop_event){
		     .now = event_time(at),
		     .tid = who.tid,
		     .sock = sk,
		     .arg = iop_read_enter_arg(msg_flags, more, who.pid),
	     });
	if (by.req) {
		t->rd.req = by.req;
		record_now(IOP_IN_URING_ISSUE, who.tid, 0, 0);
	}
	t->rd.unsampled = unsampled() && !t->rd.req;
}

static __always_inline void on_read_enter_at(__u64 sk, __u32 msg_flags, __u32 more,
					     __u64 at)
{
	on_read_enter_of(sk, msg_flags, more, at, (struct issuer){});
}

static __always_inline void on_read_enter(__u64 sk, __u32 msg_flags)
{
	on_read_enter_at(sk, msg_flags, 0, AT_NOW);
}

/* The kernel looks for one more datagram of a recvmmsg(). */
static __always_inline void on_more_enter(__u64 sk, __u32 msg_flags)
{
	on_read_enter_at(sk, msg_flags, 1, AT_NOW);
}

/* The running thread's call was no read, after all. */
static __always_inline void on_read_cancel(void)
{
	struct iop_thread *t = thread_lookup(current_tid());

	if (t)
		t->rd.called_ns = 0;
}

static __always_inline void on_sleep_enter_at(__u64 at)
{
	__u32 tid = current_tid();
	struct iop_thread *t = thread_lookup(tid);
	struct iop_sock *s;

	if (!t || !t->rd.called_ns)
		return;
	s = sock_lookup(t->rd.sock);
	if (!s)
		return;
	feed(IOP_IN_SLEEP_ENTER, t, s,
	     &(struct iop_event){
		     .now = event_time(at),
		     .tid = tid,
		     .sock = t->rd.sock,
	     });
}

static __always_inline void on_sleep_enter(void)
{
	on_sleep_enter_at(AT_NOW);
}

static __always_inline void on_sleep_exit_at(__u32 tid, __u64 at)
{
	struct iop_thread *t = thread_lookup(tid);
	struct iop_sock *s;

	if (!t || !t->rd.sleep_ns)
		return;
	s = sock_lookup(t->rd.sock);
	if (!s)
		return;
	feed(IOP_IN_SLEEP_EXIT, t, s,
	     &(struct iop_event){
		     .now = event_time(at),
		     .tid = tid,
		     .sock = t->rd.sock,
	     });
}

static __always_inline void on_sleep_exit(__u32 tid)
{
	on_sleep_exit_at(tid, AT_NOW);
}

static __always_inline void on_copy_enter_at(__u64 at)
{
	__u32 tid = current_tid();
	struct iop_thread *t = thread_lookup(tid);
	struct iop_sock *s = 0;

	if (!t || !t->rd.called_ns)
		return;
	if (iop_copies_late(t))
		s = sock_lookup(t->rd.sock);
	feed(IOP_IN_COPY_ENTER, t, s,
	     &(struct iop_event){
		     .now = event_time(at),
		     .tid = tid,
		     .sock = t->rd.sock,
	     });
}

static __always_inline void on_copy_enter(void)
{
	on_copy_enter_at(AT_NOW);
}

static __always_inline void on_copy_cancel(void)
{
	__u32 tid = current_tid();
	struct iop_thread *t = thread_lookup(tid);

	if (!t || !t->rd.copy_ns)
		return;
	feed_untimed(IOP_IN_COPY_CANCEL, t, 0,
		     &(struct iop_event){
			     .tid = tid,
			     .sock = t->rd.sock,
		     });
}

static __always_inline void on_copy_exit(void)
{
	__u32 tid = current_tid();
	struct iop_thread *t = thread_lookup(tid);

	if (!t || !t->rd.copy_ns)
		return;
	/* nobody asks how long: that it was, and when it began, is enough */
	feed(IOP_IN_COPY_EXIT, t, 0,
	     &(struct iop_event){
		     .now = t->rd.unsampled ? t->rd.copy_ns : bpf_ktime_get_ns(),
		     .tid = tid,
		     .sock = t->rd.sock,
	     });
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Loops read and accept: how long what was ready had waited for them. */
#ifndef IOPHASE_LOOPS_READS_BPF_H
#define IOPHASE_LOOPS_READS_BPF_H

#include "channels.bpf.h"
#include "turns.bpf.h"

/* A table that is full is counted: the channel's lags are not known then. */
static __always_inline void count_lag(struct iop_channel *c, __u64 sk, __u64 lag)
{
	struct iop_times *t;

	if (lag > c->lag_max_ns)
		c->lag_max_ns = lag;
	if (!config.channels)
		return;
	t = bpf_map_lookup_elem(&channel_lags, &sk);
	if (!t) {
		bpf_map_update_elem(&channel_lags, &sk, &zero_loop.lag, BPF_NOEXIST);
		t = bpf_map_lookup_elem(&channel_lags, &sk);
	}
	if (t)
		iop_times_add(t, lag);
	else
		COUNT(channels_full, 1);
}

/* The loop that a read is one of: of the reader, or of who waits on that poller. */
static __always_inline struct iop_loop *loop_of_read(const struct iop_poller *home,
						     __u64 poller, __u32 tid)
{
	struct iop_loop *l = loop_of(poller, tid);

	return l ? l : loop_of(poller, home->tid);
}

/* Of every read exactly one of filtered, lost and shown is counted. */
static __always_inline void on_channel_read(struct sock *sk, struct task_ids who,
					    __u64 bytes, __u64 lag, __u64 called,
					    bool issued)
{
	struct iop_channel *c = channel_of((__u64)sk);
	struct iop_poller *p = c && c->poller ? poller_of(c->poller) : 0, *home;
	struct iop_counters *n = count();
	struct iop_loop *l;

	if (!n)
		return;
	n->seen++;
	n->seen_bytes += bytes;
	home = p ? poller_of(p->home) : 0;
	if (!home) {
		n->filtered++;
		n->filtered_bytes += bytes;
		return;
	}
	look_at_channel(c, sk, home);
	/* whichever thread carries out a ring's request */
	if (!issued && iop_channel_read_by(c, home, who.tid))
		__sync_fetch_and_add(&home->read_elsewhere, 1);
	__sync_fetch_and_add(&c->reads, 1);
	__sync_fetch_and_add(&c->bytes, bytes);
	if (!issued)
		turn_reads(c, (__u64)sk, who.tid, bytes, called);
	l = loop_of_read(home, p->home, who.tid);
	if (!l && !home->tid) /* it was in a turn when iophase came */
		l = loop_new(p->home, who, IOP_POLLER_EPOLL);
	if (!l) {
		n->lost++;
		n->lost_bytes += bytes;
		return;
	}
	n->shown++;
	n->shown_bytes += bytes;
	__sync_fetch_and_add(&l->reads, 1);
	__sync_fetch_and_add(&l->bytes, bytes);
	if (lag == IOP_NO_LAG)
		return;
	iop_times_add(&l->lag, lag);
	count_lag(c, (__u64)sk, lag);
}

/* The ring whose request the running thread carries out; 0: none. */
static __always_inline __u64 issuing(__u32 tid)
{
	struct iop_waiter *w = waiter_lookup(tid);

	return w ? w->issuing : 0;
}

/* A request has taken what was ready at ready: its ring's loop is told later. */
static __always_inline void receive(__u64 ring, __u64 sk, __u64 ready, __u64 bytes)
{
	struct iop_received got = { .sk = sk, .ready_ns = ready, .bytes = bytes };
	struct received_key key = { .ring = ring };
	struct iop_poller *p = poller_of(ring);

	if (!p || !p->tid) /* nobody has waited for it */
		return;
	key.n = FETCH_ADD(p->received, 1);
	if (key.n >= MAX_RECEIVED || bpf_map_update_elem(&received, &key, &got, BPF_ANY))
		COUNT(channels_full, 1);
}

/*
 * The loop of tid is told of what it got as number i. Of its own, so that the verifier
 * walks it once.
 */
SUBPROG_OF_NUMBERS int told_of_received(__u64 ring, __u32 i, __u32 tid, __u64 now)
{
	struct received_key key = { .ring = ring, .n = i };
	struct iop_received *got = bpf_map_lookup_elem(&received, &key);
	struct iop_poller *p = poller_of(ring);
	struct iop_loop *l = p ? loop_of(p->home, tid) : 0;
	struct iop_channel *c;

	if (!got || !l)
		return 0;
	c = got->sk ? channel_of(got->sk) : 0;
	if (c)
		turn_reads(c, got->sk, tid, got->bytes, now);
	if (got->ready_ns && got->ready_ns <= now) {
		iop_times_add(got->sk ? &l->lag : &l->accept_lag, now - got->ready_ns);
		if (c)
			count_lag(c, got->sk, now - got->ready_ns);
	}
	bpf_map_delete_elem(&received, &key);
	return 0;
}

static __always_inline void end_read(struct sock *sk, struct task_ids who, __u64 bytes,
				     __u64 lag, __u64 called)
{
	__u64 ring = issuing(who.tid);

	if (ring) {
		receive(ring, (__u64)sk, lag == IOP_NO_LAG ? 0 : called - lag, bytes);
		lag = IOP_NO_LAG;
	}
	on_channel_read(sk, who, bytes, lag, called, ring);
}

static __always_inline void on_loop_read_exit(struct sock *sk, __s64 ret)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t = thread_lookup(who.tid);
	struct iop_queue q = {};
	struct iop_sock *s;
	__u64 lag, called;

	if (!active || !t || !t->rd.called_ns || t->rd.sock != (__u64)sk)
		return;
	called = t->rd.called_ns;
	s = sock_lookup((__u64)sk);
	if (!s)
		return;
	fill_queue(sk, s, &q, 0);
	if (!ret)
		q.shutdown = is_shut_down(sk);
	lag = iop_lag(t, s, &q, ret, bpf_ktime_get_ns());
	if (ret == -IOP_EAGAIN)
		COUNT(polls, 1);
	else
		end_read(sk, who, ret > 0 ? ret : 0, lag, called);
}

/* Connections that wait to be accepted. UNIX sockets have them in their queue. */
static __always_inline void fill_backlog(struct sock *sk, struct iop_queue *q)
{
	q->head = 0;
	q->tail = BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX ?
			  BPF_CORE_READ(sk, sk_receive_queue.qlen) :
			  BPF_CORE_READ(sk, sk_ack_backlog);
	q->packets = 1;
	q->kind = IOP_QUEUE_PACKETS;
}

/* Data, or a connection. */
static __always_inline void on_loop_ready(struct sock *sk)
{
	struct iop_queue q = {};

	if (LOAD(sk, __sk_common.skc_state) != TCP_LISTEN) {
		on_data_ready(sk);
		return;
	}
	fill_backlog(sk, &q);
	on_ready((__u64)sk, &q);
}

/* child: 0 if there was none. */
static __always_inline void on_accepted(struct sock *sk, __s64 ret, __u64 child)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t = thread_lookup(who.tid);
	struct iop_sock *s = sock_lookup((__u64)sk);
	__u64 now = bpf_ktime_get_ns(), lag, called, by;
	struct iop_waiter *w;
	struct iop_poller *p;
	struct iop_loop *l;
	struct iop_queue q = {};
	struct iop_channel *c;
	struct iop_turn *turn;

	if (!active || !t || !s || !t->rd.called_ns || t->rd.sock != (__u64)sk)
		return;
	turn = turn_of(who.tid);
	if (turn)
		iop_turn_part_over(turn, t->rd.called_ns);
	fill_backlog(sk, &q);
	called = t->rd.called_ns;
	lag = iop_lag(t, s, &q, ret, now);
	listen_with(sk, 0);
	if (!child)
		return;
	w = waiter_lookup(who.tid);
	by = w ? w->issuing ? w->issuing : w->loop : 0;
	p = by ? poller_of(by) : 0;
	if (p)
		p->has |= IOP_HAS_LISTENER;
	l = p ? loop_of(by, w->issuing ? p->tid : who.tid) : 0;
	if (l) {
		__sync_fetch_and_add(&l->accepts, 1);
		if (lag != IOP_NO_LAG && w->issuing)
			receive(by, 0, called - lag, 0);
		else if (lag != IOP_NO_LAG)
			iop_times_add(&l->accept_lag, lag);
	}
	c = channel_new(child);
	if (!c)
		return;
	c->origin = IOP_ORIGIN_ACCEPTED;
	c->accepted_by = l ? by : 0;
	c->since_ns = now;
}

#endif

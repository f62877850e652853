/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event loops: pollers, the threads that wait on them, and the sockets that are
 * registered with them. The hooks of hooks_loops.bpf.c call on_*() of this file
 * and of those that it includes.
 */
#ifndef IOPHASE_LOOPS_BPF_H
#define IOPHASE_LOOPS_BPF_H

#include "engine/loops.h"
#include "engine/turns.h"
#include "feed.bpf.h"
#include "lifetime.bpf.h"

#define MAX_POLLERS 16384
#define POLLER_OF_SELECT (1ull << 32) /* beside the thread; of poll() it is alone */

static const struct iop_loop zero_loop;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, IOP_MAX_LOOPS);
	__type(key, struct iop_loop_key);
	__type(value, struct iop_loop);
} loops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_POLLERS);
	__type(key, __u64);
	__type(value, struct iop_poller);
} pollers SEC(".maps");

/* By address of the socket. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, IOP_MAX_CHANNELS);
	__type(key, __u64);
	__type(value, struct iop_channel);
} channels SEC(".maps");

/* Lags of each channel, where they are asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1); /* set before load */
	__type(key, __u64);
	__type(value, struct iop_times);
} channel_lags SEC(".maps");

/* By thread. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, struct iop_waiter);
} waiters SEC(".maps");

/* Ports that are listened on: what else is there was accepted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} listened SEC(".maps");

/* What a request of a ring has taken, which its loop has not been told of. */
struct iop_received {
	__u64 sk; /* 0: a connection */
	__u64 ready_ns;
	__u64 bytes;
};

#define MAX_RECEIVED 256 /* between two returns of a ring's waits */

struct received_key {
	__u64 ring;
	__u64 n;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_POLLERS);
	__type(key, struct received_key);
	__type(value, struct iop_received);
} received SEC(".maps");

/* By thread, where slow turns are asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1); /* set before load */
	__type(key, __u32);
	__type(value, struct iop_turn);
} turns SEC(".maps");

/* --- states ------------------------------------------------------------------- */

static __always_inline struct iop_loop *loop_new(__u64 poller, struct task_ids who,
						 __u32 kind)
{
	struct iop_loop_key key = { .poller = poller, .tid = who.tid };
	struct iop_loop *l = bpf_map_lookup_elem(&loops, &key);
	struct task_ids ids;

	if (l)
		return l;
	bpf_map_update_elem(&loops, &key, &zero_loop, BPF_NOEXIST);
	l = bpf_map_lookup_elem(&loops, &key);
	if (!l) {
		COUNT(loops_full, 1);
		return 0;
	}
	ids = shown_ids(who);
	l->pid = ids.pid;
	l->tid = ids.tid;
	l->kind = kind;
	bpf_get_current_comm(l->comm, sizeof(l->comm));
	return l;
}

static __always_inline struct iop_loop *loop_of(__u64 poller, __u32 tid)
{
	struct iop_loop_key key = { .poller = poller, .tid = tid };

	return bpf_map_lookup_elem(&loops, &key);
}

static __always_inline struct iop_poller *poller_of(__u64 poller)
{
	return bpf_map_lookup_elem(&pollers, &poller);
}

static __always_inline struct iop_poller *poller_new(__u64 poller)
{
	struct iop_poller *p = poller_of(poller), none = {};

	if (p)
		return p;
	none.home = poller;
	bpf_map_update_elem(&pollers, &poller, &none, BPF_NOEXIST);
	p = poller_of(poller);
	if (!p)
		COUNT(loops_full, 1);
	return p;
}

static __always_inline struct iop_waiter *waiter_lookup(__u32 tid)
{
	return bpf_map_lookup_elem(&waiters, &tid);
}

static __always_inline struct iop_waiter *waiter_new(__u32 tid)
{
	struct iop_waiter *w = waiter_lookup(tid), none = {};

	if (w)
		return w;
	bpf_map_update_elem(&waiters, &tid, &none, BPF_NOEXIST);
	w = waiter_lookup(tid);
	if (!w)
		COUNT(threads_full, 1);
	return w;
}

static __always_inline struct iop_channel *channel_of(__u64 sk)
{
	return bpf_map_lookup_elem(&channels, &sk);
}

static __always_inline struct iop_channel *channel_new(__u64 sk)
{
	struct iop_channel *c = channel_of(sk), none = {};

	if (c)
		return c;
	none.fd = IOP_ANY;
	bpf_map_update_elem(&channels, &sk, &none, BPF_NOEXIST);
	c = channel_of(sk);
	if (!c)
		COUNT(channels_full, 1);
	return c;
}

/* --- turns that may become slow ---------------------------------------------------- */

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

/* --- channels ------------------------------------------------------------------- */

static __always_inline bool is_listening(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN;
}

/* It has, or has had, somebody at its other end. */
static __always_inline bool is_connected(struct sock *sk)
{
	switch (BPF_CORE_READ(sk, __sk_common.skc_state)) {
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
	case TCP_CLOSE:
	case TCP_LISTEN:
		return false;
	}
	return true;
}

/* fill_endpoints() of an address, which the verifier does not know to be a socket's. */
static __always_inline void read_endpoints(struct sock *sk, struct iop_endpoints *ends)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	ends->family = family;
	bpf_core_read(&ends->type, sizeof(ends->type), &sk->sk_type);
	bpf_core_read(&ends->protocol, sizeof(ends->protocol), &sk->sk_protocol);
	if (family != AF_INET && family != AF_INET6)
		return;
	ends->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	ends->peer_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (family == AF_INET) {
		bpf_core_read(ends->local, 4, &sk->__sk_common.skc_rcv_saddr);
		bpf_core_read(ends->peer, 4, &sk->__sk_common.skc_daddr);
	} else {
		bpf_core_read(ends->local, IOP_ADDR_LEN,
			      &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(ends->peer, IOP_ADDR_LEN, &sk->__sk_common.skc_v6_daddr);
	}
}

static __always_inline void set_origin(struct iop_channel *c)
{
	__u32 port = c->ends.local_port;

	if (c->origin || !port || c->ends.protocol != IPPROTO_TCP)
		return;
	c->origin = bpf_map_lookup_elem(&listened, &port) ? IOP_ORIGIN_ACCEPTED :
							    IOP_ORIGIN_CONNECTED;
}

static __always_inline void note_origin(const struct iop_channel *c, struct iop_poller *p)
{
	if (c->origin == IOP_ORIGIN_ACCEPTED)
		p->has |= IOP_HAS_ACCEPTED;
	else if (c->origin == IOP_ORIGIN_CONNECTED)
		p->has |= IOP_HAS_CONNECTED;
	if (c->accepted_by && c->accepted_by != p->home)
		p->fed_by = c->accepted_by;
}

/* Its ends are known once it is connected. Returns false until then. */
static __always_inline bool look_at_channel(struct iop_channel *c, struct sock *sk,
					    struct iop_poller *p)
{
	if (c->connected)
		return true;
	if (!is_connected(sk))
		return false;
	read_endpoints(sk, &c->ends);
	set_origin(c);
	c->connected = 1;
	note_origin(c, p);
	return true;
}

static __always_inline void count_moved(__u64 left, __u32 pid)
{
	struct iop_poller *from = left ? poller_of(left) : 0;

	/* a child that has inherited it is another process */
	if (from && (!from->pid || from->pid == pid))
		__sync_fetch_and_add(&from->moved, 1);
}

static __always_inline void listen_with(struct sock *sk, struct iop_poller *p)
{
	__u32 port = BPF_CORE_READ(sk, __sk_common.skc_num), one = 1;

	if (p)
		p->has |= IOP_HAS_LISTENER;
	if (port)
		bpf_map_update_elem(&listened, &port, &one, BPF_ANY);
}

/* sk is registered with a poller, as fd; since 0: it has been before. */
static __always_inline void register_channel(struct sock *sk, __u64 poller, __u32 fd,
					     __u32 pid, __u64 since)
{
	struct iop_poller *p = poller_new(poller);
	struct iop_channel *c;

	if (!p)
		return;
	if (!p->pid)
		p->pid = pid;
	if (is_listening(sk)) {
		listen_with(sk, p);
		return;
	}
	c = channel_new((__u64)sk);
	if (!c)
		return;
	if (c->fd == IOP_ANY && !c->since_ns)
		c->since_ns = since;
	c->fd = fd;
	count_moved(iop_channel_register(c, poller), pid);
	look_at_channel(c, sk, p);
	note_origin(c, p);
}

static __always_inline void on_deregister(struct sock *sk, __u64 poller)
{
	struct iop_channel *c = channel_of((__u64)sk);

	if (c)
		iop_channel_deregister(c, poller);
}

static __always_inline void on_sock_close(__u64 sk)
{
	struct iop_channel *c = active ? channel_of(sk) : 0;
	struct iop_poller *p = c && c->poller ? poller_of(c->poller) : 0;

	if (!c)
		return;
	if (p && c->connected)
		__sync_fetch_and_add(&p->closed, 1);
	bpf_map_delete_elem(&channels, &sk);
	bpf_map_delete_elem(&channel_lags, &sk);
}

/* --- waiting ----------------------------------------------------------------------- */

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

/* --- reading and accepting ------------------------------------------------------------ */

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

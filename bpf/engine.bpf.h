/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Feeds the engine and publishes what it finds: histograms in the kernel,
 * records to the ring. The hooks call on_*() and decide nothing; each hook
 * family includes this file, and before it the accessors that it can have.
 */
#ifndef IOPHASE_ENGINE_BPF_H
#define IOPHASE_ENGINE_BPF_H

#include "store.bpf.h"
#include "targets.bpf.h"
#include "hist.h"

/*
 * Wakes the reader of the ring, with a record of size, only when it is half full,
 * and then once for each sixteenth; otherwise it looks by itself. A wakeup would go
 * through the epoll machinery being measured.
 */
static __always_inline __u64 ring_flags(__u32 size)
{
	__u64 bytes = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	bool wake = bytes > config.ring_bytes / 2 &&
		    (bytes & (config.ring_bytes / 16 - 1)) < size;

	return wake ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

/* Some hooks learn only later what a thing was that happened at its time. */
#define NOW 0

static __always_inline __u64 time_of(__u64 at)
{
	return at == NOW ? bpf_ktime_get_ns() : at;
}

static __always_inline void record_input(__u32 kind, __u32 tid, __u64 sk,
					 __s64 arg, const struct iop_queue *q,
					 __u64 now)
{
	struct iop_input *in;

	if (!config.record)
		return;
	in = bpf_ringbuf_reserve(&ring, sizeof(*in), 0);
	if (!in) {
		COUNT(inputs_lost, 1);
		return;
	}
	in->type = IOP_REC_INPUT;
	in->kind = kind;
	in->ts_ns = now;
	in->sock = sk;
	in->arg = arg;
	in->tid = tid;
	in->head = q ? q->head : 0;
	in->tail = q ? q->tail : 0;
	in->packets = q ? q->packets | q->shutdown << 1 | q->older << 2 : 0;
	bpf_ringbuf_submit(in, ring_flags(sizeof(*in)));
}

/*
 * --sample: is this read left out? A coin for each: whoever counts to N falls
 * into step with requests that come in a pattern.
 */
static __always_inline __u32 unsampled(void)
{
	return config.sample_chance &&
	       bpf_get_prandom_u32() >= config.sample_chance;
}

/*
 * --- what happens before a read --------------------------------------------
 *
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
	record_input(IOP_IN_COPY_CANCEL, tid, t->rd.sock, 0, 0, bpf_ktime_get_ns());
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

/* --- publishing ------------------------------------------------------------ */

static __always_inline bool port_matches(const struct iop_ends *ends)
{
	return ends->local_port == config.port || ends->peer_port == config.port;
}

static __always_inline bool family_matches(const struct iop_ends *ends)
{
	__u32 family = ends->family == AF_INET6 ? AF_INET : ends->family;

	return (config.family == IOP_ANY || config.family == family) &&
	       (config.protocol == IOP_ANY ||
		config.protocol == ends->protocol);
}

static __always_inline bool wanted(struct who who, const struct iop_result *res,
				   const struct iop_ends *ends)
{
	if (!config.by_read)
		return true;
	if (config.model != IOP_ANY && config.model != res->model)
		return false;
	if (config.port && !port_matches(ends))
		return false;
	if (config.narrow_by_comm &&
	    !is_target(who, IOP_TARGET_COMM, IOP_TARGET_COMM))
		return false;
	if (config.by_min)
		for (int i = 0; i < IOP_NR_PHASES; i++)
			if (res->phase_ns[i] < config.min_ns[i])
				return false;
	return family_matches(ends);
}

/*
 * Whose a new row is: a process's bears the name of its first thread, a thread's
 * its own. A completion may be posted while somebody else runs; user space looks
 * for the name then.
 */
static __always_inline void name_row(struct iop_hist *h, struct who who)
{
	struct who ids = shown_ids(who), current = current_ids();

	h->pid = ids.pid;
	h->tid = ids.tid;
	if (current.pid != who.pid)
		return;
	if (config.group == IOP_BY_PROCESS)
		leader_comm(h->comm);
	else if (current.tid == who.tid)
		bpf_get_current_comm(h->comm, sizeof(h->comm));
}

/*
 * Whose socket it is says who connected: a listener's backlog is copied with all else
 * to the sockets that it accepts, those that connect have none.
 */
static __always_inline void fill_role(struct sock *sock, struct iop_ends *ends)
{
	__s64 backlog;

	if (config.group != IOP_BY_SERVICE ||
	    (ends->family != AF_INET && ends->family != AF_INET6))
		return;
	ends->role = ends->peer_port ? IOP_CLIENT : IOP_SERVER;
	if (!ends->peer_port || ends->type != SOCK_STREAM)
		return;
	backlog = ack_backlog(sock);
	if (backlog)
		ends->role = backlog < 0 ? IOP_ROLE_UNKNOWN : IOP_SERVER;
}

/* Of a server its port matters, of others who they are connected to. */
static __always_inline void keep_service(struct iop_ends *ends)
{
	__builtin_memset(ends->local, 0, sizeof(ends->local));
	if (ends->role == IOP_SERVER) {
		__builtin_memset(ends->peer, 0, sizeof(ends->peer));
		ends->peer_port = 0;
	} else {
		ends->local_port = 0;
	}
}

static __always_inline __u64 mixed(__u64 hash, __u64 n)
{
	hash = (hash ^ n) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

/* 64 bits that stand for what keep_service() keeps. */
static __always_inline __u64 service_of(const struct iop_ends *ends)
{
	__u64 hash = mixed(ends->family | ends->role << 16, ends->protocol);
	__u64 addr[2];

	if (ends->role == IOP_SERVER)
		return mixed(hash, ends->local_port) | 1;
	__builtin_memcpy(addr, ends->peer, sizeof(addr));
	hash = mixed(mixed(hash, addr[0]), addr[1]);
	return mixed(hash, ends->peer_port) | 1;
}

/* Where a row has no slot. */
static __always_inline struct iop_hist *
hist_in_hash(const struct iop_hist_key *key, struct who who,
	     const struct iop_ends *ends, const struct call *call)
{
	struct iop_hist *h = bpf_map_lookup_elem(&hists, key);

	if (h)
		return h;
	bpf_map_update_elem(&hists, key, &zero_hist, BPF_NOEXIST);
	h = bpf_map_lookup_elem(&hists, key);
	if (!h)
		return 0;
	if (config.group == IOP_BY_SERVICE) {
		h->ends = *ends;
		keep_service(&h->ends);
		return h;
	}
	name_row(h, who);
	if (config.group == IOP_BY_SOCKET) {
		h->ends = *ends;
		h->fd = call->fd;
	}
	return h;
}

/* Once somebody found a slot taken, it is not claimed again: no row is in both. */
static __always_inline struct iop_hist *
hist_of(struct who who, __u64 sk, __u32 life, __u32 model,
	const struct iop_ends *ends, const struct call *call)
{
	__u32 tid = config.group == IOP_BY_PROCESS ? 0 : who.tid;
	struct iop_hist_slot *n = row_slot(who.pid, tid, model);
	__u64 owner = iop_hist_owner(who.pid, tid, model);
	struct iop_hist_key key;

	if (n) {
		if (n->slot.owner == owner)
			return &n->h;
		if (!n->slot.away && slot_claim(&n->slot, owner)) {
			name_row(&n->h, who);
			return &n->h;
		}
		if (n->slot.owner == owner)
			return &n->h; /* another thread was faster */
		n->slot.away = 1;
	}
	key = (struct iop_hist_key){
		.sock = config.group == IOP_BY_SOCKET ? sk : 0,
		.pid = who.pid,
		.tid = tid,
		.model = model,
		.life = life,
	};
	if (config.group == IOP_BY_SERVICE)
		key = (struct iop_hist_key){
			.sock = service_of(ends),
			.model = model,
		};
	return hist_in_hash(&key, who, ends, call);
}

/* The row of a thread's or a process's reads of a model, if there is one. */
static __always_inline struct iop_hist *hist_there(struct who who, __u32 model)
{
	struct iop_hist_slot *n = row_slot(who.pid, who.tid, model);
	struct iop_hist_key key = {
		.pid = who.pid,
		.tid = who.tid,
		.model = model,
	};

	if (n && n->slot.owner == iop_hist_owner(who.pid, who.tid, model))
		return &n->h;
	return bpf_map_lookup_elem(&hists, &key);
}

/*
 * Rows bear the name that their thread or process has now. Those of sockets are
 * too many to be found here; user space asks for the name of whoever is there.
 * Services have none.
 */
static __always_inline void rename_rows(struct who who,
					const char comm[IOP_COMM_LEN])
{
	if (!config.hist || config.group >= IOP_BY_SOCKET)
		return;
	if (config.group == IOP_BY_PROCESS) {
		if (who.tid != who.pid)
			return;
		who.tid = 0;
	}
	for (int model = 0; model < IOP_NR_MODELS; model++) {
		struct iop_hist *h = hist_there(who, model);

		if (h)
			__builtin_memcpy(h->comm, comm, IOP_COMM_LEN);
	}
}

ENGINE_FUNCTION int hist_add(struct iop_hist *h, const struct iop_result *res,
			     __s64 ret)
{
	if (!h || !res)
		return 0;
	STAT_ADD(h->sums.reads, 1);
	if (ret < 0) {
		STAT_ADD(h->sums.errors, 1);
		return 0;
	}
	STAT_ADD(h->sums.bytes, ret);
	if (res->flags & IOP_F_UNTIMED) {
		if (res->flags & IOP_F_ERRQUEUE)
			STAT_ADD(h->sums.errqueue, 1);
		else if (res->flags & IOP_F_EOF)
			STAT_ADD(h->sums.eof, 1);
		else
			STAT_ADD(h->sums.unseen, 1);
		return 0;
	}
	STAT_ADD(h->sums.total_ns, res->total_ns);
	/* clang may lay the loop out in a way that the verifier refuses */
#pragma unroll
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		__u64 ns = res->phase_ns[i], slot;

		if (!ns) {
			STAT_ADD(h->slots[i][0], 1);
			continue;
		}
		slot = hist_slot(ns);
		STAT_ADD(h->slots[i][slot], 1);
		STAT_ADD(h->sum_ns[i], ns);
		if (ns > h->max_ns[i])
			h->max_ns[i] = ns;
	}
	return 0;
}

/*
 * Addresses are used again, so a socket's rows have the time of its first read
 * beside it, in steps that no address changes hands in.
 */
static __always_inline __u32 life_of(struct iop_sock *s, __u64 now)
{
	if (config.group != IOP_BY_SOCKET)
		return 0;
	if (!s->life)
		s->life = now >> 10 | 1;
	return s->life;
}

/* Returns false when the table is full. */
static __always_inline bool add_to_hist(struct who who, __u64 sk, __u32 life,
					const struct iop_result *res,
					const struct iop_ends *ends,
					const struct call *call, __s64 ret)
{
	struct iop_hist *h = hist_of(who, sk, life, res->model, ends, call);

	if (!h)
		return false;
	hist_add(h, res, ret);
	return true;
}

/*
 * An EAGAIN belongs to the row of the reads that it comes between: a thread that
 * waits for several sockets, or is sent signals, drains them so.
 */
static __always_inline __u32 model_of_polls(const struct iop_thread *t)
{
	__u32 model = t->model ? t->model - 1 : IOP_NONBLOCKING;

	if (model == IOP_SIGNAL || model == IOP_MULTIPLEXED)
		return model;
	return !t->model && t->wait_seq ? IOP_MULTIPLEXED : IOP_NONBLOCKING;
}

static __always_inline void add_poll_to_hist(struct who who, __u64 sk, __u32 life,
					     const struct iop_result *res,
					     const struct iop_ends *ends,
					     const struct call *call)
{
	struct iop_hist *h = hist_of(who, sk, life, res->model, ends, call);

	if (!h)
		return;
	STAT_ADD(h->sums.polls, 1);
	STAT_ADD(h->sums.poll_ns, res->call_ns);
}

static __always_inline bool emit_read(struct who who, __u64 sk,
				      const struct iop_result *res,
				      const struct iop_ends *ends,
				      const struct call *call, __s64 ret,
				      __u64 now)
{
	struct iop_read_record *rec =
		bpf_ringbuf_reserve(&ring, sizeof(*rec), 0);
	struct who ids;

	if (!rec)
		return false;
	rec->type = IOP_REC_READ;
	rec->model = res->model;
	rec->end_ns = now;
	rec->call_ns = res->call_ns;
	rec->total_ns = res->total_ns;
	for (int i = 0; i < IOP_NR_PHASES; i++)
		rec->phase_ns[i] = res->phase_ns[i];
	rec->notify_ns = res->notify_ns;
	rec->sched_ns = res->sched_ns;
	rec->poll_ns = res->poll_ns;
	rec->sock = sk;
	rec->ret = ret;
	rec->flags = res->flags;
	rec->polls = res->polls;
	rec->copies = res->copies;
	rec->sleeps = res->sleeps;
	ids = shown_ids(who);
	rec->pid = ids.pid;
	rec->tid = ids.tid;
	rec->sample = config.sample;
	rec->ends = *ends;
	rec->syscall = call->syscall;
	rec->compat = call->compat;
	rec->fd = call->fd;
	/* a completion may be posted by a worker, which has a name of its own */
	if (current_ids().tid == who.tid)
		bpf_get_current_comm(rec->comm, sizeof(rec->comm));
	else
		leader_comm(rec->comm);
	bpf_ringbuf_submit(rec, ring_flags(sizeof(*rec)));
	return true;
}

static __always_inline void count_unsampled(__s64 ret)
{
	__u64 bytes = ret > 0 ? ret : 0;
	struct iop_counters *c = count();

	if (!c)
		return;
	c->seen++;
	c->seen_bytes += bytes;
	c->unsampled++;
	c->unsampled_bytes += bytes;
}

/* Exactly one of rejected, filtered, lost and shown is counted. */
static __always_inline void publish(struct who who, __u64 sk, __u32 life,
				    const struct iop_result *res, int verdict,
				    const struct iop_ends *ends,
				    const struct call *call, __s64 ret,
				    __u64 now)
{
	__u64 bytes = ret > 0 ? ret : 0;
	struct iop_counters *c = count();
	bool ok = true;

	if (!c)
		return;
	c->seen++;
	c->seen_bytes += bytes;
	if (verdict == IOP_REJECTED) {
		c->rejected++;
		c->rejected_bytes += bytes;
		return;
	}
	if (!wanted(who, res, ends)) {
		c->filtered++;
		c->filtered_bytes += bytes;
		return;
	}
	if (config.hist)
		ok = add_to_hist(who, sk, life, res, ends, call, ret);
	else if (config.emit)
		ok = emit_read(who, sk, res, ends, call, ret, now);
	if (ok) {
		c->shown++;
		c->shown_bytes += bytes;
	} else {
		c->lost++;
		c->lost_bytes += bytes;
	}
}

/* The read call of an io_uring request: it is published when completed. */
static __always_inline void on_async_read_exit(struct iop_thread *t,
					       struct iop_sock *s,
					       struct sock *sock,
					       const struct iop_queue *q,
					       __s64 ret, __u64 now)
{
	__u64 req = t->rd.req;
	struct request *r = bpf_map_lookup_elem(&requests, &req);
	int verdict;

	if (!r) {
		t->rd.called_ns = 0;
		COUNT(unmatched, 1);
		return;
	}
	verdict = iop_async_read_exit(t, s, (__u64)sock, q, ret, now, &r->async);
	if (verdict == IOP_UNMATCHED) {
		COUNT(unmatched, 1);
		return;
	}
	if (r->sk != (__u64)sock) {
		r->sk = (__u64)sock;
		r->life = life_of(s, now);
		if (config.ends) {
			fill_ends(sock, &r->ends);
			fill_role(sock, &r->ends);
		}
	}
	if (verdict == IOP_RETRY)
		return;
	r->done = 1;
	r->ret = ret;
	r->unsampled = unsampled();
}

/* The same where only a request's read call can have ended. */
static __always_inline void on_uring_read_exit(struct sock *sock, __s64 ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_of(tid);
	struct iop_sock *s = sock_of((__u64)sock);
	__u64 now = bpf_ktime_get_ns();
	struct iop_queue q = {};

	if (!t || !t->rd.req || !s || !active)
		return;
	fill_queue(sock, s, &q, 0);
	if (!ret)
		q.shutdown = is_shut_down(sock);
	record_input(IOP_IN_READ_EXIT, tid, (__u64)sock, ret, &q, now);
	on_async_read_exit(t, s, sock, &q, ret, now);
}

/*
 * Of its own where it can be: then the verifier walks it once, not once for each
 * map that a state may be in, and each kind of queue.
 */
ENGINE_FUNCTION int end_of_read(struct iop_thread *t, struct iop_sock *s,
				const struct iop_read_end *e,
				struct iop_result *res)
{
	if (!t || !s || !e || !res)
		return IOP_UNMATCHED;
	return iop_read_exit(t, s, e, res);
}

/* What find_report() finds, in a function of its own as above. */
NUMBER_FUNCTION __u32 search_reports(__u64 sk, __u32 tid, __u32 pid)
{
	struct iop_thread *t = thread_of(tid);
	struct iop_sock *s = sock_of(sk);

	return t && s ? iop_find_report(t, s, tid, pid) : IOP_NO_REPORT;
}

/* The same of signals, ... */
NUMBER_FUNCTION __u64 search_signals(__u64 sk, __u32 tid)
{
	struct iop_thread *t = thread_of(tid);
	struct iop_sock *s = sock_of(sk);

	return t && s ? iop_delivered(t, s) : 0;
}

/* ... and of what a thread that was handed a socket keeps. */
NUMBER_FUNCTION int keep_handoff(__u64 sk, __u32 tid, __u32 pid, __u64 called)
{
	struct iop_thread *t = thread_of(tid);
	struct iop_sock *s = sock_of(sk);

	if (t && s)
		iop_keep_handoff(t, s, tid, pid, called);
	return 0;
}

/*
 * When a thread's wait call of that number returned; 0: it has not, and nobody
 * can have been handed what it found. looked: should that be no longer known.
 */
NUMBER_FUNCTION __u64 returned_at(__u32 tid, __u32 wait_seq, __u64 looked)
{
	const struct iop_report r = { .wait_seq = wait_seq, .told_ns = looked };
	const struct iop_thread *t = thread_of(tid);

	if (!t || iop_still_waits(t, wait_seq))
		return 0;
	return iop_told(t, &r);
}

/*
 * What the read was told: by whom, and if by another thread, when that knew. The
 * thread's state has the socket as a number, which is what functions take.
 */
static __always_inline void find_report(struct iop_thread *t, struct iop_sock *s,
					struct iop_read_end *e)
{
	const struct iop_report *r;

	e->told_ns = 0;
	e->delivered_ns = 0;
	e->report = IOP_NO_REPORT;
	if (t->rd.sleeps)
		return;
	if (!iop_signal_is_spent(s))
		e->delivered_ns = search_signals(t->rd.sock, e->tid);
	if (!s->reported)
		return;
	if (iop_own_report(t, s, &s->reports[0], e->tid) &&
	    s->reports[0].told_ns > s->read_ns) {
		e->report = 0; /* as nearly always: it looked after the last read */
		return;
	}
	e->report = search_reports(t->rd.sock, e->tid, e->pid);
	r = iop_report_at(s, e->report);
	if (r && r->tid != e->tid)
		e->told_ns = returned_at(r->tid, r->wait_seq, r->told_ns);
}

/*
 * Publishes what a view by socket or a trace shows, too. A frame of its own:
 * with what finding the verdict takes it would be more than a program's stack.
 * site: what fill_call() needs to know of the call, if anything.
 */
LOCAL_FUNCTION int publish_in_full(struct sock *sock,
				   const struct call_site *site,
				   const struct iop_read_end *e,
				   struct iop_sock *s,
				   const struct iop_result *res)
{
	struct who who = { .pid = e->pid, .tid = e->tid };
	__u32 life = life_of(s, e->now);
	struct iop_ends ends = {};
	struct call call = {};

	fill_ends(sock, &ends);
	fill_role(sock, &ends);
	if (config.emit || config.group == IOP_BY_SOCKET)
		fill_call(&call, site);
	if (res->verdict != IOP_POLL)
		publish(who, e->sock, life, res, res->verdict, &ends, &call,
			e->ret, e->now);
	else if (!wanted(who, res, &ends))
		return 0;
	else if (config.hist)
		add_poll_to_hist(who, e->sock, life, res, &ends, &call);
	else if (!emit_read(who, e->sock, res, &ends, &call, e->ret, e->now))
		COUNT(inputs_lost, 1);
	return 0;
}

static __always_inline void on_verdict(struct sock *sock,
				       const struct call_site *site,
				       const struct iop_read_end *e,
				       struct iop_thread *t, struct iop_sock *s,
				       struct iop_result *res, int verdict)
{
	struct who who = { .pid = e->pid, .tid = e->tid };

	if (verdict == IOP_POLL) {
		COUNT(polls, 1);
		if (!config.polls && !config.hist)
			return;
	}
	if (verdict == IOP_NO_MORE)
		return;
	if (verdict == IOP_UNMATCHED) {
		COUNT(unmatched, 1);
		return;
	}
	if (verdict == IOP_UNSAMPLED) {
		count_unsampled(e->ret);
		return;
	}
	if (config.hist) {
		if (verdict == IOP_POLL)
			res->model = model_of_polls(t);
		else
			t->model = res->model + 1;
	}
	if (config.ends) {
		res->verdict = verdict;
		publish_in_full(sock, site, e, s, res);
	} else if (verdict != IOP_POLL) {
		publish(who, 0, 0, res, verdict, 0, 0, e->ret, e->now);
	} else {
		add_poll_to_hist(who, 0, 0, res, 0, 0);
	}
}

/*
 * rare: in a program that seldom runs. A call that costs some 40 instructions is
 * better there than twice the time that the verifier takes, each time we start.
 */
static __always_inline void on_read_exit(struct sock *sock, __s64 ret,
					 const struct call_site *site, bool rare)
{
	struct who who = current_ids();
	struct iop_thread_slot *tn = thread_slot(who.tid);
	struct iop_sock_slot *sn = sock_slot((__u64)sock);
	bool in_slots = thread_owns(tn, who.tid) && sock_owns(sn, (__u64)sock);
	struct iop_read_end e;
	struct iop_result res;
	struct iop_thread *t;
	struct iop_sock *s;
	int verdict;

	if (!active)
		return;
	if (HAS_SLOTS)
		barrier_var(in_slots); /* asked once: for the verifier */
	if (in_slots) {
		t = &tn->t;
		s = &sn->s;
	} else {
		t = thread_of(who.tid);
		s = t ? sock_of((__u64)sock) : 0;
		if (!s)
			return;
	}
	e.now = bpf_ktime_get_ns();
	e.sock = (__u64)sock;
	e.ret = ret;
	e.tid = who.tid;
	e.pid = who.pid;
	e.q.shutdown = 0;
	fill_queue(sock, s, &e.q, 0);
	e.q.head = iop_disguise(e.q.head, e.now);
	if (!ret)
		e.q.shutdown = is_shut_down(sock);
	record_input(IOP_IN_READ_EXIT, who.tid, e.sock, ret, &e.q, e.now);
	if (t->rd.req) {
		on_async_read_exit(t, s, sock, &e.q, ret, e.now);
		return;
	}
	find_report(t, s, &e);
	if (in_slots && !rare) /* as nearly always: no call */
		verdict = iop_read_exit(t, s, &e, &res);
	else
		verdict = end_of_read(t, s, &e, &res);
	if (verdict == IOP_READ && res.flags & IOP_F_HANDOFF)
		keep_handoff(t->rd.sock, e.tid, e.pid, e.now - res.call_ns);
	on_verdict(sock, site, &e, t, s, &res, verdict);
}

/* --- io_uring ---------------------------------------------------------------- */

/* IORING_OP_NOP stands for a request of which nothing is known: it may receive. */
static __always_inline __u32 request_kind(__u8 opcode)
{
	switch (opcode) {
	case IORING_OP_NOP:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_READ:
	case IORING_OP_READ_MULTISHOT:
		return IOP_REQUEST_READ;
	case IORING_OP_RECVMSG:
	case IORING_OP_RECV:
		return IOP_REQUEST_RECEIVE;
	case IORING_OP_POLL_ADD:
		return IOP_REQUEST_POLL;
	}
	return IOP_REQUEST_NONE;
}

/* Returns false if nothing is to be known of the request. */
static __always_inline bool on_uring_submit(__u64 req, __u32 fd, __u8 opcode)
{
	struct who who = current_ids();
	struct request r = {
		.pid = who.pid,
		.tid = who.tid,
		.fd = fd,
		.kind = request_kind(opcode),
	};

	if (r.kind == IOP_REQUEST_NONE || !active || !selected(who))
		return false;
	r.async.asked_ns = bpf_ktime_get_ns();
	bpf_map_update_elem(&requests, &req, &r, BPF_ANY);
	record_input(IOP_IN_URING_SUBMIT, who.tid, req, r.kind, 0,
		     r.async.asked_ns);
	return true;
}

/*
 * From here to the same with 0, a read is this request's, even if its
 * submission was not seen.
 */
static __always_inline void on_uring_issue(__u64 req)
{
	struct who who = current_ids();
	struct iop_thread *t;

	if (req && (!active || (!bpf_map_lookup_elem(&requests, &req) &&
				!selected(who))))
		return;
	t = req ? thread_new(who.tid) : thread_of(who.tid);
	if (!t || t->req == req)
		return;
	t->req = req;
	record_input(IOP_IN_URING_ISSUE, who.tid, req, 0, 0, bpf_ktime_get_ns());
}

/* Of its own where it can be, as end_of_read() is. */
ENGINE_FUNCTION int publish_async(const struct request *r, __u64 returned)
{
	struct call call = { .syscall = NR_IO_URING_ENTER };
	struct iop_result res;
	struct who who;
	int verdict;

	if (!r)
		return 0;
	who.pid = r->pid;
	who.tid = r->tid;
	call.fd = r->fd;
	verdict = iop_async_finish(&r->async, returned, &res);
	publish(who, r->sk, r->life, &res, verdict, &r->ends, &call, r->ret,
		returned);
	return 0;
}

/* The thread that is inside io_uring_enter() to wait for ring; 0: none. */
static __always_inline __u32 waiter_of(__u64 ring)
{
	__u32 *tid = bpf_map_lookup_elem(&ring_waiters, &ring);
	struct iop_thread *t = tid ? thread_of(*tid) : 0;

	return t && t->ring == ring ? *tid : 0;
}

/*
 * A request to poll has found its socket: that is a wait call's report, of the
 * thread that waits for the ring. If none does, the one that asked knows now.
 */
static __always_inline void on_uring_poll(__u64 ring, struct request *r,
					  __u64 sk, __u64 now)
{
	struct iop_queue process = { .head = r->pid }; /* for the recording */
	__u32 tid = waiter_of(ring);
	struct iop_thread *t;
	struct iop_sock *s;

	if (!tid)
		tid = r->tid;
	t = thread_of(tid);
	s = sk && t ? sock_new(sk) : 0;
	if (!s)
		return;
	if (iop_ring_report(t, s, tid, r->pid, r->async.asked_ns, now))
		COUNT(reports_full, 1);
	record_input(IOP_IN_URING_REPORT, tid, sk, r->async.asked_ns, &process,
		     now);
	r->async.asked_ns = now;
}

/* Posts what is done: the thread that waits for the ring will find it. */
static __always_inline void post_completion(__u64 ring, __u64 req,
					    struct request *r, __s64 arg,
					    __u64 now)
{
	__u32 tid = waiter_of(ring), n = MAX_COMPLETIONS;
	struct iop_thread *t = thread_of(tid);
	__u64 key;

	r->async.told_ns = now;
	record_input(IOP_IN_URING_COMPLETE, t ? tid : 0, req, arg, 0, now);
	if (t)
		n = FETCH_ADD(t->completions, 1);
	key = (__u64)tid << 32 | n;
	if (n >= MAX_COMPLETIONS ||
	    bpf_map_update_elem(&completions, &key, r, BPF_ANY)) {
		r->async.flags |= IOP_F_UNWAITED;
		publish_async(r, now);
	}
}

/* res and more are the completion's; sk the socket of a request to poll. */
static __always_inline void on_uring_complete(__u64 ring, __u64 req, __s32 res,
					      bool more, __u64 sk)
{
	struct iop_thread *t;
	struct request *r;
	__u64 now;

	if (!req) { /* one of several of a multishot request, being issued */
		t = thread_of(bpf_get_current_pid_tgid());
		req = t ? t->req : 0;
	}
	r = bpf_map_lookup_elem(&requests, &req);
	if (!r)
		return;
	now = bpf_ktime_get_ns();
	if (r->kind == IOP_REQUEST_POLL) {
		if (res > 0 && res & POLL_READ_MASK)
			on_uring_poll(ring, r, sk, now);
	} else if (!r->done && iop_request_failed(r->kind, r->sk, res)) {
		iop_async_failed(&r->async, now);
		r->ret = res;
		r->done = 1;
		r->unsampled = unsampled();
	}
	if (r->done) {
		if (r->unsampled)
			count_unsampled(r->ret);
		else
			post_completion(ring, req, r, (__s64)res << 1 | more, now);
		r->done = 0;
		r->async.asked_ns = now; /* multishot: the next is wanted */
	}
	if (!more)
		bpf_map_delete_elem(&requests, &req);
}

static __always_inline void on_uring_enter(__u64 ring)
{
	struct who who = current_ids();
	struct iop_thread *t;
	__u32 *tid;

	if (!ring || !active || !selected(who))
		return;
	t = thread_new(who.tid);
	if (!t)
		return;
	iop_ring_wait_enter(t, ring);
	record_input(IOP_IN_URING_ENTER, who.tid, ring, 0, 0, bpf_ktime_get_ns());
	tid = bpf_map_lookup_elem(&ring_waiters, &ring);
	if (!tid || *tid != who.tid)
		bpf_map_update_elem(&ring_waiters, &ring, &who.tid, BPF_ANY);
}

/*
 * The thread finds its completion i, at now. Of its own where it can be: then the
 * verifier walks it once, not once for each of them.
 */
NUMBER_FUNCTION int completion_found(__u32 tid, __u32 i, __u64 now)
{
	__u64 key = (__u64)tid << 32 | i;
	struct request *r = bpf_map_lookup_elem(&completions, &key);
	struct iop_counters *c = count();

	if (r) {
		r->tid = tid; /* the thread that gets the data */
		publish_async(r, now);
		bpf_map_delete_elem(&completions, &key);
	} else if (c) {
		c->seen++; /* completed while this ran: its times are gone */
		c->lost++;
	}
	return 0;
}

/* What was completed while the thread waited, it finds now. */
static __always_inline void on_uring_return(void)
{
	__u32 tid = bpf_get_current_pid_tgid(), n;
	struct iop_thread *t = thread_of(tid);
	__u64 now;

	if (!t || !t->ring)
		return;
	now = bpf_ktime_get_ns();
	iop_ring_wait_exit(t, now);
	n = EXCHANGE(t->completions, 0);
	record_input(IOP_IN_URING_RETURN, tid, 0, 0, 0, now);
	for (__u32 i = 0; i < MAX_COMPLETIONS && i < n; i++)
		completion_found(tid, i, now);
}

/* --- the end of things ------------------------------------------------------ */

static __always_inline void on_sock_free(__u64 sk)
{
	sock_free(sk);
	record_input(IOP_IN_SOCK_FREE, 0, sk, 0, 0, bpf_ktime_get_ns());
}

static __always_inline void on_thread_exit(__u32 tid)
{
	thread_free(tid);
	record_input(IOP_IN_THREAD_EXIT, tid, 0, 0, 0, bpf_ktime_get_ns());
}

/* The running thread ends; last: and its process. */
static __always_inline void on_task_exit(bool last)
{
	struct who who = current_ids();

	on_thread_exit(who.tid);
	drop_target(who, last);
}

/* A thread that was not its process's first takes that one's id as it execs. */
static __always_inline void on_exec(__u32 old_tid)
{
	if (old_tid == current_ids().tid)
		return;
	on_thread_exit(old_tid);
	if (config.by_target)
		set_target(old_tid, 0);
}

static __always_inline void on_rename(struct who who, __u64 new_comm)
{
	char comm[IOP_COMM_LEN] = {};

	bpf_probe_read_kernel_str(comm, sizeof(comm), (void *)new_comm);
	rename_target(who, comm);
	rename_rows(who, comm);
}

#endif

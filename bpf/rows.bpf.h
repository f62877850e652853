/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms: a row for each process, thread or socket, and model. */
#ifndef IOPHASE_ROWS_BPF_H
#define IOPHASE_ROWS_BPF_H

#include "hist.h"
#include "targets.bpf.h"

static __always_inline __u32 group_now(void)
{
	return config.regroups ? live_group : config.group;
}

/* Are a socket's ends wanted for every read? */
static __always_inline bool ends_now(void)
{
	return config.ends && (!config.regroups || config.any_read_filter ||
			       live_group >= IOP_BY_SOCKET);
}

/*
 * Whose a new row is: a process's bears the name of its first thread, a thread's
 * its own. A completion may be posted while somebody else runs; user space looks
 * for the name then.
 */
static __always_inline void name_row(struct iop_hist *h, struct task_ids who, __u32 group)
{
	struct task_ids ids = shown_ids(who), current = current_task_ids();

	h->pid = ids.pid;
	h->tid = ids.tid;
	if (current.pid != who.pid)
		return;
	if (group == IOP_BY_PROCESS)
		leader_comm(h->comm);
	else if (current.tid == who.tid)
		bpf_get_current_comm(h->comm, sizeof(h->comm));
}

/*
 * Whose socket it is says who connected: a listener's backlog is copied with all else
 * to the sockets that it accepts, those that connect have none.
 */
static __always_inline void fill_role(struct sock *sock, struct iop_endpoints *ends)
{
	__s64 backlog;

	if ((config.group != IOP_BY_SERVICE && !config.regroups) ||
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
static __always_inline void keep_service(struct iop_endpoints *ends)
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
static __always_inline __u64 service_of(const struct iop_endpoints *ends)
{
	__u64 hash = mixed(ends->family | ends->role << 16, ends->protocol);
	__u64 addr[2];

	if (ends->role == IOP_SERVER)
		return mixed(hash, ends->local_port) | 1;
	__builtin_memcpy(addr, ends->peer, sizeof(addr));
	hash = mixed(mixed(hash, addr[0]), addr[1]);
	return mixed(hash, ends->peer_port) | 1;
}

/* Where a row is not in the cache. */
static __always_inline struct iop_hist *hist_in_hash(const struct iop_hist_key *key,
						     struct task_ids who, __u32 group,
						     const struct iop_endpoints *ends,
						     const struct call *call)
{
	struct iop_hist *h = bpf_map_lookup_elem(&hists, key);

	if (h)
		return h;
	bpf_map_update_elem(&hists, key, &zero_hist, BPF_NOEXIST);
	h = bpf_map_lookup_elem(&hists, key);
	if (!h)
		return 0;
	if (group == IOP_BY_SERVICE) {
		h->ends = *ends;
		keep_service(&h->ends);
		return h;
	}
	name_row(h, who, group);
	if (group == IOP_BY_SOCKET) {
		h->ends = *ends;
		h->fd = call->fd;
	}
	return h;
}

/* Once somebody found an entry taken, it is not claimed again: no row is in both. */
static __always_inline struct iop_hist *hist_of(struct task_ids who, __u64 sk,
						__u32 generation, __u32 model,
						const struct iop_endpoints *ends,
						const struct call *call)
{
	__u32 group = group_now(), tid;
	struct iop_hist_key key;
	struct iop_cached_row *n;
	__u64 owner;

	/* set a moment ago: this read's socket was not asked for its ends */
	if (!ends && group >= IOP_BY_SOCKET)
		group = IOP_BY_PROCESS;
	tid = group == IOP_BY_PROCESS ? 0 : who.tid;
	owner = iop_hist_owner(who.pid, tid, model);
	n = config.row_cache && group < IOP_BY_SOCKET ? cached_row(who.pid, tid, model) :
							0;
	if (n) {
		if (n->entry.owner == owner)
			return &n->h;
		if (!n->entry.overflowed && cache_claim(&n->entry, owner)) {
			name_row(&n->h, who, group);
			return &n->h;
		}
		if (n->entry.owner == owner)
			return &n->h; /* another thread was faster */
		n->entry.overflowed = 1;
	}
	key = (struct iop_hist_key){
		.sock = group == IOP_BY_SOCKET ? sk : 0,
		.pid = who.pid,
		.tid = tid,
		.model = model,
		.generation = group == IOP_BY_SOCKET ? generation : 0,
	};
	if (group == IOP_BY_SERVICE)
		key = (struct iop_hist_key){
			.sock = service_of(ends),
			.model = model,
		};
	return hist_in_hash(&key, who, group, ends, call);
}

/* The row of a thread's or a process's reads of a model, if there is one. */
static __always_inline struct iop_hist *hist_there(struct task_ids who, __u32 model)
{
	struct iop_cached_row *n = config.row_cache ?
					   cached_row(who.pid, who.tid, model) :
					   0;
	struct iop_hist_key key = {
		.pid = who.pid,
		.tid = who.tid,
		.model = model,
	};

	if (n && n->entry.owner == iop_hist_owner(who.pid, who.tid, model))
		return &n->h;
	return bpf_map_lookup_elem(&hists, &key);
}

/*
 * Rows bear the name that their thread or process has now. Those of sockets are
 * too many to be found here; user space asks for the name of whoever is there.
 * Services have none.
 */
static __always_inline void rename_rows(struct task_ids who,
					const char comm[IOP_COMM_LEN])
{
	__u32 group = group_now();

	if (!config.hist || group >= IOP_BY_SOCKET)
		return;
	if (group == IOP_BY_PROCESS) {
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

SUBPROG int hist_add(struct iop_hist *h, const struct iop_result *res, __s64 ret)
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
	IOP_UNROLL
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		__u64 ns = res->phase_ns[i], bucket;

		if (!ns) {
			STAT_ADD(h->buckets[i][0], 1);
			continue;
		}
		bucket = hist_bucket(ns);
		STAT_ADD(h->buckets[i][bucket], 1);
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
static __always_inline __u32 generation_of(struct iop_sock *s, __u64 now)
{
	if (group_now() != IOP_BY_SOCKET)
		return 0;
	if (!s->generation)
		s->generation = now >> 10 | 1;
	return s->generation;
}

/* Returns false when the table is full. */
static __always_inline bool add_to_hist(struct task_ids who, __u64 sk, __u32 generation,
					const struct iop_result *res,
					const struct iop_endpoints *ends,
					const struct call *call, __s64 ret)
{
	struct iop_hist *h = hist_of(who, sk, generation, res->model, ends, call);

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

static __always_inline void add_poll_to_hist(struct task_ids who, __u64 sk,
					     __u32 generation,
					     const struct iop_result *res,
					     const struct iop_endpoints *ends,
					     const struct call *call)
{
	struct iop_hist *h = hist_of(who, sk, generation, res->model, ends, call);

	if (!h)
		return;
	STAT_ADD(h->sums.polls, 1);
	STAT_ADD(h->sums.poll_ns, res->call_ns);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a read call: the engine's verdict, and what follows from it. */
#ifndef IOPHASE_READ_END_BPF_H
#define IOPHASE_READ_END_BPF_H

#include "publish.bpf.h"
#include "requests.bpf.h"

/*
 * The read call of an io_uring request: it is published when completed. Of its own
 * where it can be: then the verifier walks it once, not once for each way to find
 * thread, socket and request.
 */
SUBPROG int end_of_request(struct iop_thread *t, struct iop_sock *s,
			   const struct iop_read_end *e, struct request *r)
{
	if (!t || !s || !e || !r)
		return IOP_UNMATCHED;
	return iop_request_read_exit(t, s, e, &r->req);
}

/* known: the socket's ends, if they have been asked for. */
static __always_inline void on_async_read_exit(struct iop_thread *t, struct iop_sock *s,
					       struct sock *sock,
					       const struct iop_endpoints *known,
					       const struct iop_read_end *e)
{
	struct request *r = request_lookup(t->rd.req);
	int verdict;
	__u64 was;

	if (!r) {
		t->rd.called_ns = 0;
		COUNT(unmatched, 1);
		return;
	}
	was = r->req.sock;
	verdict = end_of_request(t, s, e, r);
	if (verdict == IOP_UNMATCHED) {
		COUNT(unmatched, 1);
		return;
	}
	if (was != e->sock) {
		r->generation = generation_of(s, e->now);
		if (ends_now() && known) {
			r->ends = *known;
		} else if (ends_now()) {
			fill_endpoints(sock, &r->ends);
			fill_role(sock, &r->ends);
		}
	}
	if (verdict == IOP_READ)
		r->unsampled = unsampled();
}

/* The same where only a request's read call can have ended. */
static __always_inline void on_uring_read_exit(struct sock *sock, __s64 ret)
{
	__u32 tid = current_tid();
	struct iop_thread *t = thread_lookup(tid);
	struct iop_sock *s = sock_lookup((__u64)sock);
	struct iop_read_end e = {
		.sock = (__u64)sock,
		.ret = ret,
		.now = bpf_ktime_get_ns(),
	};

	if (!t || !t->rd.req || !s || !active)
		return;
	fill_queue(sock, s, &e.q, 0);
	if (!ret)
		e.q.shutdown = is_shut_down(sock);
	record_input(IOP_IN_READ_EXIT, tid, e.sock, ret, &e.q, e.now);
	on_async_read_exit(t, s, sock, 0, &e);
}

/*
 * Of its own where it can be: then the verifier walks it once, not once for each
 * map that a state may be in, and each kind of queue.
 */
SUBPROG int end_of_read(struct iop_thread *t, struct iop_sock *s,
			const struct iop_read_end *e, struct iop_result *res)
{
	if (!t || !s || !e || !res)
		return IOP_UNMATCHED;
	return iop_read_exit(t, s, e, res);
}

/*
 * What find_report() finds, in functions of their own as above: of states, walked
 * once, and of numbers, which looks for the states.
 */
SUBPROG __u32 search_reports_of(const struct iop_thread *t, const struct iop_sock *s,
				__u32 tid, __u32 pid)
{
	return t && s ? iop_find_report(t, s, tid, pid) : IOP_NO_REPORT;
}

SUBPROG_OF_NUMBERS __u32 search_reports(__u64 sk, __u32 tid, __u32 pid)
{
	return search_reports_of(thread_lookup(tid), sock_lookup(sk), tid, pid);
}

/* The same of signals, ... */
SUBPROG __u64 search_signals_of(const struct iop_thread *t, const struct iop_sock *s)
{
	return t && s ? iop_delivered(t, s) : 0;
}

SUBPROG_OF_NUMBERS __u64 search_signals(__u64 sk, __u32 tid)
{
	return search_signals_of(thread_lookup(tid), sock_lookup(sk));
}

/* ... and of what a thread that was handed a socket keeps. */
SUBPROG int keep_handoff_of(const struct iop_thread *t, struct iop_sock *s, __u32 tid,
			    __u32 pid, __u64 called)
{
	if (t && s)
		iop_keep_handoff(t, s, tid, pid, called);
	return 0;
}

SUBPROG_OF_NUMBERS int keep_handoff(__u64 sk, __u32 tid, __u32 pid, __u64 called)
{
	return keep_handoff_of(thread_lookup(tid), sock_lookup(sk), tid, pid, called);
}

/*
 * When a thread's wait call of that number returned; 0: it has not, and nobody
 * can have been handed what it found. looked: should that be no longer known.
 */
SUBPROG_OF_NUMBERS __u64 returned_at(__u32 tid, __u32 wait_seq, __u64 looked)
{
	const struct iop_report r = { .wait_seq = wait_seq, .told_ns = looked };
	const struct iop_thread *t = thread_lookup(tid);

	if (!t || iop_still_waits(t, wait_seq))
		return 0;
	return iop_told(t, &r);
}

/*
 * What the read was told: by whom, and if by another thread, when that knew. The
 * thread's state has the socket as a number, which is what functions take. Returns
 * whether it had to be searched for, as seldom.
 */
static __always_inline bool find_report(struct iop_thread *t, struct iop_sock *s,
					struct iop_read_end *e)
{
	const struct iop_report *r;
	bool searched = false;

	e->told_ns = 0;
	e->delivered_ns = 0;
	e->report = IOP_NO_REPORT;
	if (t->rd.sleeps)
		return false;
	if (!iop_signal_is_spent(s)) {
		e->delivered_ns = search_signals(t->rd.sock, e->tid);
		searched = true;
	}
	if (!s->reported)
		return searched;
	if (iop_own_report(t, s, &s->reports[0], e->tid) &&
	    s->reports[0].told_ns > s->read_ns) {
		e->report = 0; /* as nearly always: it looked after the last read */
		return searched;
	}
	e->report = search_reports(t->rd.sock, e->tid, e->pid);
	r = iop_report_at(s, e->report);
	if (r && r->tid != e->tid)
		e->told_ns = returned_at(r->tid, r->wait_seq, r->told_ns);
	return true;
}

/* Publishes what a view by socket or a trace shows, too; without ends, what others do. */
static __always_inline void publish_between(const struct iop_endpoints *ends,
					    const struct call_site *site,
					    const struct iop_read_end *e,
					    struct iop_sock *s,
					    const struct iop_result *res)
{
	struct task_ids who = { .pid = e->pid, .tid = e->tid };
	__u32 generation = generation_of(s, e->now);
	struct call call = {};

	if (config.emit || group_now() == IOP_BY_SOCKET)
		fill_call(&call, site);
	if (res->verdict != IOP_POLL)
		publish(who, e->sock, generation, res, res->verdict, ends, &call,
			e->ret, e->now);
	else if (!read_selected(who, res, ends))
		return;
	else if (config.hist)
		add_poll_to_hist(who, e->sock, generation, res, ends, &call);
	else if (ends && !emit_read(who, e->sock, res, ends, &call, e->ret, e->now))
		COUNT(inputs_lost, 1);
}

/*
 * The same with the socket's ends. A frame of its own: with what finding the verdict
 * takes it would be more than a program's stack. site: what fill_call() needs to know
 * of the call, if anything.
 */
SUBPROG_STATIC int publish_in_full(struct sock *sock, const struct call_site *site,
				   const struct iop_read_end *e, struct iop_sock *s,
				   const struct iop_result *res)
{
	struct iop_endpoints ends = {};

	fill_endpoints(sock, &ends);
	fill_role(sock, &ends);
	publish_between(&ends, site, e, s, res);
	return 0;
}

/* Is the verdict one of a read, or of a poll that is wanted? Counts the others. */
static __always_inline bool is_to_publish(const struct iop_read_end *e,
					  struct iop_thread *t, struct iop_result *res,
					  int verdict)
{
	if (verdict == IOP_POLL) {
		COUNT(polls, 1);
		if (!config.polls && !config.hist)
			return false;
	}
	if (verdict == IOP_NO_MORE)
		return false;
	if (verdict == IOP_UNMATCHED) {
		COUNT(unmatched, 1);
		return false;
	}
	if (verdict == IOP_UNSAMPLED) {
		count_unsampled(e->ret);
		return false;
	}
	if (config.hist) {
		if (verdict == IOP_POLL)
			res->model = model_of_polls(t);
		else
			t->model = res->model + 1;
	}
	return true;
}

static __always_inline void publish_in_short(const struct iop_read_end *e,
					     const struct iop_result *res, int verdict)
{
	struct task_ids who = { .pid = e->pid, .tid = e->tid };

	if (verdict != IOP_POLL)
		publish(who, 0, 0, res, verdict, 0, 0, e->ret, e->now);
	else
		add_poll_to_hist(who, 0, 0, res, 0, 0);
}

static __always_inline void on_verdict(struct sock *sock, const struct call_site *site,
				       const struct iop_read_end *e,
				       struct iop_thread *t, struct iop_sock *s,
				       struct iop_result *res, int verdict)
{
	if (!is_to_publish(e, t, res, verdict))
		return;
	if (ends_now()) {
		res->verdict = verdict;
		publish_in_full(sock, site, e, s, res);
	} else {
		publish_in_short(e, res, verdict);
	}
}

static __always_inline void on_read_exit(struct sock *sock, __s64 ret,
					 const struct call_site *site)
{
	struct task_ids who = current_task_ids();
	struct iop_cached_thread *tn = cached_thread(who.tid);
	struct iop_cached_sock *sn = cached_sock((__u64)sock);
	bool in_cache = thread_owns(tn, who.tid) && sock_owns(sn, (__u64)sock);
	struct iop_read_end e;
	struct iop_result res;
	struct iop_thread *t;
	struct iop_sock *s;
	bool searched;
	int verdict;

	if (!active)
		return;
	if (HAS_STATE_CACHE)
		barrier_var(in_cache); /* asked once: for the verifier */
	if (in_cache) {
		t = &tn->t;
		s = &sn->s;
	} else {
		t = thread_lookup(who.tid);
		s = t ? sock_lookup((__u64)sock) : 0;
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
	if (!ret)
		e.q.shutdown = is_shut_down(sock);
	record_input(IOP_IN_READ_EXIT, who.tid, e.sock, ret, &e.q, e.now);
	if (t->rd.req) {
		on_async_read_exit(t, s, sock, 0, &e);
		return;
	}
	e.q.head = iop_disguise(e.q.head, e.now);
	if (!HAS_STATE_CACHE)
		e.q.packets = iop_disguise(e.q.packets, e.now);
	searched = find_report(t, s, &e);
	if (in_cache && !searched) /* as nearly always: no call */
		verdict = iop_end_read(t, s, &e, &res, 1);
	else
		verdict = end_of_read(t, s, &e, &res);
	if (verdict == IOP_READ && res.flags & IOP_F_HANDOFF)
		keep_handoff(t->rd.sock, e.tid, e.pid, e.now - res.call_ns);
	on_verdict(sock, site, &e, t, s, &res, verdict);
}

#endif

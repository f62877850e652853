/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a read in programs that seldom run, of which there are many: each costs
 * the verifier a walk, whenever iophase starts. So a program asks the socket, and all
 * that follows is in functions that are walked once, with what they are given known
 * no better than its type. The calls take a read some 100 instructions more.
 */
#ifndef IOPHASE_RARE_END_BPF_H
#define IOPHASE_RARE_END_BPF_H

#include "read_end.bpf.h"

/*
 * Of the socket that a thread reads from; IOP_ANY if nothing is known of one of them.
 * An argument may not be a socket that the kernel knows as such, but memory may have it.
 */
SUBPROG __u32 kind_of_read(const struct iop_read_end *e)
{
	const struct iop_sock *s = e && thread_lookup(e->tid) ? sock_lookup(e->sock) : 0;

	return s ? s->kind : IOP_ANY;
}

SUBPROG_STATIC int publish_rare(const struct iop_endpoints *ends,
				const struct iop_read_end *e, struct iop_sock *s,
				const struct iop_result *res)
{
	publish_between(ends_now() ? ends : 0, 0, e, s, res);
	return 0;
}

SUBPROG int end_of_rare_read(struct iop_thread *t, struct iop_sock *s,
			     struct iop_read_end *e, const struct iop_endpoints *ends)
{
	struct iop_result res;
	int verdict;

	if (!t || !s || !e || !ends)
		return 0;
	find_report(t, s, e);
	verdict = end_of_read(t, s, e, &res);
	if (verdict == IOP_READ && res.flags & IOP_F_HANDOFF)
		keep_handoff(t->rd.sock, e->tid, e->pid, e->now - res.call_ns);
	if (!is_to_publish(e, t, &res, verdict))
		return 0;
	res.verdict = verdict;
	publish_rare(ends, e, s, &res);
	return 0;
}

SUBPROG int end_of_rare_request(struct iop_thread *t, struct iop_sock *s,
				const struct iop_read_end *e,
				const struct iop_endpoints *ends)
{
	if (t && s && e && ends)
		on_async_read_exit(t, s, 0, ends, e);
	return 0;
}

/* Whose read it is, and of which socket. */
SUBPROG int rare_read_ended(struct iop_read_end *e, const struct iop_endpoints *ends)
{
	struct iop_thread *t;
	struct iop_sock *s;

	if (!e || !ends)
		return 0;
	t = thread_lookup(e->tid);
	s = t ? sock_lookup(e->sock) : 0;
	if (!s)
		return 0;
	record_input(IOP_IN_READ_EXIT, e->tid, e->sock, e->ret, &e->q, e->now);
	if (t->rd.req)
		end_of_rare_request(t, s, e, ends);
	else
		end_of_rare_read(t, s, e, ends);
	return 0;
}

static __always_inline void on_rare_read_exit(struct sock *sock, __s64 ret)
{
	struct task_ids who = current_task_ids();
	struct iop_endpoints ends = {};
	struct iop_read_end e = {
		.sock = (__u64)sock,
		.now = bpf_ktime_get_ns(),
		.ret = ret,
		.tid = who.tid,
		.pid = who.pid,
	};
	__u32 kind = kind_of_read(&e);

	if (!active || kind == IOP_ANY)
		return;
	fill_queue_of_kind(sock, kind, 0, &e.q, 0);
	if (!ret)
		e.q.shutdown = is_shut_down(sock);
	if (ends_now()) {
		fill_endpoints(sock, &ends);
		fill_role(sock, &ends);
	}
	rare_read_ended(&e, &ends);
}

#endif

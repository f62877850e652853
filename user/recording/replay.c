// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <search.h>
#include <stdlib.h>

#include "../bpf/phase.h"
#include "recording.h"
#include "util.h"

/* The counterpart of the kernel's maps: a tree of states by id. */
struct thread_node {
	__u64 id;
	__u32 pid;
	struct iop_thread state;
};

struct sock_node {
	__u64 id;
	struct iop_sock state;
};

struct request_node {
	__u64 id;
	struct iop_request req;
	struct request_node *next;
};

struct replay {
	void *threads;
	void *socks;
	void *requests;
	struct request_node *completions; /* that a thread has yet to find */
	struct request_node **last;	  /* where the next is put */
	replay_fn fn;
	void *ctx;
	struct iop_counters counters;
};

static int by_id(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

/* The node of id, made if it is not there. */
static void *node(void **tree, __u64 id, size_t size)
{
	return xentry(tree, &id, sizeof(id), by_id, size, NULL);
}

static void drop(void **tree, __u64 id)
{
	void **found = tfind(&id, tree, by_id);
	void *n = found ? *found : NULL;

	if (n)
		tdelete(&id, tree, by_id);
	free(n);
}

static struct iop_thread *thread_lookup(struct replay *r, const struct iop_input *in)
{
	struct thread_node *n = node(&r->threads, in->tid, sizeof(*n));

	return &n->state;
}

static struct iop_sock *sock_lookup(struct replay *r, const struct iop_input *in)
{
	struct sock_node *n = node(&r->socks, in->sock, sizeof(*n));

	return &n->state;
}

static void publish(struct replay *r, const struct iop_result *res, int verdict,
		    __u32 tid, __u64 sock, __s64 ret, __u64 now)
{
	__u64 bytes = ret > 0 ? ret : 0;
	struct iop_read_record rec = {
		.type = IOP_REC_READ,
		.model = res->model,
		.end_ns = now,
		.call_ns = res->call_ns,
		.total_ns = res->total_ns,
		.poll_ns = res->poll_ns,
		.notify_ns = res->notify_ns,
		.sched_ns = res->sched_ns,
		.sock = sock,
		.ret = ret,
		.flags = res->flags,
		.polls = res->polls,
		.sample = 1,
		.copies = res->copies,
		.sleeps = res->sleeps,
		.tid = tid,
		.syscall = IOP_ANY,
		.fd = IOP_ANY,
	};

	r->counters.seen++;
	r->counters.seen_bytes += bytes;
	if (verdict == IOP_REJECTED) {
		r->counters.rejected++;
		r->counters.rejected_bytes += bytes;
		return;
	}
	for (int i = 0; i < IOP_NR_PHASES; i++)
		rec.phase_ns[i] = res->phase_ns[i];
	r->counters.shown++;
	r->counters.shown_bytes += bytes;
	r->fn(r->ctx, &rec);
}

/* --- io_uring ------------------------------------------------------------------ */

static struct request_node *request_lookup(struct replay *r, __u64 id)
{
	return node(&r->requests, id, sizeof(struct request_node));
}

static void publish_request(struct replay *r, const struct iop_request *req,
			    __u64 returned)
{
	struct iop_result res;
	int verdict = iop_async_finish(&req->async, returned, &res);

	publish(r, &res, verdict, req->tid, req->sock, req->ret, returned);
}

/* The request whose read call has returned is published when completed. */
static void request_read_exit(struct replay *r, struct iop_thread *t,
			      struct iop_sock *s, const struct iop_read_end *e)
{
	struct request_node *n = request_lookup(r, t->rd.req);

	if (iop_request_read_exit(t, s, e, &n->req) == IOP_UNMATCHED)
		r->counters.unmatched++;
}

/* A read is done: the thread that waits for it will find it, if any. */
static void uring_done(struct replay *r, struct request_node *n,
		       const struct iop_input *in)
{
	struct request_node *copy;

	if (in->tid) {
		copy = xcalloc(1, sizeof(*copy));
		copy->id = in->tid;
		copy->req = n->req;
		*r->last = copy;
		r->last = &copy->next;
	} else {
		n->req.async.flags |= IOP_F_UNWAITED;
		publish_request(r, &n->req, in->ts_ns);
	}
	iop_request_next(&n->req, in->ts_ns);
}

static void uring_return(struct replay *r, const struct iop_input *in)
{
	struct request_node **at = &r->completions, *done;

	while (*at) {
		if ((*at)->id != in->tid) {
			at = &(*at)->next;
			continue;
		}
		done = *at;
		*at = done->next;
		if (!*at)
			r->last = at;
		publish_request(r, &done->req, in->ts_ns);
		free(done);
	}
}

/* What the read was told: by whom, and if by another thread, when that knew. */
static void find_report(struct replay *r, const struct iop_thread *t,
			struct iop_sock *s, struct iop_read_end *e)
{
	const struct iop_report *report;
	const struct thread_node *other;
	__u64 id;
	void **found;

	e->delivered_ns = iop_delivered(t, s);
	e->report = iop_find_report(t, s, e->tid, e->pid);
	report = iop_report_at(s, e->report);
	if (!report || report->tid == e->tid)
		return;
	id = report->tid;
	found = tfind(&id, &r->threads, by_id);
	other = found ? *found : NULL;
	if (other && !iop_still_waits(&other->state, report->wait_seq))
		e->told_ns = iop_told(&other->state, report);
}

static void read_exit(struct replay *r, const struct iop_input *in,
		      const struct iop_queue *q)
{
	struct thread_node *n = node(&r->threads, in->tid, sizeof(*n));
	struct iop_sock *s = sock_lookup(r, in);
	struct iop_read_end e = {
		.sock = in->sock,
		.now = in->ts_ns,
		.ret = in->arg,
		.q = *q,
		.tid = in->tid,
		.pid = n->pid,
	};
	struct iop_result res;
	int verdict;

	if (n->state.rd.req) {
		request_read_exit(r, &n->state, s, &e);
		return;
	}
	find_report(r, &n->state, s, &e);
	verdict = iop_read_exit(&n->state, s, &e, &res);
	if (verdict == IOP_READ && res.flags & IOP_F_HANDOFF)
		iop_keep_handoff(&n->state, s, e.tid, e.pid, in->ts_ns - res.call_ns);
	if (verdict == IOP_NO_MORE)
		return;
	if (verdict == IOP_POLL)
		r->counters.polls++;
	else if (verdict == IOP_UNMATCHED)
		r->counters.unmatched++;
	else
		publish(r, &res, verdict, in->tid, in->sock, in->arg, in->ts_ns);
}

static void process_is(struct replay *r, __u32 tid, __u32 pid)
{
	struct thread_node *n = node(&r->threads, tid, sizeof(*n));

	n->pid = pid;
}

static int is_about_request(__u32 kind)
{
	return kind == IOP_IN_URING_SUBMIT || kind == IOP_IN_URING_COMPLETE;
}

/* All but the end of a read. */
static void apply(struct replay *r, const struct iop_input *in, const struct iop_queue *q)
{
	struct iop_sock *s = iop_is_about_sock(in->kind) ? sock_lookup(r, in) : NULL;
	struct request_node *n = is_about_request(in->kind) ?
					 request_lookup(r, in->sock) :
					 NULL;
	const struct iop_event e = {
		.now = in->ts_ns,
		.sock = in->sock,
		.arg = in->arg,
		.tid = in->tid,
		.req = n ? &n->req : NULL,
		.q = q,
	};

	if (!iop_apply(in->kind, thread_lookup(r, in), s, &e))
		return;
	if (in->kind == IOP_IN_URING_COMPLETE)
		uring_done(r, n, in);
	else
		r->counters.reports_full++;
}

static void free_nodes(void **tree)
{
	while (*tree) {
		void *n = **(void ***)tree;

		tdelete(n, tree, by_id);
		free(n);
	}
}

static struct replay *replay_new(replay_fn fn, void *ctx)
{
	struct replay *r = xcalloc(1, sizeof(*r));

	r->last = &r->completions;
	r->fn = fn;
	r->ctx = ctx;
	return r;
}

static void replay_input(struct replay *r, const struct iop_input *in)
{
	struct iop_queue q = {
		.head = in->head,
		.tail = in->tail,
		.packets = in->packets & 1,
		.shutdown = in->packets >> 1 & 1,
		.older = in->packets >> 2,
	};

	switch ((enum iop_input_kind)in->kind) {
	case IOP_IN_READ_ENTER:
		apply(r, in, &q);
		process_is(r, in->tid, iop_read_enter_pid(in->arg));
		break;
	case IOP_IN_READ_EXIT:
		read_exit(r, in, &q);
		break;
	case IOP_IN_URING_RETURN:
		apply(r, in, &q);
		uring_return(r, in);
		break;
	case IOP_IN_SOCK_FREE:
		drop(&r->socks, in->sock);
		break;
	case IOP_IN_THREAD_EXIT:
		drop(&r->threads, in->tid);
		break;
	default:
		apply(r, in, &q);
	}
}

static void replay_free(struct replay *r)
{
	free_nodes(&r->threads);
	free_nodes(&r->socks);
	free_nodes(&r->requests);
	while (r->completions) {
		struct request_node *next = r->completions->next;

		free(r->completions);
		r->completions = next;
	}
	free(r);
}

void replay_run(const struct recording *rec, replay_fn fn, replay_step step, void *ctx,
		struct iop_counters *counters)
{
	struct replay *r = replay_new(fn, ctx);

	for (size_t i = 0; i < rec->nr; i++) {
		replay_input(r, &rec->inputs[i]);
		if (step && !step(ctx, i, &rec->inputs[i]))
			break;
	}
	*counters = r->counters;
	counters->inputs_lost = rec->lost;
	replay_free(r);
}

int replay_recording(const char *path, replay_fn fn, void *ctx,
		     struct iop_counters *counters, struct phase_limits *limits)
{
	struct recording rec;
	int err = recording_load(path, &rec);

	if (err)
		return err;
	*limits = rec.limits;
	replay_run(&rec, fn, NULL, ctx, counters);
	recording_free(&rec);
	return EXIT_DONE;
}

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
	struct iop_async async;
	__u64 sock;
	__s64 ret;
	__u32 tid;
	__u32 kind; /* enum iop_request_kind */
	int done; /* the read call is over */
	struct request_node *next;
};

struct replay {
	void *threads;
	void *socks;
	void *requests;
	struct request_node *completions; /* that a thread has yet to find */
	struct request_node **last; /* where the next is put */
	replay_fn fn;
	void *ctx;
	struct iop_counters counters;
};

static int by_id(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

/* The node of id, made if it is not there; its id is its first member. */
static void *node(void **tree, __u64 id, size_t size)
{
	void **found = tfind(&id, tree, by_id);
	__u64 *n;

	if (found)
		return *found;
	n = xcalloc(1, size);
	*n = id;
	tsearch(n, tree, by_id);
	return n;
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

/* --- io_uring: as in bpf/uring.bpf.h ----------------------------------------- */

static struct request_node *request_lookup(struct replay *r, __u64 id)
{
	return node(&r->requests, id, sizeof(struct request_node));
}

static void publish_async(struct replay *r, const struct request_node *req,
			  __u64 returned)
{
	struct iop_result res;
	int verdict = iop_async_finish(&req->async, returned, &res);

	publish(r, &res, verdict, req->tid, req->sock, req->ret, returned);
}

static void uring_submit(struct replay *r, const struct iop_input *in)
{
	struct request_node *req = request_lookup(r, in->sock);

	req->done = 0;
	req->sock = 0;
	req->kind = in->arg;
	req->tid = in->tid;
	req->async.asked_ns = in->ts_ns;
}

static void uring_read_exit(struct replay *r, const struct iop_input *in,
			    const struct iop_queue *q)
{
	struct iop_thread *t = thread_lookup(r, in);
	struct request_node *req = request_lookup(r, t->rd.req);
	int verdict;

	verdict = iop_async_read_exit(t, sock_lookup(r, in), in->sock, q, in->arg,
				      in->ts_ns, &req->async);
	if (verdict == IOP_UNMATCHED) {
		r->counters.unmatched++;
		return;
	}
	req->sock = in->sock;
	if (verdict != IOP_READ)
		return;
	req->done = 1;
	req->ret = in->arg;
}

static void uring_complete(struct replay *r, const struct iop_input *in)
{
	struct request_node *req = request_lookup(r, in->sock), *copy;
	__s32 res = in->arg >> 1;

	if (!req->done && iop_request_failed(req->kind, req->sock, res)) {
		iop_async_failed(&req->async, in->ts_ns);
		req->ret = res;
		req->done = 1;
	}
	if (!req->done)
		return;
	req->async.told_ns = in->ts_ns;
	req->done = 0;
	if (in->tid) {
		copy = xcalloc(1, sizeof(*copy));
		*copy = *req;
		copy->id = in->tid;
		copy->next = NULL;
		*r->last = copy;
		r->last = &copy->next;
	} else {
		req->async.flags |= IOP_F_UNWAITED;
		publish_async(r, req, in->ts_ns);
	}
	req->async.asked_ns = in->ts_ns;
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
		publish_async(r, done, in->ts_ns);
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
		uring_read_exit(r, in, q);
		return;
	}
	find_report(r, &n->state, s, &e);
	verdict = iop_read_exit(&n->state, s, &e, &res);
	if (verdict == IOP_READ && res.flags & IOP_F_HANDOFF)
		iop_keep_handoff(&n->state, s, e.tid, e.pid,
				 in->ts_ns - res.call_ns);
	if (verdict == IOP_NO_MORE)
		return;
	if (verdict == IOP_POLL)
		r->counters.polls++;
	else if (verdict == IOP_UNMATCHED)
		r->counters.unmatched++;
	else
		publish(r, &res, verdict, in->tid, in->sock, in->arg,
			in->ts_ns);
}

static void process_is(struct replay *r, __u32 tid, __u32 pid)
{
	struct thread_node *n = node(&r->threads, tid, sizeof(*n));

	n->pid = pid;
}

/* All whose only result is what the engine remembers. */
static void apply(struct replay *r, const struct iop_input *in,
		  const struct iop_queue *q)
{
	const struct iop_event e = {
		.now = in->ts_ns,
		.sock = in->sock,
		.arg = in->arg,
		.tid = in->tid,
		.q = q,
	};

	struct iop_sock *s = iop_is_about_sock(in->kind) ? sock_lookup(r, in) : NULL;

	r->counters.reports_full +=
		iop_apply(in->kind, thread_lookup(r, in), s, &e);
}

static void free_nodes(void **tree)
{
	while (*tree) {
		void *n = **(void ***)tree;

		tdelete(n, tree, by_id);
		free(n);
	}
}

struct replay *replay_new(replay_fn fn, void *ctx)
{
	struct replay *r = xcalloc(1, sizeof(*r));

	r->last = &r->completions;
	r->fn = fn;
	r->ctx = ctx;
	return r;
}

void replay_input(struct replay *r, const struct iop_input *in)
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
	case IOP_IN_URING_SUBMIT:
		uring_submit(r, in);
		break;
	case IOP_IN_URING_COMPLETE:
		uring_complete(r, in);
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

const struct iop_counters *replay_counters(const struct replay *r)
{
	return &r->counters;
}

void replay_free(struct replay *r)
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

int replay_recording(const char *path, replay_fn fn, void *ctx,
		     struct iop_counters *counters, struct phase_limits *limits)
{
	struct recording rec;
	struct replay *r;
	int err = recording_load(path, &rec);

	if (err)
		return err;
	*limits = rec.limits;
	r = replay_new(fn, ctx);
	for (size_t i = 0; i < rec.nr; i++)
		replay_input(r, &rec.inputs[i]);
	*counters = r->counters;
	counters->inputs_lost = rec.lost;
	replay_free(r);
	recording_free(&rec);
	return EXIT_DONE;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests of io_uring, from submission until their thread finds them done. */
#ifndef IOPHASE_URING_BPF_H
#define IOPHASE_URING_BPF_H

#include "feed.bpf.h"
#include "publish.bpf.h"
#include "requests.bpf.h"

/* Of a backend: the running thread's call is found to wait for a ring, and is noted so. */
static bool found_to_wait(void);

/* ... and may a request to receive have several completions? */
static bool is_multishot(__u64 req);

/* IORING_OP_NOP stands for a request of which nothing is known: it may receive. */
static __always_inline __u32 request_kind(__u8 opcode)
{
	if (opcode == IORING_OP_RECV)
		return IOP_REQUEST_RECEIVE; /* most that matter; a table takes longer */
	barrier_var(opcode);
	switch (opcode) {
	case IORING_OP_NOP:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_READ:
	case IORING_OP_READ_MULTISHOT:
		return IOP_REQUEST_READ;
	case IORING_OP_RECVMSG:
	case IORING_OP_RECV_ZC:
		return IOP_REQUEST_RECEIVE;
	case IORING_OP_POLL_ADD:
		return IOP_REQUEST_POLL;
	}
	return IOP_REQUEST_NONE;
}

/* Returns 0 if nothing is to be known of the request. */
static __always_inline struct request *on_uring_submit(__u64 req, __u32 fd, __u8 opcode)
{
	__u32 kind = request_kind(opcode);
	struct task_ids who = current_task_ids();
	struct request *r;

	if (kind == IOP_REQUEST_NONE || !active || !task_selected(who))
		return 0;
	r = request_lookup_or_init(req);
	if (!r)
		return 0;
	iop_apply(IOP_IN_URING_SUBMIT, 0, 0,
		  &(struct iop_event){
			  .now = bpf_ktime_get_ns(),
			  .tid = who.tid,
			  .arg = kind,
			  .req = &r->req,
		  });
	r->pid = who.pid;
	r->fd = fd;
	r->generation = 0;
	if (config.ends)
		__builtin_memset(&r->ends, 0, sizeof(r->ends));
	record_input(IOP_IN_URING_SUBMIT, who.tid, req, kind, 0, r->req.async.asked_ns);
	return r;
}

/* From its submission to its completion. */
static __always_inline bool uring_is_known(__u64 req)
{
	return request_lookup(req);
}

/* From here on a read is this request's, even if its submission was not seen. */
static __always_inline void on_uring_issue(__u64 req)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t;

	if (!active || (!request_lookup(req) && !task_selected(who)))
		return;
	t = thread_lookup_or_init(who.tid);
	if (!t || t->req == req)
		return;
	feed_untimed(IOP_IN_URING_ISSUE, t, 0,
		     &(struct iop_event){
			     .tid = who.tid,
			     .sock = req,
		     });
}

static __always_inline void on_uring_issued(void)
{
	__u32 tid = current_tid();
	struct iop_thread *t = thread_lookup(tid);

	if (!t || !t->req)
		return;
	feed_untimed(IOP_IN_URING_ISSUE, t, 0, &(struct iop_event){ .tid = tid });
}

static __always_inline int publish_found(const struct request *r, __u64 returned)
{
	struct call call = { .syscall = NR_IO_URING_ENTER };
	struct iop_result res;
	struct task_ids who;
	int verdict;

	who.pid = r->pid;
	who.tid = r->req.tid;
	call.fd = r->fd;
	verdict = iop_async_finish(&r->req.async, returned, &res);
	publish(who, r->req.sock, r->generation, &res, verdict, &r->ends, &call,
		r->req.ret, returned);
	return 0;
}

/* Of its own where it can be, as end_of_read() is. */
SUBPROG int publish_async(const struct request *r, __u64 returned)
{
	return r ? publish_found(r, returned) : 0;
}

/*
 * A request to poll, of tid and pid, asked at asked, has found its socket: that is a
 * wait call's report, of the thread that waits for the ring. If none does, the one
 * that asked knows now. Of its own where it can be: it is long.
 */
SUBPROG_OF_NUMBERS int poll_found(__u32 tid, __u32 pid, __u64 sk, __u64 asked, __u64 now)
{
	struct iop_queue process = { .head = pid }; /* as apply.h has it */
	struct iop_thread *t = thread_lookup(tid);
	struct iop_sock *s = sk && t ? sock_lookup_or_init(sk) : 0;

	if (!s)
		return 0;
	feed(IOP_IN_URING_REPORT, t, s,
	     &(struct iop_event){
		     .now = now,
		     .tid = tid,
		     .sock = sk,
		     .arg = asked,
		     .q = &process,
	     });
	return 1;
}

/* Keeps what is done: the thread that waits for the ring, t, will find it, if any. */
static __always_inline void post_completion(struct iop_thread *t, __u32 waiter,
					    struct request *r, __u64 now)
{
	__u32 n = MAX_COMPLETIONS;

	if (t)
		n = FETCH_ADD(t->completions, 1);
	if (n >= MAX_COMPLETIONS || !completion_add(waiter, n, r)) {
		r->req.async.flags |= IOP_F_UNWAITED;
		publish_async(r, now);
	}
}

/*
 * The thread, which is running, waits for ring. Where it is not seen to return it would
 * never find what was completed: then nobody is known to wait.
 */
static __always_inline void wait_for_ring(struct iop_thread *t, __u32 tid, __u64 ring)
{
	if (config.misses_return)
		return;
	feed_untimed(IOP_IN_URING_ENTER, t, 0,
		     &(struct iop_event){
			     .tid = tid,
			     .sock = ring,
		     });
	waiter_set(ring, tid);
}

/* The running thread, if it is wanted, waits for ring, or is known to; 0: not known. */
static __always_inline struct iop_thread *on_uring_wait(__u64 ring)
{
	struct task_ids who = current_task_ids();
	struct iop_thread *t;

	if (!ring || !active || !task_selected(who))
		return 0;
	t = thread_lookup_or_init(who.tid);
	if (t && t->ring != ring)
		wait_for_ring(t, who.tid, ring);
	return t;
}

static __always_inline void on_uring_enter(__u32 fd, __u32 flags)
{
	struct task_ids who = current_task_ids();

	if (active && task_selected(who))
		on_uring_wait(ring_of(fd, flags));
}

/* The multishot request that the running thread makes read calls for; 0: none. */
static __always_inline __u64 multishot_issued(void)
{
	struct iop_thread *t = thread_lookup(current_tid());

	if (!t || t->req)
		return t ? t->req : 0;
	return t->rd.req && uring_is_known(t->rd.req) && is_multishot(t->rd.req) ?
		       t->rd.req :
		       0;
}

/*
 * Who waits for the ring, and its id. What a thread posts in a call that waits for it,
 * it will find itself.
 */
static __always_inline struct iop_thread *waiter_of(__u64 ring, __u32 *waiter)
{
	struct iop_thread *t;

	*waiter = current_tid();
	t = thread_lookup(*waiter);
	if (!(t && t->ring == ring) && found_to_wait())
		t = thread_lookup(*waiter);
	return t && t->ring == ring ? t : waiter_lookup(ring, waiter);
}

/* res and more are the completion's. */
static __always_inline void on_uring_complete(__u64 ring, __u64 req, __s32 res, bool more)
{
	struct iop_thread *waiting;
	struct request *r;
	__u32 waiter;
	bool has_read;
	__s64 arg;
	__u64 now;

	if (!req) { /* one of several of a multishot request, being issued */
		req = multishot_issued();
		more = true;
	}
	r = req ? request_lookup(req) : 0;
	if (!r)
		return;
	now = bpf_ktime_get_ns();
	waiting = waiter_of(ring, &waiter);
	if (r->req.kind == IOP_REQUEST_POLL) {
		if (res > 0 && res & POLL_READ_MASK &&
		    poll_found(waiter ? waiter : r->req.tid, r->pid, polled_sock(req),
			       r->req.async.asked_ns, now))
			iop_request_next(&r->req, now);
	} else {
		has_read = r->req.done;
		arg = iop_complete_arg(res, more);
		if (iop_apply(IOP_IN_URING_COMPLETE, 0, 0,
			      &(struct iop_event){
				      .now = now, .arg = arg, .req = &r->req })) {
			if (!has_read)
				r->unsampled = unsampled();
			if (r->unsampled) {
				count_unsampled(r->req.ret);
			} else {
				record_input(IOP_IN_URING_COMPLETE, waiter, req, arg, 0,
					     now);
				post_completion(waiting, waiter, r, now);
			}
			iop_request_next(&r->req, now);
		}
	}
	if (!more)
		request_delete(req);
}

/*
 * The thread finds its completion i, at now. Of its own where it can be: then the
 * verifier walks it once, not once for each of them.
 */
SUBPROG_OF_NUMBERS int completion_found(__u32 tid, __u32 i, __u64 now)
{
	struct request *r = completion_lookup(tid, i);

	if (!r) {
		COUNT(seen, 1); /* completed while this ran: its times are gone */
		COUNT(lost, 1);
		return 0;
	}
	r->req.tid = tid; /* the thread that gets the data */
	publish_found(r, now);
	completion_delete(tid, i);
	return 0;
}

/* What was completed while the thread waited, it finds now. */
static __always_inline void on_uring_return(void)
{
	__u32 tid = current_tid(), n;
	struct iop_thread *t = thread_lookup(tid);
	__u64 now;

	if (!t || !t->ring)
		return;
	now = bpf_ktime_get_ns();
	feed(IOP_IN_URING_RETURN, t, 0,
	     &(struct iop_event){
		     .now = now,
		     .tid = tid,
	     });
	n = EXCHANGE(t->completions, 0);
	for (__u32 i = 0; i < MAX_COMPLETIONS && i < n; i++)
		completion_found(tid, i, now);
}

#endif

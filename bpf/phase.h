/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The phase engine: from what the kernel does to a socket and a thread to the
 * five phases of each read. Pure C: no maps, no helpers, no clock; time is an
 * argument, in ns of CLOCK_MONOTONIC. Compiled as BPF and as user space.
 *
 * asked, ready, told, called, end are the instants of docs/phases.md. A read
 * splits at "called":
 *
 *   before the call   wait = ready - asked, wake = told - ready,
 *                     dispatch = called - told; and when the data was there
 *                     first (ready <= asked): dispatch = called - ready
 *   inside the call   wait and wake of each sleep, copy, and rest for what
 *                     is left of the call's duration
 *
 *   model        asked                      told
 *   blocking     called                     end of each sleep
 *   nonblocking  first EAGAIN since empty   ready
 *   multiplexed  entry of the wait call     its return; of what else is read
 *                                           until the queue is empty: called
 *   signal       last drained, or armed     delivery to the thread
 *   async        submission                 completion; what follows it until
 *                                           the thread returns is dispatch
 *
 * Who writes what: the ready and send functions may run on another CPU than
 * the reader, so each field of struct iop_sock has one writing side, and a
 * stamp is spent by comparison (ready_ns < empty_ns), never by clearing it.
 */
#ifndef IOPHASE_PHASE_H
#define IOPHASE_PHASE_H

#include "iophase.h"

#define IOP_INLINE static inline __attribute__((always_inline, unused))

/*
 * The same number, but nothing is known of it by who reasons about the program:
 * of a value that is one of two constants, the kernel's verifier walks all that
 * follows twice. unknown: any number that is read from memory.
 */
IOP_INLINE __u64 iop_disguise(__u64 n, __u64 unknown)
{
	n ^= unknown;
	asm("" : "+r"(n));
	return n ^ unknown;
}

#define IOP_NR_REPORTS 8   /* threads that may hold a report of one socket */
#define IOP_NR_WAITS 64    /* wait calls whose return is remembered */
#define IOP_NR_SIGNALS 16  /* deliveries remembered per thread */

/* From the kernel's ABI: include/linux/socket.h, asm-generic/errno*.h. */
#define IOP_MSG_PEEK 0x2
#define IOP_MSG_DONTWAIT 0x40
#define IOP_MSG_ERRQUEUE 0x2000
#define IOP_EINTR 4
#define IOP_EBADF 9
#define IOP_EAGAIN 11
#define IOP_ENOTSOCK 88
#define IOP_ECONNRESET 104
#define IOP_ECANCELED 125
#define IOP_ERESTARTSYS 512

#include "arrivals.h"

/*
 * A wait call told a thread that the socket is readable. Of several before a
 * read, the first counts: from then on the thread knew. It is fresh until
 * somebody takes data, and holds for its thread until that finds the socket
 * empty (EAGAIN) or, no longer fresh, waits again.
 */
struct iop_report {
	__u64 asked_ns; /* entry of that wait call */
	__u64 told_ns;  /* its return; until that is known, when it looked */
	__u32 tid;      /* 0: free */
	__u32 pid;
	__u32 wait_seq; /* number of that wait call */
	__u32 last_seq; /* of the last that said so */
};

struct iop_sock {
	/* written where data arrives */
	__u64 ready_ns; /* first data-ready since nothing was unread */
	__u64 sent_ns;  /* first signal since the last read */
	__u32 tail;     /* position behind the last arrival */
	__u32 kind;     /* of the queue, then */
	__u32 older;    /* what is unread began to arrive unseen, before ready_ns */
	__u32 pad;
	/* written by readers */
	__u32 next;     /* position of what left_ns left behind */
	__u32 parked_tid;
	__u64 parked_ns;  /* parked_tid's EAGAIN, the first since data was taken */
	__u64 empty_ns;   /* the queue was seen empty */
	__u64 drained_ns; /* a read left it empty */
	__u64 left_ns;    /* a read left data behind */
	__u64 read_ns;    /* data was taken: reports from before are not fresh */
	__u64 again_ns;   /* the last EAGAIN: signals from before are spent */
	__u64 armed_ns;   /* O_ASYNC was set */
	__u64 polled_ns;  /* entry of the first EAGAIN since then */
	__u64 poll_ns;    /* time spent in them */
	__u32 polls;
	__u32 life;	  /* sets it apart from others that had its address */
	__u32 reported;	  /* there has been a report */
	__u32 pad2;
	struct iop_report reports[IOP_NR_REPORTS];
	struct iop_arrivals arrivals; /* behind the first; where data arrives */
};

_Static_assert(sizeof(struct iop_sock) == 592, "user space reads it");

/*
 * How a thread came back to the CPU: the scheduler was told to run it, and it
 * ran. Known if --wake-detail asked for it.
 */
struct iop_wakeup {
	__u64 waking_ns;
	__u64 oncpu_ns;
};

/* The read call in progress. */
struct iop_reading {
	__u64 called_ns; /* 0: none */
	__u64 sock;
	__u64 req; /* io_uring request that makes the call; 0: the thread's own */
	__u32 msg_flags;
	__u32 unsampled; /* not measured: only what the next read needs; the caller's */
	/* all zero at first, to the next such line */
	__u64 ready_ns; /* of the data that was there at entry; 0: none */
	__u64 late_ns; /* of what was there at the first copy; 0: not known */
	__u64 sleep_ns; /* entry of the sleep in progress */
	__u64 copy_ns;  /* entry of the copy in progress */
	__u64 copied_ns;
	__u32 copies;
	__u32 sleeps;
	__u32 flags; /* IOP_F_* known so far */
	__u32 woken; /* a sleep ended by data-ready */
	__u32 more; /* the kernel looks for more datagrams of a recvmmsg() */
	__u32 pad2;
	/* zero at the first sleep */
	__u64 wait_ns;
	__u64 wake_ns;
	__u64 notify_ns; /* of wake: until the scheduler was told */
	__u64 sched_ns; /* of wake: until the thread ran */
	/* written before they are read */
	__u64 from_ns; /* since when it has waited */
	__u64 last_copy_ns;
	__u64 wait_before_ns; /* what had been waited and woken before from_ns */
	__u64 wake_before_ns;
	__u64 notify_before_ns;
	__u64 sched_before_ns;
	__u32 copies_before;
	__u32 pad;
};

struct iop_thread {
	struct iop_reading rd;
	struct iop_wakeup wakeup;	 /* the last */
	struct iop_wakeup wait_wakeup;	 /* of the last wait call */
	struct iop_wakeup signal_wakeup; /* of the last delivery */
	__u64 wait_enter_ns; /* 0: not in a wait call */
	__u32 wait_seq;
	__u32 signal_seq;
	__u64 req;	   /* io_uring request being issued; 0: none */
	__u64 ring;	   /* ring that it is in io_uring_enter() to wait for */
	__u32 completions; /* posted meanwhile */
	__u32 model; /* of its last read, plus 1; 0: none yet; the caller's */
	__u64 wait_exit_ns[IOP_NR_WAITS];
	__u64 signal_ns[IOP_NR_SIGNALS];
};

/* A finished read. */
struct iop_result {
	__u64 call_ns;
	__u64 total_ns;
	__u64 phase_ns[IOP_NR_PHASES];
	__u64 notify_ns; /* parts of wake */
	__u64 sched_ns;
	__u64 poll_ns;
	__u32 model;
	__u32 flags;
	__u32 polls;
	__u32 copies;
	__u32 sleeps;
	__u32 verdict; /* enum iop_verdict; the caller's */
};

/* An asynchronous receive: the read call is over, its completion is not. */
struct iop_async {
	__u64 asked_ns;
	__u64 ready_ns; /* 0: not known, or no data */
	__u64 called_ns;
	__u64 end_ns;
	__u64 told_ns; /* completion posted */
	__u64 wait_ns; /* inside the call */
	__u64 wake_ns;
	__u64 copied_ns;
	__u32 flags;
	__u32 copies;
	__u32 sleeps;
	__u32 pad;
};

/* What an io_uring request may tell of a socket. */
enum iop_request_kind {
	IOP_REQUEST_READ, /* of a file, or of a socket */
	IOP_REQUEST_RECEIVE,
	IOP_REQUEST_POLL,
	IOP_REQUEST_NONE, /* nothing */
};

enum iop_verdict {
	IOP_READ,      /* result is filled */
	IOP_POLL,      /* EAGAIN: counted in the read that it leads to */
	IOP_UNSAMPLED, /* it was not to be measured */
	IOP_NO_MORE,   /* no more datagrams for a recvmmsg(): nobody's read */
	IOP_RETRY,     /* EAGAIN of an asynchronous receive: not over yet */
	IOP_REJECTED,  /* the times contradict each other */
	IOP_UNMATCHED, /* the entry was not seen */
};

/* --- where data arrives ------------------------------------------------- */

/* Is what arrives now the first that nobody has read? */
IOP_INLINE int iop_is_spent(const struct iop_sock *s)
{
	return s->ready_ns < s->empty_ns || !s->ready_ns;
}

/* When the first of what is unread arrived; 0: not known. */
IOP_INLINE __u64 iop_first_ready(const struct iop_sock *s)
{
	return s->older ? 0 : s->ready_ns;
}

/*
 * The kernel called the socket's data-ready callback. A stamp is kept while
 * its data is unread; an arrival that finds nothing unread starts anew.
 */
IOP_INLINE void iop_ready(struct iop_sock *s, const struct iop_queue *q,
			  __u64 now)
{
	__u32 unread = q->tail - q->head, from = s->tail;
	int alone = q->packets ? unread == 1 : q->head == from;
	int anew = alone || iop_is_spent(s);

	s->kind = q->kind;
	if (!q->packets)
		s->tail = q->tail;
	else if (unread)
		s->tail += anew ? unread : 1;
	if (!unread)
		return; /* taken already: AF_UNIX queues first, calls back later */
	if (!anew) {
		iop_arrivals_add(&s->arrivals, from, s->next, now);
		return;
	}
	s->older = q->older && !alone;
	s->ready_ns = now;
	iop_arrivals_clear(&s->arrivals);
}

/* Has the data that the signal told of been read, or was there none? */
IOP_INLINE int iop_signal_is_spent(const struct iop_sock *s)
{
	return s->sent_ns <= s->read_ns || s->sent_ns <= s->again_ns;
}

IOP_INLINE void iop_signal_send(struct iop_sock *s, __u64 now)
{
	if (iop_signal_is_spent(s))
		s->sent_ns = now;
}

/* --- how a thread is woken, on demand --------------------------------------- */

IOP_INLINE void iop_waking(struct iop_thread *t, __u64 now)
{
	t->wakeup.waking_ns = now;
}

IOP_INLINE void iop_on_cpu(struct iop_thread *t, __u64 now)
{
	if (t->wakeup.oncpu_ns < t->wakeup.waking_ns)
		t->wakeup.oncpu_ns = now;
}

/* Adds the parts of ready..told, if this is the wakeup in between. */
IOP_INLINE void iop_split_wake(const struct iop_wakeup *w, __u64 ready,
			       __u64 told, __u64 *notify, __u64 *sched)
{
	if (w->waking_ns < ready || w->oncpu_ns < w->waking_ns ||
	    w->oncpu_ns > told)
		return;
	*notify += w->waking_ns - ready;
	*sched += w->oncpu_ns - w->waking_ns;
}

/* --- what the thread does before it reads -------------------------------- */

IOP_INLINE void iop_wait_enter(struct iop_thread *t, __u64 now)
{
	t->wait_enter_ns = now;
	t->wait_seq++;
}

/* The thread waits for completions of its ring: a wait call, too. */
IOP_INLINE void iop_ring_wait_enter(struct iop_thread *t, __u64 ring)
{
	t->ring = ring;
	t->wait_seq++;
}

IOP_INLINE void iop_ring_wait_exit(struct iop_thread *t, __u64 now)
{
	t->ring = 0;
	t->wait_exit_ns[t->wait_seq % IOP_NR_WAITS] = now;
}

/* Is the thread in the wait call of this number? */
IOP_INLINE int iop_still_waits(const struct iop_thread *t, __u32 wait_seq)
{
	return t->wait_seq == wait_seq && (t->wait_enter_ns || t->ring);
}

/* When t learned of it: the exact return, as long as it is known. */
IOP_INLINE __u64 iop_told(const struct iop_thread *t,
			  const struct iop_report *r)
{
	if (t->wait_seq - r->wait_seq >= IOP_NR_WAITS ||
	    iop_still_waits(t, r->wait_seq))
		return r->told_ns;
	return t->wait_exit_ns[r->wait_seq % IOP_NR_WAITS];
}

/*
 * Which report to write: the thread's own, a free one, or else the oldest; the
 * caller finds its tid in it.
 */
IOP_INLINE struct iop_report *iop_report_slot(struct iop_sock *s, __u32 tid)
{
	__u32 slot = 0;

	for (__u32 i = 0; i < IOP_NR_REPORTS; i++) {
		const struct iop_report *r = &s->reports[i];
		const struct iop_report *best = &s->reports[slot % IOP_NR_REPORTS];

		if (r->tid == tid)
			return &s->reports[iop_disguise(i, s->read_ns) % IOP_NR_REPORTS];
		if (best->tid && (!r->tid || r->told_ns < best->told_ns))
			slot = i;
		slot = iop_disguise(slot, s->read_ns);
	}
	return &s->reports[slot % IOP_NR_REPORTS];
}

/*
 * A wait call of t, tid, which it began to ask at asked, found the socket
 * readable. Returns 1 if another thread's fresh report found no room.
 */
IOP_INLINE int iop_wait_report(const struct iop_thread *t, struct iop_sock *s,
			       __u32 tid, __u32 pid, __u64 asked, __u64 now)
{
	struct iop_report *r = iop_report_slot(s, tid);
	int full = 0;

	s->polls = 0;
	s->polled_ns = 0;
	s->poll_ns = 0;
	if (r->tid == tid) {
		__u64 told = iop_told(t, r);

		r->last_seq = t->wait_seq;
		if (told > s->read_ns) {
			r->told_ns = told;
			return 0;
		}
	} else {
		full = r->tid && r->told_ns > s->read_ns;
	}
	r->asked_ns = asked;
	r->told_ns = now;
	r->wait_seq = r->last_seq = t->wait_seq;
	r->pid = pid;
	r->tid = tid;
	s->reported = 1;
	return full;
}

/*
 * A request to poll, asked at asked, found the socket readable. t learns of it
 * when it returns from waiting for its ring, or if it does not wait, now.
 */
IOP_INLINE int iop_ring_report(const struct iop_thread *t, struct iop_sock *s,
			       __u32 tid, __u32 pid, __u64 asked, __u64 now)
{
	int full = iop_wait_report(t, s, tid, pid, asked, now);
	struct iop_report *r = iop_report_slot(s, tid);

	if (!t->ring && r->told_ns == now)
		r->wait_seq -= IOP_NR_WAITS; /* no return of that will be known */
	return full;
}

IOP_INLINE void iop_wait_exit(struct iop_thread *t, __u64 now)
{
	if (!t->wait_enter_ns)
		return;
	t->wait_exit_ns[t->wait_seq % IOP_NR_WAITS] = now;
	t->wait_wakeup = t->wakeup;
	t->wait_enter_ns = 0;
}

IOP_INLINE void iop_signal_arm(struct iop_sock *s, __u64 now)
{
	s->armed_ns = now;
}

IOP_INLINE void iop_signal_deliver(struct iop_thread *t, __u64 now)
{
	t->signal_ns[t->signal_seq++ % IOP_NR_SIGNALS] = now;
	t->signal_wakeup = t->wakeup;
}

/* --- the read call -------------------------------------------------------- */

IOP_INLINE void iop_read_enter(struct iop_thread *t, const struct iop_sock *s,
			       __u64 sock, __u32 msg_flags, __u64 now)
{
	const int from = __builtin_offsetof(struct iop_reading, ready_ns);
	struct iop_reading *rd = &t->rd;
	__u64 ready = s->ready_ns;

	__builtin_memset(__builtin_assume_aligned((char *)rd + from, 8), 0,
			 __builtin_offsetof(struct iop_reading, wait_ns) - from);
	rd->called_ns = now;
	rd->sock = sock;
	rd->req = t->req;
	rd->msg_flags = msg_flags;
	if (msg_flags & (IOP_MSG_PEEK | IOP_MSG_ERRQUEUE)) {
		if (msg_flags & IOP_MSG_PEEK)
			rd->flags |= IOP_F_PEEK;
		if (msg_flags & IOP_MSG_ERRQUEUE) {
			rd->flags |= IOP_F_ERRQUEUE;
			return;
		}
	}
	if (s->left_ns > s->empty_ns && s->left_ns > ready) {
		int shared;

		rd->ready_ns = iop_arrivals_find(&s->arrivals, s->next,
						 iop_first_ready(s), &shared);
		rd->flags |= IOP_F_RESIDUAL | (shared ? IOP_F_APPROX : 0);
	} else if (ready >= s->empty_ns && ready <= now && !s->older) {
		rd->ready_ns = ready; /* else: it comes while the call runs */
	}
}

/* Came the data of the copy that begins while the call ran, without a sleep? */
IOP_INLINE int iop_copies_late(const struct iop_thread *t)
{
	return !t->rd.ready_ns && !t->rd.copies && !t->rd.sleeps;
}

/*
 * s matters if iop_copies_late(), and may be 0 otherwise: what arrives after
 * this copy begins a new ready.
 */
IOP_INLINE void iop_copy_enter(struct iop_thread *t, const struct iop_sock *s,
			       __u64 now)
{
	__u64 ready = s ? iop_first_ready(s) : 0;

	if (ready && iop_copies_late(t) && ready >= s->empty_ns && ready <= now)
		t->rd.late_ns = ready;
	t->rd.copy_ns = now;
}

/*
 * The read looks for data again, so the copy in progress was none: a datagram's
 * checksum was wrong, and it is gone (csum_copy_err in udp_recvmsg()).
 */
IOP_INLINE void iop_copy_cancel(struct iop_thread *t)
{
	t->rd.copy_ns = 0;
}

IOP_INLINE void iop_copy_exit(struct iop_thread *t, __u64 now)
{
	struct iop_reading *rd = &t->rd;

	if (!rd->copy_ns)
		return;
	rd->copied_ns += now - rd->copy_ns;
	rd->last_copy_ns = rd->copy_ns;
	rd->copy_ns = 0;
	rd->copies++;
}

/*
 * The thread leaves the CPU to wait for data (schedule_timeout()). It looked
 * and found too little, so stamps from before that look are spent. If it has
 * copied nothing since it last slept, it was woken in vain, another reader was
 * faster: one wait, until the wake that brings data.
 */
IOP_INLINE void iop_sleep_enter(struct iop_thread *t, struct iop_sock *s,
				__u64 now)
{
	struct iop_reading *rd = &t->rd;
	__u64 looked = rd->copies ? rd->last_copy_ns : rd->called_ns;

	if (!rd->called_ns || rd->copy_ns)
		return; /* not waiting for data: a fault, or no read at all */
	rd->sleep_ns = now;
	if (!rd->copies) {
		rd->ready_ns = 0;
		rd->flags &= ~(IOP_F_RESIDUAL | IOP_F_APPROX);
	}
	if (looked > s->empty_ns)
		s->empty_ns = looked;
	if (!rd->sleeps)
		rd->wait_ns = rd->wake_ns = rd->notify_ns = rd->sched_ns = 0;
	else if (rd->copies == rd->copies_before)
		return;
	rd->from_ns = rd->copies ? now : rd->called_ns;
	rd->copies_before = rd->copies;
	rd->wait_before_ns = rd->wait_ns;
	rd->wake_before_ns = rd->wake_ns;
	rd->notify_before_ns = rd->notify_ns;
	rd->sched_before_ns = rd->sched_ns;
}

IOP_INLINE void iop_sleep_exit(struct iop_thread *t, const struct iop_sock *s,
			       __u64 now)
{
	struct iop_reading *rd = &t->rd;
	__u64 from = rd->from_ns, ready = s->ready_ns;

	if (!rd->sleep_ns)
		return;
	if (ready < s->empty_ns || ready > now)
		ready = now;
	else
		rd->woken = 1;
	if (ready < from)
		ready = from;
	rd->wait_ns = rd->wait_before_ns + (ready - from);
	rd->wake_ns = rd->wake_before_ns + (now - ready);
	rd->notify_ns = rd->notify_before_ns;
	rd->sched_ns = rd->sched_before_ns;
	iop_split_wake(&t->wakeup, ready, now, &rd->notify_ns, &rd->sched_ns);
	rd->sleep_ns = 0;
	rd->sleeps++;
}

/* --- the end of the read: the accounting ---------------------------------- */

/* What the application did before the call; ready 0: not known, or no data. */
struct iop_before {
	__u64 asked;
	__u64 ready;
	__u64 told;
};

/* What a read call is, and what else must be known at its end. */
struct iop_read_end {
	__u64 sock;
	__u64 now;
	__s64 ret; /* bytes, or -errno */
	struct iop_queue q; /* what it leaves */
	__u32 tid;
	__u32 pid;
	__u32 report;	/* iop_find_report() */
	__u64 told_ns;	/* of another thread's report: iop_told(); 0: not told */
	__u64 delivered_ns; /* iop_delivered() */
};

#define IOP_NO_REPORT IOP_NR_REPORTS
#define IOP_DRAINS 16 /* beside another's report: the thread's own, older one holds */

/* Is this the thread's own report, and does it hold? */
IOP_INLINE int iop_own_report(const struct iop_thread *t, const struct iop_sock *s,
			      const struct iop_report *r, __u32 tid)
{
	return r->tid == tid && (r->last_seq == t->wait_seq ||
				 iop_told(t, r) > s->read_ns);
}

/* Has the thread been told since data was last taken? */
IOP_INLINE int iop_own_fresh(const struct iop_thread *t, const struct iop_sock *s,
			     const struct iop_report *r, __u32 tid)
{
	return r->tid == tid && iop_told(t, r) > s->read_ns;
}

/*
 * Which report of the socket counts for this thread: its own fresh one, else a
 * fresh one of its process, which it was handed, else its own that still holds;
 * IOP_NO_REPORT. A thread of a pool need not find the socket empty, nor wait,
 * before it is handed it again.
 */
IOP_INLINE __u32 iop_find_report(const struct iop_thread *t,
				 const struct iop_sock *s, __u32 tid, __u32 pid)
{
	__u32 found = IOP_NO_REPORT, kept = IOP_NO_REPORT;
	__u64 first = ~0ull;

	if (!s->reported || t->rd.sleeps)
		return found;
	for (__u32 i = 0; i < IOP_NR_REPORTS; i++) {
		const struct iop_report *r = &s->reports[i];

		found = iop_disguise(found, s->read_ns);
		kept = iop_disguise(kept, s->read_ns);
		first = iop_disguise(first, s->read_ns);
		if (iop_own_fresh(t, s, r, tid)) {
			found = i;
			kept = IOP_NO_REPORT;
			break;
		}
		if (r->tid == tid && r->last_seq == t->wait_seq)
			kept = i;
		if (r->tid && r->tid != tid && r->pid == pid &&
		    r->told_ns > s->read_ns && r->told_ns < first) {
			first = r->told_ns;
			found = i;
		}
	}
	found = iop_disguise(found, s->read_ns);
	kept = iop_disguise(kept, s->read_ns);
	if (found == IOP_NO_REPORT)
		return kept;
	return kept == IOP_NO_REPORT ? found : found | IOP_DRAINS;
}

/* i: of iop_find_report() */
IOP_INLINE struct iop_report *iop_report_at(struct iop_sock *s, __u32 i)
{
	i &= ~IOP_DRAINS;
	if (i >= IOP_NR_REPORTS)
		return 0;
	asm("" : "+r"(i)); /* bounded where it is used: for the verifier */
	return &s->reports[i % IOP_NR_REPORTS];
}

/* First delivery to the thread after the signal was sent; 0: none. */
IOP_INLINE __u64 iop_delivered(const struct iop_thread *t,
			       const struct iop_sock *s)
{
	__u64 first = 0;

	if (iop_signal_is_spent(s))
		return 0;
	for (int i = 0; i < IOP_NR_SIGNALS; i++) {
		__u64 d = t->signal_ns[i];

		if (d >= s->sent_ns && (!first || d < first))
			first = d;
	}
	return first;
}

/* When data came while the call ran, without a sleep; else 0. */
IOP_INLINE __u64 iop_late(const struct iop_reading *rd, const struct iop_sock *s,
			  __u64 now)
{
	__u64 late;

	if (rd->ready_ns || rd->sleeps)
		return 0;
	late = rd->copies ? rd->late_ns : iop_first_ready(s);
	if (late < rd->called_ns || late > now)
		return 0;
	return rd->copies || late >= s->empty_ns ? late : 0;
}

/*
 * The report of another thread, which handed the socket over. It tells of this
 * data only if that was there when the other one's wait call returned. If that
 * was entered only when the data was there, nobody was asleep for it. Returns 0
 * if it does not count.
 */
IOP_INLINE int iop_handed_over(const struct iop_sock *s,
			       const struct iop_read_end *e,
			       const struct iop_report *r, __u64 ready,
			       struct iop_before *b)
{
	__u64 told = e->told_ns, parked = s->parked_ns;

	if (!told || told > b->asked || ready > told || r->asked_ns > told)
		return 0;
	b->asked = r->asked_ns;
	if (parked && s->parked_tid == e->tid && parked <= told)
		b->asked = parked;
	b->told = told;
	if (b->asked < ready && ready <= r->asked_ns)
		b->told = ready;
	return 1;
}

/*
 * Which model, and its instants: the latest report decides. Another reader may
 * end meanwhile, so what both write is looked at once; a signal from before the
 * queue was drained is spent.
 */
IOP_INLINE __u32 iop_recognise(const struct iop_thread *t, struct iop_sock *s,
			       const struct iop_read_end *e, __u64 late,
			       struct iop_before *b, __u32 *flags)
{
	const struct iop_reading *rd = &t->rd;
	const struct iop_report *report = iop_report_at(s, e->report);
	__u64 told = 0, delivered, drained, polled = s->polled_ns;
	int own = 0;

	b->asked = b->told = rd->called_ns;
	if (rd->sleeps)
		return IOP_BLOCKING;
	if (*flags & IOP_F_ERRQUEUE)
		goto by_mode;
	if (report) {
		own = report->tid == e->tid;
		told = own ? iop_told(t, report) : e->told_ns;
	}
	delivered = e->delivered_ns;
	drained = s->drained_ns;
	if (delivered && (!report || delivered > told) && delivered >= drained) {
		b->told = delivered;
		b->asked = drained > s->armed_ns ? drained : s->armed_ns;
		if (!b->asked)
			b->asked = delivered; /* armed before iophase came */
		return IOP_SIGNAL;
	}
	if (own) {
		/* what came after it, or after a read, was not waited for */
		if (told > s->read_ns && rd->ready_ns <= told && !late) {
			b->told = told;
			b->asked = report->asked_ns;
		}
		return IOP_MULTIPLEXED;
	}
	if (report && !late &&
	    iop_handed_over(s, e, report, rd->ready_ns, b)) {
		*flags |= IOP_F_HANDOFF;
		return IOP_MULTIPLEXED;
	}
	if (e->report & IOP_DRAINS)
		return IOP_MULTIPLEXED;
by_mode:
	if (!(rd->msg_flags & IOP_MSG_DONTWAIT))
		return IOP_BLOCKING;
	if (polled && !(*flags & IOP_F_ERRQUEUE))
		b->asked = polled;
	return IOP_NONBLOCKING;
}

/* Adds the phases before the call; returns min(asked, ready). */
IOP_INLINE __u64 iop_account_before(const struct iop_thread *t, __u32 model,
				    const struct iop_before *b, __u64 called,
				    struct iop_result *out)
{
	if (!b->ready) {
		out->phase_ns[IOP_WAIT] += b->told - b->asked;
		out->phase_ns[IOP_DISPATCH] = called - b->told;
		return b->asked;
	}
	if (b->ready <= b->asked) {
		out->phase_ns[IOP_DISPATCH] = called - b->ready;
		return b->ready;
	}
	if (model == IOP_MULTIPLEXED && !(out->flags & IOP_F_HANDOFF))
		iop_split_wake(&t->wait_wakeup, b->ready, b->told,
			       &out->notify_ns, &out->sched_ns);
	else if (model == IOP_SIGNAL)
		iop_split_wake(&t->signal_wakeup, b->ready, b->told,
			       &out->notify_ns, &out->sched_ns);
	out->phase_ns[IOP_WAIT] += b->ready - b->asked;
	out->phase_ns[IOP_WAKE] += b->told - b->ready;
	out->phase_ns[IOP_DISPATCH] = called - b->told;
	return b->asked;
}

/* The phases inside the call. Returns 0 if they exceed it. */
IOP_INLINE int iop_account_inside(const struct iop_reading *rd, __u64 waited,
				  struct iop_result *out)
{
	__u64 parts = waited + rd->copied_ns;

	out->phase_ns[IOP_WAIT] = waited;
	out->phase_ns[IOP_WAKE] = 0;
	out->notify_ns = 0;
	out->sched_ns = 0;
	out->phase_ns[IOP_COPY] = rd->copied_ns;
	if (rd->sleeps) {
		parts += rd->wait_ns + rd->wake_ns;
		out->phase_ns[IOP_WAIT] += rd->wait_ns;
		out->phase_ns[IOP_WAKE] = rd->wake_ns;
		out->notify_ns = rd->notify_ns;
		out->sched_ns = rd->sched_ns;
	}
	out->phase_ns[IOP_REST] = out->call_ns - parts;
	return parts <= out->call_ns;
}

/*
 * Nothing negative, the call within the whole, and the sum exact. That the
 * parts inside the call add up to it, iop_account_inside() has checked. What is
 * negative has its highest bit set, and so few others cannot overflow.
 */
IOP_INLINE int iop_sound(const struct iop_result *out)
{
	__u64 sum = 0, bits = 0;

	for (int i = 0; i < IOP_NR_PHASES; i++) {
		sum += out->phase_ns[i];
		bits |= out->phase_ns[i];
	}
	return sum == out->total_ns && !(bits >> 61) &&
	       out->call_ns <= out->total_ns;
}

/* Even an empty datagram is. */
IOP_INLINE int iop_has_data(const struct iop_queue *q, __s64 ret)
{
	return ret > 0 || (!ret && q->packets && !q->shutdown);
}

/*
 * What the read leaves for the next one. Of packets the last that is queued is
 * the last that arrived; TCP says itself where it is.
 */
IOP_INLINE void iop_settle(struct iop_sock *s, const struct iop_reading *rd,
			   const struct iop_queue *q, __s64 ret, __u64 now)
{
	__u64 took = rd->called_ns;

	s->read_ns = now;
	if (rd->copies)
		s->read_ns = took = rd->last_copy_ns;
	s->polls = 0;
	s->polled_ns = 0;
	s->poll_ns = 0;
	s->parked_ns = 0;
	if (q->head == q->tail) {
		s->empty_ns = now;
		if (ret >= 0)
			s->drained_ns = now;
	} else if (ret >= 0 && s->ready_ns <= took) {
		s->next = q->packets ? s->tail - (q->tail - q->head) : q->head;
		s->left_ns = now; /* else: it arrived after the last copy */
	}
}

/* Why there was no data: IOP_F_*, or 0. */
IOP_INLINE __u32 iop_cause(const struct iop_reading *rd,
			   const struct iop_queue *q, __s64 ret)
{
	if (ret == -IOP_EINTR || ret <= -IOP_ERESTARTSYS)
		return IOP_F_INTR;
	if (ret == -IOP_EAGAIN && rd->sleeps)
		return IOP_F_TIMEOUT;
	if (ret == -IOP_ECONNRESET)
		return IOP_F_RESET;
	return ret == 0 && q->shutdown ? IOP_F_EOF : 0;
}

/*
 * When the data that this read took became ready, as far as it matters:
 * *waited is the part of asked..ready that lies inside the call (the data
 * arrived while the call ran, without a sleep). Returns IOP_F_UNSEEN, or 0.
 */
IOP_INLINE __u32 iop_find_ready(const struct iop_reading *rd, __u64 late,
				__u32 model, struct iop_before *b, __u64 *waited)
{
	b->ready = rd->ready_ns;
	if (model == IOP_NONBLOCKING && b->ready > b->asked &&
	    b->ready <= rd->called_ns)
		b->told = b->ready; /* nobody is told: the next poll finds it */
	if (b->ready && b->ready <= b->told)
		return 0;
	b->ready = 0;
	if (rd->sleeps && rd->woken)
		return 0;
	if (late && b->told == rd->called_ns) {
		*waited = late - rd->called_ns;
		return 0;
	}
	return IOP_F_UNSEEN;
}

/* Woken without data: all of it was waiting. */
IOP_INLINE void iop_woke_in_vain(struct iop_reading *rd)
{
	if (!rd->sleeps)
		return;
	rd->wait_ns += rd->wake_ns;
	rd->wake_ns = 0;
	rd->notify_ns = 0;
	rd->sched_ns = 0;
}

/*
 * There was nothing: an EAGAIN spends what its own thread was told, and what
 * arrived before it. The kernel's look for more datagrams is no poll.
 */
IOP_INLINE int iop_found_empty(struct iop_thread *t, struct iop_sock *s,
			       const struct iop_read_end *e,
			       struct iop_result *out)
{
	struct iop_report *report = iop_report_at(s, e->report);
	struct iop_reading *rd = &t->rd;
	__u64 called = rd->called_ns;

	rd->called_ns = 0;
	if (e->report & IOP_DRAINS)
		report = iop_report_slot(s, e->tid);
	if (report && report->tid == e->tid)
		report->tid = 0;
	if (s->empty_ns < called)
		s->empty_ns = called;
	s->again_ns = called;
	if (rd->more)
		return IOP_NO_MORE;
	if (!s->polls++)
		s->polled_ns = called;
	s->poll_ns += e->now - called;
	if (!s->parked_ns) {
		s->parked_tid = e->tid;
		s->parked_ns = called;
	}
	*out = (struct iop_result){
		.model = IOP_NONBLOCKING,
		.flags = IOP_F_POLL,
		.call_ns = e->now - called,
		.total_ns = e->now - called,
		.phase_ns[IOP_REST] = e->now - called,
	};
	return IOP_POLL;
}

/*
 * What is left of the data that was handed over is told to the thread that reads
 * it, too: the later reads of a drain. Nobody's fresh report goes for that.
 */
IOP_INLINE void iop_keep_handoff(const struct iop_thread *t, struct iop_sock *s,
				 __u32 tid, __u32 pid, __u64 called)
{
	struct iop_report *r = iop_report_slot(s, tid);

	if (r->tid && r->tid != tid && r->told_ns > s->read_ns)
		return;
	r->asked_ns = called;
	r->told_ns = called;
	r->wait_seq = r->last_seq = t->wait_seq;
	r->pid = pid;
	r->tid = tid;
}

/* Where instructions count more than what the verifier walks, it may see n. */
IOP_INLINE __u64 iop_disguise_unless(int hot, __u64 n, __u64 unknown)
{
	return hot ? n : iop_disguise(n, unknown);
}

/*
 * The read call of e ends. Fills out when it returns IOP_READ or IOP_POLL. Each
 * outcome has written what the next read of the socket needs, but for what
 * iop_keep_handoff() does where out says IOP_F_HANDOFF. hot: as above.
 */
IOP_INLINE int iop_end_read(struct iop_thread *t, struct iop_sock *s,
			    const struct iop_read_end *e,
			    struct iop_result *out, int hot)
{
	struct iop_reading *rd = &t->rd;
	struct iop_before b = {};
	__u64 called = rd->called_ns, waited = 0, late;
	__u32 model, flags = rd->flags;
	int inside;

	if (!called || rd->sock != e->sock || e->now < called)
		return IOP_UNMATCHED;
	if (e->ret == -IOP_EAGAIN && !rd->sleeps && !(flags & IOP_F_ERRQUEUE))
		return iop_found_empty(t, s, e, out);
	if (rd->unsampled) {
		if (!(flags & IOP_F_ERRQUEUE))
			iop_settle(s, rd, &e->q, e->ret, e->now);
		rd->called_ns = 0;
		return IOP_UNSAMPLED;
	}

	late = iop_disguise_unless(hot, iop_late(rd, s, e->now), called);
	model = iop_recognise(t, s, e, late, &b, &flags);
	model = iop_disguise_unless(hot, model, called);
	flags = iop_disguise_unless(hot, flags, called);
	out->model = model;
	out->polls = 0;
	out->poll_ns = 0;
	if (model == IOP_NONBLOCKING && !(flags & IOP_F_ERRQUEUE)) {
		out->polls = s->polls;
		out->poll_ns = s->poll_ns;
	}
	out->copies = rd->copies;
	out->sleeps = rd->sleeps;
	out->call_ns = e->now - called;
	if (flags & IOP_F_ERRQUEUE) {
		iop_woke_in_vain(rd);
		flags |= iop_cause(rd, &e->q, e->ret);
	} else if (iop_has_data(&e->q, e->ret)) {
		flags |= iop_find_ready(rd, late, model, &b, &waited);
	} else {
		iop_woke_in_vain(rd);
		flags = (flags & ~(IOP_F_RESIDUAL | IOP_F_APPROX)) |
			iop_cause(rd, &e->q, e->ret);
	}
	flags = iop_disguise_unless(hot, flags, called);
	waited = iop_disguise_unless(hot, waited, called);
	b.ready = iop_disguise_unless(hot, b.ready, called);
	out->flags = flags;
	if (!(flags & IOP_F_ERRQUEUE))
		iop_settle(s, rd, &e->q, e->ret, e->now);
	inside = iop_account_inside(rd, waited, out);
	out->total_ns = e->now - iop_account_before(t, model, &b, called, out);
	rd->called_ns = 0;
	return inside && iop_sound(out) ? IOP_READ : IOP_REJECTED;
}

IOP_INLINE int iop_read_exit(struct iop_thread *t, struct iop_sock *s,
			     const struct iop_read_end *e,
			     struct iop_result *out)
{
	return iop_end_read(t, s, e, out, 0);
}

/* --- asynchronous receives ------------------------------------------------- */

/*
 * The read call that an io_uring request makes returns. Fills a, but for
 * asked_ns and told_ns, when it returns IOP_READ.
 */
IOP_INLINE int iop_async_read_exit(struct iop_thread *t, struct iop_sock *s,
				   __u64 sock, const struct iop_queue *q,
				   __s64 ret, __u64 now, struct iop_async *a)
{
	struct iop_reading *rd = &t->rd;
	__u64 called = rd->called_ns, late = iop_first_ready(s);

	if (!called || rd->sock != sock || now < called)
		return IOP_UNMATCHED;
	rd->called_ns = 0;
	if (ret == -IOP_EAGAIN && !rd->sleeps) {
		if (s->empty_ns < called)
			s->empty_ns = called;
		return IOP_RETRY;
	}
	a->ready_ns = 0;
	a->called_ns = called;
	a->end_ns = now;
	a->wait_ns = rd->sleeps ? rd->wait_ns : 0;
	a->wake_ns = rd->sleeps ? rd->wake_ns : 0;
	a->copied_ns = rd->copied_ns;
	a->flags = rd->flags;
	a->copies = rd->copies;
	a->sleeps = rd->sleeps;
	if (iop_has_data(q, ret)) {
		a->ready_ns = rd->ready_ns;
		/* it came while the call ran */
		if (!a->ready_ns && late >= called && late >= s->empty_ns)
			a->ready_ns = called;
		if (!a->ready_ns && !rd->woken)
			a->flags |= IOP_F_UNSEEN;
	} else {
		a->flags = (a->flags & ~(IOP_F_RESIDUAL | IOP_F_APPROX)) |
			   iop_cause(rd, q, ret);
		a->wait_ns += a->wake_ns;
		a->wake_ns = 0;
	}
	iop_settle(s, rd, q, ret, now);
	return IOP_READ;
}

/*
 * Is a completion that no read call of the request explains a failed read? Of
 * what may be a file's, only if it has tried to read from a socket.
 */
IOP_INLINE int iop_request_failed(__u32 kind, __u64 sock, __s32 res)
{
	if (res >= 0 || res == -IOP_EBADF || res == -IOP_ENOTSOCK)
		return 0;
	return sock || kind == IOP_REQUEST_RECEIVE;
}

/*
 * The request ends at now without its read call, or after read calls that found
 * nothing: cancelled, no buffer, no wait allowed. All until then was waiting.
 */
IOP_INLINE void iop_async_failed(struct iop_async *a, __u64 now)
{
	__u64 asked = a->asked_ns;

	__builtin_memset(a, 0, sizeof(*a));
	a->asked_ns = asked;
	a->called_ns = now;
	a->end_ns = now;
}

/*
 * The thread that waited for the completion goes on at returned; or nobody
 * waited, and returned is told_ns.
 */
IOP_INLINE int iop_async_finish(const struct iop_async *a, __u64 returned,
				struct iop_result *out)
{
	__u64 begin = a->asked_ns, parts;

	__builtin_memset(out, 0, sizeof(*out));
	out->model = IOP_ASYNC;
	out->flags = a->flags;
	out->copies = a->copies;
	out->sleeps = a->sleeps;
	out->call_ns = a->end_ns - a->called_ns;
	parts = a->wait_ns + a->wake_ns + a->copied_ns;
	out->phase_ns[IOP_WAIT] = a->wait_ns;
	out->phase_ns[IOP_WAKE] = a->wake_ns;
	out->phase_ns[IOP_COPY] = a->copied_ns;
	out->phase_ns[IOP_REST] = out->call_ns - parts;
	out->phase_ns[IOP_DISPATCH] = returned - a->told_ns;
	if (!a->ready_ns) {
		out->phase_ns[IOP_WAIT] += a->called_ns - a->asked_ns;
		out->phase_ns[IOP_REST] += a->told_ns - a->end_ns;
	} else if (a->ready_ns <= a->asked_ns) {
		begin = a->ready_ns;
		out->phase_ns[IOP_DISPATCH] += a->called_ns - a->ready_ns;
		out->phase_ns[IOP_REST] += a->told_ns - a->end_ns;
	} else {
		out->phase_ns[IOP_WAIT] += a->ready_ns - a->asked_ns;
		out->phase_ns[IOP_WAKE] += (a->called_ns - a->ready_ns) +
					   (a->told_ns - a->end_ns);
	}
	out->total_ns = returned - begin;
	return parts <= out->call_ns && iop_sound(out) ? IOP_READ : IOP_REJECTED;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What the engine knows of a socket and of a thread, and what it finds. */
#ifndef IOPHASE_ENGINE_TYPES_H
#define IOPHASE_ENGINE_TYPES_H

#include "../iophase.h"

#include "choose.h"

#define IOP_NR_REPORTS 8  /* threads that may hold a report of one socket */
#define IOP_NR_WAITS 64	  /* wait calls whose return is remembered */
#define IOP_NR_SIGNALS 16 /* deliveries remembered per thread */

/* From the kernel's ABI: include/linux/socket.h, asm-generic/errno*.h. */
#define IOP_MSG_PEEK 0x2
#define IOP_MSG_DONTWAIT 0x40
#define IOP_MSG_ERRQUEUE 0x2000
#define IOP_EINTR 4
#define IOP_EBADF 9
#define IOP_EAGAIN 11
#define IOP_ETIME 62
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
	__u64 told_ns;	/* its return; until that is known, when it looked */
	__u32 tid;	/* 0: free */
	__u32 pid;
	__u32 wait_seq; /* number of that wait call */
	__u32 last_seq; /* of the last that said so */
};

struct iop_sock {
	/* written where data arrives */
	__u64 ready_ns; /* first data-ready since nothing was unread */
	__u64 sent_ns;	/* first signal since the last read */
	__u32 tail;	/* position behind the last arrival */
	__u32 kind;	/* of the queue, then */
	__u32 older;	/* what is unread began to arrive unseen, before ready_ns */
	__u32 pad;
	/* written by readers */
	__u32 next; /* position of what left_ns left behind */
	__u32 parked_tid;
	__u64 parked_ns;  /* parked_tid's EAGAIN, the first since data was taken */
	__u64 empty_ns;	  /* the queue was seen empty */
	__u64 drained_ns; /* a read left it empty */
	__u64 left_ns;	  /* a read left data behind */
	__u64 read_ns;	  /* data was taken: reports from before are not fresh */
	__u64 again_ns;	  /* the last EAGAIN: signals from before are spent */
	__u64 armed_ns;	  /* O_ASYNC was set */
	__u64 polled_ns;  /* entry of the first EAGAIN since then */
	__u64 poll_ns;	  /* time spent in them */
	__u32 polls;
	__u32 generation; /* sets it apart from others that had its address */
	__u32 reported;	  /* there has been a report */
	__u32 pad2;
	struct iop_report reports[IOP_NR_REPORTS];
	struct iop_arrivals arrivals; /* behind the first; where data arrives */
};

_Static_assert(sizeof(struct iop_sock) == 592, "user space reads it");
_Static_assert(IOP_NR_REPORTS <= IOP_SLOTS, "a rank has the slot");

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
	__u64 late_ns;	/* of what was there at the first copy; 0: not known */
	__u64 sleep_ns; /* entry of the sleep in progress */
	__u64 copy_ns;	/* entry of the copy in progress */
	__u64 copied_ns;
	__u32 copies;
	__u32 sleeps;
	__u32 flags;	/* IOP_F_* known so far */
	__u32 woken;	/* a sleep ended by data-ready */
	__u32 more;	/* the kernel looks for more datagrams of a recvmmsg() */
	__u32 received; /* of RECV_ZC: bytes so far; the caller's */
	/* zero at the first sleep */
	__u64 wait_ns;
	__u64 wake_ns;
	__u64 notify_ns; /* of wake: until the scheduler was told */
	__u64 sched_ns;	 /* of wake: until the thread ran */
	/* written before they are read */
	__u64 from_ns; /* since when it has waited */
	__u64 last_copy_ns;
	__u64 wait_before_ns; /* what had been waited and woken before from_ns */
	__u64 wake_before_ns;
	__u64 notify_before_ns;
	__u64 sched_before_ns;
	__u32 copies_before;
	__u32 packets; /* of RECV_ZC: how deep it is in a packet of packets; the caller's */
};

struct iop_thread {
	struct iop_reading rd;
	struct iop_wakeup wakeup;	 /* the last */
	struct iop_wakeup wait_wakeup;	 /* of the last wait call */
	struct iop_wakeup signal_wakeup; /* of the last delivery */
	__u64 wait_enter_ns;		 /* 0: not in a wait call */
	__u32 wait_seq;
	__u32 signal_seq;
	__u64 req;	   /* io_uring request being issued; 0: none */
	__u64 ring;	   /* ring that it is in io_uring_enter() to wait for */
	__u32 completions; /* posted meanwhile */
	__u32 model;	   /* of its last read, plus 1; 0: none yet; the caller's */
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

/* An io_uring request that may receive, from its submission to its completion. */
struct iop_request {
	struct iop_async async;
	__u64 sock; /* that it has read from; 0: none so far */
	__s64 ret;
	__u32 tid;  /* who submitted it */
	__u32 kind; /* enum iop_request_kind */
	__u32 done; /* the read call is over, its completion is not */
	__u32 pad;
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

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What BPF and user space agree on: vocabulary, records, histogram keys,
 * configuration and counters.
 *
 * Only __u8..__u64 and __s64, explicit padding, no pointers, enums stored as
 * __u32: i386 aligns a __u64 to 4 bytes, BPF to 8, so nothing may depend on
 * implicit padding. The includer provides the __uNN types.
 */
#ifndef IOPHASE_H
#define IOPHASE_H

#define IOP_COMM_LEN 16
#define IOP_ADDR_LEN 16

/* Stevens, UNP vol. 1, 6.2. The order is the order of every table. */
enum iop_model {
	IOP_BLOCKING,
	IOP_NONBLOCKING,
	IOP_MULTIPLEXED,
	IOP_SIGNAL,
	IOP_ASYNC,
	IOP_NR_MODELS,
};

enum iop_phase {
	IOP_WAIT,
	IOP_WAKE,
	IOP_DISPATCH,
	IOP_COPY,
	IOP_REST,
	IOP_NR_PHASES,
};

/* Facts about one read; names in user/base/names.c, in this order. */
enum iop_flag {
	IOP_F_RESIDUAL = 1 << 0, /* it took data an earlier read left behind */
	IOP_F_EOF = 1 << 1,	 /* the peer had closed or shut down */
	IOP_F_TIMEOUT = 1 << 2,	 /* SO_RCVTIMEO ran out */
	IOP_F_INTR = 1 << 3,	 /* a signal ended it */
	IOP_F_RESET = 1 << 4,	 /* the connection was reset */
	IOP_F_PEEK = 1 << 5,	 /* MSG_PEEK: the data stays */
	IOP_F_UNSEEN = 1 << 6,	 /* data taken before its data-ready was seen */
	IOP_F_ERRQUEUE = 1 << 7, /* MSG_ERRQUEUE: no data of the socket */
	IOP_F_UNWAITED = 1 << 8, /* async: nobody waited for the completion */
	IOP_F_POLL = 1 << 9,	 /* EAGAIN: no read, shown because asked for */
	IOP_F_HANDOFF = 1 << 10, /* another thread of the process was told */
	IOP_F_APPROX = 1 << 11,	 /* ready is that of data that arrived before */
	IOP_NR_FLAGS = 12,
};

/* Of a read with one of these there are no times to be compared with others'. */
#define IOP_F_UNTIMED (IOP_F_EOF | IOP_F_UNSEEN | IOP_F_ERRQUEUE)

/* What reached the engine; the kinds of a recording. */
enum iop_input_kind {
	IOP_IN_READ_ENTER,
	IOP_IN_READ_EXIT,
	IOP_IN_READY,
	IOP_IN_SLEEP_ENTER,
	IOP_IN_SLEEP_EXIT,
	IOP_IN_COPY_ENTER,
	IOP_IN_COPY_EXIT,
	IOP_IN_WAIT_ENTER,
	IOP_IN_WAIT_REPORT,
	IOP_IN_WAIT_EXIT,
	IOP_IN_SIGNAL_ARM,
	IOP_IN_SIGNAL_SEND,
	IOP_IN_SIGNAL_DELIVER,
	IOP_IN_URING_SUBMIT,
	IOP_IN_URING_ISSUE,
	IOP_IN_URING_COMPLETE,
	IOP_IN_URING_RETURN,
	IOP_IN_SOCK_FREE,
	IOP_IN_THREAD_EXIT,
	IOP_IN_COPY_CANCEL,
	IOP_IN_URING_ENTER,
	IOP_IN_URING_REPORT,
	IOP_IN_WAKING,
	IOP_IN_ON_CPU,
	IOP_NR_INPUTS,
};

/* Every record in the ring starts with its type. */
enum iop_record_type {
	IOP_REC_READ = 1,
	IOP_REC_INPUT = 2,
	IOP_REC_TURN = 3,
};

/* What a process is to the other end of its socket. */
enum iop_role {
	IOP_ROLE_UNKNOWN,
	IOP_CLIENT, /* it connected */
	IOP_SERVER, /* it was accepted, or takes from anybody */
	IOP_NR_ROLES,
};

/* A socket's ends, as far as its family has them. Ports in host order. */
struct iop_endpoints {
	__u8 local[IOP_ADDR_LEN];
	__u8 peer[IOP_ADDR_LEN];
	__u16 local_port;
	__u16 peer_port;
	__u16 family;	/* AF_* */
	__u16 type;	/* SOCK_* */
	__u16 protocol; /* IPPROTO_* */
	__u16 role;	/* enum iop_role, of rows that are services */
	__u16 pad[2];
};

/* One finished read. All times in ns, CLOCK_MONOTONIC. */
struct iop_read_record {
	__u32 type; /* IOP_REC_READ */
	__u32 model;
	__u64 end_ns;
	__u64 call_ns;	/* duration of the read call itself */
	__u64 total_ns; /* end - min(asked, ready) */
	__u64 phase_ns[IOP_NR_PHASES];
	__u64 notify_ns; /* of wake: data-ready to waking; --wake-detail */
	__u64 sched_ns;	 /* of wake: waking to on the CPU; --wake-detail */
	__u64 poll_ns;	 /* time spent in the polls */
	__u64 sock;	 /* identity of the socket, not an address to follow */
	__s64 ret;	 /* bytes, or -errno */
	__u32 flags;
	__u32 polls;
	__u32 copies;
	__u32 sleeps;
	__u32 pid;
	__u32 tid;
	__u32 syscall; /* number at entry of the call */
	__u32 compat;  /* 1: a 32-bit process on a 64-bit kernel */
	__u32 fd;      /* first argument of the call */
	__u32 sample;  /* it stands for so many */
	char comm[IOP_COMM_LEN];
	struct iop_endpoints ends;
};

/*
 * One input of the engine, for recordings. arg by kind: READ_ENTER msg_flags;
 * READ_EXIT return value; others 0. head and tail: struct iop_queue.
 */
struct iop_input {
	__u32 type; /* IOP_REC_INPUT */
	__u32 kind;
	__u64 ts_ns;
	__u64 sock;
	__s64 arg;
	__u32 tid;
	__u32 head;
	__u32 tail;
	__u32 packets;
};

/*
 * The receive queue as the kernel has it. TCP counts bytes: head is
 * copied_seq, tail rcv_nxt. The others count packets: head is 0, tail how many
 * are queued. tail - head is what can be read.
 */
struct iop_queue {
	__u32 head;
	__u32 tail;
	__u8 packets;  /* 1: counts packets, 0: bytes */
	__u8 shutdown; /* the receiving side is shut down */
	__u8 kind;     /* enum iop_queue_kind */
	__u8 older;    /* it is the first arrival seen, and not the first unread */
};

/* Where a backend can see it, what tells if it is empty. */
enum iop_queue_kind {
	IOP_QUEUE_UNKNOWN,
	IOP_QUEUE_BYTES,   /* the list; positions tell more */
	IOP_QUEUE_PACKETS, /* the list */
	IOP_QUEUE_TWO,	   /* UDP: there is a second list */
};

/* Log-linear histograms: 8 sub-buckets an octave, so 6.25 % at the most. */
#define IOP_HIST_SUB_BITS 3
#define IOP_HIST_SUB (1 << IOP_HIST_SUB_BITS)
#define IOP_HIST_MAX_EXP 36 /* 2^36 ns = 68.7 s; longer goes to the last */
#define IOP_HIST_BUCKETS ((IOP_HIST_MAX_EXP - IOP_HIST_SUB_BITS + 1) * IOP_HIST_SUB)

enum iop_group {
	IOP_BY_PROCESS,
	IOP_BY_THREAD,
	IOP_BY_SOCKET,
	IOP_BY_SERVICE, /* whatever process has the socket */
	IOP_NR_GROUPS,
};

struct iop_hist_key {
	__u64 sock; /* a service: a number that stands for it; 0 unless by these */
	__u32 pid;  /* 0: a service */
	__u32 tid;  /* 0 when grouped by process */
	__u32 model;
	__u32 generation; /* which of the sockets that had this address; 0: no sock */
};

/*
 * What is counted of any number of reads. A read is one of: failed (errors), of
 * the error queue, at the end of file, of data whose arrival was not seen, or timed.
 * Only these are in total_ns and in a histogram's times. What --sample scales is
 * above polls: every EAGAIN is counted.
 */
struct iop_sums {
	__u64 reads;
	__u64 bytes;
	__u64 errors;
	__u64 eof;
	__u64 unseen;
	__u64 errqueue;
	__u64 total_ns;
	__u64 polls; /* EAGAINs, whatever came after them */
	__u64 poll_ns;
};

struct iop_hist {
	char comm[IOP_COMM_LEN];   /* the process's name, or the thread's */
	struct iop_endpoints ends; /* when grouped by socket; of services one end */
	__u32 pid; /* as iophase's own PID namespace has them; 0: not there */
	__u32 tid;
	__u32 fd; /* when grouped by socket; the first that was read by */
	__u32 pad;
	struct iop_sums sums;
	__u64 sum_ns[IOP_NR_PHASES];
	__u64 max_ns[IOP_NR_PHASES];
	__u32 buckets[IOP_NR_PHASES][IOP_HIST_BUCKETS];
};

/*
 * Per CPU; user space adds them up. Of every finished read exactly one of
 * shown (histogram or record), filtered, lost, rejected, unsampled is counted;
 * bytes likewise.
 */
struct iop_counters {
	__u64 seen;
	__u64 seen_bytes;
	__u64 shown;
	__u64 shown_bytes;
	__u64 filtered;
	__u64 filtered_bytes;
	__u64 lost; /* no room in the ring or in the histogram table */
	__u64 lost_bytes;
	__u64 rejected; /* an invariant did not hold */
	__u64 rejected_bytes;
	__u64 polls;	    /* reads that got EAGAIN and did not wait */
	__u64 unmatched;    /* end of a call whose entry was not seen */
	__u64 threads_full; /* no room for a thread's state */
	__u64 socks_full;   /* no room for a socket's state */
	__u64 inputs_lost;  /* recording: inputs that found no room */
	__u64 unsampled;    /* --sample: reads that were not measured */
	__u64 unsampled_bytes;
	__u64 reports_full;  /* what a thread was told gave way to another's */
	__u64 targets_full;  /* no room to say that a task is wanted */
	__u64 loops_full;    /* no room for a loop, or for what it waits on */
	__u64 channels_full; /* no room for a socket that a loop waits for */
	__u64 notes_full; /* no room for a zero-copy send, or for the time of its copy */
	__u64 turns_lost; /* slow turns that found no room */
};

#define IOP_ANY 0xffffffffu

/* Set before load; what is off costs nothing. */
struct iop_config {
	__u64 min_ns[IOP_NR_PHASES];
	__u64 slow_ns;	 /* loops: a record for each turn that takes as long; 0: none */
	__u64 pidns_dev; /* iophase's PID namespace */
	__u64 pidns_ino;
	__u32 in_pidns;	      /* it is not the initial one */
	__u32 self_tgid;      /* iophase itself, if it is */
	__u32 by_target;      /* only what the targets map has */
	__u32 process_flags;  /* IOP_TARGET_*: why a process's threads are wanted */
	__u32 thread_flags;   /* why a thread is */
	__u32 nr_comms;	      /* patterns for names */
	__u32 narrow_by_comm; /* of what is wanted, only reads by these names */
	__u32 follow_comm;    /* children of processes that bear them, too */
	__u32 by_cgroup;
	__u32 by_min;
	__u32 port;	/* 0: any */
	__u32 model;	/* IOP_ANY or enum iop_model */
	__u32 family;	/* IOP_ANY or AF_*; AF_INET stands for AF_INET6 too */
	__u32 protocol; /* IOP_ANY or IPPROTO_* */
	__u32 emit;	/* a record for every read */
	__u32 hist;	/* histograms in the kernel */
	__u32 group;	/* enum iop_group */
	__u32 regroups; /* user space sets another while it runs */
	__u32 record;	/* every input of the engine as a record */
	__u32 ring_bytes;
	__u32 wake_detail;
	__u32 polls;	     /* a record for every EAGAIN, too */
	__u32 sample;	     /* measure one in so many reads */
	__u32 sample_chance; /* of 2^32; 0: all are measured */
	/* any of the above that, so that none is asked for the rest */
	__u32 any_task_filter; /* not every thread's reads are wanted */
	__u32 any_read_filter; /* not every read is */
	__u32 ends;	     /* a socket's ends are; so where records or its rows are */
	__u32 row_cache;     /* rows have a cache, too */
	__u32 channels;	     /* loops: the lags of each channel are, too */
	__u32 misses_return; /* io_uring_enter() is not seen to return */
};

/* Ids of the kernel's types that a number may be taken for the address of. */
struct iop_casts {
	__u32 known; /* the kernel has all of it */
	__u32 file;
	__u32 hlist_head;
	__u32 tcp_sock;
	__u32 io_sr_msg;
};

#define IOP_CAST_CALL 1000000 /* no helper's number */

/* Why a thread or a process is a target; of a process, in its first thread's id. */
#define IOP_TARGET_PROCESS 1 /* all threads of this process */
#define IOP_TARGET_THREAD 2  /* this thread */
#define IOP_TARGET_FOLLOW 4  /* its children are targets */
#define IOP_TARGET_COMM 8    /* this thread's name matches */
#define IOP_TARGET_SELF 16   /* iophase itself: never */

/* What a ring's maker is a target for, the thread that submits for it is as well. */
#define IOP_TARGET_OF_RING (IOP_TARGET_THREAD | IOP_TARGET_COMM)

/* --- event loops: iophase loops ---------------------------------------------- */

/* What is waited on. */
enum iop_poller_kind {
	IOP_POLLER_EPOLL,
	IOP_POLLER_POLL,
	IOP_POLLER_SELECT,
	IOP_POLLER_URING,
	IOP_NR_POLLERS,
};

/* What sockets a poller has had; what its loop is called follows from that. */
#define IOP_HAS_LISTENER 1  /* a listening one, or its thread has accepted */
#define IOP_HAS_ACCEPTED 2  /* one that was accepted */
#define IOP_HAS_CONNECTED 4 /* one that was connected */
#define IOP_HAS_BLOCKED 8   /* beside them: a wait on it could block */

/* Times, counted by bucket. */
struct iop_times {
	__u64 max_ns;
	__u32 buckets[IOP_HIST_BUCKETS];
};

/* Identity of a poller: an epoll's or a ring's address, or of poll and select the thread. */
struct iop_loop_key {
	__u64 poller;
	__u32 tid;
	__u32 pad;
};

/* A thread that waits on a poller. Counts are since the start. */
struct iop_loop {
	char comm[IOP_COMM_LEN];
	__u32 pid; /* as iophase's own PID namespace has them */
	__u32 tid;
	__u32 kind;    /* enum iop_poller_kind */
	__u32 waited;  /* 0: it has read, and not been seen to wait so far */
	__u64 turn_ns; /* when the turn in progress began; 0: none */
	__u64 busy_ns; /* of turns that are over */
	__u64 turns;
	__u64 events;	     /* that wait calls returned */
	__u64 wakes_io;	     /* waits that ended with a socket, ... */
	__u64 wakes_other;   /* with other files only: eventfd, pipe, timerfd, ... */
	__u64 wakes_timeout; /* with nothing */
	__u64 reads;
	__u64 bytes;
	__u64 accepts;
	/* what its pollers had that are gone: */
	__u32 has;
	__u32 moved;
	__u32 closed;
	__u32 pad;
	struct iop_times turn;
	struct iop_times lag;
	struct iop_times accept_lag;
};

struct iop_poller {
	__u64 home;   /* the poller of the loop that looks at it: mostly itself */
	__u64 fed_by; /* the poller whose thread accepted what is registered here */
	__u32 pid;    /* who waited last */
	__u32 tid;
	__u32 shared;	      /* several threads have */
	__u32 has;	      /* IOP_HAS_* */
	__u32 moved;	      /* channels that left it for another */
	__u32 read_elsewhere; /* that another thread read, if it is not shared */
	__u32 closed;	      /* channels that closed */
	__u32 ring;	      /* it is an io_uring */
	/* of a ring, since its last wait returned: */
	__u32 posted;	    /* completions */
	__u32 posted_socks; /* those of sockets among them */
	__u32 received;	    /* reads and accepts among them whose lag is known */
	__u32 pad;
};

enum iop_origin {
	IOP_ORIGIN_UNKNOWN,
	IOP_ORIGIN_ACCEPTED,
	IOP_ORIGIN_CONNECTED,
};

#define IOP_MOVED_TO_LOOP 1   /* it was registered with another loop */
#define IOP_MOVED_TO_THREAD 2 /* another thread read it */

/* A socket that is, or was, registered with a poller. By its address. */
struct iop_channel {
	__u64 poller;	   /* 0: not registered now */
	__u64 last;	   /* the poller that it was registered with last */
	__u64 accepted_by; /* poller of the thread that accepted it; 0: not known */
	__u64 since_ns;	   /* accepted, or registered; 0: before iophase came */
	__u64 reads;
	__u64 bytes;
	__u32 fd;
	__u32 origin;	 /* enum iop_origin */
	__u32 connected; /* it has been */
	__u32 moved;	 /* IOP_MOVED_* */
	__u64 lag_max_ns;
	struct iop_endpoints ends;
};

/* A channel that was read in a turn. */
struct iop_turn_channel {
	__u64 sk;
	__u64 ns; /* from its reads to what the loop did next */
	__u64 bytes;
	__u32 reads;
	__u32 fd;
	struct iop_endpoints ends;
};

#define IOP_CALL_NONE IOP_ANY	      /* a page fault, or the like */
#define IOP_CALL_OTHERS (IOP_ANY - 1) /* those that found no room */

/* A system call that a turn slept in. */
struct iop_turn_sleep {
	__u64 ns;
	__u32 call;
	__u32 sleeps;
};

#define IOP_TURN_FRAMES 32

struct iop_stack {
	__s32 kernel_bytes; /* negative: not known */
	__s32 user_bytes;
	__u64 kernel[IOP_TURN_FRAMES];
	__u64 user[IOP_TURN_FRAMES];
};

#define IOP_TURN_CHANNELS 8
#define IOP_TURN_SLEEPS 4

/* What the stacks of a turn are of. */
enum iop_turn_stack {
	IOP_STACK_CPU, /* a tick on the CPU */
	IOP_STACK_OFF, /* off it: the longest time, and the latest */
	IOP_NR_STACKS = IOP_STACK_OFF + 2,
};

/* A thread's turn: loops --slow. What is not in runnable or asleep was on the CPU. */
struct iop_turn {
	__u32 type; /* IOP_REC_TURN */
	__u32 kind; /* enum iop_poller_kind */
	char comm[IOP_COMM_LEN];
	__u32 pid; /* as iophase's own PID namespace has them */
	__u32 tid;
	__u64 poller;
	__u64 begin_ns; /* 0: there is none now */
	__u64 end_ns;	/* 0: it is in progress */
	__u64 runnable_ns;
	__u64 asleep_ns;
	__u64 off_ns;	   /* when it left the CPU; 0: it is on one */
	__u64 woken_ns;	   /* when it was woken; 0: not so far */
	__u64 longest_ns;  /* that it was off the CPU */
	__u64 sample_ns;   /* how long it had run before the tick's stack */
	__u64 part_ns;	   /* since when it has been busy with a channel */
	__u64 other_reads; /* of channels that found no room */
	__u64 other_ns;
	__u32 part; /* that channel, of those below */
	__u32 nr_channels;
	__u32 off_call;	  /* the system call in which it left the CPU */
	__u32 off_asleep; /* to sleep */
	__u32 longest;	  /* of the two stacks off the CPU, that of longest_ns */
	__u32 compat;	  /* a 32-bit process on a 64-bit kernel */
	struct iop_turn_sleep sleeps[IOP_TURN_SLEEPS];
	struct iop_turn_channel channels[IOP_TURN_CHANNELS];
	struct iop_stack stacks[IOP_NR_STACKS];
};

#define IOP_MAX_LOOPS 4096
#define IOP_MAX_CHANNELS 65536

/* --- zero copy: iophase zerocopy ---------------------------------------------- */

/* Where bytes cross between a program and the network. */
enum iop_zc_path {
	IOP_ZC_RECV,	   /* recv family, read */
	IOP_ZC_SPLICE_IN,  /* splice from a socket */
	IOP_ZC_RECEIVE,	   /* TCP_ZEROCOPY_RECEIVE */
	IOP_ZC_ZCRX,	   /* io_uring RECV_ZC */
	IOP_ZC_SEND,	   /* send family, write */
	IOP_ZC_SENDFILE,   /* to a socket */
	IOP_ZC_SPLICE_OUT, /* splice to a socket */
	IOP_ZC_ZC_SEND,	   /* MSG_ZEROCOPY */
	IOP_ZC_URING_SEND, /* io_uring SEND_ZC, SENDMSG_ZC */
	IOP_NR_ZC_PATHS,
};

/* Why bytes were copied although zero copy was asked for. */
#define IOP_ZC_NOT_ENABLED 1 /* the socket has no SO_ZEROCOPY, or takes none */
#define IOP_ZC_DEVICE 2	     /* its route has no scatter-gather or checksums */
#define IOP_ZC_LOCAL 4	     /* it was received, or tapped, on this machine */
#define IOP_ZC_LINEAR 8	     /* the data lay in a buffer that cannot be shared */
#define IOP_ZC_SOURCE 16     /* the file has no pages to share */
#define IOP_ZC_PROTOCOL 32   /* the socket's protocol takes no pages */
#define IOP_ZC_NO_PAGE 64    /* no whole page to be mapped */
#define IOP_ZC_AREA 128	     /* it was not received into the ring's own area */
#define IOP_NR_ZC_CAUSES 8

struct iop_zc_key {
	__u32 pid;
	__u32 path; /* enum iop_zc_path */
};

/* What a process did on a path. Counts are since the start. */
struct iop_zc_row {
	char comm[IOP_COMM_LEN];
	__u32 pid;    /* as iophase's own PID namespace has it */
	__u32 causes; /* IOP_ZC_*: of all that fell back */
	__u64 calls;  /* that gave or took bytes, and are known to be either */
	__u64 failed; /* that did not: errors, EAGAIN, ends of file */
	__u64 copied_bytes;
	__u64 moved_bytes;
	__u64 fell_back_calls;
	__u64 fell_back_bytes;
	__u64 copy_ns;
	__u64 timed_bytes;   /* whose copy is in copy_ns */
	__u64 left_bytes;    /* that a mapping left to be read */
	__u64 pending_calls; /* sent, and the kernel has not said how */
	__u64 pending_bytes;
};

#define IOP_MAX_ZC_ROWS 8192

_Static_assert(sizeof(struct iop_endpoints) == 48, "ABI");
_Static_assert(sizeof(struct iop_read_record) == 216, "ABI");
_Static_assert(sizeof(struct iop_input) == 48, "ABI");
_Static_assert(sizeof(struct iop_hist_key) == 24, "ABI");
_Static_assert(IOP_HIST_BUCKETS == 272, "ABI");
_Static_assert(sizeof(struct iop_hist) == 80 + 19 * 8 + 4 * 5 * 272, "ABI");
_Static_assert(sizeof(struct iop_counters) == 23 * 8, "ABI");
_Static_assert(sizeof(struct iop_config) == 184, "ABI");
_Static_assert(sizeof(struct iop_times) == 8 + 4 * 272, "ABI");
_Static_assert(sizeof(struct iop_loop) == 32 + 10 * 8 + 16 + 3 * 1096, "ABI");
_Static_assert(sizeof(struct iop_poller) == 64, "ABI");
_Static_assert(sizeof(struct iop_channel) == 72 + 48, "ABI");
_Static_assert(sizeof(struct iop_zc_row) == 24 + 11 * 8, "ABI");
_Static_assert(sizeof(struct iop_turn) ==
		       32 + 12 * 8 + 24 + 4 * 16 + 8 * 80 + 3 * (8 + 2 * 32 * 8),
	       "ABI");

#endif

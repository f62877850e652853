// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks for kernels without BTF or trampolines, and for 32 bits: kprobes
 * for what begins, raw tracepoints for what ends. A kretprobe loses threads
 * that sleep in the function (10 or twice the CPUs at a time), so it is only
 * used on functions that do not.
 */
#include "kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include "field_compat.bpf.h"
#include "queue_compat.bpf.h"
#include "engine.bpf.h"
#include "uring.bpf.h"
#include "uring_data.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct raw_tracepoint {
	__u64 args[0];
};

/* A thread on its way to sleep for data, by address of its task. */
struct sleeper {
	__u32 tid;
	__u32 off; /* it has left the CPU */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u64);
	__type(value, struct sleeper);
} sleepers SEC(".maps");

static __always_inline __u64 current_task(void)
{
	return (kaddr)bpf_get_current_task();
}

/* --- the read ---------------------------------------------------------------- */

/* The sleep ended without the CPU having been left. */
static __always_inline void end_sleep(void)
{
	__u64 task = current_task();

	on_sleep_exit(bpf_get_current_pid_tgid());
	bpf_map_delete_elem(&sleepers, &task);
}

static __always_inline void end_parts(const struct iop_thread *t)
{
	if (t->rd.sleep_ns)
		end_sleep();
	on_copy_exit();
}

/* The rest: struct call_site. */
SUBPROG_OF_NUMBERS int end_this_read(__s64 ret, __u64 user_regs, __u32 syscall,
				  __u32 fd)
{
	struct call_site site = {
		.user_regs = user_regs, .syscall = syscall, .fd = fd,
	};
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	if (!t)
		return 0;
	end_parts(t);
	on_read_exit((struct sock *)t->rd.sock, ret, &site, false);
	return 0;
}

static __always_inline void end_read(__s64 ret, const struct call_site *site)
{
	end_this_read(ret, site->user_regs, site->syscall, site->fd);
}

SUBPROG_OF_NUMBERS int end_uring_read(__s64 ret)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	if (!t)
		return 0;
	end_parts(t);
	on_uring_read_exit((struct sock *)t->rd.sock, ret);
	return 0;
}

/* A request of io_uring that finds nothing tries again in the same thread. */
static __always_inline void end_retry(void)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);

	if (t && t->rd.called_ns && t->rd.req)
		end_uring_read(-IOP_EAGAIN);
}

SEC("kprobe/" RECVMSG)
int on_sock_recvmsg(struct regs *ctx)
{
	end_retry();
	on_read_enter(sock_of_socket(ARG1(ctx)), RECVMSG_FLAGS(ctx));
	return 0;
}

/*
 * A recvmmsg() in progress: it returns how many datagrams there were, so their
 * sizes come from the copies.
 */
struct batch {
	__u32 fd;
	__u32 read; /* datagrams, but for the one in progress */
	__u32 bytes; /* of that one */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, struct batch);
} batches SEC(".maps");

SEC("kprobe/do_recvmmsg")
int on_do_recvmmsg(struct regs *ctx)
{
	struct task_ids who = current_task_ids();
	struct batch b = { .fd = ARG1(ctx) };

	if (task_selected(who))
		bpf_map_update_elem(&batches, &who.tid, &b, BPF_ANY);
	return 0;
}

/* recvmmsg() takes all datagrams but the first past sock_recvmsg(). */
SEC("kprobe/____sys_recvmsg")
int on_sys_recvmsg(struct regs *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid(), flags = ARG5(ctx);
	struct batch *b = bpf_map_lookup_elem(&batches, &tid);
	struct call_site site = { .syscall = NR_RECVMMSG };
	struct iop_thread *t = thread_lookup(tid);

	if (!b)
		return 0;
	if (t && t->rd.called_ns) {
		site.fd = b->fd;
		end_read(b->bytes, &site);
		b->read++;
	}
	b->bytes = 0;
	if (!ARG6(ctx)) /* nosec: by sock_recvmsg() */
		return 0;
	if (is_nonblocking(ARG1(ctx)))
		flags |= MSG_DONTWAIT;
	on_more_enter(sock_of_socket(ARG1(ctx)), flags);
	return 0;
}

static __always_inline void copies_bytes(__u32 bytes)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct batch *b = bpf_map_lookup_elem(&batches, &tid);

	if (b)
		b->bytes = bytes;
}

/* The last read of a recvmmsg() that returned ret. */
static __always_inline __s64 last_of_batch(const struct batch *b, __s64 ret)
{
	if (ret < 0)
		return ret;
	return b->read < ret ? (__s64)b->bytes : -IOP_EAGAIN;
}

/*
 * The kernel's AIO: io_submit() returns how many requests it took; what a
 * request has read comes with its completion, in the same thread, as no socket
 * reads it later. A file's may, and interrupts whatever the thread does then.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, __u64);
} aio_requests SEC(".maps");

volatile __u32 aio_unused = 1; /* so far: who sees every system call asks */

SEC("kprobe/" AIO_READ)
int on_aio_read(struct regs *ctx)
{
	struct task_ids who = current_task_ids();
	__u64 req = ARG1(ctx);

	if (task_selected(who) &&
	    !bpf_map_update_elem(&aio_requests, &who.tid, &req, BPF_ANY))
		aio_unused = 0;
	return 0;
}

SEC("kprobe/aio_complete_rw")
int on_aio_complete_rw(struct regs *ctx)
{
	struct call_site site = { .syscall = NR_AIO, .fd = IOP_ANY };
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 *req = bpf_map_lookup_elem(&aio_requests, &tid);
	struct iop_thread *t = thread_lookup(tid);

	if (t && t->rd.called_ns && req && *req == ARG1(ctx))
		end_read((int)ARG2(ctx), &site);
	return 0;
}

/* Of any system call: ends the wait call or the read in progress. */
static __always_inline int end_of_call(struct raw_tracepoint *ctx)
{
	struct call_site site = { .user_regs = ctx->args[0] };
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);
	__s64 ret = (int)ctx->args[1];
	struct batch *b;

	if (!t)
		return 0;
	if (t->wait_enter_ns)
		on_wait_exit();
	if (t->rd.called_ns && !t->rd.req) {
		b = bpf_map_lookup_elem(&batches, &tid);
		if (b) {
			ret = last_of_batch(b, ret);
			bpf_map_delete_elem(&batches, &tid);
		}
		end_read(ret, &site);
	}
	if (!aio_unused)
		bpf_map_delete_elem(&aio_requests, &tid);
	return 0;
}

/*
 * Since 7.2 a tracepoint is guarded by SRCU, no longer by preemption off: a thread
 * is preempted in its program, which the kernel skips in whoever comes next on this
 * CPU. As in hooks_btf.bpf.c, others beside it do what has not been done.
 */
#define AT_SYS_EXIT(program, body)                 \
	SEC("raw_tp/sys_exit")                     \
	int program(struct raw_tracepoint *ctx)    \
	{                                          \
		return body(ctx);                  \
	}

AT_SYS_EXIT(on_sys_exit, end_of_call)
AT_SYS_EXIT(on_sys_exit_again, end_of_call)
AT_SYS_EXIT(on_sys_exit_again2, end_of_call)

/* --- asleep ------------------------------------------------------------------ */

SEC("kprobe/schedule_timeout")
int on_schedule_timeout(struct regs *ctx)
{
	struct sleeper s = { .tid = bpf_get_current_pid_tgid() };
	struct iop_thread *t = thread_lookup(s.tid);
	__u64 task = current_task();

	if (!t || !t->rd.called_ns || t->rd.copy_ns)
		return 0;
	if (t->rd.sleep_ns)
		on_sleep_exit(bpf_get_current_pid_tgid());
	on_sleep_enter();
	bpf_map_update_elem(&sleepers, &task, &s, BPF_ANY);
	return 0;
}

/* Being preempted on the way there is not the sleep. */
SEC("raw_tp/sched_switch")
int on_sched_switch(struct raw_tracepoint *ctx)
{
	__u64 preempted = ctx->args[0] & 1, prev = ctx->args[1];
	__u64 next = ctx->args[2];
	struct sleeper *s;

	if (!preempted) {
		s = bpf_map_lookup_elem(&sleepers, &prev);
		if (s)
			s->off = 1;
	}
	s = bpf_map_lookup_elem(&sleepers, &next);
	if (!s || !s->off)
		return 0;
	on_sleep_exit(s->tid);
	bpf_map_delete_elem(&sleepers, &next);
	return 0;
}

/* --- the copy ---------------------------------------------------------------- */

/*
 * A thread that was woken before it left the CPU has not slept, and nothing
 * said so: its sleep ends here, or the end of the read would count it twice.
 */
static __always_inline void begin_copy(void)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	if (t && t->rd.sleep_ns)
		end_sleep();
	on_copy_enter();
}

SEC("kprobe/skb_copy_datagram_iter")
int on_skb_copy_datagram_iter(struct regs *ctx)
{
	copies_bytes(ARG4(ctx));
	begin_copy();
	return 0;
}

/* TCP, after each copy: the copy itself may fault and sleep. */
SEC("raw_tp/tcp_rcv_space_adjust")
int on_tcp_rcv_space_adjust(struct raw_tracepoint *ctx)
{
	on_copy_exit();
	return 0;
}

/* Datagrams but UDP's, after the copy. */
SEC("kprobe/skb_free_datagram")
int on_skb_free_datagram(struct regs *ctx)
{
	on_copy_exit();
	return 0;
}

/*
 * UNIX streams: nothing is called after the copy that is always called. A
 * thread that faults and sleeps in it may be lost; the end of the read then
 * ends its copy.
 */
SEC("kretprobe/unix_stream_read_actor")
int on_unix_stream_read_actor_exit(struct regs *ctx)
{
	on_copy_exit();
	return 0;
}

/*
 * A linear UDP datagram is copied by _copy_to_iter(), which cannot be hooked:
 * the copy is what lies between taking it off the queue and giving it back.
 */
SEC("kretprobe/__skb_try_recv_from_queue")
int on_skb_try_recv_exit(struct regs *ctx)
{
	if (RESULT(ctx))
		begin_copy();
	return 0;
}

/* A datagram that is dropped for its checksum is not given back. */
SEC("kprobe/__skb_wait_for_more_packets")
int on_skb_wait_for_more_packets(struct regs *ctx)
{
	on_copy_cancel();
	return 0;
}

SEC("kprobe/skb_consume_udp")
int on_skb_consume_udp(struct regs *ctx)
{
	copies_bytes(ARG3(ctx));
	on_copy_exit();
	return 0;
}

/* --- data ready ---------------------------------------------------------------- */

SEC("kprobe/sock_def_readable")
int on_sock_def_readable(struct regs *ctx)
{
	on_data_ready((struct sock *)ARG1(ctx));
	return 0;
}

/* --- select, poll, epoll --------------------------------------------------------- */

SEC("kprobe/do_epoll_wait")
int on_do_epoll_wait(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

SEC("kprobe/do_sys_poll")
int on_do_sys_poll(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

SEC("kprobe/core_sys_select")
int on_core_sys_select(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

/* select() of a 32-bit process on a 64-bit kernel. */
SEC("kprobe/compat_core_sys_select")
int on_compat_core_sys_select(struct regs *ctx)
{
	on_wait_enter();
	return 0;
}

/* What a thread's wait call is asking about. */
struct question {
	__u64 sk;
	__u32 mask;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, struct question);
} poll_queries SEC(".maps");

/*
 * sock_poll() has the file, from which the socket is a question of layout; the
 * families' functions that it calls are given the socket itself.
 */
static __always_inline int polls_socket(struct regs *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);
	struct question q = {};

	if (!t || !t->wait_enter_ns || !ARG3(ctx))
		return 0;
	q.sk = sock_of_socket(ARG2(ctx));
	READ(q.mask, ARG3(ctx), poll_key);
	q.mask &= POLL_READ_MASK;
	if (q.mask)
		bpf_map_update_elem(&poll_queries, &tid, &q, BPF_ANY);
	return 0;
}

#define POLLS_SOCKET(function)                  \
	SEC("kprobe/" #function)                \
	int on_##function(struct regs *ctx)     \
	{                                       \
		return polls_socket(ctx);       \
	}

POLLS_SOCKET(tcp_poll)
POLLS_SOCKET(udp_poll)
POLLS_SOCKET(unix_poll)
POLLS_SOCKET(unix_dgram_poll)
POLLS_SOCKET(datagram_poll)

SEC("kretprobe/sock_poll")
int on_sock_poll_exit(struct regs *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct question *q = bpf_map_lookup_elem(&poll_queries, &tid);
	int error = 0;

	if (!q)
		return 0;
	if (RESULT(ctx) & POLL_ERROR && KNOWN(sk_err))
		READ(error, q->sk, sk_err);
	if (RESULT(ctx) & q->mask || error)
		on_wait_report(q->sk);
	bpf_map_delete_elem(&poll_queries, &tid);
	return 0;
}

/* --- signals ----------------------------------------------------------------------- */

SEC("kprobe/sock_fasync")
int on_sock_fasync(struct regs *ctx)
{
	__u64 sk = (__u32)ARG3(ctx) ? sock_of_file(ARG2(ctx)) : 0;

	if (sk)
		on_signal_arm(sk);
	return 0;
}

/* Only called for sockets with O_ASYNC. */
SEC("kprobe/sock_wake_async")
int on_sock_wake_async(struct regs *ctx)
{
	if ((__u32)ARG3(ctx) == POLL_IN)
		on_signal_send(sock_of_wq(ARG1(ctx)));
	return 0;
}

/* SIGIO, or F_SETSIG's real-time signal: its si_code is a POLL_*. */
static __always_inline void signal_told(int sig, __u64 info)
{
	int code = 0;

	if (sig >= SIGRTMIN)
		READ(code, info, si_code);
	if (sig == SIGIO || (code >= POLL_IN && code <= POLL_HUP))
		on_signal_deliver();
}

SEC("raw_tp/signal_deliver")
int on_signal_delivered(struct raw_tracepoint *ctx)
{
	signal_told(ctx->args[0], ctx->args[1]);
	return 0;
}

/* Where dequeue_signal() puts the siginfo, by thread. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, __u64);
} dequeue_siginfos SEC(".maps");

/*
 * sigwaitinfo() and signalfd take signals without delivering them. The task
 * went from the arguments with a2b80ce87a87 (6.12).
 */
SEC("kprobe/dequeue_signal")
int on_dequeue_signal(struct regs *ctx)
{
	__u64 second = ARG2(ctx), third = ARG3(ctx), info;
	__u32 tid = bpf_get_current_pid_tgid();

	/* one load at a computed address, which clang makes of the choice
	 * below, is no access that the verifier allows to a context
	 */
	asm volatile("" : "+r"(second), "+r"(third));
	info = ARG1(ctx) == current_task() ? third : second;
	if (task_selected(current_task_ids()))
		bpf_map_update_elem(&dequeue_siginfos, &tid, &info, BPF_ANY);
	return 0;
}

SEC("kretprobe/dequeue_signal")
int on_dequeue_signal_exit(struct regs *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 *info = bpf_map_lookup_elem(&dequeue_siginfos, &tid);

	if (!info)
		return 0;
	signal_told(RESULT(ctx), *info);
	bpf_map_delete_elem(&dequeue_siginfos, &tid);
	return 0;
}

/* --- io_uring ---------------------------------------------------------------------- */

static __always_inline int uring_submit(__u64 req)
{
	__u32 fd = IOP_ANY;

	if (KNOWN(uring_fd))
		READ(fd, req, uring_fd);
	on_uring_submit(req, fd, uring_opcode(req));
	return 0;
}

SEC("raw_tp/io_uring_submit_sqe")
int on_io_uring_submit_ring(struct raw_tracepoint *ctx)
{
	if (on_uring_submit(ctx->args[1], IOP_ANY, ctx->args[2]))
		remember_data(ctx->args[0], ctx->args[3], ctx->args[1]);
	return 0;
}

SEC("raw_tp/io_uring_submit_sqe")
int on_io_uring_submit_sqe(struct raw_tracepoint *ctx)
{
	return uring_submit(ctx->args[0]);
}

SEC("raw_tp/io_uring_submit_req")
int on_io_uring_submit_req(struct raw_tracepoint *ctx)
{
	return uring_submit(ctx->args[0]);
}

SEC("raw_tp/io_uring_submit_req")
int on_io_uring_submit_req_again(struct raw_tracepoint *ctx)
{
	return uring_is_known(ctx->args[0]) ? 0 : uring_submit(ctx->args[0]);
}

static __always_inline int uring_issue(__u64 req)
{
	end_retry();
	on_uring_issue(req);
	return 0;
}

/*
 * The request has been issued: 0, or ECANCELED for a multishot one that is over
 * (IOU_STOP_MULTISHOT), and its result is stored; or nothing was there yet.
 * Without BTF the result comes with the completion.
 */
static __always_inline int uring_issued(int ret)
{
	bool over = !ret || ret == -IOP_ECANCELED;
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);
	int res = -IOP_EAGAIN;

	if (!t || !t->req)
		return 0;
	if (t->rd.called_ns && (!over || KNOWN(uring_res))) {
		if (over)
			READ(res, t->req, uring_res);
		end_uring_read(res);
	}
	on_uring_issued();
	return 0;
}

/* They sleep in workers only, whose reads end with the completion then. */
#define URING_ISSUE(function)                        \
	SEC("kprobe/" #function)                     \
	int on_##function(struct regs *ctx)          \
	{                                            \
		return uring_issue(ARG1(ctx));       \
	}                                            \
	SEC("kretprobe/" #function)                  \
	int on_##function##_exit(struct regs *ctx)   \
	{                                            \
		return uring_issued(RESULT(ctx));    \
	}

URING_ISSUE(io_recv)
URING_ISSUE(io_recvmsg)
URING_ISSUE(io_read)
URING_ISSUE(io_read_mshot)

/* struct io_uring_cqe, which user space knows, too. */
struct cqe {
	__u64 user_data;
	__s32 res;
	__u32 flags;
};

static __always_inline int uring_complete(__u64 ring, __u64 req, int res,
					  __u32 flags)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);

	if (t && t->rd.called_ns && t->rd.req && (!req || t->rd.req == req))
		end_uring_read(res);
	on_uring_complete(ring, req, res, flags & IORING_CQE_F_MORE);
	return 0;
}

SEC("raw_tp/io_uring_complete")
int on_io_uring_complete(struct raw_tracepoint *ctx)
{
	return uring_complete(ctx->args[0], ctx->args[1], ctx->args[3],
			      ctx->args[4]);
}

SEC("raw_tp/io_uring_complete")
int on_io_uring_complete_data(struct raw_tracepoint *ctx)
{
	__u64 req = request_of_data(ctx->args[0], ctx->args[1]);

	return req ? uring_complete(ctx->args[0], req, ctx->args[2], 0) : 0;
}

static __always_inline int uring_complete_cqe(struct raw_tracepoint *ctx)
{
	struct cqe cqe = {};

	bpf_probe_read_kernel(&cqe, sizeof(cqe), (void *)ctx->args[2]);
	return uring_complete(ctx->args[0], ctx->args[1], cqe.res, cqe.flags);
}

SEC("raw_tp/io_uring_complete")
int on_io_uring_complete_cqe(struct raw_tracepoint *ctx)
{
	return uring_complete_cqe(ctx);
}

/* What has been completed is no longer known, or goes on: once more is harmless. */
SEC("raw_tp/io_uring_complete")
int on_io_uring_complete_cqe_again(struct raw_tracepoint *ctx)
{
	return uring_complete_cqe(ctx);
}

static __always_inline void enter_uring(__u32 fd, __u32 read_selected, __u32 flags)
{
	if (read_selected && flags & IORING_ENTER_GETEVENTS)
		on_uring_enter(fd, flags);
}

/* io_uring_enter(fd, to_submit, min_complete, flags, ...) */
SEC("kprobe/" URING_ENTER)
int on_io_uring_enter(struct regs *ctx)
{
	struct regs user = {};

	if (!HAS_CALL_WRAPPERS) {
		enter_uring(ARG1(ctx), ARG3(ctx), ARG4(ctx));
		return 0;
	}
	bpf_probe_read_kernel(&user, sizeof(user), (void *)ARG1(ctx));
	enter_uring(user.CALL_1, user.CALL_3, user.CALL_4);
	return 0;
}

/* by a 32-bit process on x86 */
SEC("kprobe/__ia32_sys_io_uring_enter")
int on_ia32_io_uring_enter(struct regs *ctx)
{
	struct regs user = {};

	bpf_probe_read_kernel(&user, sizeof(user), (void *)ARG1(ctx));
	enter_uring(user.CALL32_1, user.CALL32_3, user.CALL32_4);
	return 0;
}

/* In programs of its own: together they are too much for the verifier. */
static __always_inline int end_of_uring_call(struct raw_tracepoint *ctx)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	if (!t)
		return 0;
	if (t->req)
		on_uring_issued();
	if (t->ring)
		on_uring_return();
	return 0;
}

AT_SYS_EXIT(on_sys_exit_uring, end_of_uring_call)
AT_SYS_EXIT(on_sys_exit_uring_again, end_of_uring_call)

/* Which ring the thread waits for, when nothing else says so. */
SEC("raw_tp/io_uring_cqring_wait")
int on_io_uring_cqring_wait(struct raw_tracepoint *ctx)
{
	if (!KNOWN(task_files))
		on_uring_wait(ctx->args[0]);
	return 0;
}

/* --- the end of things --------------------------------------------------------------- */

SEC("kprobe/security_sk_free")
int on_security_sk_free(struct regs *ctx)
{
	on_sock_free(ARG1(ctx));
	return 0;
}

/* What is kept of a thread here, beside what the engine keeps. */
static __always_inline void forget_thread(__u32 tid)
{
	bpf_map_delete_elem(&poll_queries, &tid);
	bpf_map_delete_elem(&batches, &tid);
	bpf_map_delete_elem(&aio_requests, &tid);
	bpf_map_delete_elem(&dequeue_siginfos, &tid);
}

SEC("raw_tp/sched_process_exit")
int on_sched_process_exit(struct raw_tracepoint *ctx)
{
	__u64 task = current_task(), id = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&sleepers, &task);
	forget_thread(id);
	on_task_exit(is_last_thread(id >> 32, id));
	return 0;
}

SEC("tp/task/task_newtask")
int on_task_newtask(struct task_newtask *ctx)
{
	__u32 pid = ctx->pid;

	if (ctx->clone_flags & CLONE_THREAD)
		pid = bpf_get_current_pid_tgid() >> 32;
	on_clone(pid, ctx->pid);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int on_sched_process_exec(struct raw_tracepoint *ctx)
{
	__u32 old_tid = ctx->args[1];

	if (old_tid != (__u32)bpf_get_current_pid_tgid())
		forget_thread(old_tid);
	on_exec(old_tid);
	return 0;
}

SEC("raw_tp/task_rename")
int on_task_rename(struct raw_tracepoint *ctx)
{
	on_rename(ids_of(ctx->args[0]), ctx->args[1]);
	return 0;
}

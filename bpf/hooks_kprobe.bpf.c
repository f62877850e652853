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

/* What is known of a thread: of its sleep, and of the call that it is in. */
struct task {
	__u32 tid;
	__u32 sleeps; /* it is on its way to sleep for data */
	__u32 off;    /* and has left the CPU */
	/* recvmmsg() returns how many datagrams there were: their sizes come from the copies */
	__u32 batch; /* it is in one, */
	__u32 batch_fd;
	__u32 batch_read;  /* which has read so many, but for the one in progress, */
	__u32 batch_bytes; /* and so much of that one */
	__u32 poll_mask;   /* what a wait call asks of poll_sk; 0: it asks nothing */
	__u64 poll_sk;
	__u64 siginfo; /* where dequeue_signal() puts it; 0: not in there */
	__u64 aio;     /* the last request of the kernel's AIO in this call; 0: none */
};

#include "hooks_raw.bpf.h"

/* The running thread's, if it is one that is asked for. */
static __always_inline struct task *task_lookup_or_init(void)
{
	struct task fresh = { .tid = bpf_get_current_pid_tgid() };
	__u64 task = current_task();
	struct task *t = task_lookup(task);

	if (t || !task_selected(current_task_ids()))
		return t;
	if (bpf_map_update_elem(&tasks, &task, &fresh, BPF_ANY))
		COUNT(threads_full, 1);
	return task_lookup(task);
}

/* --- the read ---------------------------------------------------------------- */

/* The sleep ended without the CPU having been left. */
static __always_inline void end_sleep(void)
{
	struct task *task = task_lookup(current_task());

	on_sleep_exit(bpf_get_current_pid_tgid());
	if (task)
		task->sleeps = 0;
}

static __always_inline void end_parts(const struct iop_thread *t)
{
	if (t->rd.sleep_ns)
		end_sleep();
	on_copy_exit();
}

/* The rest: struct call_site. */
SUBPROG_OF_NUMBERS int end_this_read(__s64 ret, __u64 user_regs, __u32 syscall, __u32 fd)
{
	struct call_site site = {
		.user_regs = user_regs,
		.syscall = syscall,
		.fd = fd,
	};
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	if (!t)
		return 0;
	end_parts(t);
	on_read_exit((struct sock *)t->rd.sock, ret, &site);
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
 * recvmmsg() and io_submit() make several reads, and may make none: what is noted
 * here of their call, its end takes away. Who uses neither is spared the look-up.
 */
volatile __u32 batches_are_used = 0;

SEC("kprobe/do_recvmmsg")
int on_do_recvmmsg(struct regs *ctx)
{
	struct task *task = task_lookup_or_init();

	if (!task)
		return 0;
	batches_are_used = 1;
	task->batch = 1;
	task->batch_fd = ARG1(ctx);
	task->batch_read = 0;
	task->batch_bytes = 0;
	return 0;
}

/* recvmmsg() takes all datagrams but the first past sock_recvmsg(). */
SEC("kprobe/____sys_recvmsg")
int on_sys_recvmsg(struct regs *ctx)
{
	struct call_site site = { .syscall = NR_RECVMMSG };
	struct task *task = task_lookup(current_task());
	__u32 flags = ARG5(ctx);
	struct iop_thread *t;

	if (!task || !task->batch)
		return 0;
	t = thread_lookup(task->tid);
	if (t && t->rd.called_ns) {
		site.fd = task->batch_fd;
		end_read(task->batch_bytes, &site);
		task->batch_read++;
	}
	task->batch_bytes = 0;
	if (!ARG6(ctx)) /* nosec: by sock_recvmsg() */
		return 0;
	if (is_nonblocking(ARG1(ctx)))
		flags |= MSG_DONTWAIT;
	on_more_enter(sock_of_socket(ARG1(ctx)), flags);
	return 0;
}

static __always_inline void copies_bytes(__u32 bytes)
{
	struct task *task = task_lookup(current_task());

	if (task)
		task->batch_bytes = bytes;
}

/* The last read of a recvmmsg() that returned ret. */
static __always_inline __s64 last_of_batch(const struct task *task, __s64 ret)
{
	if (ret < 0)
		return ret;
	return task->batch_read < ret ? (__s64)task->batch_bytes : -IOP_EAGAIN;
}

/*
 * The kernel's AIO: io_submit() returns how many requests it took; what a
 * request has read comes with its completion, in the same thread, as no socket
 * reads it later. A file's may, and interrupts whatever the thread does then.
 */
SEC("kprobe/" AIO_READ)
int on_aio_read(struct regs *ctx)
{
	struct task *task = task_lookup_or_init();

	if (!task)
		return 0;
	task->aio = ARG1(ctx);
	batches_are_used = 1;
	return 0;
}

SEC("kprobe/aio_complete_rw")
int on_aio_complete_rw(struct regs *ctx)
{
	struct call_site site = { .syscall = NR_AIO, .fd = IOP_ANY };
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());
	struct task *task = task_lookup(current_task());

	if (t && t->rd.called_ns && task && task->aio == ARG1(ctx))
		end_read((int)ARG2(ctx), &site);
	return 0;
}

/* Of any system call: ends the wait call or the read in progress. */
static __always_inline int end_of_call(struct raw_tracepoint *ctx)
{
	struct call_site site = { .user_regs = ctx->args[0] };
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());
	__s64 ret = (int)ctx->args[1];
	struct task *task = batches_are_used ? task_lookup(current_task()) : 0;

	if (task) {
		if (task->batch)
			ret = last_of_batch(task, ret);
		task->batch = 0;
		task->aio = 0;
	}
	if (!t)
		return 0;
	if (t->wait_enter_ns)
		on_wait_exit();
	if (t->rd.called_ns && !t->rd.req)
		end_read(ret, &site);
	return 0;
}

/*
 * Since 7.2 a tracepoint is guarded by SRCU, no longer by preemption off: a thread
 * is preempted in its program, which the kernel skips in whoever comes next on this
 * CPU. As in hooks_btf.bpf.c, others beside it do what has not been done.
 */
#define AT_SYS_EXIT(program, body)              \
	SEC("raw_tp/sys_exit")                  \
	int program(struct raw_tracepoint *ctx) \
	{                                       \
		return body(ctx);               \
	}

AT_SYS_EXIT(on_sys_exit, end_of_call)
AT_SYS_EXIT(on_sys_exit_again, end_of_call)
AT_SYS_EXIT(on_sys_exit_again2, end_of_call)

/* --- asleep ------------------------------------------------------------------ */

SEC("kprobe/schedule_timeout")
int on_schedule_timeout(struct regs *ctx)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);
	struct task *task;

	if (!t || !t->rd.called_ns || t->rd.copy_ns)
		return 0;
	if (t->rd.sleep_ns)
		on_sleep_exit(tid);
	on_sleep_enter();
	task = task_lookup_or_init();
	if (!task)
		return 0;
	task->tid = tid; /* another one since an exec() */
	task->off = 0;
	task->sleeps = 1;
	return 0;
}

/* Being preempted on the way there is not the sleep. */
SEC("raw_tp/sched_switch")
int on_sched_switch(struct raw_tracepoint *ctx)
{
	bool preempted = ctx->args[0] & 1;
	struct task *task;

	if (!preempted) {
		task = task_lookup(ctx->args[1]);
		if (task)
			task->off = 1;
	}
	task = task_lookup(ctx->args[2]);
	if (!task || !task->sleeps || !task->off)
		return 0;
	on_sleep_exit(task->tid);
	task->sleeps = 0;
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

/*
 * sock_poll() has the file, from which the socket is a question of layout; the
 * families' functions that it calls are given the socket itself.
 */
static __always_inline int polls_socket(struct regs *ctx)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());
	struct task *task;
	__u32 mask = 0;

	if (!t || !t->wait_enter_ns || !ARG3(ctx))
		return 0;
	READ(mask, ARG3(ctx), poll_key);
	task = mask & POLL_READ_MASK ? task_lookup_or_init() : 0;
	if (!task)
		return 0;
	task->poll_sk = sock_of_socket(ARG2(ctx));
	task->poll_mask = mask & POLL_READ_MASK;
	return 0;
}

#define POLLS_SOCKET(function)              \
	SEC("kprobe/" #function)            \
	int on_##function(struct regs *ctx) \
	{                                   \
		return polls_socket(ctx);   \
	}

POLLS_SOCKET(tcp_poll)
POLLS_SOCKET(udp_poll)
POLLS_SOCKET(unix_poll)
POLLS_SOCKET(unix_dgram_poll)
POLLS_SOCKET(datagram_poll)

SEC("kretprobe/sock_poll")
int on_sock_poll_exit(struct regs *ctx)
{
	struct task *task = task_lookup(current_task());
	int error = 0;

	if (!task || !task->poll_mask)
		return 0;
	if (RESULT(ctx) & POLL_ERROR && KNOWN(sk_err))
		READ(error, task->poll_sk, sk_err);
	if (RESULT(ctx) & task->poll_mask || error)
		on_wait_report(task->poll_sk);
	task->poll_mask = 0;
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

/*
 * sigwaitinfo() and signalfd take signals without delivering them. The task
 * went from the arguments with a2b80ce87a87 (6.12).
 */
SEC("kprobe/dequeue_signal")
int on_dequeue_signal(struct regs *ctx)
{
	__u64 second = ARG2(ctx), third = ARG3(ctx);
	struct task *task;

	/* one load at a computed address, which clang makes of the choice
	 * below, is no access that the verifier allows to a context
	 */
	asm volatile("" : "+r"(second), "+r"(third));
	task = task_lookup_or_init();
	if (task)
		task->siginfo = ARG1(ctx) == current_task() ? third : second;
	return 0;
}

SEC("kretprobe/dequeue_signal")
int on_dequeue_signal_exit(struct regs *ctx)
{
	struct task *task = task_lookup(current_task());

	if (!task || !task->siginfo)
		return 0;
	signal_told(RESULT(ctx), task->siginfo);
	task->siginfo = 0;
	return 0;
}

/* --- io_uring ---------------------------------------------------------------------- */

/* Its io_uring_enter() is hooked where it begins. */
static __always_inline bool found_to_wait(void)
{
	return false;
}

/* Who issues a request is known from the function that does. */
static __always_inline bool is_multishot(__u64 req)
{
	return false;
}

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
#define URING_ISSUE(function)                      \
	SEC("kprobe/" #function)                   \
	int on_##function(struct regs *ctx)        \
	{                                          \
		return uring_issue(ARG1(ctx));     \
	}                                          \
	SEC("kretprobe/" #function)                \
	int on_##function##_exit(struct regs *ctx) \
	{                                          \
		return uring_issued(RESULT(ctx));  \
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

static __always_inline int uring_complete(__u64 ring, __u64 req, int res, __u32 flags)
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
	return uring_complete(ctx->args[0], ctx->args[1], ctx->args[3], ctx->args[4]);
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

SEC("raw_tp/sched_process_exit")
int on_sched_process_exit(struct raw_tracepoint *ctx)
{
	end_of_task();
	return 0;
}

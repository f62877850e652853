/* SPDX-License-Identifier: GPL-2.0-only */
/* The read, from its call to its end. */
#ifndef IOPHASE_HOOKS_KPROBE_READ_BPF_H
#define IOPHASE_HOOKS_KPROBE_READ_BPF_H

#include "common.bpf.h"

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
 * CPU. As in hooks/btf/skipped.bpf.h, others beside it do what has not been done.
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

#endif

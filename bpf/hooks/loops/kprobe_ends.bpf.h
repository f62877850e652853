/* SPDX-License-Identifier: GPL-2.0-only */
/* What ends by kprobes: in the call that returns, or as it begins anew. */
#ifndef IOPHASE_HOOKS_LOOPS_KPROBE_ENDS_BPF_H
#define IOPHASE_HOOKS_LOOPS_KPROBE_ENDS_BPF_H

#include "common.bpf.h"

#if BY_KPROBE
/*
 * By thread: the socket that its accept makes, which is one when that has returned, or
 * its request of the kernel's AIO.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_THREADS);
	__type(key, __u32);
	__type(value, __u64);
} begun SEC(".maps");

static __always_inline void begin(__u64 what)
{
	__u32 tid = bpf_get_current_pid_tgid();

	if (bpf_map_update_elem(&begun, &tid, &what, BPF_ANY))
		COUNT(threads_full, 1);
}

AT_ENTRY(sock_alloc_file, on_sock_alloc_file, struct socket *sock)
{
	if (is_reading())
		begin((__u64)sock);
	return 0;
}

static __always_inline void end_begun(__u32 tid)
{
	bpf_map_delete_elem(&begun, &tid);
}

static __always_inline void end_accept(struct sock *sk, __u32 tid, __s64 ret)
{
	__u64 *made = bpf_map_lookup_elem(&begun, &tid);

	if (ret < 0)
		on_accepted(sk, ret, 0);
	else
		on_accepted(sk, 1, made ? (__u64)LOAD((struct socket *)*made, sk) : 0);
	end_begun(tid);
}

/* The read or the accept that the running thread is in, if it is in one. */
SUBPROG_OF_NUMBERS int end_read_or_accept(__s64 ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_thread *t = thread_lookup(tid);
	struct sock *sk = t ? (struct sock *)t->rd.sock : 0;

	if (!t || !t->rd.called_ns)
		return 0;
	if (is_listening(sk))
		end_accept(sk, tid, ret);
	else
		on_loop_read_exit(sk, ret);
	return 0;
}

/* A ring's request that finds nothing, or takes more, calls again. */
static __always_inline void end_retry(void)
{
	if (is_reading())
		end_read_or_accept(-IOP_EAGAIN);
}

/* A request of io_submit(), which may make several reads, completes in the same call. */
AT_ENTRY(aio_read, on_aio_read, void *request)
{
	if (active && task_selected(current_task_ids()))
		begin((__u64)request);
	return 0;
}

AT_ENTRY(aio_complete_rw, on_aio_complete_rw, void *request, long res)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 *its = is_reading() ? bpf_map_lookup_elem(&begun, &tid) : 0;

	if (its && *its == (__u64)request)
		end_read_or_accept(res);
	return 0;
}

/* Before 6.0 a completion does not say which request's it is: a socket's is counted here. */
static __always_inline void count_issued(struct io_kiocb *req)
{
	struct iop_poller *p = 0;

	if (!bpf_core_field_exists(req->cqe) && polled_sock((__u64)req))
		p = poller_of((__u64)LOAD(req, ctx));
	if (p)
		__sync_fetch_and_add(&p->posted_socks, 1);
}

/*
 * A request has been carried out: 0, or ECANCELED for a multishot one that is over, and
 * its result is stored; or nothing was there yet.
 */
static __always_inline void end_issued(struct io_kiocb *req, int ret)
{
	int res = -IOP_EAGAIN;

	if (!ret)
		count_issued(req);
	if (!is_reading())
		return;
	if (!ret || ret == -IOP_ECANCELED)
		res = bpf_core_field_exists(req->cqe) ? LOAD(req, cqe.res) :
							(int)LOAD(req, result);
	end_read_or_accept(res);
}

static __always_inline void ring_completes(__u64 ring, __u64 req, int res)
{
	if (issuing(bpf_get_current_pid_tgid()))
		end_read_or_accept(res);
	on_ring_posts(ring, req);
}

/* 6.1, 6.12 */
SEC("raw_tp/io_uring_complete")
int BPF_PROG(on_ring_completes, void *ring, void *req, __u64 data, int res)
{
	ring_completes((__u64)ring, (__u64)req, res);
	return 0;
}

/* 5.10: no request, but what the program calls it */
SEC("raw_tp/io_uring_complete")
int BPF_PROG(on_ring_completes_data, void *ring, __u64 data, int res)
{
	ring_completes((__u64)ring, 0, res);
	return 0;
}

/* 6.18, 7.3 */
SEC("raw_tp/io_uring_complete")
int BPF_PROG(on_ring_completes_cqe, void *ring, void *req, struct io_uring_cqe *cqe)
{
	ring_completes((__u64)ring, (__u64)req, LOAD(cqe, res));
	return 0;
}

/* Where a recvmmsg() says how many bytes its first message has; 0: it is another call. */
static __always_inline __u64 first_length_of(const struct regs *regs, bool compat)
{
	__u32 nr = USER_REG(regs, CALL_NR), args[2] = {};

	if (!compat)
		return nr == NR_RECVMMSG ? USER_REG(regs, CALL_2) + MSG_LEN_AT : 0;
	if (nr == NR_RECVMMSG_32 || nr == NR_RECVMMSG_TIME64)
		args[1] = USER_REG(regs, CALL32_2);
	else if (nr == NR_I386_SOCKETCALL &&
		 (__u32)USER_REG(regs, CALL32_1) == SOCKETCALL_RECVMMSG)
		bpf_probe_read_user(args, sizeof(args),
				    (void *)(__u64)(__u32)USER_REG(regs, CALL32_2));
	return args[1] ? args[1] + MSG_LEN_AT_32 : 0;
}

/*
 * What of a call's result is that of its read. recvmmsg() returns how many messages there
 * were, of which the first is one; requests have results of their own.
 */
static __always_inline __s64 result_of_read(const struct regs *regs, __s64 ret)
{
	bool compat = IS_COMPAT(USER_REG(regs, CALL_MODE));
	__u32 nr = USER_REG(regs, CALL_NR), bytes = 0;
	__u64 length;

	if (nr == NR_IO_URING_ENTER || nr == (compat ? NR_AIO_32 : NR_AIO))
		return -IOP_EAGAIN;
	length = ret > 0 ? first_length_of(regs, compat) : 0;
	if (!length)
		return ret;
	bpf_probe_read_user(&bytes, sizeof(bytes), (void *)length);
	return bytes;
}

/* Of its own, so that the verifier walks it once. */
SUBPROG_OF_NUMBERS int loop_told(__s64 found)
{
	on_loop_told(found);
	return 0;
}

/*
 * Of any system call: a kretprobe would lose threads that sleep. What a ring's request
 * has begun has ended by now, unless its end was lost.
 */
static __always_inline void end_of_call(const struct regs *regs, __s64 ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct iop_waiter *w = waiter_lookup(tid);

	if (w && w->issuing) {
		on_ring_issued();
		on_read_cancel();
	}
	if (is_reading())
		end_read_or_accept(result_of_read(regs, ret));
	if (w && w->poller)
		loop_told(ret);
	if (config.slow_ns)
		place_of_regs = (__u64)regs - (__u64)LOAD(CURRENT, stack);
}

#define AT_SYS_EXIT(program)                                  \
	SEC("raw_tp/sys_exit")                                \
	int BPF_PROG(program, struct pt_regs *regs, long ret) \
	{                                                     \
		end_of_call(user_regs(regs), (int)ret);       \
		return 0;                                     \
	}

/* Beside it, as in hooks/kprobe/read.bpf.h, others that do what has not been done. */
AT_SYS_EXIT(on_sys_exit)
AT_SYS_EXIT(on_sys_exit_again)
AT_SYS_EXIT(on_sys_exit_again2)

#else
#define end_retry()
#define end_issued(req, ret)
#define end_begun(tid)
#endif

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks of iophase loops, in objects of their own, so that no other command pays for
 * them: trampolines and BTF tracepoints, as in hooks_btf.bpf.c, and kprobes for what
 * begins, raw tracepoints for what ends, as in hooks_kprobe.bpf.c (either.bpf.h). Of a
 * read it wants to know when it was called and what was ready then, nothing from inside.
 */
#include "kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "core_compat.bpf.h"
#include "loops.bpf.h"
#include "hooks_tasks.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define MAX_EPOLLS_OF_FILE 8

static __always_inline bool is_reading(void)
{
	struct iop_thread *t = thread_lookup(bpf_get_current_pid_tgid());

	return t && t->rd.called_ns;
}

static __always_inline bool is_waiting(void)
{
	struct iop_waiter *w = waiter_lookup(bpf_get_current_pid_tgid());

	return w && w->poller;
}

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
#else
#define end_retry()
#define end_issued(req, ret)
#define end_begun(tid)
#endif

/* --- reading ------------------------------------------------------------------- */

AT_ENTRY(sock_recvmsg, on_sock_recvmsg, struct socket *sock, struct msghdr *msg, int flags)
{
	end_retry();
	on_read_enter((__u64)LOAD(sock, sk), flags);
	return 0;
}

AT_EXIT_OF_SLEEPER(sock_recvmsg, on_sock_recvmsg_exit, struct socket *sock,
		   struct msghdr *msg, int flags, int ret)
{
	on_loop_read_exit(LOAD(sock, sk), ret);
	return 0;
}

AT_ENTRY(sock_def_readable, on_sock_def_readable, struct sock *sk)
{
	on_loop_ready(sk);
	return 0;
}

/* --- accepting ------------------------------------------------------------------- */

AT_ENTRY(do_accept, on_do_accept, struct file *file)
{
	struct socket *sock = socket_of_file(file);

	end_retry();
	if (sock)
		on_read_enter((__u64)LOAD(sock, sk), 0);
	return 0;
}

static __always_inline void accept_exit(struct file *file, struct file *ret)
{
	struct socket *sock = socket_of_file(file);
	__s64 error = (__s64)ret;

	if (!sock)
		return;
	if (error < 0 && error > -4096)
		on_accepted(LOAD(sock, sk), error, 0);
	else
		on_accepted(LOAD(sock, sk), 1, sock_of_file(ret));
}

AT_EXIT_OF_SLEEPER(do_accept, on_do_accept_exit, struct file *file, void *a2, void *a3,
		   void *a4, int flags, struct file *ret)
{
	accept_exit(file, ret);
	return 0;
}

/* --- waiting ---------------------------------------------------------------------- */

/* No timeout, or one that is not 0. */
static __always_inline bool may_block(const struct timespec64 *to)
{
	return !to || LOAD(to, tv_sec) || LOAD(to, tv_nsec);
}

static __always_inline __u64 epoll_of(__u32 fd)
{
	struct file *file = file_of(fd);

	return file ? (__u64)BPF_CORE_READ(file, private_data) : 0;
}

AT_ENTRY(do_epoll_wait, on_epoll_wait, int epfd, void *events, int max,
	 struct timespec64 *to)
{
	__u64 poller = epoll_of(epfd);

	if (poller)
		on_loop_wait(poller, IOP_POLLER_EPOLL, may_block(to));
	return 0;
}

/* Until 7cdf7c20e971 (5.11) in milliseconds. */
AT_ENTRY(do_epoll_wait, on_epoll_wait_ms, int epfd, void *events, int max, int ms)
{
	__u64 poller = epoll_of(epfd);

	if (poller)
		on_loop_wait(poller, IOP_POLLER_EPOLL, !!ms);
	return 0;
}

AT_EXIT_OF_SLEEPER(do_epoll_wait, on_epoll_wait_exit, int epfd, void *events, int max,
		   struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

static __always_inline __u64 poller_of_poll(void)
{
	return current_task_ids().tid;
}

AT_ENTRY(do_sys_poll, on_poll, void *fds, unsigned int nr, struct timespec64 *to)
{
	on_loop_wait(poller_of_poll(), IOP_POLLER_POLL, may_block(to));
	return 0;
}

AT_EXIT_OF_SLEEPER(do_sys_poll, on_poll_exit, void *fds, unsigned int nr,
		   struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

static __always_inline void select_enter(const struct timespec64 *to)
{
	on_loop_wait(poller_of_poll() | POLLER_OF_SELECT, IOP_POLLER_SELECT,
		     may_block(to));
}

AT_ENTRY(core_sys_select, on_select, int n, void *in, void *out, void *ex,
	 struct timespec64 *to)
{
	select_enter(to);
	return 0;
}

AT_EXIT_OF_SLEEPER(core_sys_select, on_select_exit, int n, void *in, void *out,
		   void *ex, struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

/* select() of a 32-bit process on a 64-bit kernel. */
AT_ENTRY(compat_core_sys_select, on_compat_select, int n, void *in, void *out, void *ex,
	 struct timespec64 *to)
{
	select_enter(to);
	return 0;
}

AT_EXIT_OF_SLEEPER(compat_core_sys_select, on_compat_select_exit, int n, void *in,
		   void *out, void *ex, struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

/* --- which sockets ------------------------------------------------------------------- */

AT_EXIT_KEEPING(is_waiting(), sock_poll, on_socket_poll_exit, struct file *file,
		struct poll_table_struct *wait, __u32 mask)
{
	struct socket *sock = wait ? socket_of_file(file) : 0;

	if (sock)
		on_loop_poll(LOAD(sock, sk), mask & LOAD(wait, _key));
	return 0;
}

static __always_inline void epoll_ctl_exit(int epfd, int op, int fd, int ret)
{
	struct task_ids who = current_task_ids();
	struct file *file;
	__u64 poller, sk;

	if (ret || !active || !task_selected(who) ||
	    (op != EPOLL_CTL_ADD && op != EPOLL_CTL_DEL))
		return;
	file = file_of(fd);
	poller = epoll_of(epfd);
	sk = file && poller ? sock_of_file(file) : 0;
	if (!sk)
		return;
	if (op == EPOLL_CTL_ADD)
		register_channel((struct sock *)sk, poller, fd, who.pid,
				 bpf_ktime_get_ns());
	else
		on_deregister((struct sock *)sk, poller);
}

AT_EXIT_KEEPING(active, do_epoll_ctl, on_epoll_ctl_exit, int epfd, int op, int fd,
		void *event, bool nonblock, int ret)
{
	epoll_ctl_exit(epfd, op, fd, ret);
	return 0;
}

/* --- rings ----------------------------------------------------------------------------- */

/* io_uring_enter(fd, to_submit, min_complete, flags, ...) */
static __always_inline void ring_enter(const struct pt_regs *regs)
{
	const struct regs *r = user_regs(regs);
	__u64 fd = USER_REG(r, CALL_1), flags = USER_REG(r, CALL_4);
	__u64 ring = flags & IORING_ENTER_GETEVENTS ? ring_of(fd, flags) : 0;

	if (ring)
		on_loop_wait(ring, IOP_POLLER_URING, !!(__u32)USER_REG(r, CALL_3));
}

#if !BY_KPROBE
SEC("fentry/" URING_ENTER)
int BPF_PROG(on_ring_enter, const struct pt_regs *regs)
{
	ring_enter(regs);
	return 0;
}

SEC("fexit/" URING_ENTER)
int BPF_PROG(on_ring_enter_exit, const struct pt_regs *regs, long ret)
{
	on_loop_told(ret);
	return 0;
}
#else
SEC("kprobe/" URING_ENTER)
int on_ring_enter(struct regs *regs)
{
	ring_enter((const struct pt_regs *)ARG1(regs));
	return 0;
}
#endif

/* They sleep in workers only. */
#define RING_ISSUE_IF(condition, function, program, names)                      \
	AT_ENTRY(function, program, struct io_kiocb *req)                       \
	{                                                                       \
		if (condition)                                                  \
			on_ring_issue(req, names);                              \
		return 0;                                                       \
	}                                                                       \
	AT_EXIT_KEEPING(active, function, program##_exit, struct io_kiocb *req, \
			unsigned int flags, int ret)                            \
	{                                                                       \
		end_issued(req, ret);                                           \
		on_ring_issued();                                               \
		return 0;                                                       \
	}
#define RING_ISSUE(function, names) \
	RING_ISSUE_IF(true, function, on_ring_##function, names)

RING_ISSUE(io_recv, true)
RING_ISSUE(io_recvmsg, true)
RING_ISSUE(io_read, true)
RING_ISSUE(io_read_mshot, true)
RING_ISSUE(io_poll_add, true)
RING_ISSUE(io_accept, false)
/* 5.10 has no function of its own for it */
RING_ISSUE_IF(LOAD(req, opcode) == IORING_OP_ACCEPT, io_issue_sqe, on_ring_accept, false)

#if !BY_KPROBE
SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_ring_complete, void *ring, void *req)
{
	/* before 6.0 it is what the program calls the request */
	on_ring_posts((__u64)ring,
		      bpf_core_field_exists(struct io_kiocb, cqe) ? (__u64)req : 0);
	return 0;
}
#endif

AT_ENTRY(io_uring_release, on_ring_release, void *inode, struct file *file)
{
	on_poller_free((__u64)LOAD(file, private_data));
	return 0;
}

/* --- what was there before iophase came ---------------------------------------------- */

/*
 * Epolls that a process has open. A file that it shares with another (a server's workers
 * have it from their parent) may be waited for by that one's.
 */
struct opened_epoll {
	__u64 poller;
	__u64 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_POLLERS);
	__type(key, struct opened_epoll);
	__type(value, __u32);
} opened_epolls SEC(".maps");

static __always_inline void note_epoll(struct file *file, __u64 pid)
{
	struct eventpoll *ep = LOAD(file, private_data);
	struct opened_epoll opened = { .poller = (__u64)ep, .pid = pid };
	__u32 one = 1;

	if (ep && BPF_CORE_READ(ep, file) == file &&
	    bpf_map_update_elem(&opened_epolls, &opened, &one, BPF_ANY))
		COUNT(loops_full, 1);
}

/* Ports that are listened on, before the other: they tell who was accepted. */
SEC("iter/task_file")
int on_task_file_listening(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	__u64 sk = file ? sock_of_file(file) : 0;

	if (sk && is_listening((struct sock *)sk))
		listen_with((struct sock *)sk, 0);
	else if (task && file && !sk)
		note_epoll(file, task->tgid);
	return 0;
}

/*
 * An open file says which epolls wait for it: in a list that ends, or, until
 * 319c15174757 (5.11), in one that comes back to the file itself.
 */
static __always_inline void *first_epoll_of(struct file *file)
{
	if (!BY_KPROBE || bpf_core_field_exists(file->f_ep))
		return BPF_CORE_READ(file, f_ep, first);
	return BPF_CORE_READ(file, f_ep_links.next);
}

SEC("iter/task_file")
int on_task_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct opened_epoll opened;
	struct task_ids who;
	struct epitem *item;
	void *node;
	__u64 sk;

	if (!task || !file)
		return 0;
	who = (struct task_ids){ .pid = task->tgid, .tid = task->pid };
	/* what has been said by ids of another namespace is not known of it yet */
	if (config.by_target && !config.in_pidns &&
	    !is_target(who, config.process_flags, config.thread_flags))
		return 0;
	sk = sock_of_file(file);
	node = sk ? first_epoll_of(file) : 0;
	for (int i = 0; i < MAX_EPOLLS_OF_FILE && node; i++) {
		item = node - bpf_core_field_offset(struct epitem, fllink);
		if (BY_KPROBE && BPF_CORE_READ(item, ffd.file) != file)
			break;
		opened.poller = (__u64)BPF_CORE_READ(item, ep);
		opened.pid = who.pid;
		if (bpf_map_lookup_elem(&opened_epolls, &opened))
			register_channel((struct sock *)sk, opened.poller,
					 BPF_CORE_READ(item, ffd.fd), who.pid, 0);
		node = BPF_CORE_READ((struct hlist_node *)node, next);
	}
	return 0;
}

/* --- where a turn's thread is, for --slow -------------------------------------------- */

AT_TRACEPOINT(sched_switch, on_turn_switch, bool preempt, struct task_struct *prev,
	      struct task_struct *next, unsigned int prev_state)
{
	on_turn_off(ctx, LOAD(prev, pid), !preempt && prev_state);
	on_turn_on(LOAD(next, pid));
	return 0;
}

/* Until fa2c3254d7cf (5.18), by the name that it has until 2f064a59a11f (5.14). */
AT_TRACEPOINT(sched_switch, on_turn_switch_untold, bool preempt,
	      struct task_struct *prev, struct task_struct *next)
{
	bool asleep = bpf_core_field_exists(prev->__state) ?
			      BPF_CORE_READ(prev, __state) :
			      BPF_CORE_READ(prev, state);

	on_turn_off(ctx, LOAD(prev, pid), !preempt && asleep);
	on_turn_on(LOAD(next, pid));
	return 0;
}

AT_TRACEPOINT(sched_waking, on_turn_waking, struct task_struct *p)
{
	on_turn_woken(LOAD(p, pid));
	return 0;
}

AT_TRACEPOINT(sched_stat_runtime, on_turn_runtime, struct task_struct *p, __u64 ran)
{
	on_turn_tick(ctx, LOAD(p, pid), ran);
	return 0;
}

/* --- the ends of things --------------------------------------------------------------- */

AT_ENTRY(sock_close, on_sock_close_file, void *inode, struct file *file)
{
	on_sock_close(sock_of_file(file));
	return 0;
}

AT_ENTRY(ep_eventpoll_release, on_epoll_release, void *inode, struct file *file)
{
	on_poller_free((__u64)LOAD(file, private_data));
	return 0;
}

AT_ENTRY(security_sk_free, on_security_sk_free, struct sock *sk)
{
	on_sock_free((__u64)sk);
	on_sock_close((__u64)sk);
	return 0;
}

AT_TRACEPOINT(sched_process_exit, on_sched_process_exit, struct task_struct *p)
{
	on_loop_thread_exit(LOAD(p, pid));
	on_task_exit(LOAD(p, signal, live.counter) == 0);
	end_begun(LOAD(p, pid));
	return 0;
}

#if BY_KPROBE
/* --- what ends by kprobes ------------------------------------------------------------- */

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

/* Beside it, as in hooks_kprobe.bpf.c, others that do what has not been done. */
AT_SYS_EXIT(on_sys_exit)
AT_SYS_EXIT(on_sys_exit_again)
AT_SYS_EXIT(on_sys_exit_again2)
#else
/* --- programs that the kernel skips --------------------------------------------------- */

/*
 * As in hooks_btf.bpf.c: where the kernel preempts itself each has others beside it,
 * which do what has not been done. Those that are not guarded can be done twice.
 */
#define READ_AGAIN(again)                                                              \
	SEC("fentry/sock_recvmsg")                                                     \
	int BPF_PROG(on_sock_recvmsg_##again, struct socket *sock, struct msghdr *msg, \
		     int flags)                                                        \
	{                                                                              \
		if (!is_reading())                                                     \
			on_read_enter((__u64)sock->sk, flags);                         \
		return 0;                                                              \
	}                                                                              \
	SEC("fexit/sock_recvmsg")                                                      \
	int BPF_PROG(on_sock_recvmsg_exit_##again, struct socket *sock,                \
		     struct msghdr *msg, int flags, int ret)                           \
	{                                                                              \
		on_loop_read_exit(sock->sk, ret);                                      \
		return 0;                                                              \
	}

READ_AGAIN(again)
READ_AGAIN(again2)

SEC("fentry/do_accept")
int BPF_PROG(on_do_accept_again, struct file *file)
{
	struct socket *sock = bpf_sock_from_file(file);

	if (sock && !is_reading())
		on_read_enter((__u64)sock->sk, 0);
	return 0;
}

SEC("fexit/do_accept")
int BPF_PROG(on_do_accept_exit_again, struct file *file, void *a2, void *a3, void *a4,
	     int flags, struct file *ret)
{
	accept_exit(file, ret);
	return 0;
}

SEC("fentry/do_epoll_wait")
int BPF_PROG(on_epoll_wait_again, int epfd, void *events, int max, struct timespec64 *to)
{
	__u64 poller = is_waiting() ? 0 : epoll_of(epfd);

	if (poller)
		on_loop_wait(poller, IOP_POLLER_EPOLL, may_block(to));
	return 0;
}

SEC("fexit/do_epoll_wait")
int BPF_PROG(on_epoll_wait_exit_again, int epfd, void *events, int max,
	     struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

SEC("fexit/do_epoll_ctl")
int BPF_PROG(on_epoll_ctl_exit_again, int epfd, int op, int fd, void *event,
	     bool nonblock, int ret)
{
	epoll_ctl_exit(epfd, op, fd, ret);
	return 0;
}

SEC("fentry/" URING_ENTER)
int BPF_PROG(on_ring_enter_again, const struct pt_regs *regs)
{
	if (!is_waiting())
		ring_enter(regs);
	return 0;
}

SEC("fexit/" URING_ENTER)
int BPF_PROG(on_ring_enter_exit_again, const struct pt_regs *regs, long ret)
{
	on_loop_told(ret);
	return 0;
}

SEC("fentry/do_sys_poll")
int BPF_PROG(on_poll_again, void *fds, unsigned int nr, struct timespec64 *to)
{
	if (!is_waiting())
		on_loop_wait(poller_of_poll(), IOP_POLLER_POLL, may_block(to));
	return 0;
}

SEC("fexit/do_sys_poll")
int BPF_PROG(on_poll_exit_again, void *fds, unsigned int nr, struct timespec64 *to,
	     int ret)
{
	on_loop_told(ret);
	return 0;
}

SEC("fentry/core_sys_select")
int BPF_PROG(on_select_again, int n, void *in, void *out, void *ex, struct timespec64 *to)
{
	if (!is_waiting())
		select_enter(to);
	return 0;
}

SEC("fexit/core_sys_select")
int BPF_PROG(on_select_exit_again, int n, void *in, void *out, void *ex,
	     struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}
#endif

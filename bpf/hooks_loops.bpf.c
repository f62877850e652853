// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks of iophase loops: trampolines and BTF tracepoints, as in hooks_btf.bpf.c,
 * in an object of their own, so that no other command pays for them. Of a read it
 * wants to know when it was called and what was ready then, nothing from inside.
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

/* --- reading ------------------------------------------------------------------- */

SEC("fentry/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg, struct socket *sock, struct msghdr *msg, int flags)
{
	on_read_enter((__u64)sock->sk, flags);
	return 0;
}

SEC("fexit/sock_recvmsg")
int BPF_PROG(on_sock_recvmsg_exit, struct socket *sock, struct msghdr *msg, int flags,
	     int ret)
{
	on_loop_read_exit(sock->sk, ret);
	return 0;
}

SEC("fentry/sock_def_readable")
int BPF_PROG(on_sock_def_readable, struct sock *sk)
{
	on_loop_ready(sk);
	return 0;
}

/* --- accepting ------------------------------------------------------------------- */

SEC("fentry/do_accept")
int BPF_PROG(on_do_accept, struct file *file)
{
	struct socket *sock = bpf_sock_from_file(file);

	if (sock)
		on_read_enter((__u64)sock->sk, 0);
	return 0;
}

static __always_inline void accept_exit(struct file *file, struct file *ret)
{
	struct socket *sock = bpf_sock_from_file(file);
	__s64 error = (__s64)ret;

	if (!sock)
		return;
	if (error < 0 && error > -4096)
		on_accepted(sock->sk, error, 0);
	else
		on_accepted(sock->sk, 1, sock_of_file(ret));
}

SEC("fexit/do_accept")
int BPF_PROG(on_do_accept_exit, struct file *file, void *a2, void *a3, void *a4,
	     int flags, struct file *ret)
{
	accept_exit(file, ret);
	return 0;
}

/* --- waiting ---------------------------------------------------------------------- */

/* No timeout, or one that is not 0. */
static __always_inline bool may_block(const struct timespec64 *to)
{
	return !to || to->tv_sec || to->tv_nsec;
}

static __always_inline __u64 epoll_of(__u32 fd)
{
	struct file *file = file_of(fd);

	return file ? (__u64)BPF_CORE_READ(file, private_data) : 0;
}

SEC("fentry/do_epoll_wait")
int BPF_PROG(on_epoll_wait, int epfd, void *events, int max, struct timespec64 *to)
{
	__u64 poller = epoll_of(epfd);

	if (poller)
		on_loop_wait(poller, IOP_POLLER_EPOLL, may_block(to));
	return 0;
}

SEC("fexit/do_epoll_wait")
int BPF_PROG(on_epoll_wait_exit, int epfd, void *events, int max, struct timespec64 *to,
	     int ret)
{
	on_loop_told(ret);
	return 0;
}

static __always_inline __u64 poller_of_poll(void)
{
	return current_task_ids().tid;
}

SEC("fentry/do_sys_poll")
int BPF_PROG(on_poll, void *fds, unsigned int nr, struct timespec64 *to)
{
	on_loop_wait(poller_of_poll(), IOP_POLLER_POLL, may_block(to));
	return 0;
}

SEC("fexit/do_sys_poll")
int BPF_PROG(on_poll_exit, void *fds, unsigned int nr, struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

static __always_inline void select_enter(const struct timespec64 *to)
{
	on_loop_wait(poller_of_poll() | POLLER_OF_SELECT, IOP_POLLER_SELECT,
		     may_block(to));
}

SEC("fentry/core_sys_select")
int BPF_PROG(on_select, int n, void *in, void *out, void *ex, struct timespec64 *to)
{
	select_enter(to);
	return 0;
}

SEC("fexit/core_sys_select")
int BPF_PROG(on_select_exit, int n, void *in, void *out, void *ex,
	     struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

/* select() of a 32-bit process on a 64-bit kernel. */
SEC("fentry/compat_core_sys_select")
int BPF_PROG(on_compat_select, int n, void *in, void *out, void *ex, struct timespec64 *to)
{
	select_enter(to);
	return 0;
}

SEC("fexit/compat_core_sys_select")
int BPF_PROG(on_compat_select_exit, int n, void *in, void *out, void *ex,
	     struct timespec64 *to, int ret)
{
	on_loop_told(ret);
	return 0;
}

/* --- which sockets ------------------------------------------------------------------- */

SEC("fexit/sock_poll")
int BPF_PROG(on_socket_poll_exit, struct file *file, struct poll_table_struct *wait,
	     __u32 mask)
{
	struct socket *sock = wait ? bpf_sock_from_file(file) : 0;

	if (sock)
		on_loop_poll(sock->sk, mask & wait->_key);
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

SEC("fexit/do_epoll_ctl")
int BPF_PROG(on_epoll_ctl_exit, int epfd, int op, int fd, void *event, bool nonblock,
	     int ret)
{
	epoll_ctl_exit(epfd, op, fd, ret);
	return 0;
}

/* --- rings ----------------------------------------------------------------------------- */

/* io_uring_enter(fd, to_submit, min_complete, flags, ...) */
static __always_inline void ring_enter(const struct pt_regs *regs)
{
	const struct regs *r = user_regs(regs);
	__u64 ring = r->CALL_4 & IORING_ENTER_GETEVENTS ? ring_of(r->CALL_1, r->CALL_4) :
							  0;

	if (ring)
		on_loop_wait(ring, IOP_POLLER_URING, !!(__u32)r->CALL_3);
}

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

#define RING_ISSUE(function, names)                            \
	SEC("fentry/" #function)                               \
	int BPF_PROG(on_ring_##function, struct io_kiocb *req) \
	{                                                      \
		on_ring_issue(req, names);                     \
		return 0;                                      \
	}                                                      \
	SEC("fexit/" #function)                                \
	int BPF_PROG(on_ring_##function##_exit)                \
	{                                                      \
		on_ring_issued();                              \
		return 0;                                      \
	}

RING_ISSUE(io_recv, true)
RING_ISSUE(io_recvmsg, true)
RING_ISSUE(io_read, true)
RING_ISSUE(io_read_mshot, true)
RING_ISSUE(io_poll_add, true)
RING_ISSUE(io_accept, false)

SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_ring_complete, void *ring, void *req)
{
	/* before 6.0 it is what the program calls the request */
	on_ring_posts((__u64)ring,
		      bpf_core_field_exists(struct io_kiocb, cqe) ? (__u64)req : 0);
	return 0;
}

SEC("fentry/io_uring_release")
int BPF_PROG(on_ring_release, void *inode, struct file *file)
{
	on_poller_free((__u64)file->private_data);
	return 0;
}

/* --- what was there before iophase came ---------------------------------------------- */

/* Ports that are listened on, before the other: they tell who was accepted. */
SEC("iter/task_file")
int on_task_file_listening(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	__u64 sk = file ? sock_of_file(file) : 0;

	if (sk && is_listening((struct sock *)sk))
		listen_with((struct sock *)sk, 0);
	return 0;
}

/* An open file says which epolls wait for it. */
SEC("iter/task_file")
int on_task_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct hlist_node *node;
	struct epitem *item;
	struct task_ids who;
	__u64 sk;

	if (!task || !file)
		return 0;
	who = (struct task_ids){ .pid = task->tgid, .tid = task->pid };
	/* what has been said by ids of another namespace is not known of it yet */
	if (config.by_target && !config.in_pidns &&
	    !is_target(who, config.process_flags, config.thread_flags))
		return 0;
	sk = sock_of_file(file);
	node = sk ? BPF_CORE_READ(file, f_ep, first) : 0;
	for (int i = 0; i < MAX_EPOLLS_OF_FILE && node; i++) {
		item = (void *)node - bpf_core_field_offset(struct epitem, fllink);
		register_channel((struct sock *)sk, (__u64)BPF_CORE_READ(item, ep),
				 BPF_CORE_READ(item, ffd.fd), who.pid, 0);
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

/* --- where a turn's thread is, for --slow -------------------------------------------- */

SEC("tp_btf/sched_switch")
int BPF_PROG(on_turn_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next, unsigned int prev_state)
{
	on_turn_off(ctx, prev->pid, !preempt && prev_state);
	on_turn_on(next->pid);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(on_turn_waking, struct task_struct *p)
{
	on_turn_woken(p->pid);
	return 0;
}

SEC("tp_btf/sched_stat_runtime")
int BPF_PROG(on_turn_runtime, struct task_struct *p, __u64 ran)
{
	on_turn_tick(ctx, p->pid, ran);
	return 0;
}

/* --- the ends of things --------------------------------------------------------------- */

SEC("fentry/sock_close")
int BPF_PROG(on_sock_close_file, void *inode, struct file *file)
{
	on_sock_close(sock_of_file(file));
	return 0;
}

SEC("fentry/ep_eventpoll_release")
int BPF_PROG(on_epoll_release, void *inode, struct file *file)
{
	on_poller_free((__u64)file->private_data);
	return 0;
}

SEC("fentry/security_sk_free")
int BPF_PROG(on_security_sk_free, struct sock *sk)
{
	on_sock_free((__u64)sk);
	on_sock_close((__u64)sk);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_sched_process_exit, struct task_struct *p)
{
	on_loop_thread_exit(p->pid);
	on_task_exit(p->signal->live.counter == 0);
	return 0;
}

/* --- programs that the kernel skips --------------------------------------------------- */

/*
 * As in hooks_btf.bpf.c: where the kernel preempts itself each has others beside it,
 * which do what has not been done. Those that are not guarded can be done twice.
 */
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

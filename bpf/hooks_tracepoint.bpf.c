// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last resort: raw tracepoints only, for kernels without BTF, trampolines
 * and kprobes. They do not say when data is ready, which socket a call is about,
 * or, but for TCP, when a copy ends. A socket is what a process has under a
 * descriptor; what cannot be told is given at its latest or at its longest:
 *
 *   ready  no later than the scheduler was told to wake the thread, or than the
 *          call that found the data returned
 *   copy   no longer than the thread ran inside the call
 */
#include "kernel.bpf.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define SOCKS_ARE_NOT_FREED
#include "syscalls.bpf.h"
#include "descriptors.bpf.h"
#include "engine.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* A thread and the call that it is in. */
struct task {
	__u32 pid;
	__u32 tid;
	__u32 call; /* enum call_kind; CALL_NONE: none */
	__u32 is_32bit;
	__u32 fd;
	__u32 flags; /* MSG_*, SOCK_* */
	__u32 count; /* how many may be at memory */
	__u32 begun; /* the engine knows of the read */
	__u64 memory;
	__u64 called_ns;
	__u64 sleep_ns; /* of the sleep that the engine does not know of yet */
	__u64 waking_ns;
	__u64 awake_ns;
	__u64 skb; /* being copied */
	__s64 ret; /* bytes, or -errno */
	__u32 off; /* it has left the CPU */
	__u32 slept;
	__u64 reported; /* the last that a wait call has; 0: none */
	__u64 several;	/* and others */
};

#include "hooks_raw.bpf.h"

static __always_inline __u64 key_of(const struct task *t, __u32 fd)
{
	return (__u64)t->pid << 32 | fd;
}

/* An arrival, when others may still be unread. */
static const struct iop_queue arrival = { .tail = 2, .packets = 1 };

/* --- descriptors ---------------------------------------------------------------- */

static __always_inline void set_nonblocking(__u64 key, bool on)
{
	struct descriptor *d = descriptor_lookup_or_init(key);

	if (d)
		d->nonblocking = on;
}

/* What it stood for is gone. */
static __always_inline void forget(__u64 key)
{
	struct descriptor *d = descriptor_lookup(key);
	__u32 pid = key >> 32, fd = key;
	struct async_fd *a = bpf_map_lookup_elem(&async_fds, &pid);
	__u64 sk = d ? d->sk : 0;

	if (a && a->fd == fd && !a->several)
		bpf_map_delete_elem(&async_fds, &pid);
	if (d)
		bpf_map_delete_elem(&descriptors, &key);
	if (sk)
		bpf_map_delete_elem(&sock_descriptors, &sk);
	if (sock_lookup(key))
		on_sock_free(key);
}

static __always_inline void new_socket(__u64 key, bool nonblocking)
{
	struct descriptor d = { .is_socket = 1, .nonblocking = nonblocking };

	forget(key);
	bpf_map_update_elem(&descriptors, &key, &d, BPF_ANY);
}

static __always_inline void set_async(__u64 key, bool on)
{
	struct async_fd fresh = { .fd = key }, *a;
	__u32 pid = key >> 32;

	a = bpf_map_lookup_elem(&async_fds, &pid);
	if (!on) {
		if (a && a->fd == fresh.fd && !a->several)
			bpf_map_delete_elem(&async_fds, &pid);
		return;
	}
	if (!a)
		bpf_map_update_elem(&async_fds, &pid, &fresh, BPF_ANY);
	else if (a->fd != fresh.fd)
		a->several = 1;
	on_signal_arm(key);
}

/* --- system calls begin -------------------------------------------------------- */

/* Takes in what a call says; true: that was all. */
static __always_inline bool is_done(const struct syscall *call, __u32 pid)
{
	__u64 process = (__u64)pid << 32, key = process | (__u32)call->arg[0];
	__u32 on = 0;

	switch (call->kind) {
	case CALL_CLOSE:
		forget(key);
		return true;
	case CALL_DUP_TO:
		forget(process | (__u32)call->arg[1]);
		return true;
	case CALL_FCNTL:
		if ((__u32)call->arg[1] == F_SETFL) {
			set_nonblocking(key, call->arg[2] & O_NONBLOCK);
			set_async(key, call->arg[2] & FASYNC);
		}
		break;
	case CALL_IOCTL:
		bpf_probe_read_user(&on, sizeof(on), (void *)call->arg[2]);
		if ((__u32)call->arg[1] == FIONBIO)
			set_nonblocking(key, on);
		else if ((__u32)call->arg[1] == FIOASYNC)
			set_async(key, on);
		break;
	case CALL_EPOLL_CTL:
		if ((__u32)call->arg[1] != EPOLL_CTL_DEL)
			set_interest(key, call->arg[2], call->arg[3]);
		return true;
	}
	return false;
}

/* Where a call's flags, memory and its length are. */
static __always_inline void take_arguments(struct task *t, const struct syscall *call)
{
	t->fd = call->arg[0];
	t->memory = call->arg[1];
	switch (t->call) {
	case CALL_RECV:
	case CALL_ACCEPT4:
		t->flags = call->arg[3];
		break;
	case CALL_RECVMSG:
		t->flags = call->arg[2];
		break;
	case CALL_RECVMMSG:
		t->flags = call->arg[3];
		t->count = call->arg[2];
		break;
	case CALL_SOCKET:
		t->flags = call->arg[1];
		break;
	case CALL_POLL:
		t->memory = call->arg[0];
		t->count = call->arg[1];
		break;
	case CALL_SELECT:
		t->count = call->arg[0];
		break;
	case CALL_OLD_SELECT: /* n and the first set, first of all */
		t->memory = 0;
		bpf_probe_read_user(&t->count, sizeof(t->count), (void *)call->arg[0]);
		bpf_probe_read_user(&t->memory, sizeof(__u32), (void *)call->arg[0] + 4);
		break;
	}
}

/*
 * Notes that this thread is in the call; the registers are off the stack by now.
 * kind is an argument as 6.1's verifier loses track of what it knows of the caller's
 * stack: it took one kind for all of them, and the code for the others out.
 */
OWN_FRAME int enter_call(const struct syscall *call, __u32 kind, __u32 pid, __u32 tid)
{
	struct task fresh = { .pid = pid, .tid = tid, .call = kind };
	__u64 task = current_task();

	fresh.is_32bit = call->is_32bit;
	take_arguments(&fresh, call);
	if (is_wait(kind))
		on_wait_enter();
	fresh.called_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&tasks, &task, &fresh, BPF_ANY))
		COUNT(threads_full, 1);
	return 0;
}

SEC("raw_tp/sys_enter")
int on_sys_enter(struct raw_tracepoint *ctx)
{
	struct task_ids who = current_task_ids();
	struct syscall call;

	if (active && read_syscall(&call, ctx->args[0], ctx->args[1]) &&
	    task_selected(who) && !is_done(&call, who.pid))
		enter_call(&call, call.kind, who.pid, who.tid);
	return 0;
}

/* --- asleep ---------------------------------------------------------------------- */

/* Interruptible is how one sleeps for data; for locks and pages it is not. */
static __always_inline int task_switch(struct raw_tracepoint *ctx, __u64 state)
{
	struct task *prev = 0, *next = task_lookup(ctx->args[2]);

	if (!(ctx->args[0] & 1) && state & TASK_INTERRUPTIBLE) /* not preempted */
		prev = task_lookup(ctx->args[1]);
	if (prev && (is_read(prev->call) || is_wait(prev->call)) && !prev->skb) {
		prev->off = 1;
		prev->waking_ns = 0;
		if (!prev->sleep_ns)
			prev->sleep_ns = bpf_ktime_get_ns();
	}
	if (next && next->off) {
		next->off = 0;
		next->slept = 1;
		next->awake_ns = bpf_ktime_get_ns();
	}
	return 0;
}

SEC("raw_tp/sched_switch")
int on_task_switch(struct raw_tracepoint *ctx)
{
	return task_switch(ctx, ctx->args[3]);
}

SEC("raw_tp/sched_switch")
int on_task_switch_untold(struct raw_tracepoint *ctx)
{
	return task_switch(ctx, state_of_task(ctx->args[1]));
}

SEC("raw_tp/sched_waking")
int on_sched_waking(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(ctx->args[0]);

	if (t && t->off && !t->waking_ns)
		t->waking_ns = bpf_ktime_get_ns();
	return 0;
}

/* --- the read -------------------------------------------------------------------- */

/* Once it is known that the call reads a socket, the engine hears of it. */
static __always_inline void begin_read(struct task *t)
{
	__u64 key = key_of(t, t->fd);
	struct descriptor *d = descriptor_lookup_or_init(key);
	__u32 flags = t->flags;

	if (d && d->nonblocking)
		flags |= MSG_DONTWAIT;
	if (d)
		d->is_socket = 1;
	if (!t->begun) {
		t->begun = 1;
		on_read_enter_at(key, flags, 0, t->called_ns);
	}
	if (!t->sleep_ns)
		return;
	on_sleep_enter_at(t->sleep_ns);
	if (t->waking_ns)
		on_ready_at(key, &arrival, t->waking_ns);
	on_sleep_exit_at(t->tid, t->awake_ns);
	t->sleep_ns = 0;
}

/* The running thread's read; 0: it is in none that is followed. */
static __always_inline struct task *reader(void)
{
	struct task *t = task_lookup(current_task());

	return t && is_read(t->call) ? t : 0;
}

static __always_inline void end_copy(struct task *t)
{
	if (!t->skb)
		return;
	t->skb = 0;
	on_copy_exit();
}

/* Data that goes to a thread in no read is somebody else's: io_uring's. */
SEC("raw_tp/skb_copy_datagram_iovec")
int on_skb_copy_datagram_iovec(struct raw_tracepoint *ctx)
{
	struct task *t = reader();

	if (!t) {
		if (active && task_selected(current_task_ids()))
			COUNT(unmatched, 1);
		return 0;
	}
	end_copy(t);
	begin_read(t);
	t->skb = ctx->args[0];
	on_copy_enter();
	return 0;
}

/* TCP, after each copy. */
SEC("raw_tp/tcp_rcv_space_adjust")
int on_tcp_rcv_space_adjust(struct raw_tracepoint *ctx)
{
	struct task *t = reader();
	struct descriptor *d;
	__u64 key;

	if (!t || !t->begun)
		return 0;
	key = key_of(t, t->fd);
	end_copy(t);
	set_sock(key, ctx->args[0]);
	d = descriptor_lookup(key);
	if (d)
		d->is_tcp = 1;
	return 0;
}

/* What has been copied and was read to its end is freed. */
static __always_inline void skb_freed(__u64 skb)
{
	struct task *t = reader();

	if (t && t->skb == skb)
		end_copy(t);
}

SEC("raw_tp/consume_skb")
int on_consume_skb(struct raw_tracepoint *ctx)
{
	skb_freed(ctx->args[0]);
	return 0;
}

SEC("raw_tp/kfree_skb")
int on_kfree_skb(struct raw_tracepoint *ctx)
{
	skb_freed(ctx->args[0]);
	return 0;
}

/* Since 6.3: of every read of a socket, its result too. */
SEC("raw_tp/sock_recv_length")
int on_sock_recv_length(struct raw_tracepoint *ctx)
{
	struct task *t = reader();

	if (!t)
		return 0;
	begin_read(t);
	set_sock(key_of(t, t->fd), ctx->args[0]);
	return 0;
}

/* A recvmmsg() is one read: its datagrams' times are not known, their sizes are. */
static __always_inline __s64 bytes_of_batch(const struct task *t, __s64 ret)
{
	__u32 size = t->is_32bit ? 32 : 64; /* of struct mmsghdr */
	__u64 at = t->memory + size - size / 8;
	__s64 sum = 0;

	for (int i = 0; i < MAX_BATCH; i++) {
		__u32 len = 0;

		if (i >= ret)
			break;
		bpf_probe_read_user(&len, sizeof(len), (void *)at);
		sum += len;
		at += size;
	}
	return sum;
}

/* Was it a read of a socket? */
static __always_inline bool was_read(const struct task *t, __s64 ret)
{
	__u64 key = key_of(t, t->fd);
	struct descriptor *d;

	if (t->begun)
		return true;
	if (ret == -EBADF || ret == -ENOTSOCK)
		return false;
	if (t->call != CALL_READ)
		return true;
	d = descriptor_lookup(key);
	return d && d->is_socket;
}

/* A copy that nothing has told of began when the thread ran, at the earliest. */
static __always_inline void add_unseen_copy(const struct task *t)
{
	struct iop_thread *thread = thread_lookup(t->tid);

	if (!thread || thread->rd.copies)
		return;
	on_copy_enter_at(t->slept ? t->awake_ns : t->called_ns);
	on_copy_exit();
}

/* What is still open ends; then, in a program of its own, the read. */
SEC("raw_tp/sys_exit")
int on_sys_exit_parts(struct raw_tracepoint *ctx)
{
	__s64 ret = (int)ctx->args[1];
	struct task *t = reader();

	if (!t)
		return 0;
	if (!was_read(t, ret)) {
		t->call = CALL_NONE;
		return 0;
	}
	end_copy(t);
	begin_read(t);
	if (ret > 0)
		add_unseen_copy(t);
	if (ret > 0 && t->call == CALL_RECVMMSG)
		ret = bytes_of_batch(t, ret);
	t->ret = ret;
	return 0;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_read(struct raw_tracepoint *ctx)
{
	struct call_site site = { .user_regs = ctx->args[0] };
	struct task *t = reader();
	__u64 key;
	__s64 ret;

	if (!t)
		return 0;
	key = key_of(t, t->fd);
	ret = t->ret;
	t->call = CALL_NONE;
	on_read_exit((struct sock *)key, ret, &site);
	if (ret == -IOP_EAGAIN && !t->slept && !(t->flags & MSG_DONTWAIT))
		set_nonblocking(key, true);
	return 0;
}

/* --- data ready, since 6.3 ----------------------------------------------------------- */

SEC("raw_tp/sk_data_ready")
int on_sk_data_ready(struct raw_tracepoint *ctx)
{
	__u64 sk = ctx->args[0], *key = bpf_map_lookup_elem(&sock_descriptors, &sk);

	if (key)
		on_ready(*key, &arrival);
	return 0;
}

/* --- select, poll, epoll --------------------------------------------------------- */

/*
 * What a wait call has reported is kept in its struct task: what is in a map the
 * verifier does not follow from one turn of a loop to the next, which is more
 * than 5.10's has the patience for.
 */

/* Not static: verified once, not for every turn of a loop. */
__attribute__((noinline)) int report_readable(__u64 key)
{
	on_wait_report(key);
	return 0;
}

static __always_inline void report(struct task *t, __u64 key)
{
	t->several |= t->reported;
	t->reported = key;
	report_readable(key);
}

static __always_inline void poll_reported(struct task *t)
{
	struct {
		__u32 fd;
		__u16 events;
		__u16 revents;
	} p;

	for (__u32 i = 0; i < MAX_REPORTS && i < t->count; i++) {
		if (bpf_probe_read_user(&p, sizeof(p),
					(void *)(t->memory + i * sizeof(p))))
			break;
		if (p.revents & POLL_READ_MASK)
			report(t, key_of(t, p.fd));
	}
}

static __always_inline void epoll_reported(struct task *t, __s64 ret)
{
	struct epoll_event e;
	__u64 key;

	for (__u32 i = 0; i < MAX_REPORTS && i < ret; i++) {
		if (bpf_probe_read_user(&e, sizeof(e),
					(void *)(t->memory + i * sizeof(e))))
			break;
		if (!(e.events & POLL_READ_MASK))
			continue;
		key = interest_of(key_of(t, t->fd), e.data);
		if (key)
			report(t, key);
	}
}

/*
 * Counts the zeros below it, without a branch. BPF has no instruction for that,
 * and clang must not see that there might be one.
 */
static __always_inline __u32 lowest_bit(__u32 word)
{
	__u32 below = ~word & (word - 1);

	below -= below >> 1 & 0x55555555;
	barrier_var(below);
	below = (below & 0x33333333) + (below >> 2 & 0x33333333);
	barrier_var(below);
	return ((below + (below >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

/* The descriptors of a set from the one of first on, of which word is a part. */
__attribute__((noinline)) int report_word(__u64 first, __u32 word)
{
	for (int i = 0; i < 32; i++) {
		if (!word)
			break;
		report_readable(first + lowest_bit(word));
		word &= word - 1;
	}
	return 0;
}

/* The set that is left in memory. */
static __always_inline void select_reported(struct task *t)
{
	__u32 word;
	__u64 key;

	for (__u32 at = 0; at < MAX_SELECT; at += 32) {
		if (at >= t->count || bpf_probe_read_user(&word, sizeof(word),
							  (void *)(t->memory + at / 8)))
			break;
		if (!word)
			continue;
		key = key_of(t, at);
		t->several |= t->reported | (word & (word - 1));
		t->reported = key + lowest_bit(word);
		report_word(key, word);
	}
}

static __always_inline void end_wait(struct task *t)
{
	/* of several, only one has woken it */
	if (t->reported && !t->several && t->sleep_ns && t->waking_ns)
		on_ready_at(t->reported, &arrival, t->waking_ns);
	on_wait_exit();
	t->call = CALL_NONE;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_poll(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(current_task());

	if (!t || t->call != CALL_POLL)
		return 0;
	if ((int)ctx->args[1] > 0)
		poll_reported(t);
	end_wait(t);
	return 0;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_epoll(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(current_task());

	if (!t || t->call != CALL_EPOLL)
		return 0;
	epoll_reported(t, (int)ctx->args[1]);
	end_wait(t);
	return 0;
}

SEC("raw_tp/sys_exit")
int on_sys_exit_select(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(current_task());

	if (!t || (t->call != CALL_SELECT && t->call != CALL_OLD_SELECT))
		return 0;
	if ((int)ctx->args[1] > 0 && t->memory)
		select_reported(t);
	end_wait(t);
	return 0;
}

/* --- signals, new sockets ---------------------------------------------------------- */

static __always_inline void async_ready(__u64 key)
{
	on_ready(key, &arrival);
	on_signal_send(key);
}

/*
 * F_SETSIG's signals carry the descriptor; a plain SIGIO is known to be of a
 * socket only where the process has but one with O_ASYNC.
 */
SEC("raw_tp/signal_generate")
int on_signal_generate(struct raw_tracepoint *ctx)
{
	__u64 info = ctx->args[1];
	struct task *t = task_lookup(ctx->args[2]);
	__u32 sig = ctx->args[0], code = 0, fd = 0;
	struct async_fd *a;

	if (!t || (sig != SIGIO && sig < SIGRTMIN))
		return 0;
	if (info > SEND_SIG_PRIV) {
		READ(code, info, si_code);
		bpf_probe_read_kernel(&fd, sizeof(fd), (void *)(info + SI_FD));
		if (code == POLL_IN)
			async_ready(key_of(t, fd));
	} else if (sig == SIGIO) {
		a = bpf_map_lookup_elem(&async_fds, &t->pid);
		if (a && !a->several)
			async_ready(key_of(t, a->fd));
	}
	return 0;
}

SEC("raw_tp/sys_exit")
int on_sys_exit(struct raw_tracepoint *ctx)
{
	struct task *t = task_lookup(current_task());
	__s64 ret = (int)ctx->args[1];

	if (!t || t->call < CALL_SIGWAIT)
		return 0;
	if (t->call == CALL_SIGWAIT) {
		if (ret == SIGIO || ret >= SIGRTMIN)
			on_signal_deliver();
	} else if (ret >= 0 && t->call <= CALL_ACCEPT4) {
		new_socket(key_of(t, ret), t->flags & O_NONBLOCK);
	}
	t->call = CALL_NONE;
	return 0;
}

/* --- the end of things --------------------------------------------------------------- */

SEC("raw_tp/sched_process_exit")
int on_sched_process_exit(struct raw_tracepoint *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (end_of_task())
		bpf_map_delete_elem(&async_fds, &pid);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls begin; what they do to descriptors. */
#ifndef IOPHASE_HOOKS_TRACEPOINT_CALLS_BPF_H
#define IOPHASE_HOOKS_TRACEPOINT_CALLS_BPF_H

#include "common.bpf.h"

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

#endif

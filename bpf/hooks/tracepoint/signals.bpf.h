/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals, and sockets that calls make. */
#ifndef IOPHASE_HOOKS_TRACEPOINT_SIGNALS_BPF_H
#define IOPHASE_HOOKS_TRACEPOINT_SIGNALS_BPF_H

#include "common.bpf.h"
#include "calls.bpf.h"
#include "read.bpf.h"

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

#endif

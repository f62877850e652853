// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks for kernels without BTF or trampolines, and for 32 bits: kprobes
 * for what begins, raw tracepoints for what ends. A kretprobe loses threads
 * that sleep in the function (10 or twice the CPUs at a time), so it is only
 * used on functions that do not.
 */
#include "hooks/kprobe/common.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#include "hooks/kprobe/read.bpf.h"
#include "hooks/kprobe/sleep.bpf.h"
#include "hooks/kprobe/waits.bpf.h"
#include "hooks/kprobe/signals.bpf.h"
#include "hooks/kprobe/uring.bpf.h"

/* --- data ready ---------------------------------------------------------------- */

SEC("kprobe/sock_def_readable")
int on_sock_def_readable(struct regs *ctx)
{
	on_data_ready((struct sock *)ARG1(ctx));
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

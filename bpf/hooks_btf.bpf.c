// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks for kernels with BTF: trampolines (fentry, fexit) and BTF tracepoints.
 * One shim a hook: take the arguments apart, call the engine. What each
 * function stands for and where it was seen to fire: docs/architecture.md.
 */
#include "hooks/btf/common.bpf.h"
#include "hooks_tasks.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#include "hooks/btf/read.bpf.h"
#include "hooks/btf/waits.bpf.h"
#include "hooks/btf/signals.bpf.h"
#include "hooks/btf/uring.bpf.h"
#include "hooks/btf/skipped.bpf.h"

/* --- data ready ---------------------------------------------------------------- */

SEC("fentry/sock_def_readable")
int BPF_PROG(on_sock_def_readable, struct sock *sk)
{
	on_data_ready(sk);
	return 0;
}

/* --- the scheduler: --wake-detail ----------------------------------------------- */

SEC("tp_btf/sched_waking")
int BPF_PROG(on_sched_waking, struct task_struct *p)
{
	on_waking(p->pid);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_sched_switch, bool preempt, struct task_struct *prev,
	     struct task_struct *next)
{
	on_cpu(next->pid);
	return 0;
}

/* --- the end of things --------------------------------------------------------------- */

SEC("fentry/security_sk_free")
int BPF_PROG(on_security_sk_free, struct sock *sk)
{
	on_sock_free((__u64)sk);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_sched_process_exit, struct task_struct *p)
{
	on_task_exit(p->signal->live.counter == 0);
	return 0;
}

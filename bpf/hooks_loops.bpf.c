// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks of iophase loops, in objects of their own, so that no other command pays for
 * them: trampolines and BTF tracepoints, as in hooks_btf.bpf.c, and kprobes for what
 * begins, raw tracepoints for what ends, as in hooks_kprobe.bpf.c (either.bpf.h). Of a
 * read it wants to know when it was called and what was ready then, nothing from inside.
 */
#include "hooks/loops/common.bpf.h"
#include "hooks_tasks.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#include "hooks/loops/kprobe_ends.bpf.h"
#include "hooks/loops/reads.bpf.h"
#include "hooks/loops/waits.bpf.h"
#include "hooks/loops/rings.bpf.h"
#include "hooks/loops/opened_before.bpf.h"
#include "hooks/loops/slow.bpf.h"
#if !BY_KPROBE
#include "hooks/loops/skipped.bpf.h"
#endif

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

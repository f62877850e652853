// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hooks of iophase zerocopy, in an object of their own, so that no other command pays
 * for them: trampolines and BTF tracepoints, or kprobes (BY_KPROBE).
 */
#include "hooks/zerocopy/common.bpf.h"
#include "hooks_tasks.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#include "hooks/zerocopy/recv.bpf.h"
#include "hooks/zerocopy/send.bpf.h"
#if BY_KPROBE
#include "hooks/zerocopy/lost_ends.bpf.h"
#endif
#include "hooks/zerocopy/copies.bpf.h"
#include "hooks/zerocopy/splice.bpf.h"
#include "hooks/zerocopy/moving_receives.bpf.h"
#include "hooks/zerocopy/completions.bpf.h"
#if !BY_KPROBE
#include "hooks/zerocopy/skipped.bpf.h"
#endif

AT_TRACEPOINT(sched_process_exit, on_sched_process_exit, struct task_struct *p)
{
	on_call_thread_exit(LOAD(p, pid));
	drop_target(current_task_ids(), LOAD(p, signal, live.counter) == 0);
	return 0;
}

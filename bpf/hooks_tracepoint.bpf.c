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
#include "hooks/tracepoint/common.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#include "hooks/tracepoint/calls.bpf.h"
#include "hooks/tracepoint/read.bpf.h"
#include "hooks/tracepoint/waits.bpf.h"
#include "hooks/tracepoint/signals.bpf.h"

/* --- data ready, since 6.3 ----------------------------------------------------------- */

SEC("raw_tp/sk_data_ready")
int on_sk_data_ready(struct raw_tracepoint *ctx)
{
	__u64 sk = ctx->args[0], *key = bpf_map_lookup_elem(&sock_descriptors, &sk);

	if (key)
		on_ready(*key, &arrival);
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

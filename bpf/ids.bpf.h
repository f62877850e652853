/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is running, by the ids of the initial PID namespace. */
#ifndef IOPHASE_IDS_BPF_H
#define IOPHASE_IDS_BPF_H

/* A process and one of its threads. */
struct who {
	__u32 pid;
	__u32 tid;
};

static __always_inline struct who current_ids(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return (struct who){ .pid = id >> 32, .tid = id };
}

#endif

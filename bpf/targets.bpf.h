/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose reads are wanted. The targets map says of a thread or process id why it
 * is one (IOP_TARGET_*); user space fills it with what is there, the hooks of
 * fork, exec, rename and exit keep it right. A read asks nothing but this map.
 *
 * Ids are those of the initial PID namespace. What iophase says from inside
 * another one are ids of that: they wait in a map of their own until the task
 * that bears them comes by, as only that can be asked for both its ids.
 */
#ifndef IOPHASE_TARGETS_BPF_H
#define IOPHASE_TARGETS_BPF_H

#include "ids.bpf.h"
#include "counters.bpf.h"
#include "comm.h"

#define MAX_TARGETS 16384

/* Thread or process id → IOP_TARGET_*. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_TARGETS);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

/* The same by ids of iophase's own PID namespace, until their task comes by. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_TARGETS);
	__type(key, __u32);
	__type(value, __u32);
} inner_targets SEC(".maps");

/* The patterns of -c. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct iop_comm_patterns);
} comms SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cgroups SEC(".maps");

/* The running task's ids in iophase's PID namespace; 0 if it has none there. */
static __always_inline struct task_ids inner_ids(void)
{
	struct bpf_pidns_info ids = {};

	if (bpf_get_ns_current_pid_tgid(config.pidns_dev, config.pidns_ino, &ids,
					sizeof(ids)))
		return (struct task_ids){};
	return (struct task_ids){ .pid = ids.tgid, .tid = ids.pid };
}

/* The ids to be shown for a task; 0 for one that cannot be told. */
static __always_inline struct task_ids shown_ids(struct task_ids who)
{
	struct task_ids current = current_task_ids(), ids;

	if (!config.in_pidns)
		return who;
	if (current.pid != who.pid)
		return (struct task_ids){};
	ids = inner_ids();
	if (current.tid != who.tid)
		ids.tid = 0;
	return ids;
}

static __always_inline __u32 target_flags(__u32 id)
{
	__u32 *flags = bpf_map_lookup_elem(&targets, &id);

	return flags ? *flags : 0;
}

static __always_inline void set_target(__u32 id, __u32 flags)
{
	if (!flags)
		bpf_map_delete_elem(&targets, &id);
	else if (bpf_map_update_elem(&targets, &id, &flags, BPF_ANY))
		COUNT(targets_full, 1);
}

static __always_inline void adopt_id(__u32 id, __u32 inner)
{
	__u32 *flags = bpf_map_lookup_elem(&inner_targets, &inner);

	if (!flags)
		return;
	set_target(id, target_flags(id) | *flags);
	bpf_map_delete_elem(&inner_targets, &inner);
}

/* What user space said of the running task, by the ids that it knows. */
static __always_inline void adopt(struct task_ids who)
{
	struct task_ids ids;

	if (!config.in_pidns)
		return;
	ids = inner_ids();
	if (!ids.pid)
		return;
	adopt_id(who.pid, ids.pid);
	if (who.tid != who.pid)
		adopt_id(who.tid, ids.tid);
}

static __always_inline bool is_self(struct task_ids who)
{
	if (!config.in_pidns)
		return who.pid == config.self_tgid;
	adopt(who);
	return target_flags(who.pid) & IOP_TARGET_SELF;
}

/* Is the thread a target for one of these reasons, or its process for one of those? */
static __always_inline bool is_target(struct task_ids who, __u32 process, __u32 thread)
{
	return (process && target_flags(who.pid) & process) ||
	       (thread && target_flags(who.tid) & thread);
}

/* Is the running thread one that the user asked for? */
static __always_inline bool task_selected(struct task_ids who)
{
	if (is_self(who))
		return false;
	if (!config.any_task_filter)
		return true;
	if (config.by_target && !is_target(who, config.process_flags, config.thread_flags))
		return false;
	/* a recording has no reads yet that could be left out later */
	if (config.record && config.narrow_by_comm &&
	    !is_target(who, IOP_TARGET_COMM, IOP_TARGET_COMM))
		return false;
	return !config.by_cgroup || bpf_current_task_under_cgroup(&cgroups, 0) == 1;
}

static __always_inline bool comm_matches(const char comm[IOP_COMM_LEN])
{
	__u32 zero = 0;
	struct iop_comm_patterns *p = bpf_map_lookup_elem(&comms, &zero);

	for (__u32 i = 0; p && i < IOP_MAX_COMMS && i < config.nr_comms; i++)
		if (iop_comm_matches(&p->of[i], comm))
			return true;
	return false;
}

/*
 * The running thread has made a thread or a process, whose name is its own.
 * Children of what is followed are targets as well.
 */
static __always_inline void on_clone(__u32 child_pid, __u32 child_tid)
{
	struct task_ids who = current_task_ids();
	__u32 process, thread, flags = 0;
	char comm[IOP_COMM_LEN];

	if (!config.by_target)
		return;
	adopt(who);
	process = target_flags(who.pid);
	thread = target_flags(who.tid);
	if (child_pid != who.pid) {
		if ((process | thread) & IOP_TARGET_FOLLOW ||
		    (config.follow_comm && (process | thread) & IOP_TARGET_COMM))
			flags = IOP_TARGET_PROCESS | IOP_TARGET_FOLLOW;
	} else if (thread & IOP_TARGET_FOLLOW && thread & IOP_TARGET_THREAD) {
		flags = IOP_TARGET_THREAD | IOP_TARGET_FOLLOW;
	}
	if (config.nr_comms && !bpf_get_current_comm(comm, sizeof(comm)) &&
	    comm_matches(comm))
		flags |= IOP_TARGET_COMM;
	if (flags)
		set_target(child_tid, flags);
}

/*
 * A thread has another name from now on. The one that submits for a ring gets its
 * name as it begins: it does what the ring's maker asks for.
 */
static __always_inline void rename_target(struct task_ids who,
					  const char comm[IOP_COMM_LEN])
{
	__u32 before, flags, maker = iop_ring_maker(comm);

	if (!config.nr_comms && !(config.by_target && maker))
		return;
	if (who.tid == current_task_ids().tid)
		adopt(who);
	before = target_flags(who.tid);
	flags = before & ~IOP_TARGET_COMM;
	if (comm_matches(comm))
		flags |= IOP_TARGET_COMM;
	if (maker)
		flags |= target_flags(maker) & IOP_TARGET_OF_RING;
	if (flags != before)
		set_target(who.tid, flags);
}

/*
 * The running thread ends, and with the last its process. The first one's id is
 * the process's, too: it stays a target until then.
 */
static __always_inline void drop_target(struct task_ids who, bool last)
{
	if (!config.by_target && !config.in_pidns)
		return;
	adopt(who); /* nobody is to inherit its id with what was said of it */
	if (who.tid != who.pid)
		set_target(who.tid, 0);
	if (last)
		set_target(who.pid, 0);
}

#endif

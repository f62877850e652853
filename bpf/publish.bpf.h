/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a finished read: a histogram, a record, or a count. */
#ifndef IOPHASE_PUBLISH_BPF_H
#define IOPHASE_PUBLISH_BPF_H

#include "filter.bpf.h"
#include "record.bpf.h"
#include "rows.bpf.h"

static __always_inline bool emit_read(struct task_ids who, __u64 sk,
				      const struct iop_result *res,
				      const struct iop_endpoints *ends,
				      const struct call *call, __s64 ret, __u64 now)
{
	struct iop_read_record *rec = bpf_ringbuf_reserve(&ring, sizeof(*rec), 0);
	struct task_ids ids;

	if (!rec)
		return false;
	rec->type = IOP_REC_READ;
	rec->model = res->model;
	rec->end_ns = now;
	rec->call_ns = res->call_ns;
	rec->total_ns = res->total_ns;
	for (int i = 0; i < IOP_NR_PHASES; i++)
		rec->phase_ns[i] = res->phase_ns[i];
	rec->notify_ns = res->notify_ns;
	rec->sched_ns = res->sched_ns;
	rec->poll_ns = res->poll_ns;
	rec->sock = sk;
	rec->ret = ret;
	rec->flags = res->flags;
	rec->polls = res->polls;
	rec->copies = res->copies;
	rec->sleeps = res->sleeps;
	ids = shown_ids(who);
	rec->pid = ids.pid;
	rec->tid = ids.tid;
	rec->sample = config.sample;
	rec->ends = *ends;
	rec->syscall = call->syscall;
	rec->compat = call->compat;
	rec->fd = call->fd;
	/* a completion may be posted by a worker, which has a name of its own */
	if (current_task_ids().tid == who.tid)
		bpf_get_current_comm(rec->comm, sizeof(rec->comm));
	else
		leader_comm(rec->comm);
	bpf_ringbuf_submit(rec, ring_flags(sizeof(*rec)));
	return true;
}

static __always_inline void count_unsampled(__s64 ret)
{
	__u64 bytes = ret > 0 ? ret : 0;
	struct iop_counters *c = count();

	if (!c)
		return;
	c->seen++;
	c->seen_bytes += bytes;
	c->unsampled++;
	c->unsampled_bytes += bytes;
}

/*
 * Exactly one of rejected, filtered, lost and shown is counted. Without ends nothing is
 * emitted, which has to be said: clang takes what would read them for impossible, and
 * lets that way run on into whatever comes next.
 */
static __always_inline void publish(struct task_ids who, __u64 sk, __u32 generation,
				    const struct iop_result *res, int verdict,
				    const struct iop_endpoints *ends,
				    const struct call *call, __s64 ret, __u64 now)
{
	__u64 bytes = ret > 0 ? ret : 0;
	struct iop_counters *c = count();
	bool ok = true;

	if (!c)
		return;
	c->seen++;
	c->seen_bytes += bytes;
	if (verdict == IOP_REJECTED) {
		c->rejected++;
		c->rejected_bytes += bytes;
		return;
	}
	if (!read_selected(who, res, ends)) {
		c->filtered++;
		c->filtered_bytes += bytes;
		return;
	}
	if (config.hist)
		ok = add_to_hist(who, sk, generation, res, ends, call, ret);
	else if (ends && config.emit)
		ok = emit_read(who, sk, res, ends, call, ret, now);
	if (ok) {
		c->shown++;
		c->shown_bytes += bytes;
	} else {
		c->lost++;
		c->lost_bytes += bytes;
	}
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Which reads are left out. Which tasks are: targets.bpf.h. */
#ifndef IOPHASE_FILTER_BPF_H
#define IOPHASE_FILTER_BPF_H

#include "targets.bpf.h"

/*
 * --sample: is this read left out? A coin for each: whoever counts to N falls
 * into step with requests that come in a pattern.
 */
static __always_inline __u32 unsampled(void)
{
	return config.sample_chance && bpf_get_prandom_u32() >= config.sample_chance;
}

static __always_inline bool port_matches(const struct iop_endpoints *ends)
{
	return ends->local_port == config.port || ends->peer_port == config.port;
}

static __always_inline bool family_matches(const struct iop_endpoints *ends)
{
	__u32 family = ends->family == AF_INET6 ? AF_INET : ends->family;

	return (config.family == IOP_ANY || config.family == family) &&
	       (config.protocol == IOP_ANY || config.protocol == ends->protocol);
}

/* ends: none if nobody asks for them, as who filters by them does. */
static __always_inline bool read_selected(struct task_ids who,
					  const struct iop_result *res,
					  const struct iop_endpoints *ends)
{
	if (!config.any_read_filter)
		return true;
	if (config.model != IOP_ANY && config.model != res->model)
		return false;
	if (config.port && !(ends && port_matches(ends)))
		return false;
	if (config.narrow_by_comm && !is_target(who, IOP_TARGET_COMM, IOP_TARGET_COMM))
		return false;
	if (config.by_min)
		for (int i = 0; i < IOP_NR_PHASES; i++)
			if (res->phase_ns[i] < config.min_ns[i])
				return false;
	return !ends || family_matches(ends);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What every program has: its configuration, whether it is to look, what it counts. */
#ifndef IOPHASE_COUNTERS_BPF_H
#define IOPHASE_COUNTERS_BPF_H

#include "iophase.h"

const volatile struct iop_config config = {};

/*
 * Set once all hooks are attached, cleared before they are taken off: a read
 * seen by some of them only would have wrong phases.
 */
volatile __u32 active = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct iop_counters);
} counters SEC(".maps");

static __always_inline struct iop_counters *count(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

#define COUNT(field, n)                            \
	do {                                       \
		struct iop_counters *c_ = count(); \
		if (c_)                            \
			c_->field += (n);          \
	} while (0)

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel's hooks cannot tell of a read, and what they can only bound:
 * shown as not known, never as 0, and with a mark.
 */
#ifndef IOPHASE_PHASE_LIMITS_H
#define IOPHASE_PHASE_LIMITS_H

#include <stdbool.h>

#include "abi.h"

#define PHASE(p) (1u << (p))

struct phase_limits {
	__u32 lost[IOP_NR_MODELS]; /* phases that are not known, a bit each */
	__u32 at_most;		   /* phases that may be shorter than what is shown */
	__u32 at_least;		   /* phases that may be longer */
};

static inline bool phase_is_lost(const struct phase_limits *l, __u32 model,
				 enum iop_phase phase)
{
	return l->lost[model] & PHASE(phase);
}

static inline bool bounds_only(const struct phase_limits *l)
{
	return l->at_most | l->at_least;
}

/* Before what is shown of some phases: "<", ">", or "" for what is measured. */
static inline const char *bound_mark(const struct phase_limits *l, __u32 phases)
{
	return l->at_most & phases ? "<" : l->at_least & phases ? ">" : "";
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* top --cost: what iophase's own programs spent in an interval. */
#ifndef IOPHASE_SELF_COST_H
#define IOPHASE_SELF_COST_H

#include "columns.h"
#include "session.h"

struct self_cost {
	struct cost total; /* since the start */
	__u64 run_ns;	   /* in the interval */
	__u64 runs;
	__u64 reads; /* made in it, shown or not */
	__u64 lost;  /* since the start */
	__u64 seen;
	__u64 interval_ns;
	__u64 ts_ns;
};

/* Looks again; the interval is what lies between this and the look before. */
void self_cost_look(struct self_cost *p, struct cost total,
		    const struct iop_counters *c, __u64 now);

/* "own 1.20u/read 0.34% CPU 12.0m in all": no longer than 48 characters. */
const char *self_cost_text(const struct self_cost *p, char buf[64]);

extern const struct schema cost_schema;

#endif

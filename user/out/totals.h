/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters, which end every run. */
#ifndef IOPHASE_TOTALS_H
#define IOPHASE_TOTALS_H

#include <stdio.h>

#include "columns.h"

struct totals {
	__u64 ts_ns; /* when they were this */
	struct iop_counters kernel;
	__u64 missed;  /* runs of programs that the kernel skipped */
	__u32 sample;  /* one in so many reads is measured */
	bool loops;    /* iophase loops has run */
	bool zerocopy; /* iophase zerocopy has: calls were counted, not reads alone */
};

extern const struct schema totals_schema;

/* Of --sample. */
#define TOTALS_SAMPLED 1u

/* Of iophase loops. */
#define TOTALS_LOOPS 2u

/* Of iophase zerocopy. */
#define TOTALS_ZEROCOPY 4u

/* One line to f, and one to standard error for each kind of loss. */
void totals_text(const struct totals *t, FILE *f);

/* " (one in N reads measured)"; "" if all are. Valid until the next call. */
const char *sample_text(__u32 sample);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* How the times of a model's phases are spread: hist's output. */
#ifndef IOPHASE_RUN_HIST_H
#define IOPHASE_RUN_HIST_H

#include <stdio.h>

#include "columns.h"
#include "percentile.h"

/* What one model's reads took, in an interval. */
struct run_hist {
	const struct dist *dist;
	enum iop_model model;
	bool is_service; /* this; NULL: not known. Else of all that was read */
	const char *service;
	const char *role;
	const char *proto;
	__u64 ts_ns; /* end of the interval */
	__u64 interval_ns;
	__u32 sample;
	const struct phase_limits *limits;
};

#define NR_PERCENTILES 4

extern const struct hist_percentile {
	const char *title;
	unsigned int per_mille;
} hist_percentiles[NR_PERCENTILES];

/* One phase of it, as data has it. */
struct hist_row {
	__u64 ts_ns;
	__u64 interval_ns;
	__u32 sample;
	__u32 model;
	__u32 phase;
	__u32 is_lost; /* this kernel cannot tell the phase */
	const char *bound;
	const char *service;
	const char *role;
	const char *proto;
	struct iop_sums sums;
	__u64 timed;
	__u64 sum_ns;
	__u64 percentile_ns[NR_PERCENTILES];
	__u64 max_ns;
	const __u64 *buckets;
};

extern const struct schema hist_schema;

void hist_row_of(struct hist_row *row, const struct run_hist *h, enum iop_phase phase);

/* Buckets of a histogram from first on, step of them, as one bar. */
struct bars {
	int first;
	int step;
	int nr;
};

#define MAX_BARS 16 /* of a phase; narrower buckets share one */

/* Which buckets have reads, as few bars as it takes, aligned to their step. */
struct bars bars_of(const __u64 buckets[IOP_HIST_BUCKETS]);
__u64 reads_in(const __u64 buckets[IOP_HIST_BUCKETS], int first, int step);

/* Sheets of hist_schema: of services, each by itself. */
#define HIST_SERVICES 1u

/* All of a model, with bars. */
void hist_text(FILE *f, const struct run_hist *h);

#endif

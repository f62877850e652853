/* SPDX-License-Identifier: GPL-2.0-only */
/* The columns of top and of its summary; their rows are struct row. */
#ifndef IOPHASE_TOP_COLUMNS_H
#define IOPHASE_TOP_COLUMNS_H

#include "columns.h"
#include "top_table.h"

/* What a table is about: enum iop_group, or the run's summary by model. */
#define VIEW_SUMMARY (IOP_BY_SERVICE + 1)

/* A view as the sheets' kind. */
#define VIEW(v) (1u << (v))

/* Columns of a lower rank stay longer when the terminal gets narrow. */
enum {
	RANK_P99 = 10, /* p99 beside p50: all five or none */
	NR_RANKS = 20,
};

/* n events of a row's interval as a rate; what happened is never 0 a second. */
__u64 per_second(const struct row *r, __u64 n);

extern const struct schema top_schema, summary_schema;

#endif

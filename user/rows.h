/* SPDX-License-Identifier: GPL-2.0-only */
/* The columns of top and of its summary; their rows are struct row. */
#ifndef IOPHASE_ROWS_H
#define IOPHASE_ROWS_H

#include "columns.h"
#include "table.h"

/* What a table is about: enum iop_group, or the run's summary by model. */
#define VIEW_SUMMARY (IOP_BY_SOCKET + 1)

/* Columns of a lower rank stay longer when the terminal gets narrow. */
enum {
	RANK_P99 = 10, /* p99 beside p50: all five or none */
	RANK_NEVER = 99,
};

struct row_column {
	struct column c;
	struct value (*below)(const void *row); /* phases: p99, a line below */
	int views; /* bit mask */
	int rank;
	const char *title_of_both; /* below is something else; with it, this heads */
};

#define MAX_ROW_COLUMNS 80

/* n events of a row's interval as a rate; what happened is never 0 a second. */
__u64 per_second(const struct row *r, __u64 n);

extern const struct row_column row_columns[];
extern const int nr_row_columns;

#endif

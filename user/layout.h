/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which columns of rows.c fit in a terminal, in which order the rows come, and
 * what they are in JSON.
 */
#ifndef IOPHASE_LAYOUT_H
#define IOPHASE_LAYOUT_H

#include <stdio.h>

#include "rows.h"

enum row_lines {
	LINES_AUTO, /* p50 and p99 side by side if they fit, else two lines */
	LINES_P99,  /* one line, only p99 */
};

/* The columns that fit, and the second line of a row, below the first. */
struct layout {
	struct column cols[MAX_ROW_COLUMNS];
	struct column below[MAX_ROW_COLUMNS];
	int nr;
	bool two_lines;
};

void layout_fit(struct layout *l, int view, int width, enum row_lines lines);

/* Index of a column by its heading, in any case; -1 if there is none. */
int sort_column(int view, const char *heading);
const char *sort_heading(int column);

/* The next (step 1) or previous (-1) column that a view can be sorted by. */
int sort_next(int view, int column, int step);

/* "PID, COMM, ..." for messages. */
const char *sort_choices(int view);

/* Numbers fall, words rise, unless reversed; what is not known comes last. */
void rows_sort(const struct row **rows, int nr, int column, bool reverse);

void row_json(int view, const struct row *r, FILE *f);

#endif

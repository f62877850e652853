/* SPDX-License-Identifier: GPL-2.0-only */
/* Which columns of top_columns.c fit in a terminal, and in which order the rows come. */
#ifndef IOPHASE_TOP_LAYOUT_H
#define IOPHASE_TOP_LAYOUT_H

#include "top_columns.h"

enum row_lines {
	LINES_AUTO, /* p50 and p99 side by side if they fit, else two lines */
	LINES_P99,  /* one line, only p99 */
};

/* Chooses the text of a sheet of rows. */
void top_layout_fit(struct sheet *s, int view, int width, enum row_lines lines);

/* Index of a column by its heading, in any case; -1 if there is none. */
int sort_column(int view, const char *heading);
const char *sort_heading(int column);

/* The next (step 1) or previous (-1) column that a view can be sorted by. */
int sort_next(int view, int column, int step);

/* "PID, COMM, ..." for messages. */
const char *sort_choices(int view);

/* Numbers fall, words rise, unless reversed; what is not known comes last. */
void rows_sort(const struct sheet *s, const struct row **rows, int nr, int column,
	       bool reverse);

#endif

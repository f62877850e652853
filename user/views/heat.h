/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A phase's times over a run: intervals in columns, times in rows, each cell the
 * reads that took so long then. The rows are half decades, always the same ones, so
 * that pictures can be compared.
 */
#ifndef IOPHASE_HEAT_H
#define IOPHASE_HEAT_H

#include <stdbool.h>

#include "abi.h"

#define HEAT_HALVES 16		    /* from 100 ns to 10 s */
#define HEAT_ROWS (HEAT_HALVES + 2) /* and what is shorter, what is longer */

/* A process's reads in a column. */
struct heat_share {
	__u32 pid;
	char comm[IOP_COMM_LEN];
	__u64 reads[HEAT_ROWS];
};

struct heat_column {
	__u64 buckets[IOP_HIST_BUCKETS];
	__u64 max_ns;
	struct heat_share *shares;
	int nr_shares;
};

/* What becomes of a heat map whose columns are all in use. */
enum heat_full {
	HEAT_MERGES,  /* two columns become one: the whole run is kept */
	HEAT_SCROLLS, /* the oldest goes */
};

struct heat {
	enum heat_full when_full;
	int room; /* columns */
	__u64 interval_ns;
	struct heat_column *columns;
	int nr;
	__u64 first;	 /* the number of the first column's first interval */
	__u64 intervals; /* in a column */
	__u64 untimed;	 /* reads that have no time, and so no place here */
};

void heat_begin(struct heat *h, enum heat_full when_full, int room, __u64 interval_ns);
void heat_end(struct heat *h);

/* The column of an interval, counted from 0; makes room for it. */
struct heat_column *heat_column(struct heat *h, __u64 interval);

/* Who: a pid and a name, or NULL if that is not to be kept. */
void heat_add(struct heat_column *c, const __u64 buckets[IOP_HIST_BUCKETS],
	      __u64 max_ns, __u32 pid, const char *comm);

/* All columns in one; returns how many reads these are. */
__u64 heat_sum(const struct heat *h, struct heat_column *sum);

/* --- how it is looked at -------------------------------------------------------------- */

/* How many half decades share a row: 1, 2, 4 or 8; and the rows that makes. */
int heat_halves(int lines);
int heat_rows(int halves);

/* A row's lower end as text; "" where the ruler has no line. Row 0 is the lowest. */
const char *heat_ruler(char buf[16], int row, int halves);

struct heat_cell {
	__u64 reads;
	int level; /* of MAX_LEVEL; each begins at some three times as many reads */
	bool has_p50;
	bool has_p99;
};

struct heat_cell heat_cell(const struct heat_column *c, int row, int halves);

/* Whose most of a cell's reads are; NULL: nobody's. */
const struct heat_share *heat_owner(const struct heat_column *c, int row, int halves,
				    __u64 *reads);

/* The reads from which on a cell has this level. */
__u64 heat_level_from(int level);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live screen of top: what its keys do and what a frame holds. A key only
 * changes this and says what is to be done; the loop in cmd_top.c does it.
 */
#ifndef IOPHASE_SCREEN_H
#define IOPHASE_SCREEN_H

#include "top_layout.h"
#include "self_cost.h"

#define FILTER_LEN 16

/* What a key asks of the loop. */
enum {
	SCREEN_DRAW = 1 << 0,
	SCREEN_QUIT = 1 << 1,
};

struct screen {
	/* set by the loop */
	const struct table *table;
	const char *backend;
	const char *hint; /* why there are no rows; NULL: not known */
	struct sheet *sheet; /* of the view; what fits is chosen here */
	const struct self_cost *self_cost; /* NULL: not asked for */
	struct iop_counters counters;
	int view;
	/* set by keys */
	int sort;
	bool reverse;
	bool paused;
	bool only_p99;
	bool only_p99_chosen; /* by key, no longer by size */
	bool help;
	bool editing;
	char filter[FILTER_LEN];
	int selected;
	int top; /* first row shown */
	/* the frame */
	const struct row **rows; /* those that pass the filter, in order */
	int nr;
};

/* Returns SCREEN_* flags. */
int screen_key(struct screen *s, int key);

/* Picks and sorts the rows; after each refresh and each change. */
void screen_update(struct screen *s);

void screen_draw(struct screen *s);
void screen_free(struct screen *s);

#endif

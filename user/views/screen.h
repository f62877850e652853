/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live screen of top: what its keys do and what a frame holds. A key only
 * changes this and says what is to be done; the loop in cmd_top.c does it.
 */
#ifndef IOPHASE_SCREEN_H
#define IOPHASE_SCREEN_H

#include "keys.h"
#include "outline.h"
#include "self_cost.h"
#include "top_layout.h"

#define FILTER_LEN 16

/* What a key asks of the loop. */
enum {
	SCREEN_DRAW = 1 << 0,
	SCREEN_QUIT = 1 << 1,
	SCREEN_REGROUP = 1 << 2, /* rows may be of something else now */
};

struct screen {
	/* set by the loop */
	const struct table *table;
	struct outline *outline; /* of the table; keys open and group it */
	const char *backend;
	const char *hint;		   /* why there are no rows; NULL: not known */
	struct sheet *sheet;		   /* of the view; what fits is chosen here */
	const struct self_cost *self_cost; /* NULL: not asked for */
	struct iop_counters counters;
	/* set by keys */
	int sort;
	bool reverse;
	bool paused;
	bool only_p99;
	bool only_p99_chosen; /* by key, no longer by size */
	bool help;
	bool editing;
	char filter[FILTER_LEN];
	bool detail;
	bool detail_chosen; /* by key, no longer by size */
	bool regrouped;	    /* and no row is there yet */
	int selected;
	__u64 follow; /* the item that stays selected, wherever it goes; 0: none */
	int top;      /* first row shown */
	/* the frame */
	const struct row **rows; /* of items: those that pass the filter, in order */
	int nr;
	int bottom; /* the line below the rows */
	int bar_x;
	int bar_width; /* 0: there is no room */
};

#define FIRST_ROW 2 /* below the status and the headings */

/* Returns SCREEN_* flags. */
int screen_key(struct screen *s, int key);

/* Picks and sorts the rows; after each refresh and each change. */
void screen_update(struct screen *s);

void screen_draw(struct screen *s);

/* NULL if there are no rows. */
const struct item *screen_selected(const struct screen *s);

const struct key_help *screen_keys(int i);

/* Lines that a row takes: an idle one has no percentiles. */
static inline int screen_height_of(const struct screen *s, int i)
{
	return s->sheet->below.nr && row_is_busy(s->rows[i]) ? 2 : 1;
}

void screen_free(struct screen *s);

#endif

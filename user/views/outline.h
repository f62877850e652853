/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows that open: the table's gains, added up by what the screen is grouped by, and
 * below a row that is open by what it consists of. The kernel counts as coarsely as
 * that can be told from.
 */
#ifndef IOPHASE_OUTLINE_H
#define IOPHASE_OUTLINE_H

#include "top_table.h"

#define OUTLINE_HISTORY 60 /* intervals */

struct item {
	struct row row; /* of the interval; the first member */
	enum iop_group kind;
	int depth;
	bool open;
	struct dist *gain;		/* what the row is of; NULL: nothing happened */
	__u64 id;			/* no other has, or will have */
	__u64 seen_ns;			/* the look that saw it last */
	__u64 gained_ns;		/* the one at which something had happened */
	__u32 history[OUTLINE_HISTORY]; /* reads, the latest first */
	struct item *parent;		/* NULL: at the top */
	struct item **items;		/* those below */
	int nr;
	int room;
};

struct outline {
	struct table *table;
	enum iop_group view;
	struct item top; /* what it is open to is all there is */
	void *tree;	 /* parent, key → item */
	__u64 last_id;
	int nr_open;
	/* the one that is looked at, since it is */
	__u64 selected;
	__u64 selected_ns;
	struct dist run;
};

static inline const struct item *item_of(const struct row *r)
{
	return (const struct item *)r;
}

/* Takes what the table gains, from now on. */
void outline_begin(struct outline *o, struct table *t, enum iop_group view);
void outline_end(struct outline *o);

/* After each look at the table. */
void outline_refresh(struct outline *o);

/* Nothing is known by another view before the next look. */
void outline_regroup(struct outline *o, enum iop_group view);

/* Can it be open at all? */
bool outline_opens(const struct outline *o, const struct item *item);
void outline_open(struct outline *o, const struct item *item, bool open);

void outline_select(struct outline *o, const struct item *item);

/* What the kernel has to count by. */
enum iop_group outline_needs(const struct outline *o);

#endif

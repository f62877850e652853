// SPDX-License-Identifier: GPL-2.0-only
#include "layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"

static bool in_view(const struct row_column *rc, int view)
{
	return rc->views >> view & 1;
}

/* --- which columns fit -------------------------------------------------------- */

static int room_for(const struct row_column *rc)
{
	return abs(rc->c.width) + 1;
}

/* Takes what fits, by rank; the p99 columns all together. */
static void choose(int view, int width, enum row_lines lines,
		   bool chosen[MAX_ROW_COLUMNS])
{
	const int p99_room = IOP_NR_PHASES * 7;
	bool side_by_side = false;

	width++; /* the first column has no space before it */
	for (int rank = 0; rank < RANK_NEVER; rank++) {
		if (rank == RANK_P99 && lines == LINES_AUTO &&
		    view != VIEW_SUMMARY)
			side_by_side = width >= p99_room;
		for (int i = 0; i < nr_row_columns; i++) {
			const struct row_column *rc = &row_columns[i];

			if (rc->rank != rank || !in_view(rc, view) ||
			    (rank == RANK_P99 && !side_by_side) ||
			    (rank && room_for(rc) > width))
				continue;
			chosen[i] = true;
			width -= room_for(rc);
		}
	}
}

static struct value get_nothing(const void *row)
{
	(void)row;
	return value_str("");
}

static struct value get_label(const void *row)
{
	(void)row;
	return value_str("p99");
}

static void add_column(struct layout *l, const struct row_column *rc,
		       enum row_lines lines)
{
	struct column *above = &l->cols[l->nr], *below = &l->below[l->nr];

	*above = *below = rc->c;
	above->title = l->two_lines && rc->title_of_both ? rc->title_of_both :
							   heading(rc->c.title);
	below->get = get_nothing;
	if (rc->title_of_both) {
		below->get = rc->below;
	} else if (rc->below) {
		below->get = rc->below;
		/* "p99" stands right before the first phase */
		if (l->nr && below[-1].get == get_nothing) {
			below[-1].get = get_label;
			below[-1].width = abs(below[-1].width);
		}
		if (lines == LINES_P99)
			above->get = rc->below;
	}
	l->nr++;
}

void layout_fit(struct layout *l, int view, int width, enum row_lines lines)
{
	bool chosen[MAX_ROW_COLUMNS] = {};

	choose(view, width, lines, chosen);
	l->nr = 0;
	l->two_lines = lines == LINES_AUTO;
	for (int i = 0; i < nr_row_columns; i++)
		if (chosen[i] && row_columns[i].rank == RANK_P99)
			l->two_lines = false;
	for (int i = 0; i < nr_row_columns; i++) {
		if (!chosen[i])
			continue;
		add_column(l, &row_columns[i], lines);
	}
}

/* --- order ----------------------------------------------------------------------- */

static bool sortable(int view, int i)
{
	return in_view(&row_columns[i], view) && row_columns[i].c.title;
}

int sort_column(int view, const char *heading)
{
	for (int i = 0; i < nr_row_columns; i++)
		if (sortable(view, i) && !strcasecmp(row_columns[i].c.title, heading))
			return i;
	return -1;
}

const char *sort_heading(int column)
{
	return row_columns[column].c.title;
}

int sort_next(int view, int column, int step)
{
	int nr = nr_row_columns;

	do
		column = (column + nr + step) % nr;
	while (!sortable(view, column));
	return column;
}

const char *sort_choices(int view)
{
	static char list[256];
	size_t n = 0;

	for (int i = 0; i < nr_row_columns; i++)
		if (sortable(view, i) && n < sizeof(list))
			n += snprintf(list + n, sizeof(list) - n, "%s%s",
				      n ? ", " : "", row_columns[i].c.title);
	return list;
}

struct order {
	const struct column *c;
	int sign;
};

static int compare_values(const struct order *o, const void *a, const void *b)
{
	char text[64]; /* getters of strings may share a buffer */
	struct value va = o->c->get(a), vb;

	if (va.kind == VALUE_STRING) {
		snprintf(text, sizeof(text), "%s", va.str);
		va.str = text;
	}
	vb = o->c->get(b);
	if (va.kind == VALUE_NONE || vb.kind == VALUE_NONE)
		return (va.kind == VALUE_NONE) - (vb.kind == VALUE_NONE);
	if (va.kind == VALUE_STRING)
		return o->sign * strcasecmp(va.str, vb.str);
	return o->sign * ((vb.num > va.num) - (vb.num < va.num));
}

/* Equal rows keep one order from refresh to refresh: they do not dance. */
static int compare(const void *a, const void *b, void *order)
{
	const struct row *ra = *(const struct row **)a;
	const struct row *rb = *(const struct row **)b;
	int c = compare_values(order, ra, rb);

	if (c)
		return c;
	if (ra->reads != rb->reads)
		return ra->reads < rb->reads ? 1 : -1;
	return memcmp(&ra->key, &rb->key, sizeof(ra->key));
}

void rows_sort(const struct row **rows, int nr, int column, bool reverse)
{
	struct order o = { &row_columns[column].c, reverse ? -1 : 1 };

	if (nr > 1)
		qsort_r(rows, nr, sizeof(*rows), compare, &o);
}

/* --- JSON -------------------------------------------------------------------------- */

void row_json(int view, const struct row *r, FILE *f)
{
	struct column cols[MAX_ROW_COLUMNS + NR_BOUND_COLUMNS];
	int nr = 0;

	for (int i = 0; i < nr_row_columns; i++)
		if (in_view(&row_columns[i], view) && row_columns[i].c.key)
			cols[nr++] = row_columns[i].c;
	for (int i = 0; bounds_only() && i < NR_BOUND_COLUMNS; i++)
		cols[nr++] = bound_columns[i];
	columns_json(cols, nr, r, f);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "top_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util.h"

/* What every view's table has a part of. */
#define COLUMNS (top_schema.columns)
#define NR_COLUMNS (top_schema.nr)

static bool in_view(const struct column *c, int view)
{
	return c->title && (!c->when || c->when & VIEW(view));
}

/* --- which columns fit -------------------------------------------------------- */

static int room_for(const struct column *c)
{
	return abs(c->width) + 1;
}

/* Takes what fits, by rank; the p99 columns all together, or none. */
static void choose(int view, int width, enum row_lines lines, bool *chosen)
{
	const int p99_room = IOP_NR_PHASES * 7;
	bool side_by_side = false;

	width++; /* the first column has no space before it */
	for (int rank = 0; rank < NR_RANKS; rank++) {
		if (rank == RANK_P99 && lines == LINES_AUTO && view != VIEW_SUMMARY)
			side_by_side = width >= p99_room;
		for (int i = 0; i < NR_COLUMNS; i++) {
			const struct column *c = &COLUMNS[i];

			if (!in_view(c, view) || c->rank != rank ||
			    (rank == RANK_P99 && !side_by_side) ||
			    (rank && room_for(c) > width))
				continue;
			chosen[i] = true;
			width -= room_for(c);
		}
	}
}

static const char *const nothing[] = { "" };
static const char *const p99[] = { "p99" };

/* A cell of a second line that has nothing to say. */
static struct column blank_below(const struct column *above)
{
	return (struct column){ .title = above->title,
				.width = above->width,
				.kind = COLUMN_LABEL,
				.names = nothing };
}

/* "p99" stands right before the first phase. */
static void add_label(struct column_list *below)
{
	struct column *last = below->nr ? &below->of[below->nr - 1] : NULL;

	if (!last || last->names != nothing)
		return;
	last->names = p99;
	last->width = abs(last->width);
}

/* c is in its table: the next is what may stand below it. */
static void add_column(struct sheet *s, const struct column *c, enum row_lines lines,
		       bool two_lines)
{
	struct column above = *c, below = blank_below(c);

	if (two_lines && c->title_of_both)
		above.title = c->title_of_both;
	if (c->above_next) {
		below = c[1];
		below.title = c->title;
		below.width = c->width;
		if (!c->title_of_both)
			add_label(&s->below);
		if (lines == LINES_P99 && !c->title_of_both)
			above = below;
	}
	column_list_add(&s->text, &above);
	column_list_add(&s->below, &below);
}

void top_layout_fit(struct sheet *s, int view, int width, enum row_lines lines)
{
	bool *chosen = xcalloc(NR_COLUMNS, sizeof(*chosen));
	bool two_lines = lines == LINES_AUTO;

	choose(view, width, lines, chosen);
	column_list_free(&s->text);
	column_list_free(&s->below);
	for (int i = 0; i < NR_COLUMNS; i++)
		if (chosen[i] && COLUMNS[i].rank == RANK_P99)
			two_lines = false;
	for (int i = 0; i < NR_COLUMNS; i++)
		if (chosen[i])
			add_column(s, &COLUMNS[i], lines, two_lines);
	if (!two_lines)
		column_list_free(&s->below);
	free(chosen);
}

/* --- order ----------------------------------------------------------------------- */

static bool sortable(int view, int i)
{
	return in_view(&COLUMNS[i], view);
}

int sort_column(int view, const char *heading)
{
	for (int i = 0; i < NR_COLUMNS; i++)
		if (sortable(view, i) && !strcasecmp(COLUMNS[i].title, heading))
			return i;
	return -1;
}

const char *sort_heading(int column)
{
	return COLUMNS[column].title;
}

int sort_next(int view, int column, int step)
{
	int nr = NR_COLUMNS;

	do
		column = (column + nr + step) % nr;
	while (!sortable(view, column));
	return column;
}

const char *sort_choices(int view)
{
	static char list[256];
	size_t n = 0;

	for (int i = 0; i < NR_COLUMNS; i++)
		if (sortable(view, i) && n < sizeof(list))
			n += snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "",
				      COLUMNS[i].title);
	return list;
}

struct order {
	const struct sheet *sheet;
	const struct column *c;
	int sign;
};

static int compare_values(const struct order *o, const void *a, const void *b)
{
	char text[64]; /* getters of strings may share a buffer */
	struct value va = column_value(o->sheet, o->c, a), vb;

	if (va.kind == VALUE_STRING) {
		snprintf(text, sizeof(text), "%s", va.str);
		va.str = text;
	}
	vb = column_value(o->sheet, o->c, b);
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
	if (ra->sums.reads != rb->sums.reads)
		return ra->sums.reads < rb->sums.reads ? 1 : -1;
	return memcmp(&ra->key, &rb->key, sizeof(ra->key));
}

void rows_sort(const struct sheet *s, const struct row **rows, int nr, int column,
	       bool reverse)
{
	struct order o = { s, &COLUMNS[column], reverse ? -1 : 1 };

	if (nr > 1)
		qsort_r(rows, nr, sizeof(*rows), compare, &o);
}

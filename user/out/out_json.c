// SPDX-License-Identifier: GPL-2.0-only
/* For programs: one JSON object a line, which says its type. */
#include "json.h"
#include "out.h"

/* A row whose sheet nobody else needs. */
static void put_row(const struct out *o, const struct schema *schema, __u32 when,
		    const struct phase_limits *limits, const void *row)
{
	struct sheet s;

	sheet_make(&s, schema, when, limits);
	sheet_json(&s, row, o->f);
	sheet_free(&s);
}

static void begin(const struct out *o, const struct run_start *s)
{
	put_row(o, &start_schema, 0, NULL, s);
}

static void record(const struct out *o, const struct sheet *s, const void *row)
{
	sheet_json(s, row, o->f);
}

static void hist(const struct out *o, const struct run_hist *h)
{
	struct hist_row row;

	for (int phase = 0; phase < IOP_NR_PHASES; phase++) {
		hist_row_of(&row, h, phase);
		put_row(o, &hist_schema, h->is_service ? HIST_SERVICES : 0, h->limits,
			&row);
	}
}

static void counters(const struct out *o, const struct totals *t)
{
	__u32 when = (t->sample > 1 ? TOTALS_SAMPLED : 0) |
		     (t->loops ? TOTALS_LOOPS : 0) | (t->zerocopy ? TOTALS_ZEROCOPY : 0);

	put_row(o, &totals_schema, when, NULL, t);
}

const struct out_format out_json = {
	.begin = begin,
	.record = record,
	.hist = hist,
	.counters = counters,
};

// SPDX-License-Identifier: GPL-2.0-only
#include "run_hist.h"

#include <string.h>

#include "names.h"
#include "util.h"

const struct hist_percentile hist_percentiles[NR_PERCENTILES] = {
	{ "p50", 500 },
	{ "p90", 900 },
	{ "p99", 990 },
	{ "p99.9", 999 },
};

static bool is_told(const void *row)
{
	return !((const struct hist_row *)row)->is_lost;
}

static struct value get_buckets(const struct column *c, const void *row,
				const struct phase_limits *limits)
{
	(void)c;
	(void)limits;
	return (struct value){ .kind = VALUE_BUCKETS,
			       .buckets = ((const struct hist_row *)row)->buckets };
}

/* As percentile.h says. */
static struct value get_error(const struct column *c, const void *row,
			      const struct phase_limits *limits)
{
	(void)c;
	(void)row;
	(void)limits;
	return (struct value){ .kind = VALUE_HUNDREDTHS, .num = 625 };
}

#define ROW(member) MEMBER(struct hist_row, member)

static const struct column columns[] = {
	{ "ts_ns", NULL, 0, COLUMN_INT, ROW(ts_ns),
	  "end of the interval, CLOCK_MONOTONIC" },
	{ "interval_ns", NULL, 0, COLUMN_INT, ROW(interval_ns), "its length" },
	{ "sample", NULL, 0, COLUMN_INT, ROW(sample), "one in so many reads is measured" },
	{ "service", NULL, 0, COLUMN_STRING, ROW(service),
	  "--by service: as top has it", .when = HIST_SERVICES },
	{ "role", NULL, 0, COLUMN_STRING, ROW(role), "likewise", .when = HIST_SERVICES },
	{ "proto", NULL, 0, COLUMN_STRING, ROW(proto), "likewise", .when = HIST_SERVICES },
	{ "model", NULL, 0, COLUMN_NAME, ROW(model), "I/O model", model_names },
	{ "phase", NULL, 0, COLUMN_NAME, ROW(phase), "of the times below", phase_names },
	{ "reads", NULL, 0, COLUMN_INT, ROW(sums.reads), "finished reads of this model" },
	{ "timed", NULL, 0, COLUMN_INT, ROW(timed), "reads that the times are of" },
	{ "eof", NULL, 0, COLUMN_INT, ROW(sums.eof), "reads at the end of file" },
	{ "errors", NULL, 0, COLUMN_INT, ROW(sums.errors), "reads that failed" },
	{ "errqueue", NULL, 0, COLUMN_INT, ROW(sums.errqueue),
	  "reads of the error queue" },
	{ "unseen", NULL, 0, COLUMN_INT, ROW(sums.unseen),
	  "reads of data whose arrival was not seen" },
	{ "polls", NULL, 0, COLUMN_INT, ROW(sums.polls),
	  "reads that got EAGAIN; not among reads" },
	{ "bound", NULL, 0, COLUMN_STRING, ROW(bound),
	  "the times are at_most or at_least so long; there where some phases are bounds",
	  .when = WHEN_BOUNDS },
	{ "sum_ns", NULL, 0, COLUMN_INT, ROW(sum_ns), "all times added up",
	  .known = is_told },
	{ "p50_ns", NULL, 0, COLUMN_INT, ROW(percentile_ns[0]), "median",
	  .known = is_told },
	{ "p90_ns", NULL, 0, COLUMN_INT, ROW(percentile_ns[1]),
	  "what 90 % did not exceed", .known = is_told },
	{ "p99_ns", NULL, 0, COLUMN_INT, ROW(percentile_ns[2]),
	  "what 99 % did not exceed", .known = is_told },
	{ "p999_ns", NULL, 0, COLUMN_INT, ROW(percentile_ns[3]),
	  "what 99.9 % did not exceed", .known = is_told },
	{ "max_ns", NULL, 0, COLUMN_INT, ROW(max_ns), "the longest", .known = is_told },
	{ "error_percent", NULL, 0, COLUMN_COMPUTED, 0, 0,
	  "how far off a percentile may be", .known = is_told, .get = get_error },
	{ "buckets", NULL, 0, COLUMN_COMPUTED, 0, 0,
	  "[from, to, reads]: from <= time < to; the last has no to", .known = is_told,
	  .get = get_buckets },
};

const struct schema hist_schema = {
	.type = "hist",
	.about = "iophase hist: how the times of one model's phase are spread",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
};

void hist_row_of(struct hist_row *row, const struct run_hist *h, enum iop_phase phase)
{
	const char *mark = bound_mark(h->limits, PHASE(phase));
	const struct dist *d = h->dist;

	*row = (struct hist_row){
		.ts_ns = h->ts_ns,
		.interval_ns = h->interval_ns,
		.sample = h->sample,
		.model = h->model,
		.service = h->service,
		.role = h->role,
		.proto = h->proto,
		.phase = phase,
		.is_lost = phase_is_lost(h->limits, h->model, phase),
		.bound = !strcmp(mark, "<") ? "at_most" :
			 !strcmp(mark, ">") ? "at_least" :
					      NULL,
		.sums = d->sums,
		.timed = sums_timed(&d->sums),
		.sum_ns = d->sum_ns[phase],
		.max_ns = d->max_ns[phase],
		.buckets = d->buckets[phase],
	};
	for (int i = 0; i < NR_PERCENTILES; i++)
		row->percentile_ns[i] = dist_percentile(d, phase,
							hist_percentiles[i].per_mille);
}

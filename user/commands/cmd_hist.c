// SPDX-License-Identifier: GPL-2.0-only
/* iophase hist: how the times of each phase are spread, model by model. */
#include "command.h"
#include "interval.h"
#include "services.h"
#include "tracing.h"
#include "util.h"

struct hist {
	struct out out;
	struct interval interval;
	__u64 since_ns; /* what is printed begins */
};

/* Returns false if there was nothing. */
static bool print_dist(const struct hist *h, const struct dist *d, __u32 model,
		       const struct row *service)
{
	const struct table *table = h->interval.table;
	struct run_hist run = {
		.dist = d,
		.model = model,
		.ts_ns = table->ts_ns,
		.interval_ns = table->ts_ns - h->since_ns,
		.sample = table->sample,
		.limits = session_limits(h->interval.session),
	};

	if (!d || (!d->sums.reads && !d->sums.polls))
		return false;
	if (service) {
		run.is_service = true;
		run.service = row_service(service);
		run.role = row_role(service);
		run.proto = row_proto(service);
	}
	out_hist(&h->out, &run);
	return true;
}

/* What was read since since_ns: all of the table's models, or its rows. */
static void print(const struct hist *h)
{
	const struct table *table = h->interval.table;
	bool any = false;

	out_words(&h->out, "%.1f s%s", (table->ts_ns - h->since_ns) / 1e9,
		  sample_text(table->sample));
	for (int i = 0; table->by_row && i < table->nr; i++)
		any |= print_dist(h, table->rows[i]->run, table->rows[i]->key.model,
				  table->rows[i]);
	for (int m = 0; !table->by_row && m < IOP_NR_MODELS; m++)
		any |= print_dist(h, &table->models[m], m, NULL);
	out_words(&h->out, any ? "Percentiles are off by 6.25 %% at the most.\n" :
				 "No reads.\n");
}

static int run(const struct options *o)
{
	bool each = o->interval_ns || o->iterations, more;
	struct hist h = { .out = out_open(o->format) };
	struct session *s;
	struct totals totals;

	if (o->by && o->group != IOP_BY_SERVICE)
		return usage_error("hist is of all, or --by service");
	s = tracing_begin(o, SESSION_HIST, NULL, NULL, &h.out);
	if (!s)
		return EXIT_FAILED;
	interval_start(&h.interval, o, s);
	h.interval.table->by_row = o->by;
	h.since_ns = h.interval.table->ts_ns;
	do {
		more = interval_next(&h.interval);
		if (more && !each)
			continue; /* it only looked who is gone */
		print(&h);
		table_forget_run(h.interval.table);
		h.since_ns = h.interval.table->ts_ns;
	} while (flush_output() && more);
	totals = tracing_totals(s, o);
	out_counters(&h.out, &totals);
	out_end(&h.out);
	interval_end(&h.interval);
	return EXIT_DONE;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS,	    OPTIONS_READS, &option_duration, &option_interval,
	&option_iterations, &option_by,	   OPTIONS_PRINT,    &option_max_rows,
	OPTIONS_BACKEND,    NULL,
};

static const struct schema *const schemas[] = {
	&start_schema,
	&hist_schema,
	&totals_schema,
	NULL,
};

const struct command cmd_hist = {
	.name = "hist",
	.help = "how the times of each phase are spread",
	.takes = TAKES_PROGRAM,
	.options = options,
	.schemas = schemas,
	.run = run,
};

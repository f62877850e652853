// SPDX-License-Identifier: GPL-2.0-only
/* iophase hist: how the times of each phase are spread, model by model. */
#include "command.h"
#include "interval.h"
#include "tracing.h"
#include "util.h"

/* What was read since since_ns: all of the table's models. */
static void print(const struct out *out, const struct interval *t, __u64 since_ns)
{
	const struct table *table = t->table;
	bool any = false;

	out_words(out, "%.1f s%s", (table->ts_ns - since_ns) / 1e9,
		  sample_text(table->sample));
	for (int m = 0; m < IOP_NR_MODELS; m++) {
		const struct dist *d = &table->models[m];

		if (!d->sums.reads && !d->sums.polls)
			continue;
		any = true;
		out_hist(out, &(struct run_hist){
			.dist = d,
			.model = m,
			.ts_ns = table->ts_ns,
			.interval_ns = table->ts_ns - since_ns,
			.sample = table->sample,
			.limits = session_limits(t->session),
		});
	}
	out_words(out, any ? "Percentiles are off by 6.25 %% at the most.\n" :
			     "No reads.\n");
}

static int run(const struct options *o)
{
	bool each = o->interval_ns || o->iterations, more;
	struct out out = out_open(o->format);
	struct session *s = tracing_begin(o, SESSION_HIST, NULL, NULL, &out);
	struct totals totals;
	struct interval t;
	__u64 since_ns;

	if (!s)
		return EXIT_FAILED;
	interval_start(&t, o, s);
	since_ns = t.table->ts_ns;
	do {
		more = interval_next(&t);
		if (more && !each)
			continue; /* it only looked who is gone */
		print(&out, &t, since_ns);
		table_forget_models(t.table);
		since_ns = t.table->ts_ns;
	} while (flush_output() && more);
	totals = tracing_totals(s, o);
	out_counters(&out, &totals);
	out_end(&out);
	interval_end(&t);
	return EXIT_DONE;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS, OPTIONS_READS, &option_duration, &option_interval,
	&option_iterations, OPTIONS_PRINT, &option_max_rows, OPTIONS_BACKEND, NULL,
};

static const struct schema *const schemas[] = {
	&start_schema, &hist_schema, &totals_schema, NULL,
};

const struct command cmd_hist = {
	.name = "hist",
	.help = "how the times of each phase are spread",
	.takes = TAKES_PROGRAM,
	.options = options,
	.schemas = schemas,
	.run = run,
};

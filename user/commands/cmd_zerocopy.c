// SPDX-License-Identifier: GPL-2.0-only
/* iophase zerocopy: which bytes the CPU copied, which moved, and what fell back. */

#include "command.h"
#include "interval.h"
#include "tracing.h"
#include "util.h"
#include "zerocopy_columns.h"

struct zerocopy {
	struct interval interval;
	struct zerocopy_table *table;
	struct out out;
	struct sheet sheet;
};

/* Below its row: why it fell back, and of what nothing is known so far. */
static void print_remarks(const struct zerocopy *z, const struct zerocopy_row *r)
{
	for (int i = 0; i < IOP_NR_ZC_CAUSES; i++)
		if (r->n.causes & 1u << i)
			out_words(&z->out, "        %s: %s",
				  zerocopy_paths[r->key.path], zerocopy_reasons[i]);
	if (r->n.pending_calls)
		out_words(&z->out, "        %s: %llu calls, %llu bytes are under way",
			  zerocopy_paths[r->key.path],
			  (unsigned long long)r->n.pending_calls,
			  (unsigned long long)r->n.pending_bytes);
}

static void print_row(const struct zerocopy *z, const struct zerocopy_row *r)
{
	out_record(&z->out, &z->sheet, r);
	print_remarks(z, r);
}

static bool print(const struct zerocopy *z)
{
	const struct zerocopy_table *t = z->table;
	char clock[16];

	out_words(&z->out, "%s  %.2f s%s", format_clock(clock), t->interval_ns / 1e9,
		  t->nr ? "" : "  nothing was sent or received");
	if (t->nr)
		out_head(&z->out, &z->sheet);
	for (int i = 0; i < t->nr; i++)
		print_row(z, &t->rows[i]);
	out_words(&z->out, "%s", "");
	return flush_output();
}

/* Data has the intervals, which add up to it. */
static void print_run(const struct zerocopy *z)
{
	const struct zerocopy_table *t = z->table;

	if (!z->out.format->for_people || z->interval.iteration < 2)
		return;
	out_words(&z->out, "The whole run, %.1f s:", (t->ts_ns - t->start_ns) / 1e9);
	out_head(&z->out, &z->sheet);
	for (int i = 0; i < IOP_NR_ZC_PATHS; i++)
		if (t->run[i].n.calls || t->run[i].n.pending_calls)
			print_row(z, &t->run[i]);
}

static void finish(struct zerocopy *z, const struct options *o)
{
	struct totals totals = tracing_totals(z->interval.session, o);

	print_run(z);
	totals.zerocopy = true;
	out_counters(&z->out, &totals);
	out_end(&z->out);
	sheet_free(&z->sheet);
	interval_end(&z->interval);
	zerocopy_table_free(z->table);
}

static int run(const struct options *o)
{
	struct zerocopy z = { .out = out_open(o->format) };
	struct session *s = tracing_begin(o, SESSION_ZEROCOPY, NULL, NULL, &z.out);
	bool more;

	if (!s)
		return EXIT_FAILED;
	z.table = zerocopy_table_new(now_ns());
	interval_start_with(&z.interval, o, s, zerocopy_table_refresh, z.table);
	sheet_make(&z.sheet, &zerocopy_schema, 0, NULL);
	do
		more = interval_next(&z.interval);
	while (print(&z) && more);
	finish(&z, o);
	return EXIT_DONE;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS,
	&option_duration,
	&option_interval,
	&option_iterations,
	OPTIONS_PRINT,
	&option_backend,
	NULL,
};

static const struct schema *const schemas[] = {
	&start_schema,
	&zerocopy_schema,
	&totals_schema,
	NULL,
};

const struct command cmd_zerocopy = {
	.name = "zerocopy",
	.help = "which bytes the CPU copied, which moved, what fell back",
	.takes = TAKES_PROGRAM,
	.options = options,
	.schemas = schemas,
	.run = run,
};

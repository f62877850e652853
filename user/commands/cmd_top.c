// SPDX-License-Identifier: GPL-2.0-only
/* iophase top: who reads, how, and where the time goes, interval by interval. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "top_layout.h"
#include "screen.h"
#include "self_cost.h"
#include "summary.h"
#include "interval.h"
#include "tracing.h"
#include "tui.h"
#include "util.h"

/* How often to look for a key while paused. */
#define KEY_EVERY_MS 50

struct top {
	struct interval interval;
	const struct table *table; /* the interval's */
	struct out out;
	struct sheet sheet;
	struct self_cost self_cost;
	int sort;
};

/* --- interval by interval --------------------------------------------------------- */

static void print_time(const struct top *top)
{
	const struct table *t = top->table;
	char clock[16], reads[16], bytes[16], own[64];

	format_count(reads, per_second(&t->sum, t->sum.sums.reads));
	format_count(bytes, per_second(&t->sum, t->sum.sums.bytes));
	out_words(&top->out, "%s  %.2f s  %s reads/s  %sB/s%s", format_clock(clock),
		  t->interval_ns / 1e9, reads, bytes, sample_text(t->sample));
	if (top->interval.options->cost)
		out_words(&top->out, "%s, %llu lost",
			  self_cost_text(&top->self_cost, own),
			  (unsigned long long)top->self_cost.lost);
}

/* For programs; people have it beside the time. */
static void print_cost(const struct top *t)
{
	struct sheet s;

	if (!t->interval.options->cost || t->out.format->for_people)
		return;
	sheet_make(&s, &cost_schema, 0, NULL);
	out_record(&t->out, &s, &t->self_cost);
	sheet_free(&s);
}

static bool print(struct top *t)
{
	const struct table *table = t->table;

	rows_sort(&t->sheet, table->rows, table->nr, t->sort, false);
	top_layout_fit(&t->sheet, t->interval.options->group, tui_width(), LINES_AUTO);
	print_time(t);
	print_cost(t);
	if (row_is_busy(&table->sum))
		out_head(&t->out, &t->sheet);
	for (int i = 0; i < table->nr; i++)
		if (row_is_busy(table->rows[i]))
			out_record(&t->out, &t->sheet, table->rows[i]);
	out_words(&t->out, "%s", "");
	return flush_output();
}

static void look_at_cost(struct top *t)
{
	struct session *s = t->interval.session;
	struct iop_counters c;

	if (!t->interval.options->cost)
		return;
	session_counters(s, &c);
	self_cost_look(&t->self_cost, session_cost(s), &c, t->table->ts_ns);
}

static void run_plain(struct top *t)
{
	bool more, ok;

	do {
		more = interval_next(&t->interval);
		look_at_cost(t);
		ok = print(t);
	} while (more && ok);
}

/* --- the live screen ----------------------------------------------------------------- */

/* Until the interval is over. Returns false when the run is. */
static bool answer_keys(struct top *t, struct screen *s)
{
	int ms;

	while ((ms = interval_time_left(&t->interval)) || s->paused) {
		int flags = screen_key(s, tui_key(ms ? ms : KEY_EVERY_MS));

		if (flags & SCREEN_REGROUP)
			session_group(t->interval.session, outline_needs(s->outline));
		if (flags & SCREEN_DRAW) {
			screen_update(s);
			screen_draw(s);
		}
		if (flags & SCREEN_QUIT || !session_wait(t->interval.session, 0))
			return false;
	}
	return true;
}

static int run_live(struct top *t)
{
	const struct options *o = t->interval.options;
	struct outline outline;
	struct screen s = {
		.table = t->table,
		.outline = &outline,
		.backend = session_backend(t->interval.session),
		.sort = t->sort,
		.self_cost = o->cost ? &t->self_cost : NULL,
		.sheet = &t->sheet,
	};
	int err = tui_begin();

	if (err)
		return err;
	outline_begin(&outline, t->interval.table, o->group);
	screen_draw(&s);
	while (answer_keys(t, &s) && !interval_is_last(&t->interval)) {
		interval_look(&t->interval, false);
		outline_refresh(&outline);
		session_group(t->interval.session, outline_needs(&outline));
		session_counters(t->interval.session, &s.counters);
		s.hint = s.hint ? s.hint : session_hint(t->interval.session);
		look_at_cost(t);
		screen_update(&s);
		if (o->program)
			tui_repaint();
		screen_draw(&s);
	}
	tui_end(); /* first: the last look may take a second */
	interval_look(&t->interval, true);
	screen_free(&s);
	outline_end(&outline);
	return EXIT_DONE;
}

static void finish(struct top *t)
{
	struct session *s = t->interval.session;
	struct totals totals;

	summary_print(&t->out, t->table, session_limits(s));
	totals = tracing_totals(s, t->interval.options);
	out_counters(&t->out, &totals);
	out_end(&t->out);
}

static int run(const struct options *o)
{
	bool live = o->format->for_people && tui_usable();
	struct top t = { .out = out_open(o->format) };
	struct session *s;
	int err = EXIT_DONE;

	t.sort = sort_column(o->group, o->sort ? o->sort : "RD/s");
	if (t.sort < 0)
		return usage_error("no column '%s': one of %s", o->sort,
				   sort_choices(o->group));
	s = live ? tracing_begin_unseen(o, SESSION_REGROUPS) :
		   tracing_begin(o, SESSION_HIST, NULL, NULL, &t.out);
	if (!s)
		return EXIT_FAILED;
	interval_start(&t.interval, o, s);
	t.table = t.interval.table;
	t.self_cost = (struct self_cost){ .ts_ns = t.table->ts_ns };
	sheet_make(&t.sheet, &top_schema, VIEW(o->group), session_limits(s));
	if (live)
		err = run_live(&t);
	else
		run_plain(&t);
	if (!err && flush_output())
		finish(&t);
	sheet_free(&t.sheet);
	interval_end(&t.interval);
	return err;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS,	    OPTIONS_READS,    &option_duration, &option_interval,
	&option_iterations, &option_by,	      &option_sort,	OPTIONS_PRINT,
	&option_cost,	    &option_max_rows, OPTIONS_BACKEND,	NULL,
};

static const struct schema *const schemas[] = {
	&start_schema, &top_schema, &cost_schema, &summary_schema, &totals_schema, NULL,
};

const struct command cmd_top = {
	.name = "top",
	.help = "who reads, how, and where the time goes, live",
	.takes = TAKES_PROGRAM,
	.keys = screen_keys,
	.options = options,
	.schemas = schemas,
	.run = run,
};

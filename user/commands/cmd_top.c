// SPDX-License-Identifier: GPL-2.0-only
/* iophase top: who reads, how, and where the time goes, interval by interval. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
	struct ticker ticker;
	const struct table *table; /* the ticker's */
	struct out out;
	struct sheet sheet;
	struct spent spent;
	int sort;
};

/* --- interval by interval --------------------------------------------------------- */

static void print_time(const struct top *top)
{
	const struct table *t = top->table;
	char clock[16], reads[16], bytes[16], spent[64];
	time_t now = time(NULL);

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
	format_count(reads, per_second(&t->sum, t->sum.sums.reads));
	format_count(bytes, per_second(&t->sum, t->sum.sums.bytes));
	out_words(&top->out, "%s  %.2f s  %s reads/s  %sB/s%s", clock,
		  t->interval_ns / 1e9, reads, bytes, sample_text(t->sample));
	if (top->ticker.options->cost)
		out_words(&top->out, "%s, %llu lost", spent_text(&top->spent, spent),
			  (unsigned long long)top->spent.lost);
}

/* For programs; people have it beside the time. */
static void print_cost(const struct top *t)
{
	struct sheet s;

	if (!t->ticker.options->cost || t->out.format->for_people)
		return;
	sheet_make(&s, &cost_schema, 0, NULL);
	out_record(&t->out, &s, &t->spent);
	sheet_free(&s);
}

static bool print(struct top *t)
{
	const struct table *table = t->table;

	rows_sort(&t->sheet, table->rows, table->nr, t->sort, false);
	layout_fit(&t->sheet, t->ticker.options->group, tui_width(), LINES_AUTO);
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
	struct session *s = t->ticker.session;
	struct iop_counters c;

	if (!t->ticker.options->cost)
		return;
	session_counters(s, &c);
	spent_look(&t->spent, session_cost(s), &c, t->table->ts_ns);
}

static void run_plain(struct top *t)
{
	bool more, ok;

	do {
		more = ticker_next(&t->ticker);
		look_at_cost(t);
		ok = print(t);
	} while (more && ok);
}

/* --- the live screen ----------------------------------------------------------------- */

/* Until the interval is over. Returns false when the run is. */
static bool answer_keys(struct top *t, struct screen *s)
{
	int ms;

	while ((ms = ticker_time_left(&t->ticker)) || s->paused) {
		int flags = screen_key(s, tui_key(ms ? ms : KEY_EVERY_MS));

		if (flags & SCREEN_DRAW) {
			screen_update(s);
			screen_draw(s);
		}
		if (flags & SCREEN_QUIT || !session_wait(t->ticker.session, 0))
			return false;
	}
	return true;
}

static int run_live(struct top *t)
{
	const struct options *o = t->ticker.options;
	struct screen s = {
		.table = t->table,
		.backend = session_backend(t->ticker.session),
		.view = o->group,
		.sort = t->sort,
		.spent = o->cost ? &t->spent : NULL,
		.sheet = &t->sheet,
	};
	int err = tui_begin();

	if (err)
		return err;
	screen_draw(&s);
	while (answer_keys(t, &s) && !ticker_is_last(&t->ticker)) {
		ticker_look(&t->ticker, false);
		session_counters(t->ticker.session, &s.counters);
		s.hint = s.hint ? s.hint : session_hint(t->ticker.session);
		look_at_cost(t);
		screen_update(&s);
		if (o->program)
			tui_repaint();
		screen_draw(&s);
	}
	tui_end(); /* first: the last look may take a second */
	ticker_look(&t->ticker, true);
	screen_free(&s);
	return EXIT_DONE;
}

/*
 * A program started below the live screen gets neither its keys nor its lines;
 * what it says on standard error is painted over.
 */
static struct session *open_live(const struct options *o)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	struct session *s;

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	s = tracing_begin(o, SESSION_HIST, NULL, NULL, NULL);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	close(out);
	close(null);
	return s;
}

static void finish(struct top *t)
{
	struct session *s = t->ticker.session;
	struct totals totals;

	summary_print(&t->out, t->table, session_limits(s));
	totals = tracing_totals(s, t->ticker.options);
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
	s = live ? open_live(o) : tracing_begin(o, SESSION_HIST, NULL, NULL, &t.out);
	if (!s)
		return EXIT_FAILED;
	ticker_start(&t.ticker, o, s);
	t.table = t.ticker.table;
	t.spent = (struct spent){ .ts_ns = t.table->ts_ns };
	sheet_make(&t.sheet, &top_schema, VIEW(o->group), session_limits(s));
	if (live)
		err = run_live(&t);
	else
		run_plain(&t);
	if (!err && flush_output())
		finish(&t);
	sheet_free(&t.sheet);
	ticker_end(&t.ticker);
	return err;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS, OPTIONS_READS, &option_duration, &option_interval,
	&option_iterations, &option_by, &option_sort, OPTIONS_PRINT, &option_cost,
	&option_max_rows, OPTIONS_BACKEND, NULL,
};

const struct command cmd_top = {
	.name = "top",
	.help = "who reads, how, and where the time goes, live",
	.takes = TAKES_PROGRAM,
	.options = options,
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* iophase top: who reads, how, and where the time goes, interval by interval. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "commands.h"
#include "layout.h"
#include "reads.h"
#include "screen.h"
#include "session.h"
#include "summary.h"
#include "tui.h"
#include "util.h"

#define LOOK_EVERY_MS 50
#define DEFAULT_INTERVAL_NS 1000000000ull

struct top {
	const struct options *options;
	struct session *session;
	struct table *table;
	int sort;
	__u64 interval_ns;
	__u64 iteration;
};

/* -n and -d without -i: so many intervals in that time. */
static __u64 interval_of(const struct options *o)
{
	if (o->interval_ns)
		return o->interval_ns;
	if (o->duration_ns && o->iterations)
		return o->duration_ns / o->iterations;
	return DEFAULT_INTERVAL_NS;
}

static bool last_iteration(const struct top *t)
{
	return t->options->iterations &&
	       t->iteration + 1 >= t->options->iterations;
}

/*
 * The last look comes after the hooks are gone, so that nothing is left
 * uncounted. Taking them away may last a second, in which no read is seen.
 */
static void refresh(struct top *t, bool last)
{
	__u64 now = now_ns();

	if (last)
		session_detach(t->session);
	table_refresh(t->table, t->session, now);
	t->iteration++;
}

/* Milliseconds to the end of the interval, at most one look's worth. */
static int time_left(const struct top *t)
{
	__u64 end = t->table->ts_ns + t->interval_ns, now = now_ns();

	if (now >= end)
		return 0;
	return end - now < LOOK_EVERY_MS * 1000000ull ?
		       (end - now) / 1000000 + 1 :
		       LOOK_EVERY_MS;
}

/* --- plain tables and JSON -------------------------------------------------------- */

static void print_time(const struct table *t)
{
	char clock[16], reads[16], bytes[16];
	time_t now = time(NULL);

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
	format_count(reads, per_second(&t->sum, t->sum.reads));
	format_count(bytes, per_second(&t->sum, t->sum.bytes));
	printf("%s  %.2f s  %s reads/s  %sB/s\n", clock, t->interval_ns / 1e9,
	       reads, bytes);
}

static void print_text(const struct table *t, const struct layout *l)
{
	char line[512];

	print_time(t);
	if (t->sum.reads) {
		columns_header(l->cols, l->nr, line, sizeof(line));
		puts(line);
	}
	for (int i = 0; i < t->nr; i++) {
		if (!t->rows[i]->reads)
			continue;
		columns_line(l->cols, l->nr, t->rows[i], line, sizeof(line));
		puts(line);
		if (!l->two_lines)
			continue;
		columns_line(l->below, l->nr, t->rows[i], line, sizeof(line));
		puts(line);
	}
	putchar('\n');
}

static bool print(const struct top *t)
{
	const struct options *o = t->options;
	struct layout l;

	rows_sort(t->table->rows, t->table->nr, t->sort, false);
	for (int i = 0; o->json && i < t->table->nr; i++)
		if (t->table->rows[i]->reads)
			row_json(o->group, t->table->rows[i], stdout);
	if (!o->json) {
		layout_fit(&l, o->group, tui_width(), LINES_AUTO);
		print_text(t->table, &l);
	}
	return flush_output();
}

static bool run_plain(struct top *t)
{
	bool last = false, ok = true;

	while (!last && ok) {
		bool over = false;
		int ms;

		while (!over && (ms = time_left(t)))
			over = !session_wait(t->session, ms);
		last = over || last_iteration(t);
		refresh(t, last);
		ok = print(t);
	}
	return ok;
}

/* --- the live screen ----------------------------------------------------------------- */

/* Until the interval is over. Returns false when the run is. */
static bool answer_keys(struct top *t, struct screen *s)
{
	int ms;

	while ((ms = time_left(t)) || s->paused) {
		int flags = screen_key(s, tui_key(ms ? ms : LOOK_EVERY_MS));

		if (flags & SCREEN_DRAW) {
			screen_update(s);
			screen_draw(s);
		}
		if (flags & SCREEN_QUIT || !session_wait(t->session, 0))
			return false;
	}
	return true;
}

static int run_live(struct top *t)
{
	struct screen s = {
		.table = t->table,
		.backend = backend_choose(t->options->backend)->name,
		.view = t->options->group,
		.sort = t->sort,
	};
	int err = tui_begin();

	if (err)
		return err;
	screen_draw(&s);
	while (answer_keys(t, &s) && !last_iteration(t)) {
		refresh(t, false);
		session_counters(t->session, &s.counters);
		screen_update(&s);
		if (t->options->program)
			tui_repaint();
		screen_draw(&s);
	}
	tui_end(); /* first: the last look may take a second */
	refresh(t, true);
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
	s = session_open(o, SESSION_HIST, NULL, NULL);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	close(out);
	close(null);
	return s;
}

int cmd_top(const struct options *o)
{
	struct top t = { .options = o, .interval_ns = interval_of(o) };
	bool live = !o->json && tui_usable(), ok = true;
	int err = EXIT_DONE;

	t.sort = sort_column(o->group, o->sort ? o->sort : "RD/s");
	if (t.sort < 0)
		return usage_error("no column '%s': one of %s", o->sort,
				   sort_choices(o->group));
	t.session = live ? open_live(o) :
			   session_open(o, SESSION_HIST, NULL, NULL);
	if (!t.session)
		return EXIT_FAILED;
	t.table = table_new(now_ns());
	if (live)
		err = run_live(&t);
	else
		ok = run_plain(&t);
	if (!err && ok)
		summary_print(t.table, t.session, o->json);
	table_free(t.table);
	session_close(t.session);
	return err;
}

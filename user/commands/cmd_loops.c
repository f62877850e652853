// SPDX-License-Identifier: GPL-2.0-only
/* iophase loops: event loops, their groups and channels, and how far they are behind. */
#include <stddef.h>
#include <string.h>

#include "command.h"
#include "interval.h"
#include "loop_columns.h"
#include "loop_screen.h"
#include "loop_words.h"
#include "slow_turns.h"
#include "tracing.h"
#include "tui.h"
#include "util.h"

/* How often to look for a key while paused. */
#define KEY_EVERY_MS 50

struct loops {
	struct interval interval;
	struct loop_table *table;
	struct out out;
	struct sheet loop;
	struct sheet group;
	struct sheet channel;
};

static void print_time(const struct loops *l)
{
	char clock[16];

	out_words(&l->out, "%s  %.2f s%s", format_clock(clock),
		  l->table->interval_ns / 1e9,
		  l->table->nr ? "" : "  no event loops so far");
}

/* The channels of the loop, of those of all, which are in the same order. */
static void print_channels(const struct loops *l, const struct loop_row *r)
{
	const struct loop_table *t = l->table;
	bool any = false;

	for (int i = 0; i < t->nr_channels; i++) {
		if (!is_channel_of(&t->channels[i], r))
			continue;
		if (!any)
			out_head(&l->out, &l->channel);
		any = true;
		out_record(&l->out, &l->channel, &t->channels[i]);
	}
}

static void print_groups(const struct loops *l, __u32 pid)
{
	const struct loop_table *t = l->table;
	char text[128];

	for (int i = 0; i < t->nr_groups; i++) {
		const struct group_row *g = &t->groups[i];

		if (g->pid != pid)
			continue;
		if (!l->out.format->for_people)
			out_record(&l->out, &l->group, g);
		else if (group_is_compared(g))
			out_words(&l->out, "%s", group_text(g, text, sizeof(text)));
	}
}

static bool print(const struct loops *l)
{
	const struct loop_table *t = l->table;
	char text[512];

	print_time(l);
	for (int i = 0; i < t->nr; i++) {
		const struct loop_row *r = &t->rows[i];

		if (!i || r[-1].pid != r->pid) {
			out_words(&l->out, "%s",
				  process_text(t, r->pid, text, sizeof(text)));
			print_groups(l, r->pid);
			out_head(&l->out, &l->loop);
		}
		out_record(&l->out, &l->loop, r);
		if (t->with_channels)
			print_channels(l, r);
	}
	out_words(&l->out, "%s", "");
	return flush_output();
}

static void make_sheets(struct loops *l)
{
	sheet_make(&l->loop, &loop_schema, tui_width() >= LOOPS_WIDTH ? LOOPS_WIDE : 0,
		   NULL);
	sheet_make(&l->group, &group_schema, 0, NULL);
	sheet_make(&l->channel, &channel_schema, 0, NULL);
}

static void finish(struct loops *l, const struct options *o)
{
	struct totals totals = tracing_totals(l->interval.session, o);

	totals.loops = true;
	out_counters(&l->out, &totals);
	out_end(&l->out);
	sheet_free(&l->loop);
	sheet_free(&l->group);
	sheet_free(&l->channel);
	interval_end(&l->interval);
	loop_table_free(l->table);
}

static void on_turn(void *ctx, const void *record, size_t size)
{
	const struct loops *l = ctx;
	struct iop_turn turn;

	if (size < sizeof(turn))
		return;
	memcpy(&turn, record, sizeof(turn));
	slow_turn_print(&l->out, &turn);
}

static void look(void *ctx, struct session *s, __u64 now)
{
	struct loops *l = ctx;

	session_drain(s);
	loop_table_refresh(l->table, s, now);
}

/* --- the live screen ------------------------------------------------------------------ */

/* Until the interval is over. Returns false when the run is. */
static bool answer_keys(const struct loops *l, struct loop_screen *s)
{
	int ms;

	while ((ms = interval_time_left(&l->interval)) || s->paused) {
		int flags = loop_screen_key(s, tui_key(ms ? ms : KEY_EVERY_MS));

		if (flags & LOOP_DRAW) {
			loop_screen_update(s);
			loop_screen_draw(s);
		}
		if (flags & LOOP_QUIT || !session_wait(l->interval.session, 0))
			return false;
	}
	return true;
}

static int run_live(struct loops *l)
{
	struct session *session = l->interval.session;
	struct loop_screen s = {
		.table = l->table,
		.backend = session_backend(session),
		.start_ns = session_start_ns(session),
	};
	int err = tui_begin();

	if (err)
		return err;
	loop_screen_update(&s);
	loop_screen_draw(&s);
	while (answer_keys(l, &s) && !interval_is_last(&l->interval)) {
		interval_look(&l->interval, false);
		session_counters(session, &s.counters);
		loop_screen_update(&s);
		if (l->interval.options->program)
			tui_repaint();
		loop_screen_draw(&s);
	}
	tui_end(); /* first: the last look may take a second */
	interval_look(&l->interval, true);
	loop_screen_free(&s);
	print(l);
	return EXIT_DONE;
}

/* --- interval by interval ------------------------------------------------------------- */

static void run_plain(struct loops *l)
{
	bool more;

	do
		more = interval_next(&l->interval);
	while (print(l) && more);
}

/* Whose channels will be opened on the screen is not known: of all they are looked at. */
static struct options for_screen(const struct options *o)
{
	struct options live = *o;

	live.channels = true;
	return live;
}

/* Turns that are slow are told of one by one: there is no place for that on it. */
static bool is_live(const struct options *o)
{
	return o->format->for_people && tui_usable() && !o->slow_ns;
}

static int run(const struct options *asked)
{
	bool live = is_live(asked);
	struct options screen = for_screen(asked);
	const struct options *o = live ? &screen : asked;
	struct loops l = { .out = out_open(o->format) };
	struct session *s = live ? tracing_begin_unseen(o, SESSION_LOOPS) :
				   tracing_begin(o, SESSION_LOOPS, on_turn, &l, &l.out);
	int err = EXIT_DONE;

	if (!s)
		return EXIT_FAILED;
	l.table = loop_table_new(now_ns(), o->channels);
	interval_start_with(&l.interval, o, s, look, &l);
	make_sheets(&l);
	if (live)
		err = run_live(&l);
	else
		run_plain(&l);
	if (o->slow_ns)
		slow_turns_in_progress(&l.out, s, o->slow_ns, l.table->ts_ns);
	finish(&l, o);
	return err;
}

static const struct option_row option_channels = {
	.name = "channels",
	.at = offsetof(struct options, channels),
	.help = "a line for each channel, too",
};

static int set_slow(struct options *o, const char *arg)
{
	if (!parse_duration_ns(arg, &o->slow_ns) || !o->slow_ns)
		return usage_error("--slow is a time like 10ms, not '%s'", arg);
	return EXIT_DONE;
}

static const struct option_row option_slow = {
	.name = "slow",
	.arg = "TIME",
	.set = set_slow,
	.help = "each turn that takes longer, and where it was",
};

static const struct option_row *const options[] = {
	OPTIONS_TASKS,	    &option_duration, &option_interval,
	&option_iterations, &option_channels, &option_slow,
	&option_backend,    OPTIONS_PRINT,    NULL,
};

static const struct schema *const schemas[] = {
	&start_schema,	    &loop_schema,   &group_schema,
	&channel_schema,    &turn_schema,   &turn_channel_schema,
	&turn_sleep_schema, &totals_schema, NULL,
};

const struct command cmd_loops = {
	.name = "loops",
	.help = "event loops, their groups and channels, and their lag",
	.takes = TAKES_PROGRAM,
	.keys = loop_screen_keys,
	.options = options,
	.schemas = schemas,
	.run = run,
};

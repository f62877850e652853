// SPDX-License-Identifier: GPL-2.0-only
/* iophase heat: a phase's times over a run, as a map. */
#include <string.h>

#include "command.h"
#include "heat_screen.h"
#include "interval.h"
#include "names.h"
#include "replay.h"
#include "tracing.h"
#include "tui.h"
#include "util.h"

#define RECENT 512 /* columns: as wide as a screen may be */
#define DEFAULT_INTERVAL_NS 1000000000ull

struct heat_run {
	const struct options *options;
	enum iop_phase phase;
	const struct phase_limits *limits;
	struct out out;
	struct heat whole;  /* for the picture at the end */
	struct heat recent; /* for the screen */
	struct interval interval;
	__u64 first_ns; /* of a recording: its first read's end */
};

/* --- what is drawn -------------------------------------------------------------------- */

static void on_gain(void *ctx, const struct row *row, const struct dist *gain)
{
	struct heat_run *r = ctx;
	__u64 interval = r->interval.iteration;
	const __u64 *buckets = gain->buckets[r->phase];
	__u64 max_ns = gain->max_ns[r->phase];

	__u64 timed = sums_timed(&gain->sums);

	if (phase_is_lost(r->limits, row->key.model, r->phase))
		timed = 0;
	r->whole.untimed += gain->sums.reads - timed;
	r->recent.untimed += gain->sums.reads - timed;
	if (!timed)
		return;
	heat_add(heat_column(&r->whole, interval), buckets, max_ns, 0, NULL);
	heat_add(heat_column(&r->recent, interval), buckets, max_ns, row->pid, row->comm);
}

static void on_read(void *ctx, const struct iop_read_record *read)
{
	static struct dist one;
	struct heat_run *r = ctx;
	struct heat_column *column;
	bool timed;
	__u64 ago;

	r->first_ns = r->first_ns ? r->first_ns : read->end_ns;
	ago = read->end_ns > r->first_ns ? read->end_ns - r->first_ns : 0;
	memset(&one, 0, sizeof(one));
	dist_add_read(&one, read);
	column = heat_column(&r->whole, ago / r->whole.interval_ns);
	timed = sums_timed(&one.sums) && !phase_is_lost(r->limits, read->model, r->phase);
	if (timed)
		heat_add(column, one.buckets[r->phase], one.max_ns[r->phase], 0, NULL);
	else
		r->whole.untimed++;
}

static int show(struct heat_run *r, const struct totals *t)
{
	const struct options *o = r->options;
	struct picture p = {};
	int y = heat_draw(&p, &r->whole, r->phase, r->limits), err = EXIT_DONE;

	picture_text(&p, stdout, o->ascii ? CHARSET_ASCII : charset_here());
	if (o->svg) {
		picture_totals(&p, y, t);
		err = svg_save(o->svg, &p, "iophase heat");
	}
	picture_free(&p);
	out_counters(&r->out, t);
	return err;
}

/* --- from a recording, interval by interval, or on the screen ------------------------- */

static int from_recording(struct heat_run *r)
{
	static struct phase_limits limits; /* the picture has it, too */
	struct totals t = {};
	int err;

	r->limits = &limits; /* filled before the first read */
	err = replay_recording(r->options->from, on_read, r, &t.kernel, &limits);
	return err ? err : show(r, &t);
}

/* Until the interval is over. Returns false when the run is. */
static bool answer_keys(struct heat_run *r, struct heat_screen *s)
{
	int ms;

	while ((ms = interval_time_left(&r->interval))) {
		int flags = heat_screen_key(s, tui_key(ms));

		if (flags & HEAT_DRAW)
			heat_screen_draw(s);
		if (flags & HEAT_QUIT || !session_wait(r->interval.session, 0))
			return false;
	}
	return true;
}

static int on_screen(struct heat_run *r)
{
	struct heat_screen s = {
		.heat = &r->recent,
		.phase = r->phase,
		.limits = r->limits,
	};
	int err = tui_begin();

	if (err)
		return err;
	heat_screen_draw(&s);
	while (answer_keys(r, &s) && !interval_is_last(&r->interval)) {
		heat_column(&r->recent, r->interval.iteration); /* without reads, too */
		interval_look(&r->interval, false);
		if (r->options->program)
			tui_repaint();
		heat_screen_draw(&s);
	}
	tui_end(); /* first: the last look may take a second */
	interval_look(&r->interval, true);
	return EXIT_DONE;
}

static int trace(struct heat_run *r)
{
	const struct options *o = r->options;
	bool screen = tui_usable();
	struct session *s = screen ? tracing_begin_unseen(o, SESSION_HIST) :
				     tracing_begin(o, SESSION_HIST, NULL, NULL, &r->out);
	struct totals t;
	int err = EXIT_DONE;

	if (!s)
		return EXIT_FAILED;
	r->limits = session_limits(s);
	interval_start(&r->interval, o, s);
	r->whole.interval_ns = r->recent.interval_ns = r->interval.interval_ns;
	r->interval.table->on_gain = on_gain;
	r->interval.table->ctx = r;
	if (screen)
		err = on_screen(r);
	else
		while (interval_next(&r->interval))
			;
	if (!err) {
		heat_column(&r->whole, r->interval.iteration - 1);
		t = tracing_totals(s, o);
		err = show(r, &t);
	}
	interval_end(&r->interval);
	return err;
}

static int run(const struct options *o)
{
	int phase = o->word ? name_index(phase_names, IOP_NR_PHASES, o->word) : IOP_WAIT;
	__u64 interval_ns = o->interval_ns ? o->interval_ns : DEFAULT_INTERVAL_NS;
	struct heat_run r = { .options = o, .phase = phase, .out = out_open(o->format) };
	int err;

	if (phase < 0)
		return usage_error("no phase '%s': one of %s", o->word,
				   name_list(phase_names, IOP_NR_PHASES));
	if (o->svg && (err = svg_check(o->svg)))
		return err;
	heat_begin(&r.whole, HEAT_MERGES, HEAT_WIDTH, interval_ns);
	heat_begin(&r.recent, HEAT_SCROLLS, RECENT, interval_ns);
	err = o->from ? from_recording(&r) : trace(&r);
	heat_end(&r.whole);
	heat_end(&r.recent);
	return err;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS,	  OPTIONS_READS,      &option_duration,
	&option_interval, &option_iterations, OPTIONS_PICTURE,
	&option_max_rows, OPTIONS_BACKEND,    NULL,
};

static const struct schema *const schemas[] = { NULL };

const struct command cmd_heat = {
	.name = "heat",
	.help = "a phase's times over a run, as a map",
	.takes = TAKES_PROGRAM,
	.word = "PHASE",
	.keys = heat_screen_keys,
	.options = options,
	.schemas = schemas,
	.run = run,
};

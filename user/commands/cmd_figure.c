// SPDX-License-Identifier: GPL-2.0-only
/* iophase figure: Stevens' figures of the five models, with what was measured. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "figure_draw.h"
#include "names.h"
#include "replay.h"
#include "tasks.h"
#include "tracing.h"
#include "util.h"

#define LOOK_EVERY_MS 20
#define ALL IOP_NR_MODELS

static void on_read(void *ctx, const struct iop_read_record *read)
{
	figure_add(ctx, read);
}

/*
 * Reads do not tell which wait call came before them: that is asked of threads that
 * were seen to be told by one, and are likely to be in it again.
 */
#define MAX_WAITING 32

struct live_figure {
	struct figure *figure;
	struct waiting {
		__u32 pid;
		__u32 tid;
		bool compat;
	} waiting[MAX_WAITING]; /* since the last look, or as many as fit */
	int nr;
};

static void note_waiting(struct live_figure *l, const struct iop_read_record *r)
{
	if (r->model != IOP_MULTIPLEXED || r->flags & IOP_F_HANDOFF ||
	    l->nr == MAX_WAITING)
		return;
	for (int i = 0; i < l->nr; i++)
		if (l->waiting[i].tid == r->tid)
			return;
	l->waiting[l->nr++] = (struct waiting){ r->pid, r->tid, r->compat };
}

static void on_record(void *ctx, const void *record, size_t size)
{
	struct live_figure *l = ctx;

	(void)size;
	if (*(const __u32 *)record != IOP_REC_READ)
		return;
	figure_add(l->figure, record);
	note_waiting(l, record);
}

static void ask_waiting(struct live_figure *l)
{
	const char *name;
	__u32 call;

	while (l->nr) {
		const struct waiting *w = &l->waiting[--l->nr];

		if (!task_call(w->pid, w->tid, &call))
			continue;
		name = wait_call_name(call, w->compat);
		if (name)
			figure_add_wait(l->figure, IOP_MULTIPLEXED, name);
	}
}

static void trace(struct session *s, const struct options *o, struct live_figure *l,
		  struct totals *t)
{
	l->figure->limits = session_limits(s);
	while (session_wait(s, LOOK_EVERY_MS)) {
		session_drain(s);
		ask_waiting(l);
	}
	session_detach(s);
	session_drain(s);
	*t = tracing_totals(s, o);
}

/* --- what there is to draw ------------------------------------------------------------ */

static int draw_all(struct picture *p, const struct figure *f)
{
	int y = 0;

	for (int m = 0; m < IOP_NR_MODELS; m++)
		if (figure_reads(f, m))
			y = figure_draw(p, y, f, m) + 2;
	return y ? figure_compare(p, y, f) : y;
}

/* A model that did not occur has no figure: what did is said instead. */
static int draw_none(struct picture *p, const struct figure *f, int model)
{
	const char *before = "; but";
	char line[128], count[16];
	size_t n = snprintf(line, sizeof(line), "No%s%s reads", model == ALL ? "" : " ",
			    model == ALL ? "" : model_names[model]);

	for (int m = 0; m < IOP_NR_MODELS; m++) {
		if (!figure_reads(f, m))
			continue;
		n += snprintf(line + n, sizeof(line) - n, "%s %s %s", before,
			      format_count(count, figure_reads(f, m)), model_names[m]);
		before = ",";
	}
	picture_words(p, 0, 0, ALIGN_LEFT, INK_TEXT, "%s.", line);
	return 1;
}

static int draw(struct picture *p, const struct figure *f, int model)
{
	int y = 0;

	if (model == ALL)
		y = draw_all(p, f);
	else if (figure_reads(f, model))
		y = figure_draw(p, y, f, model);
	if (!y)
		return draw_none(p, f, model);
	picture_words(p, 0, y + 1, ALIGN_LEFT, INK_FAINT,
		      "Percentiles are off by 6.25 %% at the most.");
	return y + 2;
}

static int show(const struct options *o, const struct figure *f, int model,
		const struct totals *t)
{
	struct picture p = {};
	int y = draw(&p, f, model), err = EXIT_DONE;

	picture_text(&p, stdout, o->ascii ? CHARSET_ASCII : charset_here());
	if (o->svg) {
		picture_totals(&p, y, t);
		err = svg_save(o->svg, &p, "iophase figure");
	}
	picture_free(&p);
	return err;
}

/* --- the command ---------------------------------------------------------------------- */

static int from_recording(const struct options *o, struct figure *f, int model,
			  const struct out *out)
{
	static struct phase_limits limits; /* the picture has it, too */
	struct totals t = {};
	int err = replay_recording(o->from, on_read, f, &t.kernel, &limits);

	if (err)
		return err;
	f->limits = &limits;
	figure_finish(f);
	err = show(o, f, model, &t);
	out_counters(out, &t);
	return err;
}

static int live(const struct options *o, struct figure *f, int model,
		const struct out *out)
{
	struct live_figure l = { .figure = f };
	struct session *s = tracing_begin(o, SESSION_EMIT, on_record, &l, out);
	struct totals t;
	int err;

	if (!s)
		return EXIT_FAILED;
	trace(s, o, &l, &t);
	figure_finish(f);
	err = show(o, f, model, &t);
	out_counters(out, &t);
	session_close(s);
	return err;
}

static int run(const struct options *o)
{
	int model = o->word ? name_index(model_names, IOP_NR_MODELS, o->word) : ALL;
	struct out out = out_open(o->format);
	struct figure *f;
	int err;

	if (o->word && !strcmp(o->word, "all"))
		model = ALL;
	if (model < 0)
		return usage_error("no figure '%s': one of all, %s", o->word,
				   name_list(model_names, IOP_NR_MODELS));
	if (o->svg && (err = svg_check(o->svg)))
		return err;
	f = xcalloc(1, sizeof(*f));
	err = o->from ? from_recording(o, f, model, &out) : live(o, f, model, &out);
	free(f);
	return err;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS,	 &option_port,	 &option_proto,	  &option_min, &option_duration,
	OPTIONS_PICTURE, &option_buffer, OPTIONS_BACKEND, NULL,
};

static const struct schema *const schemas[] = { NULL };

const struct command cmd_figure = {
	.name = "figure",
	.help = "Stevens' figures of the I/O models, measured",
	.takes = TAKES_PROGRAM,
	.word = "MODEL|all",
	.options = options,
	.schemas = schemas,
	.run = run,
};

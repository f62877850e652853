// SPDX-License-Identifier: GPL-2.0-only
#include "figure_draw.h"

#include <string.h>

#include "figure_phase.h"
#include "util.h"

/* Columns */
#define LEFT_END 11
#define LEFT_BRACE 13
#define APPLICATION 15
#define APPLICATION_FLOW 20
#define ARROW_END 46
#define KERNEL 48
#define KERNEL_FLOW 54
#define RIGHT_BRACE 63
#define RIGHT 65

/* Stands for the call that was made; and is what is said if its name is not known. */
static const char read_call[] = "read call";
static const char wait_call[] = "wait call";

enum step_kind {
	END,
	CALL,	/* an arrow from the application to the kernel */
	RETURN, /* and one back */
	STATE,	/* words alone */
	FLOW,	/* time goes by in the kernel */
	BUSY,	/* and in the application */
};

/* What the brace on the application's side says. */
enum doing {
	NOTHING,
	IN_READ,
	IN_WAIT,
	ASKING,
	GOING_ON,
	ELSEWHERE, /* the phase dispatch */
};

enum only_if {
	ALWAYS,
	IF_POLLED,
	IF_LATE, /* the application was later than the data */
};

#define NO_PHASE IOP_NR_PHASES

/* A line of a figure; neighbours of one phase, or doing one thing, share a brace. */
struct step {
	enum step_kind kind;
	enum doing doing;
	enum iop_phase phase; /* on the kernel's side */
	const char *application;
	const char *label;
	const char *kernel;
	enum only_if only_if;
};

static const struct step blocking[] = {
	{ STATE, ELSEWHERE, NO_PHASE, "", "", "(data ready)", IF_LATE },
	{ BUSY, ELSEWHERE, NO_PHASE, "", "", "", IF_LATE },
	{ BUSY, ELSEWHERE, NO_PHASE, "", "", "", IF_LATE },
	{ CALL, IN_READ, IOP_WAIT, read_call, "system call", "no data ready" },
	{ FLOW, IN_READ, IOP_WAIT },
	{ FLOW, IN_READ, IOP_WAIT },
	{ FLOW, IN_READ, IOP_WAIT },
	{ STATE, IN_READ, IOP_WAKE, "", "", "data ready" },
	{ FLOW, IN_READ, IOP_WAKE },
	{ FLOW, IN_READ, IOP_WAKE },
	{ STATE, IN_READ, IOP_COPY, "", "", "copy data" },
	{ FLOW, IN_READ, IOP_COPY },
	{ STATE, IN_READ, IOP_COPY, "", "", "copy complete" },
	{ FLOW, IN_READ, IOP_REST },
	{ FLOW, IN_READ, IOP_REST },
	{ RETURN, IN_READ, IOP_REST, "process data", "return", "" },
	{},
};

static const struct step nonblocking[] = {
	{ CALL, ASKING, IOP_WAIT, read_call, "system call", "no data ready", IF_POLLED },
	{ RETURN, ASKING, IOP_WAIT, "", "EAGAIN", "", IF_POLLED },
	{ CALL, ASKING, IOP_WAIT, read_call, "system call", "no data ready", IF_POLLED },
	{ RETURN, ASKING, IOP_WAIT, "", "EAGAIN", "", IF_POLLED },
	{ STATE, ELSEWHERE, NO_PHASE, "", "", "data ready" },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ CALL, IN_READ, IOP_COPY, read_call, "system call", "copy data" },
	{ FLOW, IN_READ, IOP_COPY },
	{ STATE, IN_READ, IOP_COPY, "", "", "copy complete" },
	{ FLOW, IN_READ, IOP_REST },
	{ FLOW, IN_READ, IOP_REST },
	{ RETURN, IN_READ, IOP_REST, "process data", "return", "" },
	{},
};

static const struct step multiplexed[] = {
	{ CALL, IN_WAIT, IOP_WAIT, wait_call, "system call", "no data ready" },
	{ FLOW, IN_WAIT, IOP_WAIT },
	{ FLOW, IN_WAIT, IOP_WAIT },
	{ FLOW, IN_WAIT, IOP_WAIT },
	{ STATE, IN_WAIT, IOP_WAKE, "", "", "data ready" },
	{ FLOW, IN_WAIT, IOP_WAKE },
	{ RETURN, IN_WAIT, IOP_WAKE, "readable", "return", "" },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ CALL, IN_READ, IOP_COPY, read_call, "system call", "copy data" },
	{ FLOW, IN_READ, IOP_COPY },
	{ STATE, IN_READ, IOP_COPY, "", "", "copy complete" },
	{ FLOW, IN_READ, IOP_REST },
	{ FLOW, IN_READ, IOP_REST },
	{ RETURN, IN_READ, IOP_REST, "process data", "return", "" },
	{},
};

static const struct step signal_driven[] = {
	{ CALL, NOTHING, NO_PHASE, "set O_ASYNC", "system call", "" },
	{ RETURN, NOTHING, NO_PHASE, "", "return", "" },
	{ STATE, GOING_ON, IOP_WAIT, "", "", "no data ready" },
	{ FLOW, GOING_ON, IOP_WAIT },
	{ FLOW, GOING_ON, IOP_WAIT },
	{ STATE, GOING_ON, IOP_WAKE, "", "", "data ready" },
	{ FLOW, GOING_ON, IOP_WAKE },
	{ RETURN, GOING_ON, IOP_WAKE, "readable", "signal", "" },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ CALL, IN_READ, IOP_COPY, read_call, "system call", "copy data" },
	{ FLOW, IN_READ, IOP_COPY },
	{ STATE, IN_READ, IOP_COPY, "", "", "copy complete" },
	{ FLOW, IN_READ, IOP_REST },
	{ FLOW, IN_READ, IOP_REST },
	{ RETURN, IN_READ, IOP_REST, "process data", "return", "" },
	{},
};

static const struct step asynchronous[] = {
	{ CALL, GOING_ON, IOP_WAIT, read_call, "submission", "no data ready" },
	{ FLOW, GOING_ON, IOP_WAIT },
	{ FLOW, GOING_ON, IOP_WAIT },
	{ FLOW, GOING_ON, IOP_WAIT },
	{ STATE, GOING_ON, IOP_WAKE, "", "", "data ready" },
	{ FLOW, GOING_ON, IOP_WAKE },
	{ FLOW, GOING_ON, IOP_WAKE },
	{ STATE, GOING_ON, IOP_COPY, "", "", "copy data" },
	{ FLOW, GOING_ON, IOP_COPY },
	{ STATE, GOING_ON, IOP_COPY, "", "", "copy complete" },
	{ FLOW, GOING_ON, IOP_REST },
	{ FLOW, GOING_ON, IOP_REST },
	{ FLOW, GOING_ON, IOP_REST },
	{ RETURN, ELSEWHERE, NO_PHASE, "", "completion", "" },
	{ BUSY, ELSEWHERE, NO_PHASE },
	{ STATE, ELSEWHERE, NO_PHASE, "process data", "", "" },
	{},
};

static const struct {
	const char *title;
	const struct step *steps;
} figures[IOP_NR_MODELS] = {
	[IOP_BLOCKING] = { "6.1: blocking I/O", blocking },
	[IOP_NONBLOCKING] = { "6.2: nonblocking I/O", nonblocking },
	[IOP_MULTIPLEXED] = { "6.3: I/O multiplexing", multiplexed },
	[IOP_SIGNAL] = { "6.4: signal-driven I/O", signal_driven },
	[IOP_ASYNC] = { "6.5: asynchronous I/O", asynchronous },
};

/* A figure being drawn. */
struct drawing {
	struct picture *p;
	const struct figure *f;
	enum iop_model model;
	const struct figure_model *m;
	const struct step *steps[32]; /* those that are drawn */
	int nr;
	int y; /* of the first */
};

static bool is_drawn(const struct drawing *d, const struct step *s)
{
	switch (s->only_if) {
	case IF_POLLED:
		return d->m->dist.sums.polls;
	case IF_LATE:
		return d->m->dist.max_ns[IOP_DISPATCH];
	default:
		return true;
	}
}

static const char *word(const struct drawing *d, const char *w)
{
	const struct tally *t = w == read_call ? &d->m->reads :
				w == wait_call ? &d->m->waits :
						 NULL;

	return t && t->nr ? t->of[0].name : w;
}

static void draw_step(const struct drawing *d, int i)
{
	const struct step *s = d->steps[i];
	const char *left = s->application ? word(d, s->application) : "";
	int y = d->y + i, from = APPLICATION + (*left ? strlen(left) + 1 : 0);

	if (*left)
		picture_words(d->p, APPLICATION, y, ALIGN_LEFT, INK_TEXT, "%s", left);
	if (s->kernel && *s->kernel)
		picture_words(d->p, KERNEL, y, ALIGN_LEFT, INK_TEXT, "%s", s->kernel);
	if (s->kind == CALL)
		picture_arrow(d->p, from, y, ARROW_END, y, s->label);
	else if (s->kind == RETURN)
		picture_arrow(d->p, ARROW_END, y, from, y, s->label);
}

/* Runs of what takes time are one arrow. */
static void draw_flows(const struct drawing *d)
{
	for (int i = 0, end; i < d->nr; i = end) {
		enum step_kind kind = d->steps[i]->kind;
		int x = kind == FLOW ? KERNEL_FLOW : APPLICATION_FLOW;

		for (end = i + 1; end < d->nr && d->steps[end]->kind == kind; end++)
			;
		if (kind == FLOW || kind == BUSY)
			picture_arrow(d->p, x, d->y + i, x, d->y + end - 1, NULL);
	}
}

/* Three lines: the phase and its times. */
static void draw_phase(const struct drawing *d, int y, enum align align,
		       enum iop_phase phase)
{
	int x = align == ALIGN_RIGHT ? LEFT_END : RIGHT;
	char text[16];

	picture_words(d->p, x, y, align, INK_WAIT + phase, "%s", phase_words[phase]);
	picture_words(d->p, x, y + 1, align, INK_TEXT, "p50 %s",
		      phase_time(text, d->f, d->model, phase, 500));
	picture_words(d->p, x, y + 2, align, INK_TEXT, "p99 %s",
		      phase_time(text, d->f, d->model, phase, 990));
}

static void draw_doing(const struct drawing *d, int y, enum doing doing)
{
	static const char *const words[][2] = {
		[IN_READ] = { "blocked in", read_call },
		[IN_WAIT] = { "blocked in", wait_call },
		[ASKING] = { "asks again", "and again" },
		[GOING_ON] = { "goes on", "meanwhile" },
	};

	if (doing == ELSEWHERE) {
		draw_phase(d, y, ALIGN_RIGHT, IOP_DISPATCH);
		return;
	}
	for (int i = 0; i < 2; i++)
		picture_words(d->p, LEFT_END, y + i, ALIGN_RIGHT, INK_TEXT, "%s",
			      word(d, words[doing][i]));
}

static void draw_braces(const struct drawing *d)
{
	for (int i = 0, end; i < d->nr; i = end) {
		enum iop_phase phase = d->steps[i]->phase;

		for (end = i + 1; end < d->nr && d->steps[end]->phase == phase; end++)
			;
		if (phase == NO_PHASE)
			continue;
		picture_brace(d->p, RIGHT_BRACE, d->y + i, d->y + end - 1, SIDE_RIGHT,
			      INK_WAIT + phase);
		draw_phase(d, d->y + i, ALIGN_LEFT, phase);
	}
	for (int i = 0, end; i < d->nr; i = end) {
		enum doing doing = d->steps[i]->doing;

		for (end = i + 1; end < d->nr && d->steps[end]->doing == doing; end++)
			;
		if (doing == NOTHING)
			continue;
		picture_brace(d->p, LEFT_BRACE, d->y + i, d->y + end - 1, SIDE_LEFT,
			      doing == ELSEWHERE ? INK_DISPATCH : INK_TEXT);
		draw_doing(d, d->y + i, doing);
	}
}

int figure_draw(struct picture *p, int y, const struct figure *f, enum iop_model model)
{
	struct drawing d = { .p = p, .f = f, .model = model, .m = &f->models[model] };

	picture_words(p, 0, y++, ALIGN_LEFT, INK_TITLE, "Figure %s",
		      figures[model].title);
	y = figure_notes(p, y, d.m);
	picture_words(p, APPLICATION, ++y, ALIGN_LEFT, INK_FAINT, "application");
	picture_words(p, KERNEL, y++, ALIGN_LEFT, INK_FAINT, "kernel");
	d.y = y;
	for (const struct step *s = figures[model].steps; s->kind != END; s++)
		if (is_drawn(&d, s))
			d.steps[d.nr++] = s;
	for (int i = 0; i < d.nr; i++)
		draw_step(&d, i);
	draw_flows(&d);
	draw_braces(&d);
	return d.y + d.nr;
}

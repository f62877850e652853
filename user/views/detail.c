// SPDX-License-Identifier: GPL-2.0-only
#include "detail.h"

#include <stdio.h>
#include <string.h>

#include "heat_screen.h"
#include "names.h"
#include "phase_bar.h"
#include "picture.h"
#include "text.h"
#include "tui.h"
#include "util.h"

#define LABELS_WIDE 34	 /* "d dispatch  p50 1.47u  p99 3.45u  " */
#define LABELS_NARROW 16 /* "dispatch  3.45u " */

struct pane {
	const struct outline *outline;
	const struct item *item;
	int width;
	int cell; /* columns for half a decade */
	int x;	  /* of the first */
};

/* The times of a heat map's rows, from left to right. */
static void draw_phase(const struct pane *p, const struct phase_limits *limits, int y,
		       enum iop_phase phase)
{
	const struct dist *d = &p->outline->run;
	struct heat_column column = {};
	__u32 lost = limits ? limits->lost[p->item->row.key.model] : 0;
	char line[128], p50[16] = "-", p99[16] = "-";

	heat_add(&column, d->buckets[phase], d->max_ns[phase], 0, NULL);
	if (sums_timed(&d->sums) && !(lost & PHASE(phase))) {
		format_ns(p50, dist_percentile(d, phase, 500));
		format_ns(p99, dist_percentile(d, phase, 990));
	}
	if (p->x == LABELS_WIDE)
		snprintf(line, sizeof(line), "  %-8s  p50 %5s  p99 %5s",
			 phase_names[phase], p50, p99);
	else
		snprintf(line, sizeof(line), "  %-8s%5s", phase_names[phase], p99);
	tui_line(y, line, TUI_PLAIN);
	tui_phase(y, 0, phase_letters[phase], phase);
	for (int row = 0; row < HEAT_ROWS; row++) {
		struct heat_cell cell = heat_cell(&column, row, 1);

		for (int i = 0; i < p->cell; i++)
			tui_cell(y, p->x + row * p->cell + i, heat_character(cell),
				 cell.level);
	}
}

static void draw_ruler(const struct pane *p, int y)
{
	char line[128], label[16];
	int n = snprintf(line, sizeof(line), "%*s", p->x, "");

	for (int row = 1; row < HEAT_ROWS; row += 4) {
		int at = p->x + row * p->cell;

		n += snprintf(line + n, sizeof(line) - n, "%*s|%s", at - n, "",
			      heat_ruler(label, row, 1));
	}
	tui_line(y, line, TUI_DIM);
}

/* The latest on the right; the highest has the highest level. */
static void draw_minute(const struct pane *p, int y)
{
	const struct item *item = p->item;
	double interval_s = item->row.interval_ns / 1e9;
	char line[128], most_text[16];
	__u32 most = 0;
	int shown = OUTLINE_HISTORY;

	if (shown > p->width - LABELS_NARROW)
		shown = p->width - LABELS_NARROW;
	for (int i = 0; i < shown; i++)
		if (item->history[i] > most)
			most = item->history[i];
	snprintf(line, sizeof(line), "%.0f s, to %s/s", shown * interval_s,
		 format_count(most_text, interval_s > 0 ? most / interval_s + 0.5 : 0));
	tui_line(y, line, TUI_PLAIN);
	for (int i = 0; i < shown; i++) {
		__u32 n = item->history[i];
		int level = n ? 1 + (int)((MAX_LEVEL - 1) * (double)n / most) : 0;

		tui_cell(y, LABELS_NARROW + shown - i, *cell_text(level, CHARSET_ASCII),
			 level);
	}
}

void detail_draw(const struct outline *o, const struct item *item, const char *who,
		 const struct phase_limits *limits, int y, int lines)
{
	struct pane p = { .outline = o, .item = item };
	char line[256], reads[16];
	int height;

	tui_size(&height, &p.width);
	p.x = p.width >= LABELS_WIDE + HEAT_ROWS ? LABELS_WIDE : LABELS_NARROW;
	p.cell = p.width >= p.x + 2 * HEAT_ROWS ? 2 : 1;
	snprintf(line, sizeof(line), "%s %s: %s reads in %.0f s", who,
		 model_names[item->row.key.model], format_count(reads, o->run.sums.reads),
		 (o->table->ts_ns - o->selected_ns + item->row.interval_ns) / 1e9);
	text_clean(line);
	tui_line(y, line, TUI_BAR);
	for (int i = 0; i < IOP_NR_PHASES && i + 1 < lines; i++)
		draw_phase(&p, limits, y + 1 + i, i);
	if (lines > DETAIL_LEAST)
		draw_ruler(&p, y + DETAIL_LEAST);
	if (lines > DETAIL_LEAST + 1)
		draw_minute(&p, y + DETAIL_LEAST + 1);
}

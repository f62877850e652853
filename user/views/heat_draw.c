// SPDX-License-Identifier: GPL-2.0-only
#include "heat_draw.h"

#include <string.h>

#include "names.h"
#include "percentile.h"
#include "util.h"

#define TICK 12 /* columns */

const char *heat_title(char buf[96], const struct heat *h, enum iop_phase phase,
		       const struct phase_limits *limits)
{
	struct heat_column sum;
	__u64 reads = heat_sum(h, &sum);
	char count[16], p50[16], p99[16];
	int n;

	if (reads)
		n = snprintf(buf, 96, "%s%s of %s read%s, p50 %s, p99 %s",
			     bound_mark(limits, PHASE(phase)), phase_names[phase],
			     format_count(count, reads), reads == 1 ? "" : "s",
			     format_ns(p50,
				       buckets_percentile(sum.buckets, sum.max_ns, 500)),
			     format_ns(p99, buckets_percentile(sum.buckets, sum.max_ns,
							       990)));
	else
		n = snprintf(buf, 96, "%s: no reads", phase_names[phase]);
	if (h->untimed)
		snprintf(buf + n, 96 - n, "%s %s without times", reads ? ";" : " but",
			 format_count(count, h->untimed));
	return buf;
}

static void draw_column(struct picture *p, int x, int y, const struct heat_column *c,
			enum iop_phase phase)
{
	for (int row = 0; row < HEAT_ROWS; row++) {
		struct heat_cell cell = heat_cell(c, row, 1);
		int at = y + HEAT_ROWS - 1 - row;

		picture_cell(p, x, at, cell.level, INK_WAIT + phase);
		if (cell.has_p50)
			picture_mark(p, x, at, MARK_MEDIAN, cell.level);
		else if (cell.has_p99)
			picture_mark(p, x, at, MARK_TAIL, cell.level);
	}
}

/* When, in seconds since the start. */
static void draw_ticks(struct picture *p, int y, const struct heat *h)
{
	double step = h->interval_ns * h->intervals / 1e9;

	for (int i = 0; i < h->nr; i += TICK)
		picture_words(p, HEAT_RULER + i, y, ALIGN_LEFT, INK_FAINT, "|%.*fs",
			      step < 1 ? 2 : 0, i * step);
}

/* The levels, in whatever way this picture shows them. */
static int draw_legend(struct picture *p, int y, enum iop_phase phase)
{
	int x = HEAT_RULER;

	for (int level = 1; level <= MAX_LEVEL; level++, x += 7) {
		picture_cell(p, x, y, level, INK_WAIT + phase);
		picture_words(p, x + 2, y, ALIGN_LEFT, INK_FAINT, "%llu",
			      (unsigned long long)heat_level_from(level));
	}
	picture_words(p, x, y, ALIGN_LEFT, INK_FAINT, "or more");
	picture_words(p, HEAT_RULER, ++y, ALIGN_LEFT, INK_FAINT, "reads a cell;");
	x = HEAT_RULER + 14;
	picture_mark(p, x, y, MARK_MEDIAN, 1);
	picture_mark(p, x + 2, y, MARK_MEDIAN, MAX_LEVEL);
	picture_words(p, x + 1, y, ALIGN_LEFT, INK_FAINT, "-");
	picture_words(p, x + 4, y, ALIGN_LEFT, INK_FAINT, "where p50 is,");
	x += 18;
	picture_mark(p, x, y, MARK_TAIL, 1);
	picture_mark(p, x + 2, y, MARK_TAIL, MAX_LEVEL);
	picture_words(p, x + 1, y, ALIGN_LEFT, INK_FAINT, "-");
	picture_words(p, x + 4, y, ALIGN_LEFT, INK_FAINT, "p99");
	return y + 1;
}

int heat_draw(struct picture *p, const struct heat *h, enum iop_phase phase,
	      const struct phase_limits *limits)
{
	struct heat_column sum;
	char text[96];
	int y = 2;

	picture_words(p, 0, 0, ALIGN_LEFT, INK_TITLE, "%s",
		      heat_title(text, h, phase, limits));
	if (!heat_sum(h, &sum))
		return 1;
	for (int row = 0; row < HEAT_ROWS; row++)
		picture_words(p, HEAT_RULER - 2, y + HEAT_ROWS - 1 - row, ALIGN_RIGHT,
			      INK_FAINT, "%s", heat_ruler(text, row, 1));
	for (int i = 0; i < h->nr; i++)
		draw_column(p, HEAT_RULER + i, y, &h->columns[i], phase);
	y += HEAT_ROWS;
	draw_ticks(p, y, h);
	return draw_legend(p, y + 1, phase);
}

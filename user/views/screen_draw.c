// SPDX-License-Identifier: GPL-2.0-only
/* The frame of the live screen. */
#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detail.h"
#include "names.h"
#include "phase_bar.h"
#include "services.h"
#include "text.h"
#include "tui.h"
#include "util.h"

#define LINE_LEN 512

/* With --cost in place of the title and the bytes, which would not fit. */
static void draw_cost(const struct screen *s, unsigned int age)
{
	char line[LINE_LEN], own[64], lost[16];

	snprintf(line, sizeof(line), "%02u:%02u:%02u  %s  %s  lost %s%s", age / 3600,
		 age / 60 % 60, age % 60, s->backend, self_cost_text(s->self_cost, own),
		 format_count(lost, s->counters.lost), s->paused ? "  PAUSED" : "");
	tui_line(0, line, TUI_BOLD);
}

static void draw_status(const struct screen *s, int columns)
{
	const struct table *t = s->table;
	unsigned int age = (t->ts_ns - t->start_ns) / 1000000000;
	char line[LINE_LEN], reads[16], bytes[16], lost[16], bad[16];
	char sample[16] = "";

	if (s->self_cost) {
		draw_cost(s, age);
		return;
	}
	format_count(reads, per_second(&t->sum, t->sum.sums.reads));
	format_count(bytes, per_second(&t->sum, t->sum.sums.bytes));
	format_count(lost, s->counters.lost);
	format_count(bad, s->counters.rejected);
	if (t->sample > 1)
		snprintf(sample, sizeof(sample), " 1/%u", t->sample);
	if (columns < 70)
		snprintf(line, sizeof(line),
			 "%02u:%02u:%02u %s%s %s rd/s lost %s rej %s%s", age / 3600,
			 age / 60 % 60, age % 60, s->backend, sample, reads, lost, bad,
			 s->paused ? " PAUSED" : "");
	else
		snprintf(line, sizeof(line),
			 "iophase top  %02u:%02u:%02u  %s%s  "
			 "%s reads/s  %sB/s  lost %s  rejected %s%s",
			 age / 3600, age / 60 % 60, age % 60, s->backend, sample, reads,
			 bytes, lost, bad, s->paused ? "  PAUSED" : "");
	tui_line(0, line, TUI_BOLD);
}

static const char *const group_words[IOP_NR_GROUPS] = {
	[IOP_BY_PROCESS] = "",
	[IOP_BY_THREAD] = "threads ",
	[IOP_BY_SOCKET] = "sockets ",
	[IOP_BY_SERVICE] = "services ",
};

static void draw_hints(const struct screen *s, int y)
{
	char line[LINE_LEN], help[32], quit[32];

	if (s->editing)
		snprintf(line, sizeof(line), "only commands with: %s_", s->filter);
	else
		snprintf(line, sizeof(line), "%s  %s%s%s%s%s%s  %s",
			 key_hint(screen_keys, 'h', help),
			 group_words[s->outline->view], s->reverse ? "reverse " : "by ",
			 sort_heading(s->sort), s->filter[0] ? "  /" : "", s->filter,
			 s->sheet->below.nr ? "  p50, p99 below" :
			 s->only_p99	    ? "  p99" :
					      "",
			 key_hint(screen_keys, 'q', quit));
	tui_line(y, line, TUI_BAR);
}

/* Where the words that say what a row is of end, and numbers begin. */
static int width_of_names(const struct sheet *s)
{
	int width = 0;

	for (int i = 0; i < s->text.nr && strcmp(s->text.of[i].title, "RD/s"); i++)
		width += abs(s->text.of[i].width) + 1;
	return width;
}

static const char *name_of(const struct item *item, char *buf, size_t size)
{
	const struct row *r = &item->row;
	struct value end;
	char address[64];

	switch (item->kind) {
	case IOP_BY_THREAD:
		snprintf(buf, size, "%s (%u)", r->comm, r->tid);
		break;
	case IOP_BY_SOCKET:
		end = value_end(address, &r->ends, true);
		snprintf(buf, size, "fd %d %s", r->fd == IOP_ANY ? -1 : (int)r->fd,
			 end.kind == VALUE_NONE ? "no peer" :
			 *address		? address :
						  proto_name(&r->ends));
		break;
	case IOP_BY_SERVICE:
		snprintf(buf, size, "%s", row_service(r) ? row_service(r) : "no address");
		break;
	default:
		snprintf(buf, size, "%s (%u)", r->comm, r->pid);
	}
	return buf;
}

/* "-" is open, "+" is not; where a name is cut its end stays: a port, an id. */
static void put_name(const struct screen *s, const struct item *item, char *line)
{
	int width = width_of_names(s->sheet) - 1, indent = 2 * item->depth, n;
	char name[128];

	name_of(item, name, sizeof(name));
	text_clean(name);
	n = strlen(name);
	if (indent > width / 2)
		indent = width / 2;
	if (width - indent - 2 < 1)
		return;
	memset(line, ' ', width);
	line[indent] = !outline_opens(s->outline, item) ? ' ' : item->open ? '-' : '+';
	line += indent + 2;
	width -= indent + 2;
	if (n <= width) {
		memcpy(line, name, n);
		return;
	}
	memcpy(line, name + n - width, width);
	*line = '~';
}

static void draw_row(const struct screen *s, int i, int y, int bottom)
{
	const struct row *r = s->rows[i];
	const struct item *item = item_of(r);
	enum tui_style style = i == s->selected ? TUI_SELECTED :
			       row_is_busy(r)	? TUI_PLAIN :
						  TUI_DIM;
	bool two = screen_height_of(s, i) == 2 && y + 1 < bottom;
	char line[LINE_LEN];

	sheet_line(s->sheet, r, line, sizeof(line));
	if (item->depth)
		put_name(s, item, line);
	tui_line(y, line, style);
	if (two) {
		sheet_line_below(s->sheet, r, line, sizeof(line));
		tui_line(y + 1, line, TUI_PLAIN);
	}
	if (s->bar_width && (two || !s->sheet->below.nr))
		phase_bar_draw(r, s->sheet->limits, y + two, s->bar_x, s->bar_width);
}

static void keep_in_view(struct screen *s, int room)
{
	int height = 0;

	if (s->selected >= s->nr)
		s->selected = s->nr - 1;
	if (s->selected < 0)
		s->selected = 0;
	s->follow = s->nr ? screen_selected(s)->id : 0;
	if (s->top > s->selected)
		s->top = s->selected;
	for (int i = s->top; i <= s->selected && i < s->nr; i++)
		height += screen_height_of(s, i);
	while (height > room && s->top < s->selected)
		height -= screen_height_of(s, s->top++);
}

static void draw_rows(struct screen *s, int bottom)
{
	keep_in_view(s, bottom - FIRST_ROW);
	for (int i = s->top, y = FIRST_ROW; i < s->nr && y < bottom; i++) {
		draw_row(s, i, y, bottom);
		y += screen_height_of(s, i);
	}
	if (!s->nr)
		tui_line(FIRST_ROW,
			 s->filter[0] ? "No command like that." :
			 s->regrouped ? "Counted so from now on." :
			 s->hint      ? s->hint :
					"No reads yet.",
			 TUI_DIM);
}

/* --- where bars are ------------------------------------------------------------------ */

static bool is_blank(const struct column *c)
{
	return c->kind == COLUMN_LABEL && !*c->names[0];
}

/* The widest gap of the second lines. */
static void bar_below(struct screen *s)
{
	int x = 0, from = 0, width = 0;

	for (int i = 0; i < s->sheet->below.nr; i++) {
		const struct column *c = &s->sheet->below.of[i];

		x += abs(c->width) + 1;
		if (!is_blank(c)) {
			from = x;
		} else if (x - 1 - from > width) {
			s->bar_x = from;
			width = x - 1 - from;
		}
	}
	s->bar_width = width;
}

static int text_width(const struct sheet *s)
{
	int width = -1;

	for (int i = 0; i < s->text.nr; i++)
		width += abs(s->text.of[i].width) + 1;
	return width;
}

/* Every row has a bar, if shares are known: in a second line, or behind what leaves it room. */
static void fit(struct screen *s, int width)
{
	enum row_lines lines = s->only_p99 ? LINES_P99 : LINES_AUTO;
	int view = s->outline->view, room;

	s->bar_width = 0;
	top_layout_fit(s->sheet, view, width, lines);
	if (bounds_only(s->sheet->limits))
		return; /* what is but bounded has no shares */
	if (s->sheet->below.nr) {
		bar_below(s);
	} else {
		if (width - text_width(s->sheet) <= BAR_LEAST && width > 24 + BAR_LEAST)
			top_layout_fit(s->sheet, view, width - BAR_LEAST - 1, lines);
		s->bar_x = text_width(s->sheet) + 1;
		room = width - s->bar_x;
		s->bar_width = room >= BAR_LEAST ? room : 0;
	}
	if (s->bar_width > BAR_MOST)
		s->bar_width = BAR_MOST;
}

static void draw_heading(const struct screen *s)
{
	char line[LINE_LEN];
	size_t n;

	sheet_header(s->sheet, line, sizeof(line));
	n = strlen(line);
	if (s->bar_width && !s->sheet->below.nr && (size_t)s->bar_x >= n)
		snprintf(line + n, sizeof(line) - n, "%*sPHASES", s->bar_x - (int)n, "");
	tui_line(1, line, TUI_BAR);
}

/* Below the rows, of which at least one must be seen. */
static int detail_lines(struct screen *s, int height)
{
	int room = height - 1 - FIRST_ROW - 1;

	if (!s->detail_chosen)
		s->detail = height >= 24;
	if (!s->detail || s->help || !s->nr || room < DETAIL_LEAST)
		return 0;
	return room < DETAIL_LINES ? room : DETAIL_LINES;
}

static void draw_detail(struct screen *s, int lines)
{
	const struct item *item = screen_selected(s);
	char who[128];

	outline_select(s->outline, item);
	detail_draw(s->outline, item, name_of(item, who, sizeof(who)), s->sheet->limits,
		    s->bottom, lines);
}

void screen_draw(struct screen *s)
{
	int height, width, lines;

	tui_size(&height, &width);
	if (!s->only_p99_chosen)
		s->only_p99 = height < 16 || width < 66;
	lines = detail_lines(s, height);
	s->bottom = height - 1 - lines;
	fit(s, width);
	tui_clear();
	draw_status(s, width);
	draw_heading(s);
	if (s->help)
		key_help_draw(screen_keys, FIRST_ROW, s->bottom);
	else
		draw_rows(s, s->bottom);
	if (lines)
		draw_detail(s, lines);
	draw_hints(s, height - 1);
	tui_show();
}

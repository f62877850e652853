// SPDX-License-Identifier: GPL-2.0-only
#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "tui.h"
#include "util.h"

#define LINE_LEN 512
#define FIRST_ROW 2 /* below the status and the headings */

/* --- keys ------------------------------------------------------------------------ */

static int do_quit(struct screen *s)
{
	(void)s;
	return SCREEN_QUIT;
}

static int do_pause(struct screen *s)
{
	s->paused = !s->paused;
	return SCREEN_DRAW;
}

static int do_sort_next(struct screen *s)
{
	s->sort = sort_next(s->view, s->sort, 1);
	return SCREEN_DRAW;
}

static int do_sort_previous(struct screen *s)
{
	s->sort = sort_next(s->view, s->sort, -1);
	return SCREEN_DRAW;
}

static int do_reverse(struct screen *s)
{
	s->reverse = !s->reverse;
	return SCREEN_DRAW;
}

static int do_filter(struct screen *s)
{
	s->editing = true;
	return SCREEN_DRAW;
}

static int do_percentiles(struct screen *s)
{
	s->only_p99 = !s->only_p99;
	s->only_p99_chosen = true;
	return SCREEN_DRAW;
}

static int do_clear(struct screen *s)
{
	s->filter[0] = 0;
	return SCREEN_DRAW;
}

static int do_help(struct screen *s)
{
	s->help = true;
	return SCREEN_DRAW;
}

static int move(struct screen *s, int by)
{
	s->selected += by;
	return SCREEN_DRAW; /* screen_draw() keeps it within the rows */
}

static int do_up(struct screen *s)
{
	return move(s, -1);
}

static int do_down(struct screen *s)
{
	return move(s, 1);
}

static int do_page_up(struct screen *s)
{
	return move(s, -10);
}

static int do_page_down(struct screen *s)
{
	return move(s, 10);
}

static int do_home(struct screen *s)
{
	return move(s, -s->selected);
}

static int do_end(struct screen *s)
{
	return move(s, s->nr);
}

static int do_draw(struct screen *s)
{
	(void)s;
	return SCREEN_DRAW;
}

/* A row a key; help: what the help says, NULL for second names. */
static const struct {
	int key;
	int (*run)(struct screen *s);
	const char *help;
} keys[] = {
	{ 'q', do_quit, "q       quit" },
	{ ' ', do_pause, "space p pause, go on" },
	{ 'p', do_pause, NULL },
	{ 's', do_sort_next, "s > <   sort by next, previous" },
	{ '>', do_sort_next, NULL },
	{ '<', do_sort_previous, NULL },
	{ 'r', do_reverse, "r       reverse the order" },
	{ '/', do_filter, "/       only commands with..." },
	{ TUI_ESCAPE, do_clear, "Esc     all commands again" },
	{ '%', do_percentiles, "%       p50 and p99, only p99" },
	{ TUI_UP, do_up, "arrows  move" },
	{ TUI_DOWN, do_down, NULL },
	{ TUI_PAGE_UP, do_page_up, NULL },
	{ TUI_PAGE_DOWN, do_page_down, NULL },
	{ TUI_HOME, do_home, NULL },
	{ TUI_END, do_end, NULL },
	{ 'h', do_help, "h ?     this" },
	{ '?', do_help, NULL },
	{ TUI_RESIZE, do_draw, NULL },
	{ TUI_HANGUP, do_quit, NULL },
};

/* Keys while the filter is being typed. */
static int edit_key(struct screen *s, int key)
{
	size_t n = strlen(s->filter);

	if (key == TUI_ENTER || key == TUI_ESCAPE)
		s->editing = false;
	if (key == TUI_ESCAPE)
		s->filter[0] = 0;
	else if (key == TUI_BACKSPACE && n)
		s->filter[n - 1] = 0;
	else if (key >= ' ' && key < TUI_BACKSPACE && n + 1 < FILTER_LEN)
		memcpy(s->filter + n, (char[]){ key, 0 }, 2);
	return key == TUI_HANGUP ? SCREEN_QUIT : SCREEN_DRAW;
}

int screen_key(struct screen *s, int key)
{
	if (key == TUI_NONE)
		return 0;
	if (s->editing)
		return edit_key(s, key);
	if (s->help && key != TUI_RESIZE) {
		s->help = false;
		return key == 'q' || key == TUI_HANGUP ? SCREEN_QUIT :
							 SCREEN_DRAW;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == key)
			return keys[i].run(s);
	return 0;
}

/* --- the frame --------------------------------------------------------------------- */

void screen_update(struct screen *s)
{
	const struct table *t = s->table;

	s->rows = xrealloc(s->rows, t->nr + 1, sizeof(*s->rows));
	s->nr = 0;
	for (int i = 0; i < t->nr; i++) {
		const struct row *r = t->rows[i];

		if (!r->has_read && !row_is_busy(r))
			continue; /* an EAGAIN as tracing began */
		if (!s->filter[0] || strstr(r->comm, s->filter))
			s->rows[s->nr++] = r;
	}
	rows_sort(s->sheet, s->rows, s->nr, s->sort, s->reverse);
}

void screen_free(struct screen *s)
{
	free(s->rows);
}

/* With --cost in place of the title and the bytes, which would not fit. */
static void draw_cost(const struct screen *s, unsigned int age)
{
	char line[LINE_LEN], own[64], lost[16];

	snprintf(line, sizeof(line), "%02u:%02u:%02u  %s  %s  lost %s%s",
		 age / 3600, age / 60 % 60, age % 60, s->backend,
		 self_cost_text(s->self_cost, own),
		 format_count(lost, s->counters.lost),
		 s->paused ? "  PAUSED" : "");
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
		snprintf(line, sizeof(line), "%02u:%02u:%02u %s%s %s rd/s lost %s rej %s%s",
			 age / 3600, age / 60 % 60, age % 60, s->backend, sample,
			 reads, lost, bad, s->paused ? " PAUSED" : "");
	else
		snprintf(line, sizeof(line), "iophase top  %02u:%02u:%02u  %s%s  "
			 "%s reads/s  %sB/s  lost %s  rejected %s%s",
			 age / 3600, age / 60 % 60, age % 60, s->backend, sample,
			 reads, bytes, lost, bad, s->paused ? "  PAUSED" : "");
	tui_line(0, line, TUI_BOLD);
}

static void draw_hints(const struct screen *s, int y)
{
	char line[LINE_LEN];

	if (s->editing)
		snprintf(line, sizeof(line), "only commands with: %s_", s->filter);
	else
		snprintf(line, sizeof(line), "h help  %s%s%s%s%s  q quit",
			 s->reverse ? "reverse " : "by ", sort_heading(s->sort),
			 s->filter[0] ? "  /" : "", s->filter,
			 s->sheet->below.nr ? "  p50, p99 below" :
			 s->only_p99	     ? "  p99" :
					       "");
	tui_line(y, line, TUI_BAR);
}

/* Lines that a row takes: an idle one has no percentiles. */
static int height_of(const struct screen *s, int i)
{
	return s->sheet->below.nr && row_is_busy(s->rows[i]) ? 2 : 1;
}

static void draw_row(const struct screen *s, int i, int y, int bottom)
{
	const struct row *r = s->rows[i];
	enum tui_style style = i == s->selected ? TUI_SELECTED :
			       row_is_busy(r)	? TUI_PLAIN :
						  TUI_DIM;
	char line[LINE_LEN];

	sheet_line(s->sheet, r, line, sizeof(line));
	tui_line(y, line, style);
	if (height_of(s, i) < 2 || y + 1 >= bottom)
		return;
	sheet_line_below(s->sheet, r, line, sizeof(line));
	tui_line(y + 1, line, TUI_PLAIN);
}

static void keep_in_view(struct screen *s, int room)
{
	int height = 0;

	if (s->selected >= s->nr)
		s->selected = s->nr - 1;
	if (s->selected < 0)
		s->selected = 0;
	if (s->top > s->selected)
		s->top = s->selected;
	for (int i = s->top; i <= s->selected && i < s->nr; i++)
		height += height_of(s, i);
	while (height > room && s->top < s->selected)
		height -= height_of(s, s->top++);
}

static void draw_rows(struct screen *s, int bottom)
{
	keep_in_view(s, bottom - FIRST_ROW);
	for (int i = s->top, y = FIRST_ROW; i < s->nr && y < bottom; i++) {
		draw_row(s, i, y, bottom);
		y += height_of(s, i);
	}
	if (!s->nr)
		tui_line(FIRST_ROW, s->filter[0] ? "No command like that." :
				    s->hint	 ? s->hint :
						   "No reads yet.", TUI_DIM);
}

static void draw_help(int bottom)
{
	int y = FIRST_ROW;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && y < bottom; i++)
		if (keys[i].help)
			tui_line(y++, keys[i].help, TUI_PLAIN);
}

void screen_draw(struct screen *s)
{
	char line[LINE_LEN];
	int height, width;

	tui_size(&height, &width);
	if (!s->only_p99_chosen)
		s->only_p99 = height < 16 || width < 66;
	top_layout_fit(s->sheet, s->view, width,
		   s->only_p99 ? LINES_P99 : LINES_AUTO);
	tui_clear();
	draw_status(s, width);
	sheet_header(s->sheet, line, sizeof(line));
	tui_line(1, line, TUI_BAR);
	if (s->help)
		draw_help(height - 1);
	else
		draw_rows(s, height - 1);
	draw_hints(s, height - 1);
	tui_show();
}

// SPDX-License-Identifier: GPL-2.0-only
#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services.h"
#include "tui.h"
#include "util.h"

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
	s->sort = sort_next(s->outline->view, s->sort, 1);
	return SCREEN_DRAW;
}

static int do_sort_previous(struct screen *s)
{
	s->sort = sort_next(s->outline->view, s->sort, -1);
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
	s->follow = 0;
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

const struct item *screen_selected(const struct screen *s)
{
	return s->selected < s->nr ? item_of(s->rows[s->selected]) : NULL;
}

static int do_open(struct screen *s)
{
	if (screen_selected(s))
		outline_open(s->outline, screen_selected(s), true);
	return SCREEN_DRAW | SCREEN_REGROUP;
}

/* What cannot be closed leads to what it is part of, which can. */
static int do_close(struct screen *s)
{
	const struct item *item = screen_selected(s);

	if (item && !item->open && item->depth)
		s->follow = item->parent->id;
	else if (item)
		outline_open(s->outline, item, false);
	return SCREEN_DRAW | SCREEN_REGROUP;
}

static int do_toggle(struct screen *s)
{
	const struct item *item = screen_selected(s);

	if (item)
		outline_open(s->outline, item, !item->open);
	return SCREEN_DRAW | SCREEN_REGROUP;
}

static int do_group(struct screen *s)
{
	const char *heading = sort_heading(s->sort);
	int view = (s->outline->view + 1) % IOP_NR_GROUPS, column;

	outline_regroup(s->outline, view);
	column = sort_column(view, heading);
	s->sort = column < 0 ? sort_column(view, "RD/s") : column;
	s->regrouped = true;
	return move(s, -s->selected) | SCREEN_REGROUP;
}

static int do_detail(struct screen *s)
{
	s->detail = !s->detail;
	s->detail_chosen = true;
	return SCREEN_DRAW;
}

static int do_click(struct screen *s)
{
	int line = tui_clicked_line();

	for (int i = s->top, y = FIRST_ROW; i < s->nr && y < s->bottom; i++) {
		int end = y + screen_height_of(s, i);

		if (line >= y && line < end)
			return i == s->selected ? do_toggle(s) : move(s, i - s->selected);
		y = end;
	}
	return 0;
}

static int do_wheel_up(struct screen *s)
{
	return move(s, -3);
}

static int do_wheel_down(struct screen *s)
{
	return move(s, 3);
}

static int do_draw(struct screen *s)
{
	(void)s;
	return SCREEN_DRAW;
}

/* A row a key. */
static const struct {
	struct key_help help;
	int (*run)(struct screen *s);
} keys[] = {
	{ { 'q', "q", "quit", "quit" }, do_quit },
	{ { ' ', "space p", "pause, go on" }, do_pause },
	{ { 'p' }, do_pause },
	{ { TUI_ENTER, "Enter", "open, close: threads, sockets" }, do_toggle },
	{ { TUI_RIGHT, "right left", "the same, by arrows" }, do_open },
	{ { TUI_LEFT }, do_close },
	{ { 'g', "g", "by process, thread, socket, service" }, do_group },
	{ { 'd', "d", "details of the row" }, do_detail },
	{ { 's', "s > <", "sort by next, previous" }, do_sort_next },
	{ { '>' }, do_sort_next },
	{ { '<' }, do_sort_previous },
	{ { 'r', "r", "reverse the order" }, do_reverse },
	{ { '/', "/", "only commands with..." }, do_filter },
	{ { TUI_ESCAPE, "Esc", "all commands again" }, do_clear },
	{ { '%', "%", "p50 and p99, only p99" }, do_percentiles },
	{ { TUI_UP, "up down", "select another row" }, do_up },
	{ { TUI_DOWN }, do_down },
	{ { TUI_PAGE_UP, "PgUp PgDn", "ten rows on" }, do_page_up },
	{ { TUI_PAGE_DOWN }, do_page_down },
	{ { TUI_HOME, "Home End", "the first row, the last" }, do_home },
	{ { TUI_END }, do_end },
	{ { TUI_CLICK, "click", "select; the selected: open, close" }, do_click },
	{ { TUI_WHEEL_UP, "wheel", "scroll" }, do_wheel_up },
	{ { TUI_WHEEL_DOWN }, do_wheel_down },
	{ { 'h', "h ?", "help", "help" }, do_help },
	{ { '?' }, do_help },
	{ { TUI_RESIZE }, do_draw },
	{ { TUI_HANGUP }, do_quit },
};

const struct key_help *screen_keys(int i)
{
	return i < (int)ARRAY_SIZE(keys) ? &keys[i].help : NULL;
}

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
		return key == 'q' || key == TUI_HANGUP ? SCREEN_QUIT : SCREEN_DRAW;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].help.key == key)
			return keys[i].run(s);
	return 0;
}

/* --- the rows --------------------------------------------------------------------- */

/* A name, or of what has none the address. */
static bool passes(const struct screen *s, const struct row *r)
{
	const char *name = *r->comm ? r->comm : row_service(r);

	return !s->filter[0] || (name && strstr(name, s->filter));
}

/* An item's own items, in order, each with those that it is open to. */
static void list(struct screen *s, const struct item *of)
{
	const struct row **rows = xcalloc(of->nr + 1, sizeof(struct row *));
	int nr = 0;

	for (int i = 0; i < of->nr; i++) {
		const struct row *r = &of->items[i]->row;

		if (!r->has_read && !row_is_busy(r))
			continue; /* an EAGAIN as tracing began */
		if (of->depth >= 0 || passes(s, r))
			rows[nr++] = r;
	}
	rows_sort(s->sheet, rows, nr, s->sort, s->reverse);
	for (int i = 0; i < nr; i++) {
		s->rows = xrealloc(s->rows, s->nr + 1, sizeof(struct row *));
		s->rows[s->nr++] = rows[i];
		list(s, item_of(rows[i]));
	}
	free(rows);
}

void screen_update(struct screen *s)
{
	s->nr = 0;
	list(s, &s->outline->top);
	for (int i = 0; s->follow && i < s->nr; i++)
		if (item_of(s->rows[i])->id == s->follow)
			s->selected = i;
	if (s->nr)
		s->regrouped = false;
}

void screen_free(struct screen *s)
{
	free(s->rows);
}

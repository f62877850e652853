// SPDX-License-Identifier: GPL-2.0-only
#include "loop_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop_columns.h"
#include "loop_words.h"
#include "tui.h"
#include "util.h"

#define LINE_LEN 512
#define FIRST_LINE 2 /* below the status and the headings */

/* --- what is open ---------------------------------------------------------------------- */

/* Where it stands among those that are; -1: it is not. */
static int open_index(const struct loop_screen *s, __u64 poller)
{
	for (int i = 0; i < s->nr_open; i++)
		if (s->open[i] == poller)
			return i;
	return -1;
}

static void open_loop(struct loop_screen *s, __u64 poller)
{
	s->open = xrealloc(s->open, s->nr_open + 1, sizeof(*s->open));
	s->open[s->nr_open++] = poller;
}

static void close_loop(struct loop_screen *s, int index)
{
	s->open[index] = s->open[--s->nr_open];
}

/* The loop that the selected line is one of; NULL: of none. */
static const struct loop_row *selected_loop(const struct loop_screen *s)
{
	const struct loop_line *l = &s->lines[s->selected];

	if (!s->nr || l->kind < LINE_LOOP)
		return NULL;
	while (l->kind != LINE_LOOP)
		l--;
	return &s->table->rows[l->index];
}

/* --- keys ------------------------------------------------------------------------------ */

static int do_quit(struct loop_screen *s)
{
	(void)s;
	return LOOP_QUIT;
}

static int do_pause(struct loop_screen *s)
{
	s->paused = !s->paused;
	return LOOP_DRAW;
}

static int do_open(struct loop_screen *s)
{
	const struct loop_row *r = selected_loop(s);

	if (r && open_index(s, r->poller) < 0)
		open_loop(s, r->poller);
	return LOOP_DRAW;
}

/* The line of the loop is the selected one then. */
static int do_close(struct loop_screen *s)
{
	const struct loop_row *r = selected_loop(s);
	int index = r ? open_index(s, r->poller) : -1;

	if (index < 0)
		return LOOP_DRAW;
	while (s->lines[s->selected].kind != LINE_LOOP)
		s->selected--;
	close_loop(s, index);
	return LOOP_DRAW;
}

static int do_toggle(struct loop_screen *s)
{
	const struct loop_row *r = selected_loop(s);

	return r && open_index(s, r->poller) >= 0 ? do_close(s) : do_open(s);
}

/* loop_screen_draw() keeps it within the lines. */
static int move(struct loop_screen *s, int by)
{
	s->selected += by;
	return LOOP_DRAW;
}

static int do_up(struct loop_screen *s)
{
	return move(s, -1);
}

static int do_down(struct loop_screen *s)
{
	return move(s, 1);
}

static int do_page_up(struct loop_screen *s)
{
	return move(s, -10);
}

static int do_page_down(struct loop_screen *s)
{
	return move(s, 10);
}

static int do_home(struct loop_screen *s)
{
	return move(s, -s->selected);
}

static int do_end(struct loop_screen *s)
{
	return move(s, s->nr);
}

static int do_help(struct loop_screen *s)
{
	s->help = true;
	return LOOP_DRAW;
}

static int do_draw(struct loop_screen *s)
{
	(void)s;
	return LOOP_DRAW;
}

/* A row a key. */
static const struct {
	struct key_help help;
	int (*run)(struct loop_screen *s);
} keys[] = {
	{ { 'q', "q", "quit", "quit" }, do_quit },
	{ { ' ', "space p", "pause, go on" }, do_pause },
	{ { 'p' }, do_pause },
	{ { TUI_ENTER, "Enter", "channels of a loop, and back", "channels" }, do_toggle },
	{ { TUI_RIGHT, "right left", "open a loop, close it" }, do_open },
	{ { TUI_LEFT }, do_close },
	{ { TUI_UP, "up down", "select another line" }, do_up },
	{ { TUI_DOWN }, do_down },
	{ { TUI_PAGE_UP, "PgUp PgDn", "ten lines on" }, do_page_up },
	{ { TUI_PAGE_DOWN }, do_page_down },
	{ { TUI_HOME, "Home End", "the first line, the last" }, do_home },
	{ { TUI_END }, do_end },
	{ { 'h', "h ?", "help", "help" }, do_help },
	{ { '?' }, do_help },
	{ { TUI_RESIZE }, do_draw },
	{ { TUI_HANGUP }, do_quit },
};

const struct key_help *loop_screen_keys(int i)
{
	return i < (int)ARRAY_SIZE(keys) ? &keys[i].help : NULL;
}

int loop_screen_key(struct loop_screen *s, int key)
{
	if (s->help && key != TUI_NONE && key != TUI_RESIZE) {
		s->help = false;
		return key == 'q' || key == TUI_HANGUP ? LOOP_QUIT : LOOP_DRAW;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].help.key == key)
			return keys[i].run(s);
	return 0;
}

/* --- lines ----------------------------------------------------------------------------- */

static void add_line(struct loop_screen *s, enum loop_line_kind kind, int index, __u64 id)
{
	s->lines[s->nr++] = (struct loop_line){ kind, index, id };
}

static void add_groups(struct loop_screen *s, __u32 pid)
{
	const struct loop_table *t = s->table;

	for (int i = 0; i < t->nr_groups; i++)
		if (t->groups[i].pid == pid && group_is_compared(&t->groups[i]))
			add_line(s, LINE_GROUP, i, (__u64)pid << 32 | t->groups[i].group);
}

static void add_channels(struct loop_screen *s, const struct loop_row *r)
{
	const struct loop_table *t = s->table;
	int before = s->nr;

	add_line(s, LINE_HEAD, 0, r->poller);
	for (int i = 0; i < t->nr_channels; i++)
		if (is_channel_of(&t->channels[i], r))
			add_line(s, LINE_CHANNEL, i, t->channels[i].sk);
	if (s->nr == before + 1)
		s->lines[before].kind = LINE_NONE;
}

/* What was selected is selected still, if it is there. */
static void select_again(struct loop_screen *s, struct loop_line was)
{
	for (int i = 0; i < s->nr; i++)
		if (s->lines[i].kind == was.kind && s->lines[i].id == was.id)
			s->selected = i;
}

void loop_screen_update(struct loop_screen *s)
{
	const struct loop_table *t = s->table;
	bool any = s->selected >= 0 && s->selected < s->nr;
	struct loop_line was = { 0 };

	if (any)
		was = s->lines[s->selected];
	/* a process, a group and a head for each loop at the most */
	s->lines = xrealloc(s->lines, 4 * t->nr + t->nr_channels + 1, sizeof(*s->lines));
	s->nr = 0;
	for (int i = 0; i < t->nr; i++) {
		const struct loop_row *r = &t->rows[i];

		if (!i || r[-1].pid != r->pid) {
			add_line(s, LINE_PROCESS, i, r->pid);
			add_groups(s, r->pid);
		}
		add_line(s, LINE_LOOP, i, r->poller);
		if (open_index(s, r->poller) >= 0)
			add_channels(s, r);
	}
	if (any)
		select_again(s, was);
}

void loop_screen_free(struct loop_screen *s)
{
	free(s->lines);
	free(s->open);
}

/* --- the frame ------------------------------------------------------------------------- */

struct sheets {
	struct sheet loop;
	struct sheet channel;
};

static void draw_status(const struct loop_screen *s, int columns)
{
	unsigned int age = (s->table->ts_ns - s->start_ns) / 1000000000;
	char line[LINE_LEN], lost[16];

	snprintf(line, sizeof(line), "%s%02u:%02u:%02u  %s  %d loop%s  lost %s%s",
		 columns < 70 ? "" : "iophase loops  ", age / 3600, age / 60 % 60,
		 age % 60, s->backend, s->table->nr, s->table->nr == 1 ? "" : "s",
		 format_count(lost, s->counters.lost + s->counters.loops_full +
					    s->counters.channels_full),
		 s->paused ? "  PAUSED" : "");
	tui_line(0, line, TUI_BOLD);
}

static enum tui_style line_text(const struct loop_screen *s, const struct sheets *sheets,
				const struct loop_line *l, char *line)
{
	const struct loop_table *t = s->table;

	switch (l->kind) {
	case LINE_PROCESS:
		process_text(t, t->rows[l->index].pid, line, LINE_LEN);
		return TUI_BOLD;
	case LINE_GROUP:
		group_text(&t->groups[l->index], line, LINE_LEN);
		return TUI_PLAIN;
	case LINE_LOOP:
		sheet_line(&sheets->loop, &t->rows[l->index], line, LINE_LEN);
		return t->rows[l->index].busy_ns ? TUI_PLAIN : TUI_DIM;
	case LINE_HEAD:
		sheet_header(&sheets->channel, line, LINE_LEN);
		return TUI_DIM;
	case LINE_CHANNEL:
		sheet_line(&sheets->channel, &t->channels[l->index], line, LINE_LEN);
		return TUI_PLAIN;
	case LINE_NONE:
		break;
	}
	snprintf(line, LINE_LEN, "        no channels");
	return TUI_DIM;
}

static void keep_in_view(struct loop_screen *s, int room)
{
	if (s->selected >= s->nr)
		s->selected = s->nr - 1;
	if (s->selected < 0)
		s->selected = 0;
	if (s->top > s->selected)
		s->top = s->selected;
	if (room > 0 && s->selected >= s->top + room)
		s->top = s->selected - room + 1;
}

static void draw_lines(struct loop_screen *s, const struct sheets *sheets, int bottom)
{
	char line[LINE_LEN];

	keep_in_view(s, bottom - FIRST_LINE);
	for (int i = s->top, y = FIRST_LINE; i < s->nr && y < bottom; i++, y++) {
		enum tui_style style = line_text(s, sheets, &s->lines[i], line);

		text_clean(line);
		tui_line(y, line, i == s->selected ? TUI_SELECTED : style);
	}
	if (!s->nr)
		tui_line(FIRST_LINE, "No event loops so far.", TUI_DIM);
}

static void draw_hints(int y)
{
	char line[LINE_LEN], help[32], enter[32], quit[32];

	snprintf(line, sizeof(line), "%s  %s  %s", key_hint(loop_screen_keys, 'h', help),
		 key_hint(loop_screen_keys, TUI_ENTER, enter),
		 key_hint(loop_screen_keys, 'q', quit));
	tui_line(y, line, TUI_BAR);
}

void loop_screen_draw(struct loop_screen *s)
{
	struct sheets sheets;
	char line[LINE_LEN];
	int height, width;

	tui_size(&height, &width);
	sheet_make(&sheets.loop, &loop_schema, width >= LOOPS_WIDTH ? LOOPS_WIDE : 0,
		   NULL);
	sheet_make(&sheets.channel, &channel_schema, 0, NULL);
	tui_clear();
	draw_status(s, width);
	sheet_header(&sheets.loop, line, sizeof(line));
	tui_line(1, line, TUI_BAR);
	if (s->help)
		key_help_draw(loop_screen_keys, FIRST_LINE, height - 1);
	else
		draw_lines(s, &sheets, height - 1);
	draw_hints(height - 1);
	tui_show();
	sheet_free(&sheets.loop);
	sheet_free(&sheets.channel);
}

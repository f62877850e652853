// SPDX-License-Identifier: GPL-2.0-only
#include "heat_screen.h"

#include <string.h>

#include "text.h"
#include "tui.h"
#include "util.h"

#define LINES_AROUND 3 /* the title, whose a cell is, the keys */

/* --- keys ------------------------------------------------------------------------------ */

static int on_quit(struct heat_screen *s)
{
	(void)s;
	return HEAT_QUIT;
}

/* As far as there is something: heat_screen_draw() keeps it within the map. */
static int on_left(struct heat_screen *s)
{
	s->back++;
	return HEAT_DRAW;
}

static int on_right(struct heat_screen *s)
{
	s->back--;
	return HEAT_DRAW;
}

static int on_up(struct heat_screen *s)
{
	s->row++;
	return HEAT_DRAW;
}

static int on_down(struct heat_screen *s)
{
	s->row--;
	return HEAT_DRAW;
}

static int on_home(struct heat_screen *s)
{
	s->back = s->heat->room;
	return HEAT_DRAW;
}

static int on_end(struct heat_screen *s)
{
	s->back = 0;
	return HEAT_DRAW;
}

static int on_help(struct heat_screen *s)
{
	s->help = true;
	return HEAT_DRAW;
}

static int on_draw(struct heat_screen *s)
{
	(void)s;
	return HEAT_DRAW;
}

/* A row a key. */
static const struct {
	struct key_help help;
	int (*run)(struct heat_screen *s);
} heat_keys[] = {
	{ { 'q', "q", "quit", "quit" }, on_quit },
	{ { TUI_UP, "arrows", "to another cell: whose reads are in it?", "whose?" },
	  on_up },
	{ { TUI_DOWN }, on_down },
	{ { TUI_LEFT }, on_left },
	{ { TUI_RIGHT }, on_right },
	{ { TUI_HOME, "Home End", "to the oldest interval, to the newest" }, on_home },
	{ { TUI_END }, on_end },
	{ { 'h', "h ?", "help", "help" }, on_help },
	{ { '?' }, on_help },
	{ { TUI_RESIZE }, on_draw },
	{ { TUI_HANGUP }, on_quit },
};

const struct key_help *heat_screen_keys(int i)
{
	return i < (int)ARRAY_SIZE(heat_keys) ? &heat_keys[i].help : NULL;
}

int heat_screen_key(struct heat_screen *s, int key)
{
	if (s->help && key != TUI_NONE && key != TUI_RESIZE) {
		s->help = false;
		return key == 'q' || key == TUI_HANGUP ? HEAT_QUIT : HEAT_DRAW;
	}
	for (size_t i = 0; i < ARRAY_SIZE(heat_keys); i++)
		if (heat_keys[i].help.key == key)
			return heat_keys[i].run(s);
	return 0;
}

/* --- the frame ------------------------------------------------------------------------- */

static int between(int n, int least, int most)
{
	n = n > most ? most : n;
	return n < least ? least : n;
}

/* Colours leave the character to marks; without them it is the level's. */
char heat_character(struct heat_cell cell)
{
	bool colors = tui_has_colors();

	if (cell.has_p50)
		return colors ? '=' : mark_text(MARK_MEDIAN, cell.level);
	if (cell.has_p99)
		return colors ? '-' : mark_text(MARK_TAIL, cell.level);
	return colors ? ' ' : *cell_text(cell.level, CHARSET_ASCII);
}

static void draw_cells(const struct heat_screen *s, int column, int x, int halves)
{
	int rows = heat_rows(halves);

	for (int row = 0; row < rows; row++) {
		struct heat_cell cell = heat_cell(&s->heat->columns[column], row, halves);
		bool here = row == s->row && column == s->heat->nr - 1 - s->back;

		tui_cell(1 + rows - 1 - row, x, here ? '+' : heat_character(cell),
			 cell.level);
	}
}

/* "10 to 31.6 us: 120 reads, 100 of them by nginx (1234)" */
static void draw_owner(const struct heat_screen *s, int y, int halves)
{
	const struct heat *h = s->heat;
	const struct heat_column *c = &h->columns[h->nr - 1 - s->back];
	struct heat_cell cell = heat_cell(c, s->row, halves);
	__u64 reads;
	const struct heat_share *owner = heat_owner(c, s->row, halves, &reads);
	char line[128], all[16], own[16];
	size_t n = snprintf(line, sizeof(line), "%.1f s ago: %s reads",
			    s->back * (h->interval_ns / 1e9),
			    format_count(all, cell.reads));

	if (owner)
		snprintf(line + n, sizeof(line) - n, ", %s of them by %s (%u)",
			 format_count(own, reads), owner->comm, owner->pid);
	text_clean(line);
	tui_line(y, line, TUI_PLAIN);
}

static void draw_map(const struct heat_screen *s, int shown, int halves)
{
	int rows = heat_rows(halves);

	for (int row = 0; row < rows; row++) {
		char line[32], label[16];

		snprintf(line, sizeof(line), "%*s", HEAT_RULER - 1,
			 heat_ruler(label, row, halves));
		tui_line(1 + rows - 1 - row, line, TUI_DIM);
	}
	for (int i = 0; i < shown; i++)
		draw_cells(s, s->heat->nr - shown + i, HEAT_RULER + i, halves);
}

static void draw_heat_hints(int y)
{
	char line[128], help[32], arrows[32], quit[32];

	snprintf(line, sizeof(line), "%s  %s  %s  = p50  - p99",
		 key_hint(heat_screen_keys, 'q', quit),
		 key_hint(heat_screen_keys, TUI_UP, arrows),
		 key_hint(heat_screen_keys, 'h', help));
	tui_line(y, line, TUI_BAR);
}

void heat_screen_draw(struct heat_screen *s)
{
	const struct heat *h = s->heat;
	int lines, columns, halves, shown;
	char text[96];

	tui_clear();
	tui_size(&lines, &columns);
	halves = heat_halves(lines - LINES_AROUND);
	shown = between(columns - HEAT_RULER, 0, h->nr);
	s->back = between(s->back, 0, shown - 1);
	s->row = between(s->row, 0, heat_rows(halves) - 1);
	if (s->help)
		key_help_draw(heat_screen_keys, 1, lines - 1);
	else
		draw_map(s, shown, halves);
	tui_line(0, heat_title(text, h, s->phase, s->limits), TUI_BAR);
	if (shown > 0 && !s->help)
		draw_owner(s, lines - 2, halves);
	draw_heat_hints(lines - 1);
	tui_show();
}

// SPDX-License-Identifier: GPL-2.0-only
#include "heat_screen.h"

#include <string.h>

#include "text.h"
#include "tui.h"
#include "util.h"

#define LINES_AROUND 3 /* the title, whose a cell is, the keys */

/* Moves as far as there is something: heat_screen_draw() keeps it within the map. */
int heat_screen_key(struct heat_screen *s, int key)
{
	switch (key) {
	case 'q':
	case TUI_HANGUP:
		return HEAT_QUIT;
	case TUI_LEFT:
		s->back++;
		return HEAT_DRAW;
	case TUI_RIGHT:
		s->back--;
		return HEAT_DRAW;
	case TUI_UP:
		s->row++;
		return HEAT_DRAW;
	case TUI_DOWN:
		s->row--;
		return HEAT_DRAW;
	case TUI_HOME:
		s->back = s->heat->room;
		return HEAT_DRAW;
	case TUI_END:
		s->back = 0;
		return HEAT_DRAW;
	case TUI_RESIZE:
		return HEAT_DRAW;
	default:
		return 0;
	}
}

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

		tui_cell(1 + rows - 1 - row, x, here ? '+' : heat_character(cell), cell.level);
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
			    s->back * (h->interval_ns / 1e9), format_count(all, cell.reads));

	if (owner)
		snprintf(line + n, sizeof(line) - n, ", %s of them by %s (%u)",
			 format_count(own, reads), owner->comm, owner->pid);
	text_clean(line);
	tui_line(y, line, TUI_PLAIN);
}

void heat_screen_draw(struct heat_screen *s)
{
	const struct heat *h = s->heat;
	int lines, columns, halves, rows, shown;
	char text[96];

	tui_clear();
	tui_size(&lines, &columns);
	halves = heat_halves(lines - LINES_AROUND);
	rows = heat_rows(halves);
	shown = between(columns - HEAT_RULER, 0, h->nr);
	s->back = between(s->back, 0, shown - 1);
	s->row = between(s->row, 0, rows - 1);
	for (int row = 0; row < rows; row++) {
		char line[32], label[16];

		snprintf(line, sizeof(line), "%*s", HEAT_RULER - 1,
			 heat_ruler(label, row, halves));
		tui_line(1 + rows - 1 - row, line, TUI_DIM);
	}
	for (int i = 0; i < shown; i++)
		draw_cells(s, h->nr - shown + i, HEAT_RULER + i, halves);
	tui_line(0, heat_title(text, h, s->phase, s->limits), TUI_BAR);
	if (shown > 0)
		draw_owner(s, lines - 2, halves);
	tui_line(lines - 1, "q quit  arrows: whose?  = p50  - p99", TUI_BAR);
	tui_show();
}

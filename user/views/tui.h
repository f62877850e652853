/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal, and nothing but the terminal: no other file draws on it, asks
 * it for keys or for its size. It is restored at exit and on a crash.
 */
#ifndef IOPHASE_TUI_H
#define IOPHASE_TUI_H

#include <stdbool.h>

enum tui_style {
	TUI_PLAIN,
	TUI_BOLD,
	TUI_DIM,
	TUI_BAR, /* headings and hints: reversed, the whole line */
	TUI_SELECTED,
};

/* What tui_key() returns beside characters. */
enum {
	TUI_NONE,
	TUI_ENTER = '\n',
	TUI_ESCAPE = 27,
	TUI_BACKSPACE = 127,
	TUI_UP = 256,
	TUI_DOWN,
	TUI_LEFT,
	TUI_RIGHT,
	TUI_PAGE_UP,
	TUI_PAGE_DOWN,
	TUI_HOME,
	TUI_END,
	TUI_RESIZE,
	TUI_CLICK, /* on tui_clicked_line() */
	TUI_WHEEL_UP,
	TUI_WHEEL_DOWN,
	TUI_HANGUP, /* there is no terminal any more */
};

/* Are both ends of it a terminal that can move its cursor? */
bool tui_usable(void);

/* Columns of what standard output goes to: a terminal, $COLUMNS, or 80. */
int tui_width(void);

/* Returns 0, or an exit status after saying what failed. */
int tui_begin(void);
void tui_end(void);

void tui_size(int *lines, int *columns);

/* Waits for a key, at most ms. */
int tui_key(int ms);

int tui_clicked_line(void);

/* A frame: clear, lines from 0 on (cut to what fits), show. */
void tui_clear(void);
void tui_line(int y, const char *text, enum tui_style style);
void tui_show(void);

/*
 * A character on a colour that stands for a level, 1 to TUI_LEVELS, from dark to
 * bright, or on none, 0; without colours (NO_COLOR, or a terminal that has none) on none.
 */
#define TUI_LEVELS 8
void tui_cell(int y, int x, char c, int level);
bool tui_has_colors(void);

/* A character on the colour of a phase, or on none. */
void tui_phase(int y, int x, char c, int phase);

/* Somebody else may have written on it: the next frame is sent as a whole. */
void tui_repaint(void);

#endif

// SPDX-License-Identifier: GPL-2.0-only
#include "tui.h"

#include <curses.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "abi.h"
#include "output.h"
#include "util.h"

/* curses.h and ours: a name each for its own */
#undef lines
#undef columns

static SCREEN *terminal;
static struct termios before;
static char way_back[160]; /* leaves the other screen, shows the cursor */

/* Buttons and the wheel, with places as numbers: what all terminals with a mouse take. */
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"
#define MOUSE_BEGINS "\033[<"
#define KEY_MOUSE_BEGINS (KEY_MAX + 1)

static int clicked_line;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

bool tui_usable(void)
{
	const char *term = getenv("TERM");
	int err;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	if (!term || !*term || !strcmp(term, "dumb"))
		return false;
	if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
		return false;
	return cursor_address && clear_screen;
}

int tui_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return columns && parse_number(columns, 1, 1000, &n) ? n : 80;
}

/* Only what may be called at any time: curses may be in the middle of a line. */
static void on_crash(int sig)
{
	tcsetattr(STDOUT_FILENO, TCSANOW, &before);
	if (write(STDOUT_FILENO, way_back, strlen(way_back)) < 0)
		_exit(128 + sig);
	raise(sig); /* the handler is gone: this ends the program */
}

static void catch_crashes(void)
{
	struct sigaction sa = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND };

	snprintf(way_back, sizeof(way_back), "%s%s%s%s\n", key_mouse ? MOUSE_OFF : "",
		 exit_attribute_mode ? exit_attribute_mode : "",
		 cursor_normal ? cursor_normal : "", exit_ca_mode ? exit_ca_mode : "");
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		sigaction(crashes[i], &sa, NULL);
}

bool tui_has_colors(void)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org */

	return has_colors() && !(no_color && *no_color);
}

/* As pictures have them (picture_svg.c), one pair after those of the levels. */
static void prepare_phases(int white)
{
	static const int direct[IOP_NR_PHASES] = {
		0x0969da, 0x9a6700, 0xcf222e, 0x1a7f37, 0x6639ba,
	};
	static const int palette[IOP_NR_PHASES] = { 26, 94, 160, 28, 97 };
	static const int eight[IOP_NR_PHASES] = {
		COLOR_BLUE, COLOR_YELLOW, COLOR_RED, COLOR_GREEN, COLOR_MAGENTA,
	};
	const int *colors = COLORS > 256 ? direct : COLORS == 256 ? palette : eight;

	for (int i = 0; i < IOP_NR_PHASES; i++)
		init_extended_pair(TUI_LEVELS + 1 + i,
				   colors == eight && i % 2 ? COLOR_BLACK : white,
				   colors[i]);
}

/* Direct colours are red, green and blue; others are numbers of a palette. */
static void prepare_colors(void)
{
	static const int direct[TUI_LEVELS] = {
		0x1b0c42, 0x4b0c6b, 0x781c6d, 0xa52c60,
		0xcf4446, 0xed6925, 0xfb9a06, 0xf7d03c,
	};
	static const int palette[TUI_LEVELS] = { 17, 54, 90, 126, 161, 202, 214, 221 };
	static const int eight[TUI_LEVELS] = {
		COLOR_BLUE, COLOR_BLUE, COLOR_MAGENTA, COLOR_MAGENTA,
		COLOR_RED,  COLOR_RED,	COLOR_YELLOW,  COLOR_YELLOW,
	};
	const int *colors;
	int white;

	if (!tui_has_colors())
		return;
	start_color();
	use_default_colors();
	colors = COLORS > 256 ? direct : COLORS == 256 ? palette : eight;
	white = COLORS > 256 ? 0xffffff : COLOR_WHITE;
	for (int i = 0; i < TUI_LEVELS; i++)
		init_extended_pair(i + 1, i < 5 ? white : COLOR_BLACK, colors[i]);
	prepare_phases(white);
}

/* The mouse is no file's but the terminal's: curses would know it by TERM alone. */
static void say_to_terminal(const char *text)
{
	if (!key_mouse)
		return;
	fputs(text, output_terminal());
	fflush(output_terminal());
}

int tui_begin(void)
{
	static bool at_exit;

	tcgetattr(STDOUT_FILENO, &before);
	terminal = newterm(NULL, output_terminal(), stdin);
	if (!terminal)
		return fail("cannot use this terminal (TERM=%s); try "
			    "TERM=dumb for plain tables",
			    getenv("TERM"));
	catch_crashes();
	if (!at_exit)
		atexit(tui_end);
	at_exit = true;
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	prepare_colors();
	define_key(MOUSE_BEGINS, KEY_MOUSE_BEGINS);
	say_to_terminal(MOUSE_ON);
	return EXIT_DONE;
}

void tui_end(void)
{
	if (!terminal)
		return;
	say_to_terminal(MOUSE_OFF);
	endwin();
	delscreen(terminal);
	terminal = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		signal(crashes[i], SIG_DFL);
}

void tui_size(int *lines, int *columns)
{
	getmaxyx(stdscr, *lines, *columns);
}

static int translate(int key)
{
	static const struct {
		int theirs;
		int ours;
	} keys[] = {
		/* clang-format off */
		{ ERR, TUI_NONE },		{ '\r', TUI_ENTER },
		{ KEY_ENTER, TUI_ENTER },	{ '\b', TUI_BACKSPACE },
		{ KEY_BACKSPACE, TUI_BACKSPACE }, { KEY_UP, TUI_UP },
		{ KEY_DOWN, TUI_DOWN },		{ KEY_PPAGE, TUI_PAGE_UP },
		{ KEY_LEFT, TUI_LEFT },		{ KEY_RIGHT, TUI_RIGHT },
		{ KEY_NPAGE, TUI_PAGE_DOWN },	{ KEY_HOME, TUI_HOME },
		{ KEY_END, TUI_END },		{ KEY_RESIZE, TUI_RESIZE },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].theirs == key)
			return keys[i].ours;
	return key < 256 ? key : TUI_NONE;
}

/* "0;12;5M": the button, the column, the line; M as it goes down, m as it comes up. */
static int mouse_key(void)
{
	int numbers[3] = {}, at = 0, key;

	while ((key = getch()) == ';' || (key >= '0' && key <= '9')) {
		if (key == ';' && ++at > 2)
			return TUI_NONE;
		if (key != ';' && numbers[at] < 10000)
			numbers[at] = numbers[at] * 10 + key - '0';
	}
	clicked_line = numbers[2] - 1;
	if (key != 'M')
		return TUI_NONE;
	return numbers[0] == 0	? TUI_CLICK :
	       numbers[0] == 64 ? TUI_WHEEL_UP :
	       numbers[0] == 65 ? TUI_WHEEL_DOWN :
				  TUI_NONE;
}

int tui_clicked_line(void)
{
	return clicked_line;
}

/* getch() alone would spin on a terminal that has hung up. */
int tui_key(int ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	int key = getch(); /* one that is waiting in curses, or a resize */

	if (key == ERR) {
		poll(&p, 1, ms);
		if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
			return TUI_HANGUP;
		key = getch();
	}
	return key == KEY_MOUSE_BEGINS ? mouse_key() : translate(key);
}

void tui_clear(void)
{
	erase();
}

void tui_line(int y, const char *text, enum tui_style style)
{
	static const chtype attributes[] = {
		[TUI_PLAIN] = A_NORMAL, [TUI_BOLD] = A_BOLD,	    [TUI_DIM] = A_DIM,
		[TUI_BAR] = A_REVERSE,	[TUI_SELECTED] = A_REVERSE,
	};
	int height, width, length = strlen(text);

	tui_size(&height, &width);
	if (y < 0 || y >= height)
		return;
	attrset(attributes[style]);
	mvaddnstr(y, 0, text, length < width ? length : width);
	if (style == TUI_BAR || style == TUI_SELECTED)
		for (int x = length; x < width; x++)
			addch(' ');
	attrset(A_NORMAL);
}

static void put_on(int y, int x, char c, int pair)
{
	attr_set(A_NORMAL, tui_has_colors() ? pair : 0, NULL);
	mvaddch(y, x, c);
	attr_set(A_NORMAL, 0, NULL);
}

void tui_cell(int y, int x, char c, int level)
{
	put_on(y, x, c, level);
}

void tui_phase(int y, int x, char c, int phase)
{
	put_on(y, x, c, TUI_LEVELS + 1 + phase);
}

void tui_show(void)
{
	refresh();
}

void tui_repaint(void)
{
	redrawwin(stdscr);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The live screen of top without kernel and terminal: its keys and its frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detail.h"
#include "outline.h"
#include "phase_bar.h"
#include "screen.h"
#include "top_columns.h"
#include "top_layout.h"
#include "top_table.h"
#include "tui.h"
#include "top_rows.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h> /* later: its fail() is a macro */

/* --- keys and frames --------------------------------------------------------------- */

static char frame[64][512];
static int frame_lines = 24, frame_columns = 80, lowest;

void tui_size(int *lines, int *columns)
{
	*lines = frame_lines;
	*columns = frame_columns;
}

void tui_clear(void)
{
	memset(frame, 0, sizeof(frame));
	lowest = 0;
}

void tui_line(int y, const char *text, enum tui_style style)
{
	(void)style;
	if (y < 0 || y >= frame_lines)
		return;
	snprintf(frame[y], sizeof(frame[y]), "%.*s", frame_columns, text);
	if (y > lowest)
		lowest = y;
}

void tui_show(void)
{
}

void tui_cell(int y, int x, char c, int level)
{
	(void)level;
	if (y < 0 || y >= frame_lines || x >= frame_columns)
		return;
	for (int i = strlen(frame[y]); i < x; i++)
		frame[y][i] = ' ';
	frame[y][x] = c;
}

void tui_phase(int y, int x, char c, int phase)
{
	(void)phase;
	tui_cell(y, x, c, 0);
}

bool tui_has_colors(void)
{
	return false;
}

static int click_on;

int tui_clicked_line(void)
{
	return click_on;
}

static struct outline outline;

static struct screen screen_of(struct table *t)
{
	make_sheet(IOP_BY_PROCESS);
	return (struct screen){ .table = t,
				.outline = &outline,
				.backend = "btf",
				.sheet = &sheet,
				.sort = sort_column(IOP_BY_PROCESS, "RD/s") };
}

static struct table *fresh_live(void)
{
	struct table *t = fresh();

	outline_begin(&outline, t, IOP_BY_PROCESS);
	return t;
}

/* A look, a second after the one before. */
static void look(struct table *t)
{
	table_refresh(t, NULL, t->ts_ns + SECOND);
	outline_refresh(&outline);
}

static void free_live(struct screen *s, struct table *t)
{
	screen_free(s);
	outline_end(&outline);
	table_free(t);
}

static struct table *three_rows(void)
{
	struct table *t = fresh_live();

	reads(0, 1, IOP_BLOCKING, "nginx", 10, 1000);
	reads(1, 2, IOP_MULTIPLEXED, "redis", 30, 1000000);
	reads(2, 3, IOP_SIGNAL, "ntpd", 20, 1000);
	look(t);
	return t;
}

static void press(struct screen *s, const char *text)
{
	for (; *text; text++)
		screen_key(s, *text);
	screen_update(s);
	screen_draw(s);
}

static void a_frame_has_its_parts(void **state)
{
	struct table *t = three_rows();
	struct screen s = screen_of(t);

	(void)state;
	frame_lines = 24;
	frame_columns = 80;
	press(&s, "");
	assert_non_null(strstr(frame[0], "60 reads/s"));
	assert_non_null(strstr(frame[0], "lost 0  rejected 0"));
	assert_non_null(strstr(frame[1], "PID COMM"));
	assert_non_null(strstr(frame[2], "redis"));
	assert_non_null(strstr(frame[3], "p99"));
	assert_non_null(strstr(frame[4], "ntpd"));
	assert_non_null(strstr(frame[6], "nginx"));
	assert_non_null(strstr(frame[23], "q quit"));
	free_live(&s, t);
}

static void keys_do_what_help_says(void **state)
{
	struct table *t = three_rows();
	struct screen s = screen_of(t);

	(void)state;
	assert_int_equal(screen_key(&s, 'q'), SCREEN_QUIT);
	assert_int_equal(screen_key(&s, TUI_HANGUP), SCREEN_QUIT);
	assert_int_equal(screen_key(&s, TUI_NONE), 0);
	assert_int_equal(screen_key(&s, 'Z'), 0);
	press(&s, "r");
	assert_non_null(strstr(frame[2], "nginx"));
	press(&s, "r%");
	assert_non_null(strstr(frame[3], "ntpd"));
	press(&s, "/nx");
	assert_true(s.editing);
	assert_string_equal(s.filter, "nx");
	assert_non_null(strstr(frame[23], "with: nx"));
	screen_key(&s, TUI_BACKSPACE);
	press(&s, "\n");
	assert_false(s.editing);
	assert_int_equal(s.nr, 2); /* nginx, ntpd */
	screen_key(&s, TUI_ESCAPE);
	press(&s, "");
	assert_int_equal(s.nr, 3);
	press(&s, "/nobody-is-called-like-that\n");
	assert_int_equal(strlen(s.filter), FILTER_LEN - 1);
	assert_non_null(strstr(frame[2], "No command"));
	press(&s, "\033p");
	assert_non_null(strstr(frame[0], "PAUSED"));
	press(&s, " h");
	assert_null(strstr(frame[0], "PAUSED"));
	assert_non_null(strstr(frame[2], "quit"));
	press(&s, "s");
	assert_false(s.help);
	press(&s, "s<<>");
	assert_string_equal(sort_heading(s.sort), "RD/s");
	free_live(&s, t);
}

static void the_selected_row_is_always_shown(void **state)
{
	struct table *t = three_rows();
	struct screen s = screen_of(t);

	(void)state;
	frame_lines = 5; /* room for two rows of one line */
	press(&s, "");
	screen_key(&s, TUI_END);
	press(&s, "");
	assert_int_equal(s.selected, 2);
	assert_non_null(strstr(frame[3], "nginx"));
	screen_key(&s, TUI_HOME);
	press(&s, "");
	assert_non_null(strstr(frame[2], "redis"));
	for (int i = 0; i < 9; i++)
		screen_key(&s, TUI_UP);
	press(&s, "");
	assert_int_equal(s.selected, 0);
	free_live(&s, t);
}

static void every_size_is_survived(void **state)
{
	struct table *t = three_rows();
	struct screen s = screen_of(t);

	(void)state;
	for (frame_lines = 1; frame_lines < 60; frame_lines++)
		for (frame_columns = 1; frame_columns < 250; frame_columns += 3) {
			press(&s, "");
			assert_true(lowest == frame_lines - 1);
			press(&s, "h");
			press(&s, "h%");
			screen_key(&s, TUI_PAGE_DOWN);
			press(&s, "%");
			screen_key(&s, TUI_PAGE_UP);
		}
	frame_lines = 10;
	frame_columns = 40;
	s.only_p99_chosen = false;
	press(&s, "");
	assert_non_null(strstr(frame[2], "redis"));
	assert_non_null(strstr(frame[4], "nginx"));
	frame_lines = 24;
	frame_columns = 80;
	free_live(&s, t);
}

static void nothing_yet_is_said(void **state)
{
	struct table *t = fresh_live();
	struct screen s = screen_of(t);

	(void)state;
	press(&s, "s");
	screen_key(&s, TUI_DOWN);
	press(&s, "");
	assert_non_null(strstr(frame[2], "No reads yet"));
	free_live(&s, t);
}

/* --cost: what the programs spent, in the status line. */
static void own_cost_is_of_the_interval(void **state)
{
	struct iop_counters c = { .seen = 1000, .lost = 7 };
	struct table *t = fresh_live();
	struct self_cost p = {};
	struct screen s = { .table = t,
			    .outline = &outline,
			    .backend = "btf",
			    .self_cost = &p,
			    .sheet = &sheet };
	char text[64];

	(void)state;
	make_sheet(IOP_BY_PROCESS);
	self_cost_look(&p, (struct cost){ 5000000, 9000 }, &c, SECOND);
	c.seen = 3000;
	s.counters = c;
	self_cost_look(&p, (struct cost){ 9000000, 20000 }, &c, 2 * SECOND);
	assert_int_equal(p.runs, 11000);
	assert_string_equal(self_cost_text(&p, text),
			    "own 2.00u/read 0.40% CPU 9.00m in all");
	frame_lines = 24;
	frame_columns = 80;
	press(&s, "");
	assert_non_null(strstr(frame[0], text));
	assert_non_null(strstr(frame[0], "lost 7"));
	self_cost_look(&p, (struct cost){ 9000000, 20000 }, &c, 3 * SECOND);
	assert_string_equal(self_cost_text(&p, text),
			    "own -/read 0.00% CPU 9.00m in all");
	free_live(&s, t);
}

/* --- rows that open ------------------------------------------------------------------ */

/* As the kernel counts once a row is open: by socket and thread. */
static void thread_reads(int i, __u32 tid, __u64 sock, __u16 port, int n)
{
	reads(i, getpid(), IOP_MULTIPLEXED, tid == 7 ? "worker" : "main", n, 1000);
	kernel[i].key.tid = kernel[i].hist.tid = tid;
	kernel[i].key.sock = sock;
	kernel[i].key.generation = 1;
	kernel[i].hist.fd = sock;
	kernel[i].hist.ends = (struct iop_endpoints){
		.family = AF_INET,
		.protocol = IPPROTO_TCP,
		.role = IOP_CLIENT,
		.peer = { 10, 0, 0, 5 },
		.peer_port = port,
	};
}

/* Two threads; a socket that both read, and one of the worker alone. */
static void more_reads(struct table *t)
{
	thread_reads(0, 6, 4, 5432, 1);
	thread_reads(1, 7, 4, 5432, 2);
	thread_reads(2, 7, 5, 6379, 4);
	look(t);
}

static const struct row *shown_row_of(const struct screen *s, const char *words)
{
	for (int i = 0, y = FIRST_ROW; i < s->nr; y += screen_height_of(s, i++))
		if (strstr(frame[y], words))
			return s->rows[i];
	return NULL;
}

static void a_row_opens_to_its_threads_and_they_to_their_sockets(void **state)
{
	struct table *t = fresh_live();
	struct screen s = screen_of(t);

	(void)state;
	name_in_proc = "server";
	frame_lines = 40;
	reads(0, getpid(), IOP_MULTIPLEXED, "server", 7, 1000);
	look(t);
	press(&s, "");
	assert_int_equal(s.nr, 1);
	assert_int_equal(outline_needs(&outline), IOP_BY_PROCESS);
	assert_int_equal(screen_key(&s, TUI_ENTER), SCREEN_DRAW | SCREEN_REGROUP);
	assert_int_equal(outline_needs(&outline), IOP_BY_SOCKET);
	memset(kernel, 0, sizeof(kernel));
	more_reads(t);
	press(&s, "");
	assert_int_equal(s.nr, 3);
	assert_int_equal(s.rows[0]->sums.reads, 7);
	assert_string_equal(s.rows[0]->comm, "server");
	assert_int_equal(s.rows[1]->sums.reads, 6); /* in order below their row */
	assert_non_null(shown_row_of(&s, "+ worker (7)"));
	assert_int_equal(s.rows[2]->sums.reads, 1);

	screen_key(&s, TUI_DOWN);
	press(&s, "\n");
	more_reads(t);
	press(&s, "");
	assert_int_equal(s.nr, 5);
	assert_int_equal(shown_row_of(&s, "fd 5 10.0.0.5:6379")->sums.reads, 4);
	assert_int_equal(shown_row_of(&s, "fd 4 10.0.0.5:5432")->sums.reads, 2);
	assert_string_equal(shown_row_of(&s, "- worker (7)")->comm, "worker");

	/* Left: to what it is part of, then closed */
	screen_key(&s, TUI_DOWN);
	screen_key(&s, TUI_LEFT);
	press(&s, "");
	assert_int_equal(s.selected, 1);
	screen_key(&s, TUI_LEFT);
	press(&s, "");
	assert_int_equal(s.nr, 3);
	screen_key(&s, TUI_LEFT);
	press(&s, "");
	screen_key(&s, TUI_LEFT);
	press(&s, "");
	assert_int_equal(s.nr, 1);
	assert_int_equal(outline_needs(&outline), IOP_BY_PROCESS);
	frame_lines = 24;
	name_in_proc = NULL;
	free_live(&s, t);
}

/* Whatever it is grouped by, every read is in one row. */
static void grouping_changes_while_it_runs(void **state)
{
	static const int rows[IOP_NR_GROUPS] = { 1, 2, 2, 2 };
	struct table *t = fresh_live();
	struct screen s = screen_of(t);

	(void)state;
	for (int group = 0; group < IOP_NR_GROUPS; group++, press(&s, "g")) {
		__u64 sum = 0;

		assert_int_equal(outline.view, group);
		if (group)
			assert_non_null(strstr(frame[2], "Counted so from now on"));
		more_reads(t);
		press(&s, "");
		assert_int_equal(s.nr, rows[group]);
		for (int i = 0; i < s.nr; i++)
			sum += s.rows[i]->sums.reads;
		assert_int_equal(sum, 7);
	}
	assert_int_equal(outline.view, IOP_BY_PROCESS);
	/* the kernel's rows are still a process's: nothing is left out */
	press(&s, "gg");
	memset(kernel, 0, sizeof(kernel));
	reads(0, getpid(), IOP_BLOCKING, "server", 3, 1000);
	look(t);
	press(&s, "");
	assert_int_equal(s.nr, 1);
	assert_int_equal(s.rows[0]->sums.reads, 3);
	assert_non_null(strstr(frame[2], " - "));
	free_live(&s, t);
}

static void what_is_gone_leaves_the_open_row(void **state)
{
	struct table *t = fresh_live();
	struct screen s = screen_of(t);

	(void)state;
	more_reads(t);
	press(&s, "");
	press(&s, "\n");
	more_reads(t);
	press(&s, "");
	assert_int_equal(s.nr, 3);
	kernel[0].closed = kernel[1].closed = kernel[2].closed = true;
	for (int i = 0; i < 3; i++)
		look(t);
	press(&s, "");
	assert_int_equal(s.nr, 0);
	assert_int_equal(outline_needs(&outline), IOP_BY_PROCESS);
	free_live(&s, t);
}

static void a_click_selects_and_the_wheel_scrolls(void **state)
{
	struct table *t = three_rows();
	struct screen s = screen_of(t);

	(void)state;
	press(&s, "");
	click_on = 5; /* the second line of the second row */
	assert_int_equal(screen_key(&s, TUI_CLICK), SCREEN_DRAW);
	press(&s, "");
	assert_int_equal(s.selected, 1);
	screen_key(&s, TUI_CLICK); /* again: it opens */
	press(&s, "");
	assert_non_null(screen_selected(&s));
	assert_true(screen_selected(&s)->open);
	click_on = 1;
	assert_int_equal(screen_key(&s, TUI_CLICK), 0);
	screen_key(&s, TUI_WHEEL_DOWN);
	press(&s, "");
	assert_int_equal(s.selected, 2);
	screen_key(&s, TUI_WHEEL_UP);
	press(&s, "");
	assert_int_equal(s.selected, 0);
	free_live(&s, t);
}

/* A row that another overtakes stays the selected one. */
static void the_selection_follows_its_row(void **state)
{
	struct table *t = three_rows();
	struct screen s = screen_of(t);

	(void)state;
	press(&s, "");
	assert_string_equal(screen_selected(&s)->row.comm, "redis");
	reads(0, 1, IOP_BLOCKING, "nginx", 900, 1000);
	reads(1, 2, IOP_MULTIPLEXED, "redis", 1, 1000000);
	look(t);
	press(&s, "");
	assert_string_equal(s.rows[0]->comm, "nginx");
	assert_string_equal(screen_selected(&s)->row.comm, "redis");
	free_live(&s, t);
}

/* --- bars and details ------------------------------------------------------------------ */

static void what_took_time_has_its_part_of_the_bar(void **state)
{
	struct row r = { .phases = { { .sum_ns = 1 },
				     { .sum_ns = 1000000 },
				     { .sum_ns = 1 },
				     {},
				     { .sum_ns = 1000000 } } };
	struct phase_limits limits = { .lost = { PHASE(IOP_WAKE) } };
	enum iop_phase bar[BAR_MOST];
	char text[BAR_MOST + 1] = "";

	(void)state;
	assert_int_equal(phase_bar(&r, NULL, 12, bar), 12);
	for (int i = 0; i < 12; i++)
		text[i] = phase_letters[bar[i]];
	assert_string_equal(text, "wkkkkdrrrrrr");
	assert_int_equal(phase_bar(&r, NULL, BAR_LEAST - 1, bar), 0);
	assert_int_equal(phase_bar(&r, NULL, 1000, bar), BAR_MOST);
	assert_int_equal(phase_bar(&r, &limits, 12, bar), 0); /* a part is not known */
	memset(r.phases, 0, sizeof(r.phases));
	assert_int_equal(phase_bar(&r, NULL, 12, bar), 0);
}

static void every_row_has_a_bar_at_every_usual_size(void **state)
{
	static const int sizes[][2] = { { 10, 40 },  { 24, 80 }, { 24, 66 },
					{ 50, 200 }, { 15, 80 }, { 24, 120 } };
	struct table *t = three_rows();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct screen s = screen_of(t);

		frame_lines = sizes[i][0];
		frame_columns = sizes[i][1];
		press(&s, "");
		assert_true(s.bar_width >= BAR_LEAST);
		assert_true(s.bar_x + s.bar_width <= frame_columns);
		assert_non_null(
			strstr(frame[s.sheet->below.nr ? 3 : 2] + s.bar_x, "wwww"));
		screen_free(&s);
	}
	frame_lines = 24;
	frame_columns = 80;
	outline_end(&outline);
	table_free(t);
}

static void details_are_of_the_selected_row_since_it_is(void **state)
{
	struct table *t = three_rows();
	struct screen s = screen_of(t);

	(void)state;
	press(&s, "");
	assert_non_null(strstr(frame[s.bottom], "redis (2) multiplexed: 30 reads in 1 s"));
	assert_non_null(strstr(frame[s.bottom + 1], "w wait      p50 1.0"));
	assert_non_null(strstr(frame[s.bottom + 6], "|100n"));
	assert_non_null(strstr(frame[s.bottom + 7], "60 s, to 30/s"));
	reads(1, 2, IOP_MULTIPLEXED, "redis", 12, 1000000);
	look(t);
	press(&s, "");
	assert_non_null(strstr(frame[s.bottom], ": 42 reads in 2 s"));
	screen_key(&s, TUI_DOWN);
	press(&s, "");
	assert_null(strstr(frame[s.bottom], "redis"));
	press(&s, "d");
	assert_int_equal(s.bottom, 23);
	frame_lines = 10;
	frame_columns = 40;
	press(&s, "");
	assert_int_equal(s.bottom, 9);
	press(&s, "d");
	assert_int_equal(s.bottom, 3);
	assert_non_null(strstr(frame[8], "r rest"));
	frame_lines = 24;
	frame_columns = 80;
	free_live(&s, t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_has_its_parts),
		cmocka_unit_test(keys_do_what_help_says),
		cmocka_unit_test(the_selected_row_is_always_shown),
		cmocka_unit_test(every_size_is_survived),
		cmocka_unit_test(nothing_yet_is_said),
		cmocka_unit_test(own_cost_is_of_the_interval),
		cmocka_unit_test(a_row_opens_to_its_threads_and_they_to_their_sockets),
		cmocka_unit_test(grouping_changes_while_it_runs),
		cmocka_unit_test(what_is_gone_leaves_the_open_row),
		cmocka_unit_test(a_click_selects_and_the_wheel_scrolls),
		cmocka_unit_test(the_selection_follows_its_row),
		cmocka_unit_test(what_took_time_has_its_part_of_the_bar),
		cmocka_unit_test(every_row_has_a_bar_at_every_usual_size),
		cmocka_unit_test(details_are_of_the_selected_row_since_it_is),
	};

	int failed = cmocka_run_group_tests_name("screen", tests, NULL, NULL);

	sheet_free(&sheet);
	return failed;
}

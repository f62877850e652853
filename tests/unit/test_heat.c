// SPDX-License-Identifier: GPL-2.0-only
/* Heat maps: where reads go, what is kept, whose they are, and the live screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "heat.h"
#include "heat_draw.h"
#include "heat_screen.h"
#include "picture.h"
#include "tui.h"
#include "util.h"

#include <cmocka.h>

#include "../../bpf/hist.h"

static struct heat h;
static const struct phase_limits none;

static void add(__u64 interval, __u64 ns, __u64 reads, __u32 pid, const char *comm)
{
	__u64 buckets[IOP_HIST_BUCKETS] = {};

	buckets[hist_bucket(ns)] = reads;
	heat_add(heat_column(&h, interval), buckets, ns, pid, comm);
}

/* Of a cell with so many reads. */
static int level_of(__u64 reads)
{
	struct heat_column c = {};

	c.buckets[hist_bucket(1200)] = reads;
	return heat_cell(&c, 3, 1).level;
}

static __u64 all_reads(void)
{
	struct heat_column sum;

	return heat_sum(&h, &sum);
}

/* --- rows ----------------------------------------------------------------------------- */

/* A time is in the row whose ruler line is below it, whatever else there is. */
static void rows_are_half_decades(void **state)
{
	static const struct {
		__u64 ns;
		int row;
	} times[] = {
		/* clang-format off */
		{ 0, 0 }, { 80, 0 }, { 130, 1 }, { 400, 2 }, { 1100, 3 }, { 5000, 4 },
		{ 1200000, 9 }, { 4000000, 10 }, { 2000000000, 15 }, { 5000000000, 16 },
		{ 15000000000, 17 }, { 68000000000, 17 }, { UINT64_MAX, 17 },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		heat_begin(&h, HEAT_MERGES, 4, 1000000000);
		add(0, times[i].ns, 1, 0, NULL);
		for (int row = 0; row < HEAT_ROWS; row++) {
			struct heat_cell cell = heat_cell(&h.columns[0], row, 1);

			assert_int_equal(cell.reads, row == times[i].row);
			assert_int_equal(cell.level, row == times[i].row);
			assert_int_equal(cell.has_p50, row == times[i].row);
		}
		heat_end(&h);
	}
}

/* Rows that are shared have all of what is in each of them, at any height. */
static void no_height_loses_a_read(void **state)
{
	(void)state;
	heat_begin(&h, HEAT_MERGES, 4, 1000000000);
	for (__u64 ns = 1; ns < 1ull << 40; ns *= 2)
		add(0, ns, 1, 0, NULL);
	for (int lines = -3; lines < 60; lines++) {
		int halves = heat_halves(lines), rows = heat_rows(halves);
		__u64 sum = 0;

		assert_true(rows <= lines || halves == 8);
		for (int row = 0; row < rows; row++)
			sum += heat_cell(&h.columns[0], row, halves).reads;
		assert_int_equal(sum, 40);
	}
	heat_end(&h);
}

static void the_ruler_is_always_the_same(void **state)
{
	char text[16];

	(void)state;
	assert_string_equal(heat_ruler(text, 0, 1), "less");
	assert_string_equal(heat_ruler(text, 1, 1), "100n");
	assert_string_equal(heat_ruler(text, 2, 1), "");
	assert_string_equal(heat_ruler(text, 9, 1), "1.00m");
	assert_string_equal(heat_ruler(text, 17, 1), "10.0s");
	assert_string_equal(heat_ruler(text, 5, 2), "1.00m");
	assert_string_equal(heat_ruler(text, 3, 8), "10.0s");
}

/* One read among a million is seen, and one more of many is no less. */
static void a_single_read_is_seen(void **state)
{
	int before = 0;

	(void)state;
	heat_begin(&h, HEAT_MERGES, 4, 1000000000);
	add(0, 1200, 1000000, 0, NULL);
	add(0, 120000000, 1, 0, NULL);
	assert_int_equal(heat_cell(&h.columns[0], 3, 1).level, MAX_LEVEL);
	assert_int_equal(heat_cell(&h.columns[0], 13, 1).level, 1);
	for (__u64 reads = 1; reads < 5000; reads++) {
		int level = level_of(reads);

		assert_true(level >= before && level >= 1);
		before = level;
		assert_string_not_equal(cell_text(level, CHARSET_ASCII), " ");
		assert_string_not_equal(cell_text(level, CHARSET_UNICODE), " ");
	}
	assert_int_equal(before, MAX_LEVEL);
	heat_end(&h);
}

/* p99 is in the row of the one read in fifty, p50 in that of the others. */
static void percentiles_mark_their_cells(void **state)
{
	struct heat_cell low, high;

	(void)state;
	heat_begin(&h, HEAT_MERGES, 4, 1000000000);
	add(0, 1200, 98, 0, NULL);
	add(0, 12000000, 2, 0, NULL);
	low = heat_cell(&h.columns[0], 3, 1);
	high = heat_cell(&h.columns[0], 11, 1);
	assert_true(low.has_p50 && !low.has_p99 && !high.has_p50 && high.has_p99);
	heat_end(&h);
}

/* --- columns -------------------------------------------------------------------------- */

static void a_long_run_is_kept_whole(void **state)
{
	(void)state;
	heat_begin(&h, HEAT_MERGES, 10, 1000000000);
	for (int i = 0; i < 1000; i++)
		add(i, 1200, 3, 0, NULL);
	assert_int_equal(all_reads(), 3000);
	assert_int_equal(h.intervals, 128);
	assert_int_equal(h.nr, 8);
	add(1ull << 40, 1200, 1, 0, NULL); /* and after a pause of any length */
	assert_int_equal(all_reads(), 3001);
	assert_true(h.nr <= 10);
	heat_end(&h);
}

static void a_screen_scrolls(void **state)
{
	(void)state;
	heat_begin(&h, HEAT_SCROLLS, 10, 1000000000);
	for (int i = 0; i < 25; i++)
		add(i, 1200, i, 1, "x");
	assert_int_equal(h.nr, 10);
	assert_int_equal(heat_cell(&h.columns[9], 3, 1).reads, 24);
	assert_int_equal(heat_cell(&h.columns[0], 3, 1).reads, 15);
	add(1000, 1200, 7, 1, "x");
	assert_int_equal(all_reads(), 7);
	heat_end(&h);
}

static void a_cell_has_an_owner(void **state)
{
	const struct heat_share *owner;
	__u64 reads;

	(void)state;
	heat_begin(&h, HEAT_SCROLLS, 10, 1000000000);
	add(0, 1200, 30, 1, "nginx");
	add(0, 1200, 20, 2, "redis");
	add(0, 1300, 20, 2, "redis"); /* another model's row of it */
	add(0, 5000000, 1, 1, "nginx");
	owner = heat_owner(&h.columns[0], 3, 1, &reads);
	assert_string_equal(owner->comm, "redis");
	assert_int_equal(reads, 40);
	owner = heat_owner(&h.columns[0], 10, 1, &reads);
	assert_int_equal(owner->pid, 1);
	assert_null(heat_owner(&h.columns[0], 5, 1, &reads));
	heat_end(&h);
}

/* --- the live screen ------------------------------------------------------------------- */

static int lines, columns;
static bool colors;
static char frame[64][256];

void tui_size(int *l, int *c)
{
	*l = lines;
	*c = columns;
}

bool tui_has_colors(void)
{
	return colors;
}

void tui_clear(void)
{
	memset(frame, ' ', sizeof(frame));
}

void tui_show(void)
{
}

/* As tui.c: what is outside is not there. */
void tui_line(int y, const char *text, enum tui_style style)
{
	(void)style;
	for (int x = 0; y >= 0 && y < lines && x < columns && text[x]; x++)
		frame[y][x] = text[x];
}

void tui_cell(int y, int x, char c, int level)
{
	assert_true(level >= 0 && level <= TUI_LEVELS);
	if (y >= 0 && y < lines && x >= 0 && x < columns)
		frame[y][x] = c;
}

static void screen_is(int y, const char *text)
{
	if (strncmp(frame[y], text, strlen(text)))
		fail_msg("line %d: %.80s", y, frame[y]);
}

static void the_cursor_asks_whose(void **state)
{
	struct heat_screen s = { .heat = &h, .limits = &none };

	(void)state;
	lines = 24, columns = 80;
	heat_begin(&h, HEAT_SCROLLS, 100, 1000000000);
	heat_screen_draw(&s); /* before the first look */
	screen_is(0, "wait: no reads");
	add(0, 1200, 5, 1, "one");
	add(1, 1200, 7, 2, "two\033[31m");
	s.row = 3;
	heat_screen_draw(&s);
	screen_is(0, "wait of 12 reads, p50 1.");
	screen_is(22, "0.0 s ago: 7 reads, 7 of them by two?[31m (2)");
	screen_is(1 + 17 - 3, " 1.00u 2+");
	assert_int_equal(heat_screen_key(&s, TUI_LEFT), HEAT_DRAW);
	heat_screen_draw(&s);
	screen_is(22, "1.0 s ago: 5 reads, 5 of them by one (1)");
	for (int i = 0; i < 50; i++)
		heat_screen_key(&s, i % 2 ? TUI_UP : TUI_LEFT);
	heat_screen_draw(&s);
	screen_is(22, "1.0 s ago: 0 reads  ");
	heat_screen_key(&s, TUI_END);
	heat_screen_draw(&s);
	screen_is(22, "0.0 s ago: 0 reads  ");
	assert_int_equal(heat_screen_key(&s, 'x'), 0);
	assert_int_equal(heat_screen_key(&s, 'q'), HEAT_QUIT);
	assert_int_equal(heat_screen_key(&s, TUI_HANGUP), HEAT_QUIT);
	colors = true;
	s.row = 0;
	heat_screen_draw(&s);
	screen_is(1 + 17 - 3, " 1.00u ==");
	colors = false;
	heat_end(&h);
}

/* They are not forgotten: where all are such the map would say that nobody reads. */
static void reads_without_times_are_said(void **state)
{
	char text[96];

	(void)state;
	heat_begin(&h, HEAT_MERGES, 4, 1000000000);
	h.untimed = 1234;
	assert_string_equal(heat_title(text, &h, IOP_WAKE, &none),
			    "wake: no reads but 1.23k without times");
	add(0, 1200, 1, 0, NULL);
	assert_string_equal(heat_title(text, &h, IOP_WAKE, &none),
			    "wake of 1 read, p50 1.20u, p99 1.20u; 1.23k without times");
	heat_end(&h);
}

static void it_fits_any_terminal(void **state)
{
	struct heat_screen s = { .heat = &h, .limits = &none };

	(void)state;
	heat_begin(&h, HEAT_SCROLLS, 100, 1000000000);
	for (int i = 0; i < 90; i++)
		add(i, 1200, 1, 1, "one");
	lines = 10, columns = 40;
	heat_screen_draw(&s);
	screen_is(0, "wait of 90 reads");
	screen_is(1, " 10.0s ");
	screen_is(6, "  less ");
	for (lines = 1; lines < 60; lines += 7)
		for (columns = 1; columns < 200; columns += 3)
			heat_screen_draw(&s);
	heat_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_half_decades),
		cmocka_unit_test(no_height_loses_a_read),
		cmocka_unit_test(the_ruler_is_always_the_same),
		cmocka_unit_test(a_single_read_is_seen),
		cmocka_unit_test(percentiles_mark_their_cells),
		cmocka_unit_test(a_long_run_is_kept_whole),
		cmocka_unit_test(a_screen_scrolls),
		cmocka_unit_test(a_cell_has_an_owner),
		cmocka_unit_test(the_cursor_asks_whose),
		cmocka_unit_test(reads_without_times_are_said),
		cmocka_unit_test(it_fits_any_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

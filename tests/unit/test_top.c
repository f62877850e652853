// SPDX-License-Identifier: GPL-2.0-only
/* top without a kernel: its rows, their columns and their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services.h"
#include "text.h"
#include "top_columns.h"
#include "top_layout.h"
#include "top_table.h"
#include "top_rows.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h> /* later: its fail() is a macro */

#define GONE 0x3fffffff /* above every pid_max */

static const struct row *row_with(const struct table *t, __u32 pid)
{
	for (int i = 0; i < t->nr; i++)
		if (t->rows[i]->key.pid == pid)
			return t->rows[i];
	return NULL;
}

/* What a row has under a key, as text. */
static const char *cell(const struct row *r, const char *key)
{
	static char text[64];

	make_sheet(IOP_BY_PROCESS);
	for (int i = 0; i < sheet.data.nr; i++) {
		struct value v;

		if (strcmp(sheet.data.of[i].key, key))
			continue;
		v = column_value(&sheet, &sheet.data.of[i], r);
		return value_text(&v, text, sizeof(text));
	}
	return "no such column";
}

static void fit_in(int view, int width, enum row_lines lines)
{
	make_sheet(view);
	top_layout_fit(&sheet, view, width, lines);
}

/* --- rows -------------------------------------------------------------------------- */

static void rows_hold_one_interval(void **state)
{
	struct table *t = fresh();
	struct row sum;

	(void)state;
	reads(0, getpid(), IOP_BLOCKING, "one", 100, 1000000);
	table_refresh(t, NULL, SECOND);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0]->sums.reads, 100);
	assert_int_equal(t->rows[0]->phases[IOP_WAIT].max_ns, 1000000);
	assert_string_equal(t->rows[0]->comm, "one");

	reads(0, getpid(), IOP_BLOCKING, "one", 50, 1000);
	table_refresh(t, NULL, 3 * SECOND);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0]->sums.reads, 50);
	assert_int_equal(t->rows[0]->sums.bytes, 500);
	assert_int_equal(t->rows[0]->interval_ns, 2 * SECOND);
	assert_int_equal(per_second(t->rows[0], 50), 25);
	assert_in_range(t->rows[0]->phases[IOP_WAIT].p99_ns, 938, 1062);

	table_refresh(t, NULL, 4 * SECOND);
	assert_int_equal(t->rows[0]->sums.reads, 0);
	assert_int_equal(t->sum.sums.reads, 0);

	assert_int_equal(t->nr_reads, 150);
	assert_true(table_summary(t, IOP_BLOCKING, &sum));
	assert_int_equal(sum.sums.reads, 150);
	assert_int_equal(sum.interval_ns, 4 * SECOND);
	assert_int_equal(sum.phases[IOP_WAIT].max_ns, 1000000);
	assert_false(table_summary(t, IOP_SIGNAL, &sum));
	table_free(t);
}

/* Reads without data, or without times, are in columns of their own. */
static void what_has_no_times_is_counted_apart(void **state)
{
	struct table *t = fresh();
	const struct row *r;

	(void)state;
	reads(0, getpid(), IOP_BLOCKING, "one", 10, 1000);
	kernel[0].hist.sums.reads += 1 + 2 + 3 + 4;
	kernel[0].hist.sums.errors = 1;
	kernel[0].hist.sums.eof = 2;
	kernel[0].hist.sums.unseen = 3;
	kernel[0].hist.sums.errqueue = 4;
	kernel[0].hist.sums.polls = 5;
	table_refresh(t, NULL, SECOND);
	r = row_with(t, getpid());
	assert_int_equal(r->sums.reads, 20);
	assert_int_equal(sums_timed(&r->sums), 10);
	assert_int_equal(r->sums.eof, 2);
	assert_int_equal(r->sums.unseen, 3);
	assert_int_equal(r->sums.errqueue, 4);
	assert_int_equal(sums_timed(&t->sum.sums), 10);

	/* only EAGAINs: nothing read, but something happened */
	kernel[0].hist.sums.polls += 6;
	table_refresh(t, NULL, 2 * SECOND);
	r = row_with(t, getpid());
	assert_int_equal(r->sums.reads, 0);
	assert_int_equal(r->sums.polls, 6);
	assert_true(row_is_busy(r) && r->has_read);
	assert_string_equal(cell(r, "wait_p50_ns"), "-");
	table_free(t);
}

/* EAGAINs are counted whether the reads between them are sampled or not. */
static void a_sample_does_not_multiply_polls(void **state)
{
	struct table *t = fresh();

	(void)state;
	t->sample = 10;
	reads(0, getpid(), IOP_BLOCKING, "one", 3, 1000);
	kernel[0].hist.sums.polls = 7;
	table_refresh(t, NULL, SECOND);
	assert_int_equal(t->rows[0]->sums.reads, 30);
	assert_int_equal(t->rows[0]->sums.polls, 7);
	table_free(t);
}

/*
 * Who is there says its name when its row is new; later the kernel tells of another.
 * A socket's row is asked for each time: the kernel does not find it.
 */
static void rows_bear_the_present_name(void **state)
{
	struct table *t = fresh();

	(void)state;
	name_in_proc = "java";
	reads(0, getpid(), IOP_BLOCKING, "a-thread", 1, 1000);
	table_refresh(t, NULL, SECOND);
	assert_string_equal(t->rows[0]->comm, "java");
	name_in_proc = "not asked again";
	reads(0, getpid(), IOP_BLOCKING, "a-thread", 1, 1000);
	table_refresh(t, NULL, 2 * SECOND);
	assert_string_equal(t->rows[0]->comm, "java");
	memset(kernel[0].hist.comm, 0, IOP_COMM_LEN);
	reads(0, getpid(), IOP_BLOCKING, "cat", 1, 1000);
	table_refresh(t, NULL, 3 * SECOND);
	assert_string_equal(t->rows[0]->comm, "cat");
	table_free(t);

	t = fresh();
	reads(0, getpid(), IOP_BLOCKING, "server", 1, 1000);
	kernel[0].key.sock = 1;
	table_refresh(t, NULL, SECOND);
	name_in_proc = "renamed";
	reads(0, getpid(), IOP_BLOCKING, "server", 1, 1000);
	kernel[0].key.sock = 1;
	table_refresh(t, NULL, 2 * SECOND);
	assert_string_equal(t->rows[0]->comm, "renamed");
	name_in_proc = NULL;
	table_free(t);
}

/* What is not in our PID namespace has no id there, and is kept while it reads. */
static void strangers_have_no_id(void **state)
{
	struct table *t = fresh();

	(void)state;
	reads(0, GONE, IOP_BLOCKING, "outside", 1, 1000);
	kernel[0].hist.pid = 0;
	for (int i = 1; i < LONG_IDLE; i++) {
		table_refresh(t, NULL, i * SECOND);
		assert_int_equal(t->nr, 1);
	}
	assert_string_equal(cell(t->rows[0], "pid"), "-");
	for (int i = LONG_IDLE; i < LONG_IDLE + 4; i++)
		table_refresh(t, NULL, i * SECOND);
	assert_int_equal(t->nr, 0);
	table_free(t);
}

static void the_dead_leave_when_they_are_accounted(void **state)
{
	struct table *t = fresh();
	struct row sum;

	(void)state;
	reads(0, getpid(), IOP_BLOCKING, "alive", 1, 1000);
	reads(1, GONE, IOP_BLOCKING, "dead", 2, 1000);
	table_refresh(t, NULL, SECOND);
	assert_int_equal(t->nr, 2);
	assert_int_equal(dropped, 0);

	table_refresh(t, NULL, 2 * SECOND);
	assert_int_equal(t->nr, 1);
	assert_int_equal(dropped, 1);
	assert_non_null(row_with(t, getpid()));

	/* its number is used again */
	memset(&kernel[1], 0, sizeof(kernel[1]));
	reads(1, GONE, IOP_BLOCKING, "heir", 3, 1000);
	table_refresh(t, NULL, 3 * SECOND);
	assert_int_equal(row_with(t, GONE)->sums.reads, 3);
	assert_string_equal(row_with(t, GONE)->comm, "heir");
	table_summary(t, IOP_BLOCKING, &sum);
	assert_int_equal(sum.sums.reads, 6);
	table_free(t);
}

/* n reads of a socket of ours, at one address for all. */
static void socket_reads(int i, __u32 generation, __u16 peer_port, int n)
{
	reads(i, getpid(), IOP_BLOCKING, "server", n, 1000);
	kernel[i].key.sock = 0xffff888000001000;
	kernel[i].key.generation = generation;
	kernel[i].hist.ends.peer_port = peer_port;
}

static void the_closed_leave_a_living_server(void **state)
{
	struct table *t = fresh();
	struct row sum;

	(void)state;
	socket_reads(0, 1, 1001, 4);
	table_refresh(t, NULL, SECOND);
	assert_int_equal(t->rows[0]->sums.reads, 4);

	table_refresh(t, NULL, 2 * SECOND);
	assert_int_equal(t->nr, 1); /* idle, but open */

	/* closed, after a last read; its address is a new socket's */
	socket_reads(0, 1, 1001, 1);
	kernel[0].closed = true;
	socket_reads(1, 2, 1002, 3);
	table_refresh(t, NULL, 3 * SECOND);
	assert_int_equal(t->nr, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(t->rows[i]->sums.reads,
				 t->rows[i]->ends.peer_port == 1001 ? 1 : 3);
	assert_int_equal(dropped, 0);

	table_refresh(t, NULL, 4 * SECOND);
	assert_int_equal(t->nr, 1);
	assert_int_equal(dropped, 1);
	assert_false(kernel[0].there);
	assert_int_equal(t->rows[0]->ends.peer_port, 1002);
	table_summary(t, IOP_BLOCKING, &sum);
	assert_int_equal(sum.sums.reads, 8);
	table_free(t);
}

/* A read that comes between a look and the end of its socket is shown. */
static void the_last_read_is_not_lost(void **state)
{
	struct table *t = fresh();

	(void)state;
	socket_reads(0, 1, 1001, 1);
	table_refresh(t, NULL, SECOND);
	closes_while_looked_at = true;
	table_refresh(t, NULL, 2 * SECOND);
	closes_while_looked_at = false;
	assert_int_equal(dropped, 0);
	table_refresh(t, NULL, 3 * SECOND);
	assert_int_equal(t->sum.sums.reads, 1);
	assert_int_equal(t->nr_reads, 2);
	table_refresh(t, NULL, 4 * SECOND);
	assert_int_equal(dropped, 1);
	table_free(t);
}

static void rates_of_what_happened_are_not_zero(void **state)
{
	struct row r = { .interval_ns = 60 * SECOND };

	(void)state;
	assert_int_equal(per_second(&r, 0), 0);
	assert_int_equal(per_second(&r, 1), 1);
	assert_int_equal(per_second(&r, 90), 2);
	r.interval_ns = 0;
	assert_int_equal(per_second(&r, 5), 1);
}

/* --- columns -------------------------------------------------------------------------- */

static const struct row busy = {
	.key = { .pid = 4194304, .tid = 4194304, .model = IOP_MULTIPLEXED },
	.comm = "a-name-that-is",
	.interval_ns = SECOND,
	.pid = 4194304,
	.tid = 4194304,
	.fd = 1048576,
	.sums = { .reads = 999999,
		  .bytes = 99999999,
		  .polls = 99999,
		  .errors = 99999,
		  .total_ns = 1 },
	.phases = { { 99999, 999999999, 1, 1 }, { 1, 2, 3, 4 } },
};

static bool holds(const char *title)
{
	for (int i = 0; i < sheet.text.nr; i++)
		if (!strcmp(sheet.text.of[i].title, title))
			return true;
	return false;
}

static void every_width_is_kept(void **state)
{
	struct row r = busy;
	char line[512];

	(void)state;
	r.ends.family = AF_INET6;
	memset(r.ends.peer, 0xfe, sizeof(r.ends.peer));
	memset(r.ends.local, 0xfe, sizeof(r.ends.local));
	for (int view = 0; view <= IOP_BY_SERVICE; view++)
		for (int width = 24; width < 300; width++)
			for (int lines = 0; lines <= LINES_P99; lines++) {
				fit_in(view, width, lines);
				sheet_header(&sheet, line, sizeof(line));
				assert_true((int)strlen(line) <= width);
				sheet_line(&sheet, &r, line, sizeof(line));
				assert_true((int)strlen(line) <= width);
				sheet_line_below(&sheet, &r, line, sizeof(line));
				assert_true((int)strlen(line) <= width);
			}
}

static void eighty_columns_hold_all_that_matters(void **state)
{
	static const char *const titles[] = { "PID",  "COMM",  "MODEL", "RD/s",
					      "B/s",  "EAG/s", "WAIT",	"WAKE",
					      "DISP", "COPY",  "REST" };
	char line[128];

	(void)state;
	fit_in(IOP_BY_PROCESS, 80, LINES_AUTO);
	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		assert_true(holds(titles[i]));
	assert_true(sheet.below.nr);
	sheet_line_below(&sheet, &busy, line, sizeof(line));
	assert_string_equal(line + strspn(line, " "), "p99  999m    2n    0n"
						      "    0n    0n");
	fit_in(IOP_BY_PROCESS, 200, LINES_AUTO);
	assert_false(sheet.below.nr);
	assert_true(holds("WAIT99") && holds("MOSTLY"));
	fit_in(VIEW_SUMMARY, 80, LINES_AUTO);
	assert_true(sheet.below.nr && holds("EAGAIN"));
	fit_in(IOP_BY_PROCESS, 40, LINES_P99);
	assert_true(holds("WAIT") && holds("DISP"));
}

/* Both ends of a socket are there, below each other where they must. */
static void a_socket_has_both_ends_and_a_descriptor(void **state)
{
	struct row r = busy;
	char line[512];

	(void)state;
	r.fd = 7;
	r.ends = (struct iop_endpoints){ .family = AF_INET,
					 .protocol = IPPROTO_UDP,
					 .local = { 127, 0, 0, 1 },
					 .local_port = 53 };
	fit_in(IOP_BY_SOCKET, 80, LINES_AUTO);
	assert_true(sheet.below.nr && holds("FD"));
	assert_true(holds("PEER, LOCAL BELOW"));
	sheet_line(&sheet, &r, line, sizeof(line));
	assert_non_null(strstr(line, "   7 "));
	assert_non_null(strstr(line, " no peer "));
	sheet_line_below(&sheet, &r, line, sizeof(line));
	assert_non_null(strstr(line, " 127.0.0.1:53 "));
	r.ends.peer_port = 40000;
	r.ends.peer[0] = 10;
	sheet_line(&sheet, &r, line, sizeof(line));
	assert_non_null(strstr(line, " 10.0.0.0:40000 "));
	r.ends = (struct iop_endpoints){ .family = AF_UNIX };
	sheet_line(&sheet, &r, line, sizeof(line));
	assert_non_null(strstr(line, " unix, no address "));
	fit_in(IOP_BY_SOCKET, 200, LINES_AUTO);
	assert_true(!sheet.below.nr && holds("PEER") && holds("LOCAL"));
}

/* "How long do we wait for postgres:5432?" */
static void a_service_is_whom_a_client_asks_or_the_port_of_a_server(void **state)
{
	struct row r = busy;
	char line[512];

	(void)state;
	r.ends = (struct iop_endpoints){ .family = AF_INET,
					 .protocol = IPPROTO_TCP,
					 .role = IOP_CLIENT,
					 .peer = { 10, 0, 0, 5 },
					 .peer_port = 5432 };
	fit_in(IOP_BY_SERVICE, 80, LINES_AUTO);
	assert_true(holds("SERVICE") && holds("PROTO") && !holds("PID"));
	sheet_line(&sheet, &r, line, sizeof(line));
	assert_memory_equal(line, "10.0.0.5:5432 ", 14);
	r.ends = (struct iop_endpoints){ .family = AF_INET,
					 .protocol = IPPROTO_TCP,
					 .role = IOP_SERVER,
					 .local_port = 8080 };
	sheet_line(&sheet, &r, line, sizeof(line));
	assert_memory_equal(line, ":8080 ", 6);
	r.ends = (struct iop_endpoints){ .family = AF_UNIX };
	sheet_line(&sheet, &r, line, sizeof(line));
	assert_memory_equal(line, "unix, no address ", 17);
}

static void rows_are_sorted_by_any_column(void **state)
{
	struct row a = { .key.pid = 1, .comm = "b", .sums.reads = 5, .interval_ns = SECOND };
	struct row b = { .key.pid = 2, .comm = "A", .sums.reads = 7, .interval_ns = SECOND };
	struct row c = { .key.pid = 3, .comm = "c", .interval_ns = SECOND };
	const struct row *rows[] = { &c, &a, &b };

	(void)state;
	make_sheet(IOP_BY_PROCESS);
	rows_sort(&sheet, rows, 3, sort_column(IOP_BY_PROCESS, "rd/S"), false);
	assert_ptr_equal(rows[0], &b);
	assert_ptr_equal(rows[2], &c);
	rows_sort(&sheet, rows, 3, sort_column(IOP_BY_PROCESS, "comm"), false);
	assert_ptr_equal(rows[0], &b);
	rows_sort(&sheet, rows, 3, sort_column(IOP_BY_PROCESS, "comm"), true);
	assert_ptr_equal(rows[0], &c);
	/* no reads, no percentile: last, whichever way */
	rows_sort(&sheet, rows, 3, sort_column(IOP_BY_PROCESS, "WAIT99"), true);
	assert_ptr_equal(rows[2], &c);
	rows_sort(&sheet, rows, 0, 0, false);
	assert_int_equal(sort_column(IOP_BY_PROCESS, "PEER"), -1);
	assert_true(sort_column(IOP_BY_SOCKET, "PEER") >= 0);
	assert_int_equal(sort_column(IOP_BY_PROCESS, ""), -1);
	assert_non_null(strstr(sort_choices(IOP_BY_PROCESS), "PID, COMM"));
}

static void every_column_is_reached_by_the_sort_keys(void **state)
{
	int first = sort_column(IOP_BY_THREAD, "RD/s"), at = first, steps = 0;

	(void)state;
	do {
		int next = sort_next(IOP_BY_THREAD, at, 1);

		assert_int_equal(sort_next(IOP_BY_THREAD, next, -1), at);
		at = next;
		steps++;
	} while (at != first);
	assert_true(steps > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_hold_one_interval),
		cmocka_unit_test(what_has_no_times_is_counted_apart),
		cmocka_unit_test(a_sample_does_not_multiply_polls),
		cmocka_unit_test(rows_bear_the_present_name),
		cmocka_unit_test(strangers_have_no_id),
		cmocka_unit_test(the_dead_leave_when_they_are_accounted),
		cmocka_unit_test(the_closed_leave_a_living_server),
		cmocka_unit_test(the_last_read_is_not_lost),
		cmocka_unit_test(rates_of_what_happened_are_not_zero),
		cmocka_unit_test(every_width_is_kept),
		cmocka_unit_test(eighty_columns_hold_all_that_matters),
		cmocka_unit_test(a_socket_has_both_ends_and_a_descriptor),
		cmocka_unit_test(a_service_is_whom_a_client_asks_or_the_port_of_a_server),
		cmocka_unit_test(rows_are_sorted_by_any_column),
		cmocka_unit_test(every_column_is_reached_by_the_sort_keys),
	};

	int failed = cmocka_run_group_tests_name("top", tests, NULL, NULL);

	sheet_free(&sheet);
	return failed;
}

// SPDX-License-Identifier: GPL-2.0-only
/* top without kernel and terminal: its rows, columns, order, keys and frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../user/views/top_table.c"
#include "../../user/views/services.c"
#include "../../user/views/top_columns.c"
#include "../../user/views/top_layout.c"
#include "../../user/views/outline.c"
#include "../../user/views/heat.c"
#include "../../user/views/heat_draw.c"
#include "../../user/views/heat_screen.c"
#include "../../user/views/phase_bar.c"
#include "../../user/views/detail.c"
#include "../../user/views/keys.c"
#include "../../user/views/screen.c"
#include "../../user/views/screen_draw.c"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h> /* later: its fail() is a macro */

#include "../../bpf/hist.h"
#include "text.h"

#define GONE 0x3fffffff /* above every pid_max */
#define SECOND 1000000000ull

/* --- a kernel -------------------------------------------------------------------- */

static struct kernel {
	struct iop_hist_key key;
	struct iop_hist hist;
	bool there;
	bool closed; /* the socket */
} kernel[8];

static int dropped;
static bool closes_while_looked_at;

bool session_sock_gone(struct session *s, const struct iop_hist_key *key)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (!memcmp(&kernel[i].key, key, sizeof(*key)))
			return kernel[i].closed;
	return true;
}

int session_hists(struct session *s, hist_fn fn, void *ctx)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (kernel[i].there)
			fn(ctx, &kernel[i].key, &kernel[i].hist);
	if (closes_while_looked_at) {
		kernel[0].hist.sums.reads++;
		kernel[0].closed = true;
	}
	return 0;
}

void session_drop_hist(struct session *s, const struct iop_hist_key *key)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		if (!memcmp(&kernel[i].key, key, sizeof(*key)))
			kernel[i].there = false;
	dropped++;
}

/* What /proc says of anybody; NULL: nobody is there. */
static const char *name_in_proc;

bool task_comm(__u32 pid, __u32 tid, char comm[IOP_COMM_LEN])
{
	(void)pid;
	if (tid)
		return false; /* threads have the names that the kernel gives */
	if (name_in_proc)
		snprintf(comm, IOP_COMM_LEN, "%s", name_in_proc);
	return name_in_proc;
}

/* n reads of 10 bytes that waited ns each. */
static void reads(int i, __u32 pid, __u32 model, const char *comm, int n, __u64 ns)
{
	struct iop_hist *h = &kernel[i].hist;

	kernel[i].key = (struct iop_hist_key){ .pid = pid, .model = model };
	kernel[i].there = true;
	strncpy(h->comm, comm, IOP_COMM_LEN - 1);
	h->pid = pid;
	h->sums.reads += n;
	h->sums.bytes += 10 * n;
	h->sums.total_ns += n * ns;
	for (int p = 0; p < IOP_NR_PHASES; p++) {
		__u64 took = p == IOP_WAIT ? ns : 0;

		h->buckets[p][hist_bucket(took)] += n;
		h->sum_ns[p] += n * took;
		if (took > h->max_ns[p])
			h->max_ns[p] = took;
	}
}

static struct table *fresh(void)
{
	memset(kernel, 0, sizeof(kernel));
	dropped = 0;
	return table_new(0, 1);
}

static const struct row *row_with(const struct table *t, __u32 pid)
{
	for (int i = 0; i < t->nr; i++)
		if (t->rows[i]->key.pid == pid)
			return t->rows[i];
	return NULL;
}

static struct sheet sheet;

/* All columns of a view, for rows of no limits. */
static void make_sheet(int view)
{
	sheet_free(&sheet);
	sheet_make(&sheet, view == VIEW_SUMMARY ? &summary_schema : &top_schema,
		   VIEW(view), NULL);
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

	int failed = cmocka_run_group_tests_name("top", tests, NULL, NULL);

	sheet_free(&sheet);
	return failed;
}

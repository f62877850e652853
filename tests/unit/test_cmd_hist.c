// SPDX-License-Identifier: GPL-2.0-only
/* hist without a kernel: its bars, its JSON, its intervals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>

#include "command.h"
#include "interval.h"
#include "json.h"
#include "names.h"
#include "run_hist.h"
#include "tasks.h"
#include "tracing.h"
#include "util.h"

#include <cmocka.h> /* later: its fail() is a macro */

#include "../../bpf/hist.h"

extern const struct command cmd_hist;

/* --- a session -------------------------------------------------------------------- */

static struct iop_hist kernel;
static int looks, detached, closed;
static bool by_service; /* two services have what one process had */

struct session *session_open(const struct options *o, enum session_mode mode,
			     record_fn fn, void *ctx, bool quiet)
{
	(void)quiet;
	(void)o;
	(void)fn;
	(void)ctx;
	assert_int_equal(mode, SESSION_HIST);
	return (struct session *)&kernel;
}

bool session_wait(struct session *s, int ms)
{
	(void)s;
	usleep(ms * 1000);
	return true;
}

/* Three reads of 1 ms more at every look. */
int session_hists(struct session *s, hist_fn fn, void *ctx)
{
	struct iop_hist_key key = { .pid = getpid(), .model = IOP_BLOCKING };

	(void)s;
	looks++;
	kernel.sums.reads += 3;
	kernel.sums.bytes += 30;
	kernel.sums.total_ns += 3000000;
	kernel.sum_ns[IOP_WAIT] += 3000000;
	kernel.max_ns[IOP_WAIT] = 1000000;
	kernel.buckets[IOP_WAIT][hist_bucket(1000000)] += 3;
	for (int i = IOP_WAKE; i < IOP_NR_PHASES; i++)
		kernel.buckets[i][0] += 3;
	if (!by_service) {
		fn(ctx, &key, &kernel);
		return 0;
	}
	key = (struct iop_hist_key){ .sock = 1, .model = IOP_BLOCKING };
	kernel.ends = (struct iop_endpoints){ .family = AF_INET,
					      .protocol = IPPROTO_TCP,
					      .role = IOP_CLIENT,
					      .peer = { 10, 0, 0, 5 },
					      .peer_port = 5432 };
	fn(ctx, &key, &kernel);
	key.sock = 2;
	kernel.ends = (struct iop_endpoints){ .family = AF_INET,
					      .protocol = IPPROTO_TCP,
					      .role = IOP_SERVER,
					      .local_port = 80 };
	fn(ctx, &key, &kernel);
	return 0;
}

bool session_sock_gone(struct session *s, const struct iop_hist_key *key)
{
	(void)s;
	(void)key;
	return false;
}

void session_drop_hist(struct session *s, const struct iop_hist_key *key)
{
	(void)s;
	(void)key;
}

int session_counters(struct session *s, struct iop_counters *sum)
{
	(void)s;
	*sum = (struct iop_counters){ .seen = kernel.sums.reads,
				      .shown = kernel.sums.reads };
	return 0;
}

__u64 session_missed(struct session *s)
{
	(void)s;
	return 0;
}

int session_go(struct session *s)
{
	(void)s;
	return EXIT_DONE;
}

__u64 session_start_ns(const struct session *s)
{
	(void)s;
	return 1;
}

const char *session_backend(const struct session *s)
{
	(void)s;
	return "btf";
}

static struct phase_limits limits;

const struct phase_limits *session_limits(const struct session *s)
{
	(void)s;
	return &limits;
}

void session_drain(struct session *s)
{
	(void)s;
}

void session_detach(struct session *s)
{
	(void)s;
	detached++;
}

void session_close(struct session *s)
{
	(void)s;
	closed++;
}

bool task_comm(__u32 pid, __u32 tid, char comm[IOP_COMM_LEN])
{
	(void)pid;
	(void)tid;
	(void)comm;
	return false;
}

/* --- helpers ---------------------------------------------------------------------- */

static char said[1 << 16];

/* What is printed of one model. */
static const char *printed(const struct dist *d)
{
	FILE *f = fmemopen(said, sizeof(said), "w");

	hist_text(f, &(struct run_hist){
			     .dist = d, .model = IOP_MULTIPLEXED, .limits = &limits });
	fclose(f);
	return said;
}

static void add(struct dist *d, enum iop_phase phase, __u64 ns, int n)
{
	d->buckets[phase][hist_bucket(ns)] += n;
	d->sum_ns[phase] += n * ns;
	if (ns > d->max_ns[phase])
		d->max_ns[phase] = ns;
}

static int occurrences(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* --- bars --------------------------------------------------------------------------- */

static void bars_cover_every_read(void **state)
{
	static struct dist d;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		__u64 total = 0, sum = 0;
		struct bars b;

		memset(&d, 0, sizeof(d));
		for (int i = 0; i <= round % 7; i++, total++)
			d.buckets[0][rand() % IOP_HIST_BUCKETS]++;
		b = bars_of(d.buckets[0]);
		assert_in_range(b.nr, 1, MAX_BARS);
		assert_int_equal(b.first % b.step, 0);
		for (int i = 0; i < b.nr; i++)
			sum += reads_in(d.buckets[0], b.first + i * b.step, b.step);
		assert_int_equal(sum, total);
		assert_true(reads_in(d.buckets[0], b.first, b.step));
		assert_true(reads_in(d.buckets[0], b.first + (b.nr - 1) * b.step, b.step));
	}
}

static void close_times_keep_slots_of_their_own(void **state)
{
	static struct dist d;

	(void)state;
	memset(&d, 0, sizeof(d));
	d.sums.reads = 50;
	add(&d, IOP_WAIT, 1048576, 40);
	add(&d, IOP_WAIT, 1179648, 10);
	assert_int_equal(bars_of(d.buckets[IOP_WAIT]).step, 1);
	printed(&d);
	assert_non_null(strstr(said, "1.04m to 1.17m     40 "
				     "|####################################|"));
	assert_non_null(strstr(said, "1.17m to 1.31m     10 "
				     "|#########                           |"));
}

static void the_longest_and_the_shortest_are_shown(void **state)
{
	static struct dist d;

	(void)state;
	memset(&d, 0, sizeof(d));
	d.sums.reads = 2;
	add(&d, IOP_WAIT, 0, 1);
	add(&d, IOP_WAIT, 100 * 1000000000ull, 1);
	printed(&d);
	assert_non_null(strstr(said, "   0n to "));
	assert_non_null(strstr(said, "to   ... "));
	assert_non_null(strstr(said, "max 100s"));
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
}

static void percentiles_are_on_the_phases_line(void **state)
{
	static struct dist d;

	(void)state;
	memset(&d, 0, sizeof(d));
	d.sums.reads = 1000;
	add(&d, IOP_COPY, 4, 899);
	add(&d, IOP_COPY, 6, 90);
	add(&d, IOP_COPY, 10, 10);
	add(&d, IOP_COPY, 12, 1);
	printed(&d);
	assert_non_null(strstr(said, "  copy      p50 4n     p90 6n     p99 10n  "
				     "  p99.9 10n    max 12n\n"));
	assert_int_equal(strncmp(said, "multiplexed: 1.00k reads,", 25), 0);
}

/* Reads without data, or without times, are told, but no percentile is made of them. */
static void what_is_left_out_is_told(void **state)
{
	static struct dist d;

	(void)state;
	memset(&d, 0, sizeof(d));
	d.sums.reads = 7;
	d.sums.eof = 4;
	d.sums.unseen = 1;
	add(&d, IOP_WAIT, 6, 2);
	printed(&d);
	assert_non_null(strstr(said, "  left out: 4 end of file, 1 unseen\n"));
	assert_non_null(strstr(said, "  wait      p50 6n "));
	d.sums.eof = 6;
	printed(&d);
	assert_non_null(strstr(said, "  wait      -\n"));
	assert_null(strstr(said, "p50"));
}

/* --- JSON ----------------------------------------------------------------------------- */

static void json_has_every_bucket(void **state)
{
	static struct dist dist;
	struct dist *d = &dist;
	struct run_hist h = { .dist = d,
			      .model = IOP_SIGNAL,
			      .ts_ns = 7,
			      .interval_ns = 5,
			      .limits = &limits };
	FILE *f = fmemopen(said, sizeof(said), "w");
	struct hist_row row;
	struct sheet s;

	(void)state;
	d->sums.reads = 4 + 1 + 2 + 3 + 4;
	d->sums.eof = 1;
	d->sums.errors = 2;
	d->sums.errqueue = 3;
	d->sums.unseen = 4;
	d->sums.polls = 5;
	add(d, IOP_WAKE, 3, 3);
	add(d, IOP_WAKE, 1ull << 40, 1);
	hist_row_of(&row, &h, IOP_WAKE);
	sheet_make(&s, &hist_schema, 0, NULL);
	sheet_json(&s, &row, f);
	sheet_free(&s);
	fclose(f);
	assert_string_equal(said,
			    "{\"v\":1,\"type\":\"hist\",\"ts_ns\":7,\"interval_ns\":5,"
			    "\"sample\":0,\"model\":\"signal\",\"phase\":\"wake\",\"reads\":14,"
			    "\"timed\":4,\"eof\":1,\"errors\":2,\"errqueue\":3,"
			    "\"unseen\":4,\"polls\":5,"
			    "\"sum_ns\":1099511627785,\"p50_ns\":3,"
			    "\"p90_ns\":1099511627776,\"p99_ns\":1099511627776,"
			    "\"p999_ns\":1099511627776,\"max_ns\":1099511627776,"
			    "\"error_percent\":6.25,"
			    "\"buckets\":[[3,4,3],[64424509440,null,1]]}\n");
}

/* --- runs ------------------------------------------------------------------------------- */

/* Of intervals that take as long as the run there is no rest. */
static void no_rest_of_a_run_is_an_interval(void **state)
{
	static const struct {
		__u64 duration_ms, interval_ms;
		int intervals;
	} cases[] = {
		{ 40, 40, 1 }, { 40, 20, 2 }, { 41, 20, 2 },
		{ 50, 20, 3 }, { 10, 40, 1 }, { 61, 60, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct options o = {
			.duration_ns = cases[i].duration_ms * 1000000,
			.interval_ns = cases[i].interval_ms * 1000000,
		};
		struct interval t;
		int n = 1;

		interval_start(&t, &o, (struct session *)&kernel);
		while (interval_next(&t))
			n++;
		interval_end(&t);
		if (n > cases[i].intervals)
			fail_msg("-d %llu ms -i %llu ms: %d intervals",
				 (unsigned long long)cases[i].duration_ms,
				 (unsigned long long)cases[i].interval_ms, n);
	}
}

/* What a run prints on standard output. */
static const char *run_hist(const struct options *o)
{
	int keep = dup(STDOUT_FILENO);
	FILE *f = tmpfile();
	size_t n;

	memset(&kernel, 0, sizeof(kernel));
	looks = detached = closed = 0;
	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	assert_int_equal(cmd_hist.run(o), EXIT_DONE);
	fflush(stdout);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = 0;
	fclose(f);
	assert_int_equal(detached, 1);
	assert_int_equal(closed, 1);
	return said;
}

static void each_interval_stands_alone(void **state)
{
	struct options o = { .interval_ns = 20000000,
			     .iterations = 3,
			     .format = &out_json };

	(void)state;
	run_hist(&o);
	assert_int_equal(looks, 3);
	assert_int_equal(occurrences(said, "\"phase\":\"wait\",\"reads\":3,\"timed\":3,"),
			 3);
	assert_int_equal(occurrences(said, "\"type\":\"counters\""), 1);
	assert_non_null(strstr(said, "\"shown\":9,"));
}

static void text_says_its_error(void **state)
{
	struct options o = { .interval_ns = 20000000,
			     .iterations = 1,
			     .format = &out_text };

	(void)state;
	run_hist(&o);
	assert_non_null(strstr(said, "blocking: 3 reads, 30B, 0 EAGAIN polls\n"));
	assert_non_null(strstr(said, "6.25 %"));
	for (int i = 0; i < IOP_NR_PHASES; i++)
		assert_non_null(strstr(said, phase_names[i]));
}

static void each_service_is_by_itself(void **state)
{
	struct options o = { .interval_ns = 20000000,
			     .iterations = 2,
			     .by = true,
			     .group = IOP_BY_SERVICE,
			     .format = &out_text };

	(void)state;
	by_service = true;
	run_hist(&o);
	assert_int_equal(occurrences(said, "tcp 10.0.0.5:5432, blocking: 3 reads, 30B,"),
			 2);
	assert_int_equal(occurrences(said, "tcp :80, blocking: 3 reads, 30B,"), 2);
	o.format = &out_json;
	run_hist(&o);
	assert_int_equal(occurrences(said, "\"service\":\"10.0.0.5:5432\",\"role\":\"client\","
					   "\"proto\":\"tcp\",\"model\":\"blocking\","
					   "\"phase\":\"wait\",\"reads\":3,"),
			 2);
	by_service = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_cover_every_read),
		cmocka_unit_test(close_times_keep_slots_of_their_own),
		cmocka_unit_test(the_longest_and_the_shortest_are_shown),
		cmocka_unit_test(percentiles_are_on_the_phases_line),
		cmocka_unit_test(what_is_left_out_is_told),
		cmocka_unit_test(json_has_every_bucket),
		cmocka_unit_test(no_rest_of_a_run_is_an_interval),
		cmocka_unit_test(each_interval_stands_alone),
		cmocka_unit_test(text_says_its_error),
		cmocka_unit_test(each_service_is_by_itself),
	};

	return cmocka_run_group_tests_name("cmd_hist", tests, NULL, NULL);
}

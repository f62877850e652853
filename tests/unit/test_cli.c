// SPDX-License-Identifier: GPL-2.0-only
/* The CLI's pure code: numbers to text and back, names, tables, options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "comm.h"
#include "command.h"
#include "json.h"
#include "names.h"
#include "option_rows.h"
#include "out.h"
#include "util.h"

#include <cmocka.h> /* later: its fail() is a macro */

#include <arpa/inet.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "text.h"

#define NS_PER_S 1000000000ull

/* --- numbers ------------------------------------------------------------------- */

static void times_have_three_digits_and_a_unit(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		/* clang-format off */
		{ 0, "0n" },		 { 310, "310n" },
		{ 999, "999n" },	 { 1000, "1.00u" },
		{ 9999, "9.99u" },	 { 45234, "45.2u" },
		{ 999999, "999u" },	 { 1000000, "1.00m" },
		{ 12345678, "12.3m" },	 { 999999999, "999m" },
		{ 1000000000, "1.00s" }, { 12000000000, "12.0s" },
		{ 3600000000000, "3600s" },
		/* clang-format on */
	};
	char buf[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(format_ns(buf, cases[i].ns), cases[i].text);
}

static void no_number_is_longer_than_its_column(void **state)
{
	char buf[16];

	(void)state;
	for (uint64_t n = 1; n < 9999ull * NS_PER_S; n += n / 7 + 1) {
		assert_in_range(strlen(format_ns(buf, n)), 2, 5);
		assert_in_range(strlen(format_count(buf, n)), 1, 5);
	}
	assert_string_equal(format_count(buf, 999), "999");
	assert_string_equal(format_count(buf, 1234), "1.23k");
	assert_string_equal(format_count(buf, 45600000), "45.6M");
	assert_in_range(strlen(format_ns(buf, UINT64_MAX)), 2, 15);
	assert_in_range(strlen(format_count(buf, UINT64_MAX)), 2, 15);
}

static void durations_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "300ns", 300 },	{ "10us", 10000 }, { "1.5ms", 1500000 },
		{ "2s", 2 * NS_PER_S }, { "0ns", 0 },
	};
	/* clang-format off */
	static const char *const bad[] = { "", "300", "0", "0x1p4", "0x10ns",
					   "1e3ns", "1.ms", ".5ms", "ms", "-1s", "1h", "1 s", "1ss",
					   "inf", "nan", "1e30s", " 1s", "+1s",
					   "99999999999999999999s" };
	/* clang-format on */
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(parse_duration_ns(good[i].text, &ns));
		assert_int_equal(ns, good[i].ns);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse_duration_ns(bad[i], &ns))
			fail_msg("'%s' was taken for a time", bad[i]);
}

static void numbers_are_read_within_their_range(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(parse_number("1", 1, 10, &n) && n == 1);
	assert_true(parse_number("10", 1, 10, &n) && n == 10);
	assert_false(parse_number("0", 1, 10, &n));
	assert_false(parse_number("11", 1, 10, &n));
	assert_false(parse_number("", 0, 10, &n));
	assert_false(parse_number("-1", 0, UINT64_MAX, &n));
	assert_false(parse_number("1x", 0, 10, &n));
	assert_false(parse_number("99999999999999999999", 0, UINT64_MAX, &n));
}

/* --- names ------------------------------------------------------------------------- */

static void names_and_indexes_agree(void **state)
{
	(void)state;
	for (int i = 0; i < IOP_NR_MODELS; i++)
		assert_int_equal(name_index(model_names, IOP_NR_MODELS, model_names[i]),
				 i);
	for (int i = 0; i < IOP_NR_PHASES; i++)
		assert_int_equal(name_index(phase_names, IOP_NR_PHASES, phase_names[i]),
				 i);
	for (int i = 0; i < IOP_NR_FLAGS; i++)
		assert_non_null(flag_names[i]);
	assert_int_equal(name_index(model_names, IOP_NR_MODELS, "none"), -1);
	assert_string_equal(name_list(phase_names, IOP_NR_PHASES),
			    "wait, wake, dispatch, copy, rest");
}

static void calls_have_names(void **state)
{
	(void)state;
	assert_string_equal(syscall_name(SYS_read, false), "read");
	assert_string_equal(syscall_name(SYS_recvmsg, false), "recvmsg");
	assert_string_equal(syscall_name(102, true), "socketcall");
	assert_string_equal(syscall_name(371, true), "recvfrom");
	assert_string_equal(syscall_name(99999, false), "?");
}

static void ends_are_written_as_addresses(void **state)
{
	struct iop_endpoints ends = { .family = AF_INET,
				      .protocol = IPPROTO_TCP,
				      .local_port = 80,
				      .peer_port = 65535 };
	char buf[64];

	(void)state;
	inet_pton(AF_INET, "127.0.0.1", ends.local);
	inet_pton(AF_INET, "255.255.255.255", ends.peer);
	assert_string_equal(format_end(buf, &ends, false), "127.0.0.1:80");
	assert_string_equal(format_end(buf, &ends, true), "255.255.255.255:65535");
	assert_string_equal(proto_name(&ends), "tcp");
	ends.family = AF_INET6;
	inet_pton(AF_INET6, "::1", ends.local);
	assert_string_equal(format_end(buf, &ends, false), "[::1]:80");
	assert_string_equal(proto_name(&ends), "tcp");
	ends.family = AF_UNIX;
	assert_string_equal(format_end(buf, &ends, false), "");
	assert_string_equal(proto_name(&ends), "unix");
	ends.family = 60000;
	assert_string_equal(proto_name(&ends), "other");
}

static void protocols_are_known_by_name(void **state)
{
	__u32 family, protocol;

	(void)state;
	assert_int_equal(proto_parse("udp", &family, &protocol), 0);
	assert_int_equal(family, AF_INET);
	assert_int_equal(protocol, IPPROTO_UDP);
	assert_int_equal(proto_parse("unix", &family, &protocol), 0);
	assert_int_equal(family, AF_UNIX);
	assert_int_equal(protocol, IOP_ANY);
	assert_int_equal(proto_parse("sctpx", &family, &protocol), -1);
}

/* --- tables ---------------------------------------------------------------------------- */

/* The row itself is what there is to show. */
static struct value get_text(const struct column *c, const void *row,
			     const struct phase_limits *limits)
{
	(void)c;
	(void)limits;
	return value_str(row);
}

static struct value get_int(const struct column *c, const void *row,
			    const struct phase_limits *limits)
{
	(void)c;
	(void)row;
	(void)limits;
	return value_int(-42);
}

static bool never(const void *row)
{
	(void)row;
	return false;
}

static struct value get_time(const struct column *c, const void *row,
			     const struct phase_limits *limits)
{
	(void)c;
	(void)row;
	(void)limits;
	return (struct value){ .kind = VALUE_NS, .num = 1234567 };
}

static struct value get_list(const struct column *c, const void *row,
			     const struct phase_limits *limits)
{
	(void)c;
	(void)row;
	(void)limits;
	return (struct value){ .kind = VALUE_LIST, .num = 5, .names = flag_names };
}

#define COMPUTED COLUMN_COMPUTED, 0, 0, ""

static const struct column sample[] = {
	{ "name", "NAME", -6, COMPUTED, .get = get_text },
	{ "n", "N", 5, COMPUTED, .get = get_int },
	{ "none", "NO", 3, COMPUTED, .get = get_int, .known = never },
	{ "hidden_ns", NULL, 0, COMPUTED, .get = get_time },
	{ NULL, "TIME", 6, COMPUTED, .get = get_time },
	{ "flags", "", -1, COMPUTED, .get = get_list },
};

static struct sheet sheet_of(const struct column *columns, int nr)
{
	static struct schema schema;
	struct sheet s;

	schema = (struct schema){ .columns = columns, .nr = nr };
	sheet_make(&s, &schema, 0, NULL);
	return s;
}

/* A line of text; without a row, the headings. */
static void line_of(const struct column *columns, int nr, const void *row, char *line,
		    size_t size)
{
	struct sheet s = sheet_of(columns, nr);

	if (row)
		sheet_line(&s, row, line, size);
	else
		sheet_header(&s, line, size);
	sheet_free(&s);
}

static const char *as_json(const char *name)
{
	static char buf[256];
	struct sheet s = sheet_of(sample, ARRAY_SIZE(sample));
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	sheet_json(&s, name, f);
	fclose(f);
	sheet_free(&s);
	return buf;
}

/* What a column needs may not be there, or only be a bound. */
static void what_is_lost_is_not_shown(void **state)
{
	static const struct column cols[] = {
		{ "wait_ns", "WAIT", 5, COLUMN_NS, 0, 8, "", .needs = PHASE(IOP_WAIT) },
		{ "copy_ns", "COPY", 5, COLUMN_NS, 0, 8, "", .needs = PHASE(IOP_COPY) },
		BOUND_COLUMNS,
	};
	static const struct schema schema = {
		.type = "t",
		.columns = cols,
		.nr = ARRAY_SIZE(cols),
		.model = 8,
	};
	struct phase_limits limits = { .at_most = PHASE(IOP_COPY) };
	struct {
		__u64 ns;
		__u32 model;
	} row = { 7, IOP_SIGNAL };
	char text[128] = "";
	struct sheet s;
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	limits.lost[IOP_SIGNAL] = PHASE(IOP_WAIT);
	sheet_make(&s, &schema, 0, &limits);
	sheet_json(&s, &row, f);
	fclose(f);
	assert_string_equal(text, "{\"v\":1,\"type\":\"t\",\"wait_ns\":null,"
				  "\"copy_ns\":7,\"at_most\":[\"copy\"],"
				  "\"at_least\":[]}\n");
	sheet_header(&s, text, sizeof(text));
	assert_string_equal(text, " WAIT <COPY");
	sheet_line(&s, &row, text, sizeof(text));
	assert_string_equal(text, "    -    7n");
	row.model = IOP_ASYNC;
	sheet_line(&s, &row, text, sizeof(text));
	assert_string_equal(text, "   7n    7n");
	sheet_free(&s);
}

static void a_column_serves_text_and_json(void **state)
{
	char line[128];

	(void)state;
	line_of(sample, ARRAY_SIZE(sample), NULL, line, sizeof(line));
	assert_string_equal(line, "NAME       N  NO   TIME");
	line_of(sample, ARRAY_SIZE(sample), "ab", line, sizeof(line));
	assert_string_equal(line, "ab       -42   -  1.23m residual,timeout");
	assert_string_equal(as_json("ab"), "{\"name\":\"ab\",\"n\":-42,\"none\":null,"
					   "\"hidden_ns\":1234567,"
					   "\"flags\":[\"residual\",\"timeout\"]}\n");
}

static void lines_are_cut_at_their_size(void **state)
{
	char line[12];

	(void)state;
	for (size_t size = 1; size <= sizeof(line); size++) {
		memset(line, 'x', sizeof(line));
		line_of(sample, ARRAY_SIZE(sample), "abc", line, size);
		assert_true(strlen(line) < size);
	}
}

static void a_comm_cannot_hurt_terminal_or_json(void **state)
{
	char line[128];

	(void)state;
	line_of(sample, 1, "a\033[2Jb", line, sizeof(line));
	assert_string_equal(line, "a?[2Jb");
	assert_non_null(strstr(as_json("\"\\\n\xff"), "\"\\\"\\\\\\u000a\\ufffd\""));
	assert_non_null(strstr(as_json("\xc3\xa4"), "\"\xc3\xa4\""));
	assert_non_null(strstr(as_json("\xe2\x82"), "\"\\ufffd\\ufffd\""));
}

static void a_narrow_column_does_not_shift_the_others(void **state)
{
	static const struct column cols[] = {
		{ NULL, "NAME", -6, COMPUTED, .get = get_text },
		{ NULL, "N", 3, COMPUTED, .get = get_int },
		{ NULL, "TIME", 6, COMPUTED, .get = get_time },
	};
	static const char *const names[] = {
		/* clang-format off */
		"ab", "sixsix", "seven77", "much-too-long",
		"zw\xc3\xb6lf-stra\xc3\x9f\x65", "\xff\xfe\x80", "\xe6\x97\xa5",
		"tab\tnl\n", "c1\xc2\x9b", "raw\x9b",
		/* clang-format on */
	};
	char line[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		line_of(cols, ARRAY_SIZE(cols), names[i], line, sizeof(line));
		assert_int_equal(strlen(line), 6 + 1 + 3 + 1 + 6);
		assert_string_equal(line + 7, "-42  1.23m");
		for (const char *c = line; *c; c++)
			assert_in_range(*c, ' ', '~');
	}
	line_of(cols, 1, "seven77", line, sizeof(line));
	assert_string_equal(line, "seven~");
}

/* Connections of one peer differ by it. */
static void an_address_that_is_too_long_keeps_its_port(void **state)
{
	static const struct column col = { NULL, "PEER", -21, COMPUTED, .get = get_text };
	static const struct column narrow = { NULL, "PEER", -6, COMPUTED,
					      .get = get_text };
	char line[128];

	(void)state;
	line_of(&col, 1, "[::ffff:127.0.0.1]:41250", line, sizeof(line));
	assert_string_equal(line, "[::ffff:127.0~]:41250");
	line_of(&col, 1, "[::1]:41250", line, sizeof(line));
	assert_string_equal(line, "[::1]:41250");
	line_of(&narrow, 1, "[::ffff:127.0.0.1]:41250", line, sizeof(line));
	assert_string_equal(line, "[::ff~");
}

static void json_is_strict_utf8(void **state)
{
	static const struct {
		const char *name, *json;
	} cases[] = {
		{ "ov\xe0\x80\x80", "\"ov\\ufffd\\ufffd\\ufffd\"" },
		{ "su\xed\xa0\x80", "\"su\\ufffd\\ufffd\\ufffd\"" },
		{ "hi\xf4\x90\x80\x80", "\"hi\\ufffd\\ufffd\\ufffd\\ufffd\"" },
		{ "\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
		{ "\xc0\x80", "\"\\ufffd\\ufffd\"" },
		{ "c1\xc2\x9b", "\"c1\\u009b\"" },
		{ "raw\x9b", "\"raw\\ufffd\"" },
		{ "\x7f", "\"\\u007f\"" },
		{ "\xc2\xa0", "\"\xc2\xa0\"" },
		{ "\xed\x9f\xbf", "\"\xed\x9f\xbf\"" },
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
		{ "\xe6\x97", "\"\\ufffd\\ufffd\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strstr(as_json(cases[i].name), cases[i].json))
			fail_msg("name %zu: %s", i, as_json(cases[i].name));
}

/* --- patterns for names -------------------------------------------------------------- */

static bool matches(const char *glob, const char *name)
{
	struct iop_comm_pattern p;
	char comm[IOP_COMM_LEN];

	memset(comm, 'x', sizeof(comm)); /* what lies behind the end is not looked at */
	snprintf(comm, sizeof(comm), "%s", name);
	comm_compile(&p, glob);
	return iop_comm_matches(&p, comm);
}

static void patterns_match_as_in_a_shell(void **state)
{
	static const char letters[] = "ab*?\\";
	char glob[12], name[12];

	(void)state;
	for (int round = 0; round < 100000; round++) {
		int n = rand() % 10, m = rand() % 10;

		for (int i = 0; i < n; i++)
			glob[i] = letters[rand() % 5];
		for (int i = 0; i < m; i++)
			name[i] = letters[rand() % 5];
		glob[n] = name[m] = 0;
		/* a lone backslash at the end stands for itself here */
		if (n && glob[n - 1] == '\\')
			continue;
		if (matches(glob, name) != !fnmatch(glob, name, 0))
			fail_msg("'%s' and '%s'", glob, name);
	}
}

static void long_names_are_cut_as_the_kernel_does(void **state)
{
	struct iop_comm_pattern p;

	(void)state;
	assert_int_equal(comm_compile(&p, "fifteen-letters"), COMM_FITS);
	assert_int_equal(comm_compile(&p, "fifteen-letters*"), COMM_FITS);
	assert_int_equal(comm_compile(&p, "sixteen-letters-"), COMM_CUT);
	assert_int_equal(comm_cut_length("sixteen-letters-"), 15);
	assert_int_equal(comm_cut_length("si\\xteen-letters-"), 16);
	assert_int_equal(comm_compile(&p, "nioEventLoopGroup*"), COMM_CUT);
	assert_int_equal(comm_compile(&p, "*sixteen-letters-"), COMM_NEVER);
	assert_true(matches("sixteen-letters-", "sixteen-letters"));
	assert_true(matches("nioEventLoopGroup*", "nioEventLoopGro"));
	assert_false(matches("nioEventLoopGroup*", "nioEventLoopGr"));
	assert_true(matches("*", ""));
	assert_false(matches("?", ""));
	assert_true(matches("z?\xb6*", "z\xc3\xb6lf"));
}

static __u32 ring_maker(const char *name)
{
	char comm[IOP_COMM_LEN];

	memset(comm, '1', sizeof(comm));
	snprintf(comm, sizeof(comm), "%s", name);
	return iop_ring_maker(comm);
}

static void who_made_a_ring_is_in_its_threads_name(void **state)
{
	(void)state;
	assert_int_equal(ring_maker("iou-sqp-1"), 1);
	assert_int_equal(ring_maker("iou-sqp-4194303"), 4194303);
	assert_int_equal(ring_maker("iou-sqp-"), 0);
	assert_int_equal(ring_maker("iou-sqp-12a"), 0);
	assert_int_equal(ring_maker("iou-wrk-12"), 0);
	assert_int_equal(ring_maker("iou"), 0);
	assert_int_equal(ring_maker(""), 0);
}

/* --- options ------------------------------------------------------------------------------ */

static char said[512]; /* on standard error */

static const struct option_row *const all_options[] = {
	OPTIONS_TASKS,	     OPTIONS_READS,	 &option_duration,
	&option_interval,    &option_iterations, &option_by,
	&option_sort,	     OPTIONS_PRINT,	 &option_cost,
	&option_wake_detail, &option_polls,	 &option_buffer,
	&option_max_rows,    OPTIONS_BACKEND,	 NULL,
};

static const struct option_row *const few_options[] = {
	&option_pid,
	&option_buffer,
	NULL,
};

/* Commands: what they take and what may follow it. */
static const struct command traces = {
	.name = "command", .takes = TAKES_PROGRAM, .options = all_options,
}, records = {
	.name = "command", .takes = TAKES_FILE | TAKES_PROGRAM, .options = few_options,
}, reads_file = {
	.name = "command", .takes = TAKES_FILE, .options = few_options,
}, takes_nothing = {
	.name = "command", .options = few_options,
};

/* Parses the words of a line for a command; says what it returned. */
static int parse(struct options *o, const struct command *c, const char *text)
{
	static char words[512], *argv[160] = { (char *)"command" }; /* o points there */
	int argc = 1, err, keep = dup(STDERR_FILENO);
	FILE *f = tmpfile();
	enum options_asked asked = ASKED_NOTHING;

	snprintf(words, sizeof(words), "%s", text);
	for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	memset(o, 0, sizeof(*o));
	fflush(stderr);
	dup2(fileno(f), STDERR_FILENO);
	err = options_parse(o, c, argc, argv, &asked);
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	rewind(f);
	if (!fgets(said, sizeof(said), f))
		said[0] = 0;
	fclose(f);
	return asked ? -(int)asked : err;
}

static void options_have_defaults(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &traces, ""), EXIT_DONE);
	assert_int_equal(o.model, IOP_ANY);
	assert_int_equal(o.family, IOP_ANY);
	assert_int_equal(o.protocol, IOP_ANY);
	assert_int_equal(o.interval_ns, 0);
	assert_int_equal(o.sample, 1);
	assert_int_equal(o.group, IOP_BY_PROCESS);
	assert_null(o.program);
	assert_true(o.max_rows > 0 && o.ring_bytes > 0);
}

static void options_are_read(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &traces,
			       "-p 12 --pid=13 -t 14 -c nginx --port 80 "
			       "--model signal --proto udp --min dispatch=1ms "
			       "-d 5 -i 500ms -n 3 --by socket --sort WAIT -j "
			       "--sample 100"),
			 EXIT_DONE);
	assert_int_equal(o.pids.nr, 2);
	assert_int_equal(o.pids.ids[1], 13);
	assert_int_equal(o.tids.ids[0], 14);
	assert_int_equal(o.nr_comms, 1);
	assert_string_equal(o.comms[0], "nginx");
	assert_int_equal(o.nr_filters, 8);
	assert_string_equal(o.filters[0], "--pid=12");
	assert_string_equal(o.filters[7], "--min=dispatch=1ms");
	options_free(&o);
	assert_int_equal(o.port, 80);
	assert_int_equal(o.model, IOP_SIGNAL);
	assert_int_equal(o.protocol, IPPROTO_UDP);
	assert_true(o.by_min);
	assert_int_equal(o.min_ns[IOP_DISPATCH], 1000000);
	assert_int_equal(o.duration_ns, 5 * NS_PER_S);
	assert_int_equal(o.interval_ns, NS_PER_S / 2);
	assert_int_equal(o.iterations, 3);
	assert_int_equal(o.group, IOP_BY_SOCKET);
	assert_string_equal(o.sort, "WAIT");
	assert_int_equal(o.sample, 100);
	assert_ptr_equal(o.format, &out_json);
}

static void programs_come_after_dashes(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, &traces, "-n 1 -- ls -n 2"), 0);
	assert_string_equal(o.program[0], "ls");
	assert_string_equal(o.program[2], "2");
	assert_int_equal(o.iterations, 1);
	assert_int_equal(parse(&o, &records, "out -- ls"), 0);
	assert_string_equal(o.file, "out");
	assert_string_equal(o.program[0], "ls");
	assert_int_equal(parse(&o, &traces, "--help"), -1);
}

/* Each is refused with status 2 and one line that says what is wrong. */
static void wrong_usage_is_explained(void **state)
{
	static const struct {
		const struct command *command;
		const char *words;
		const char *says;
	} cases[] = {
		{ &traces, "-p abc", "-p PID is a positive number" },
		{ &traces, "-p 0", "not '0'" },
		{ &traces, "-p", "needs a value" },
		{ &traces, "-c *aaaaaaaaaaaaaaaa", "no name is as long" },
		{ &traces, "-f", "but whose" },
		{ &traces, "--min wait=300", "PHASE=TIME" },
		{ &traces, "--min wait=0x1p4", "PHASE=TIME" },
		{ &traces, "-d 0x10", "-d takes seconds" },
		{ &records, "-o x y", "no option '-o'" },
		{ &traces, "--port 65536", "1 to 65535" },
		{ &traces, "--model telepathy", "one of blocking" },
		{ &traces, "--proto ipx", "one of tcp" },
		{ &traces, "--min wait", "PHASE=TIME" },
		{ &traces, "--min nap=1ms", "phases: wait" },
		{ &traces, "--min wait=soon", "PHASE=TIME" },
		{ &traces, "-d 0", "-d takes seconds" },
		{ &traces, "-d 1us", "-d takes seconds" },
		{ &traces, "-i x", "-i takes seconds" },
		{ &traces, "-n 0", "-n is a positive number" },
		{ &traces, "--by cpu", "process, thread, socket" },
		{ &traces, "--max-rows 0", "--max-rows" },
		{ &traces, "--buffer 5", "power of two" },
		{ &records, "--max-rows 5", "no option '--max-rows'" },
		{ &traces, "--nonsense", "no option '--nonsense'" },
		{ &traces, "ls", "goes after --" },
		{ &traces, "--", "no program after --" },
		{ &reads_file, "", "needs a FILE" },
		{ &reads_file, "a b", "do with 'b'" },
		{ &takes_nothing, "x", "do with 'x'" },
	};
	struct options o;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int err = parse(&o, cases[i].command, cases[i].words);

		options_free(&o);
		if (err != EXIT_USAGE || !strstr(said, cases[i].says))
			fail_msg("'%s': status %d, said: %s", cases[i].words, err, said);
		assert_int_equal(strncmp(said, "iophase: ", 9), 0);
		assert_int_equal(said[strlen(said) - 1], '\n');
	}
}

static void there_is_room_for_so_many_ids(void **state)
{
	char words[5 * MAX_IDS + 6] = "";
	struct options o;

	(void)state;
	for (int i = 0; i < MAX_IDS; i++)
		strcat(words, "-p 1 ");
	assert_int_equal(parse(&o, &traces, words), EXIT_DONE);
	assert_int_equal(o.pids.nr, MAX_IDS);
	options_free(&o);
	strcat(words, "-p 1");
	assert_int_equal(parse(&o, &traces, words), EXIT_USAGE);
	options_free(&o);
}

static void help_names_every_option(void **state)
{
	static char text[8192];
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	options_help(f, &traces);
	options_man(f, &traces);
	fclose(f);
	for (int i = 0; all_options[i]; i++)
		assert_non_null(strstr(text, all_options[i]->name));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_have_three_digits_and_a_unit),
		cmocka_unit_test(no_number_is_longer_than_its_column),
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(numbers_are_read_within_their_range),
		cmocka_unit_test(names_and_indexes_agree),
		cmocka_unit_test(calls_have_names),
		cmocka_unit_test(ends_are_written_as_addresses),
		cmocka_unit_test(protocols_are_known_by_name),
		cmocka_unit_test(a_column_serves_text_and_json),
		cmocka_unit_test(what_is_lost_is_not_shown),
		cmocka_unit_test(lines_are_cut_at_their_size),
		cmocka_unit_test(a_comm_cannot_hurt_terminal_or_json),
		cmocka_unit_test(a_narrow_column_does_not_shift_the_others),
		cmocka_unit_test(an_address_that_is_too_long_keeps_its_port),
		cmocka_unit_test(json_is_strict_utf8),
		cmocka_unit_test(patterns_match_as_in_a_shell),
		cmocka_unit_test(long_names_are_cut_as_the_kernel_does),
		cmocka_unit_test(who_made_a_ring_is_in_its_threads_name),
		cmocka_unit_test(options_have_defaults),
		cmocka_unit_test(options_are_read),
		cmocka_unit_test(programs_come_after_dashes),
		cmocka_unit_test(wrong_usage_is_explained),
		cmocka_unit_test(help_names_every_option),
		cmocka_unit_test(there_is_room_for_so_many_ids),
	};

	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}

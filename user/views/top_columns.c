// SPDX-License-Identifier: GPL-2.0-only
#include "top_columns.h"

#include <stdio.h>
#include <string.h>

#include "names.h"
#include "services.h"
#include "util.h"

#define ROW_OF(row) ((const struct row *)(row))
#define END_WIDTH 21

__u64 per_second(const struct row *r, __u64 n)
{
	double rate = r->interval_ns ? n * 1e9 / r->interval_ns : 0;

	return rate < 1 ? n > 0 : rate + 0.5;
}

/* What is at the column's offset, a second. */
static struct value get_rate(const struct column *c, const void *row,
			     const struct phase_limits *limits)
{
	(void)limits;
	return value_count(per_second(row, column_number(c, row)));
}

/* Computed from a row, and perhaps from what this kernel cannot tell. */
#define GETTER(name)                                                            \
	static struct value get_##name(const struct column *c, const void *row, \
				       const struct phase_limits *limits)       \
	{                                                                       \
		(void)c;                                                        \
		return name##_of(row, limits);                                  \
	}

static struct value timed_of(const struct row *r, const struct phase_limits *limits)
{
	(void)limits;
	return value_int(sums_timed(&r->sums));
}

static struct value size_of(const struct row *r, const struct phase_limits *limits)
{
	(void)limits;
	return r->sums.reads ? value_count(r->sums.bytes / r->sums.reads) : value_none();
}

static struct value proto_of(const struct row *r, const struct phase_limits *limits)
{
	(void)limits;
	return value_proto(&r->ends);
}

static struct value local_of(const struct row *r, const struct phase_limits *limits)
{
	static char buf[64];

	(void)limits;
	return value_end(buf, &r->ends, false);
}

static struct value peer_of(const struct row *r, const struct phase_limits *limits)
{
	static char buf[64];

	(void)limits;
	return value_end(buf, &r->ends, true);
}

/*
 * The port is what matters: a long address loses its beginning. Families without
 * addresses say so, and so does who is connected to nobody.
 */
static struct value short_end(const struct row *r, bool peer, char buf[64])
{
	struct value v = value_end(buf, &r->ends, peer);
	size_t len;

	if (!r->ends.family)
		return value_none();
	if (v.kind == VALUE_NONE)
		return value_str("no peer");
	len = strlen(buf);
	if (!len) {
		snprintf(buf, 64, "%s, no address", proto_name(&r->ends));
		return value_str(buf);
	}
	if (len <= END_WIDTH)
		return v;
	buf[len - END_WIDTH] = '~';
	return value_str(buf + len - END_WIDTH);
}

static struct value short_local_of(const struct row *r, const struct phase_limits *limits)
{
	static char buf[64];

	(void)limits;
	return short_end(r, false, buf);
}

static struct value short_peer_of(const struct row *r, const struct phase_limits *limits)
{
	static char buf[64];

	(void)limits;
	return short_end(r, true, buf);
}

/* Of a server its port, of all others whom they are connected to. */
static struct value str_or_none(const char *str)
{
	return str ? value_str(str) : value_none();
}

static struct value service_of(const struct row *r, const struct phase_limits *limits)
{
	(void)limits;
	return str_or_none(row_service(r));
}

static struct value role_of(const struct row *r, const struct phase_limits *limits)
{
	(void)limits;
	return str_or_none(row_role(r));
}

static struct value short_service_of(const struct row *r,
				     const struct phase_limits *limits)
{
	static char buf[64];

	return r->ends.role == IOP_SERVER ? service_of(r, limits) :
					    short_end(r, true, buf);
}

/* The phase that took the largest share of the time, and that share. */
static struct value mostly_of(const struct row *r, const struct phase_limits *limits)
{
	static char buf[24];
	int most = 0;

	if (!r->sums.total_ns || limits->lost[r->key.model] || bounds_only(limits))
		return value_none();
	for (int i = 1; i < IOP_NR_PHASES; i++)
		if (r->phases[i].sum_ns > r->phases[most].sum_ns)
			most = i;
	snprintf(buf, sizeof(buf), "%s %.0f%%", phase_names[most],
		 100.0 * r->phases[most].sum_ns / r->sums.total_ns);
	return value_str(buf);
}

GETTER(timed)
GETTER(size)
GETTER(proto)
GETTER(local)
GETTER(peer)
GETTER(short_local)
GETTER(short_peer)
GETTER(mostly)
GETTER(service)
GETTER(role)
GETTER(short_service)

/* Of reads without times there are no percentiles. */
static bool has_times(const void *row)
{
	return sums_timed(&ROW_OF(row)->sums);
}

/* Which views a column belongs to. */
enum {
	P = VIEW(IOP_BY_PROCESS),
	T = VIEW(IOP_BY_THREAD),
	S = VIEW(IOP_BY_SOCKET),
	V = VIEW(IOP_BY_SERVICE),
	SUM = VIEW(VIEW_SUMMARY),
	TASKS = P | T | S,
	TOP = TASKS | V,
};

#define ROW(member) MEMBER(struct row, member)
#define COMPUTED COLUMN_COMPUTED, 0, 0

static const char *const p50[] = { "p50" };

/* clang-format off */
/* In data, in text, as a rate. */
#define DATA(key, kind, at, what, ...) { key, NULL, 0, kind, at, what, __VA_ARGS__ }
#define SHOWN(title, width, kind, at, what, views, order, ...)             \
	{ NULL, title, width, kind, at, what, .when = views, .rank = order, \
	  __VA_ARGS__ }
#define RATE(title, sum, what, order)                                        \
	{ NULL, title, 5, COLUMN_COMPUTED, ROW(sums.sum), what, .when = TOP, \
	  .rank = order, .get = get_rate }

#define PHASE_COLUMNS(name, phase, title, order)                                      \
	{ #name "_p50_ns", title, 5, COLUMN_NS, ROW(phases[phase].p50_ns),            \
	  "median of " #name, .known = has_times, .needs = PHASE(phase),              \
	  .rank = order, .above_next = true },                                        \
	{ #name "_p99_ns", title "99", 6, COLUMN_NS, ROW(phases[phase].p99_ns),       \
	  "what 99 % of " #name " did not exceed", .known = has_times,                \
	  .needs = PHASE(phase), .rank = RANK_P99 },                                  \
	{ #name "_sum_ns", NULL, 0, COLUMN_NS, ROW(phases[phase].sum_ns),             \
	  "all of " #name " added up", .known = has_times, .needs = PHASE(phase) },   \
	{ #name "_max_ns", NULL, 0, COLUMN_NS, ROW(phases[phase].max_ns),             \
	  "the longest " #name, .known = has_times, .needs = PHASE(phase) }
/* clang-format on */

static const struct column columns[] = {
	DATA("ts_ns", COLUMN_INT, ROW(ts_ns), "end of the interval, CLOCK_MONOTONIC"),
	DATA("interval_ns", COLUMN_INT, ROW(interval_ns), "its length"),
	DATA("sample", COLUMN_INT, ROW(sample),
	     "one in so many reads is measured; the numbers are scaled"),
	DATA("pid", COLUMN_ID, ROW(pid),
	     "process, as iophase's PID namespace has it; null: not in it", .when = TASKS),
	DATA("tid", COLUMN_ID, ROW(tid), "thread; null: the row is a process's",
	     .when = TASKS),
	DATA("comm", COLUMN_TEXT, ROW(comm), "the process's name, or the thread's",
	     .when = TASKS),
	DATA("model", COLUMN_NAME, ROW(key.model), "I/O model", model_names),
	DATA("fd", COLUMN_FD, ROW(fd), "descriptor that the socket was first read by",
	     .when = S),
	{ "proto", NULL, 0, COMPUTED, "tcp, udp, unix, ...; null: not known",
	  .when = S | V, .get = get_proto },
	{ "service", NULL, 0, COMPUTED,
	  "--by service: address and port that the processes are "
	  "connected to, or :PORT that they serve; null: no address",
	  .when = V, .get = get_service },
	{ "role", NULL, 0, COMPUTED, "what they are: client or server; null: not known",
	  .when = V, .get = get_role },
	{ "local", NULL, 0, COMPUTED, "local address and port", .when = S,
	  .get = get_local },
	{ "peer", NULL, 0, COMPUTED, "the peer's; null: not connected", .when = S,
	  .get = get_peer },
	DATA("reads", COLUMN_INT, ROW(sums.reads), "finished reads"),
	DATA("bytes", COLUMN_INT, ROW(sums.bytes), "bytes of these"),
	DATA("errors", COLUMN_INT, ROW(sums.errors), "reads that failed"),
	DATA("eof", COLUMN_INT, ROW(sums.eof), "reads at the end of file"),
	DATA("unseen", COLUMN_INT, ROW(sums.unseen),
	     "reads of data whose arrival was not seen"),
	DATA("errqueue", COLUMN_INT, ROW(sums.errqueue), "reads of the error queue"),
	{ "timed", NULL, 0, COMPUTED, "the rest, which the times are of",
	  .get = get_timed },
	DATA("polls", COLUMN_INT, ROW(sums.polls), "EAGAINs; not among reads"),
	DATA("poll_ns", COLUMN_NS, ROW(sums.poll_ns), "time in them"),
	/* when a read begins is min(asked, ready): what loses ready loses dispatch */
	DATA("total_ns", COLUMN_NS, ROW(sums.total_ns),
	     "all phases of all timed reads added up", .needs = PHASE(IOP_DISPATCH)),
	SHOWN("TID", 7, COLUMN_ID, ROW(tid), "thread", T, 0),
	SHOWN("PID", 7, COLUMN_ID, ROW(pid), "process", P | S, 0),
	SHOWN("PID", 7, COLUMN_ID, ROW(pid), "process", T, 12),
	SHOWN("COMM", -10, COLUMN_TEXT, ROW(comm), "name", P | T, 0),
	SHOWN("FD", 3, COLUMN_FD, ROW(fd), "descriptor", S, 0),
	SHOWN("COMM", -10, COLUMN_TEXT, ROW(comm), "name", S, 9),
	{ NULL, "PEER", -END_WIDTH, COMPUTED, "the peer's address and port", .when = S,
	  .get = get_short_peer, .rank = 1, .above_next = true,
	  .title_of_both = "PEER, LOCAL BELOW" },
	{ NULL, "LOCAL", -END_WIDTH, COMPUTED, "local address and port", .when = S,
	  .get = get_short_local, .rank = 12 },
	{ NULL, "PROTO", -5, COMPUTED, "protocol", .when = S, .get = get_proto,
	  .rank = 11 },
	{ NULL, "SERVICE", -END_WIDTH, COMPUTED,
	  "whom they are connected to, or what they serve", .when = V,
	  .get = get_short_service, .rank = 1 },
	{ NULL, "PROTO", -5, COMPUTED, "protocol", .when = V, .get = get_proto,
	  .rank = 3 },
	SHOWN("MODEL", -11, COLUMN_NAME, ROW(key.model), "I/O model", TOP | SUM, 3,
	      .names = model_names),
	RATE("RD/s", reads, "reads a second", 0),
	RATE("B/s", bytes, "bytes a second", 4),
	RATE("EAG/s", polls, "EAGAINs a second", 5),
	RATE("ERR/s", errors, "reads that fail, a second", 12),
	RATE("EOF/s", eof, "reads at the end of file, a second", 12),
	RATE("UNS/s", unseen, "reads of data whose arrival was not seen, a second", 13),
	{ NULL, "B/RD", 5, COMPUTED, "bytes a read", .when = TOP, .get = get_size,
	  .rank = 13 },
	SHOWN("READS", 10, COLUMN_INT, ROW(sums.reads), "finished reads", SUM, 0),
	SHOWN("BYTES", 5, COLUMN_COUNT, ROW(sums.bytes), "bytes of these", SUM, 0),
	SHOWN("EAGAIN", 10, COLUMN_INT, ROW(sums.polls), "EAGAINs", SUM, 0),
	{ NULL, "", 3, COLUMN_LABEL, 0, 0, "what the line is of", p50, .when = SUM },
	PHASE_COLUMNS(wait, IOP_WAIT, "WAIT", 1),
	PHASE_COLUMNS(wake, IOP_WAKE, "WAKE", 2),
	PHASE_COLUMNS(dispatch, IOP_DISPATCH, "DISP", 1),
	PHASE_COLUMNS(copy, IOP_COPY, "COPY", 2),
	PHASE_COLUMNS(rest, IOP_REST, "REST", 2),
	{ NULL, "MOSTLY", -12, COMPUTED, "the longest phase, and its share",
	  .when = TOP, .get = get_mostly, .rank = 11 },
	BOUND_COLUMNS,
};

const struct schema top_schema = {
	.type = "top",
	.about = "iophase top: what a process, thread, socket or service read by one "
		 "model, in one interval",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
	.model = offsetof(struct row, key.model),
};

const struct schema summary_schema = {
	.type = "summary",
	.about = "the end of iophase top: what all read by one model, in the whole run",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
	.model = offsetof(struct row, key.model),
};

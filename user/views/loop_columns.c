// SPDX-License-Identifier: GPL-2.0-only
#include "loop_columns.h"

#include <stdio.h>

#include "names.h"
#include "util.h"

#define LOOP(row) ((const struct loop_row *)(row))
#define CHANNEL(row) ((const struct channel_row *)(row))

/* --- what is known ----------------------------------------------------------------- */

/* Of a poller that threads share nobody can say whose turn it is. */
static bool is_one_loop(const void *row)
{
	return LOOP(row)->threads == 1;
}

static bool has_turned(const void *row)
{
	return is_one_loop(row) && LOOP(row)->turn.nr;
}

static bool has_longest_turn(const void *row)
{
	return is_one_loop(row) && (LOOP(row)->turn.nr || LOOP(row)->in_turn);
}

static bool has_lag(const void *row)
{
	return LOOP(row)->lag.nr;
}

static bool has_accept_lag(const void *row)
{
	return LOOP(row)->accept_lag.nr;
}

static bool channel_has_lag(const void *row)
{
	return CHANNEL(row)->lags;
}

static bool is_since(const void *row)
{
	return CHANNEL(row)->c.since_ns;
}

/* --- what is computed ---------------------------------------------------------------- */

#define GETTER(name)                                                            \
	static struct value get_##name(const struct column *c, const void *row, \
				       const struct phase_limits *limits)       \
	{                                                                       \
		(void)c;                                                        \
		(void)limits;                                                   \
		return name##_of(row);                                          \
	}

static struct value busy_of(const struct loop_row *r)
{
	if (!is_one_loop(r) || !r->interval_ns)
		return value_none();
	return (struct value){ .kind = VALUE_SHARE,
			       .num = r->busy_ns * 10000 / r->interval_ns };
}

static struct value busy_percent_of(const struct loop_row *r)
{
	static char text[16];

	if (!is_one_loop(r) || !r->interval_ns)
		return value_none();
	snprintf(text, sizeof(text), "%.0f%%", 100.0 * r->busy_ns / r->interval_ns);
	return value_str(text);
}

static struct value turn_rate_of(const struct loop_row *r)
{
	double rate = r->interval_ns ? r->turns * 1e9 / r->interval_ns : 0;

	if (!is_one_loop(r))
		return value_none();
	return value_count(rate < 1 ? r->turns > 0 : rate + 0.5);
}

static struct value events_per_turn_of(const struct loop_row *r)
{
	static char text[16];

	if (!is_one_loop(r) || !r->turns)
		return value_none();
	snprintf(text, sizeof(text), "%.1f", (double)r->events / r->turns);
	return value_str(text);
}

static struct value local_of(const struct channel_row *r)
{
	static char buf[64];

	return value_end(buf, &r->c.ends, false);
}

static struct value peer_of(const struct channel_row *r)
{
	static char buf[64];

	return value_end(buf, &r->c.ends, true);
}

static struct value proto_of(const struct channel_row *r)
{
	return value_proto(&r->c.ends);
}

/* Since when, in text. */
static struct value age_of(const struct channel_row *r)
{
	if (!r->c.since_ns)
		return value_none();
	return (struct value){
		.kind = VALUE_NS,
		.num = r->ts_ns > r->c.since_ns ? r->ts_ns - r->c.since_ns : 0,
	};
}

static struct value imbalance_value(__u32 hundredths)
{
	if (!hundredths)
		return value_none();
	return (struct value){ .kind = VALUE_HUNDREDTHS, .num = hundredths };
}

static struct value reads_imbalance_of(const struct group_row *r)
{
	return imbalance_value(r->reads_imbalance);
}

static struct value channels_imbalance_of(const struct group_row *r)
{
	return imbalance_value(r->channels_imbalance);
}

static struct value busy_imbalance_of(const struct group_row *r)
{
	return imbalance_value(r->busy_imbalance);
}

GETTER(busy)
GETTER(busy_percent)
GETTER(turn_rate)
GETTER(events_per_turn)
GETTER(local)
GETTER(peer)
GETTER(proto)
GETTER(age)
GETTER(reads_imbalance)
GETTER(channels_imbalance)
GETTER(busy_imbalance)

/* --- columns ---------------------------------------------------------------------------- */

#define COMPUTED COLUMN_COMPUTED, 0, 0
#define ROW(member) MEMBER(struct loop_row, member)
#define GROUP(member) MEMBER(struct group_row, member)
#define CHAN(member) MEMBER(struct channel_row, member)

/* clang-format off */
/* In data, in text. */
#define DATA(key, kind, at, what, ...) { key, NULL, 0, kind, at, what, __VA_ARGS__ }
#define SHOWN(title, width, kind, at, what, ...) \
	{ NULL, title, width, kind, at, what, __VA_ARGS__ }

#define TIMES(name, width, p50, p99, max, known_p, known_max, of)                 \
	{ #name "_p50_ns", p50, width, COLUMN_NS, ROW(name.p50_ns), "median " of, \
	  .known = known_p },                                                     \
	{ #name "_p99_ns", p99, width, COLUMN_NS, ROW(name.p99_ns),               \
	  "what 99 % of " of "s did not exceed", .known = known_p },              \
	{ #name "_max_ns", max, 5, COLUMN_NS, ROW(name.max_ns), "the longest " of, \
	  .known = known_max }
/* clang-format on */

static const struct column loop_columns[] = {
	DATA("ts_ns", COLUMN_INT, ROW(ts_ns), "end of the interval, CLOCK_MONOTONIC"),
	DATA("interval_ns", COLUMN_INT, ROW(interval_ns), "its length"),
	DATA("pid", COLUMN_ID, ROW(pid), "process"),
	{ "tid", "TID", 7, COLUMN_ID, ROW(tid),
	  "thread; null: not known yet, or several threads share the poller" },
	DATA("comm", COLUMN_TEXT, ROW(comm), "the thread's name"),
	DATA("poller", COLUMN_NAME, ROW(kind),
	     "what it waits on: epoll, poll, select, io_uring", .names = poller_names),
	DATA("group", COLUMN_INT, ROW(group), "number within the process"),
	{ "role", "ROLE", -8, COLUMN_NAME, ROW(role),
	  "acceptor, worker, both, client or idle", .names = role_names },
	{ "channels", "CHAN", 5, COLUMN_INT, ROW(channels),
	  "connected sockets that are registered with it" },
	DATA("moved", COLUMN_INT, ROW(moved),
	     "channels that were registered with another loop of the process, or read "
	     "by another thread, since the start"),
	DATA("closed", COLUMN_INT, ROW(closed), "channels that closed since the start"),
	DATA("turns", COLUMN_INT, ROW(turns), "turns that ended", .known = is_one_loop),
	{ NULL, "TURN/s", 6, COMPUTED, "turns a second", .get = get_turn_rate },
	DATA("events", COLUMN_INT, ROW(events), "events that its waits returned"),
	{ NULL, "EV/T", 4, COMPUTED, "events a turn", .get = get_events_per_turn },
	DATA("reads", COLUMN_INT, ROW(reads), "reads of its channels"),
	DATA("bytes", COLUMN_INT, ROW(bytes), "bytes of these"),
	DATA("accepts", COLUMN_INT, ROW(accepts), "connections that it accepted"),
	DATA("wakes_io", COLUMN_INT, ROW(wakes_io), "waits that ended with a socket"),
	DATA("wakes_other", COLUMN_INT, ROW(wakes_other),
	     "with other files only (eventfd, pipe, timerfd), or a signal"),
	DATA("wakes_timeout", COLUMN_INT, ROW(wakes_timeout), "with nothing"),
	{ "busy", NULL, 0, COMPUTED, "share of the interval in turns, 0 to 1",
	  .get = get_busy },
	{ NULL, "BUSY", 4, COMPUTED, "share of the time in turns",
	  .get = get_busy_percent },
	TIMES(turn, 6, "TURN50", "TURN99", "TMAX", has_turned, has_longest_turn, "turn"),
	TIMES(lag, 5, "LAG50", "LAG99", "LMAX", has_lag, has_lag, "read's lag"),
	DATA("accept_lag_p50_ns", COLUMN_NS, ROW(accept_lag.p50_ns),
	     "median lag of an accept", .known = has_accept_lag),
	DATA("accept_lag_p99_ns", COLUMN_NS, ROW(accept_lag.p99_ns),
	     "what 99 % of these did not exceed", .known = has_accept_lag),
	DATA("accept_lag_max_ns", COLUMN_NS, ROW(accept_lag.max_ns), "the longest",
	     .known = has_accept_lag),
	DATA("threads", COLUMN_INT, ROW(threads),
	     "threads that have waited on it; 0: none so far"),
	SHOWN("ACC99", 5, COLUMN_NS, ROW(accept_lag.p99_ns),
	      "what 99 % of accepts' lags did "
	      "not exceed",
	      .known = has_accept_lag, .when = LOOPS_WIDE),
	SHOWN("IO", 5, COLUMN_COUNT, ROW(wakes_io), "waits that ended with a socket",
	      .when = LOOPS_WIDE),
	SHOWN("OTHER", 5, COLUMN_COUNT, ROW(wakes_other), "with other files only",
	      .when = LOOPS_WIDE),
	SHOWN("TIMEO", 5, COLUMN_COUNT, ROW(wakes_timeout), "with nothing",
	      .when = LOOPS_WIDE),
	SHOWN("MOVED", 5, COLUMN_INT, ROW(moved), "channels that moved",
	      .when = LOOPS_WIDE),
	SHOWN("COMM", -15, COLUMN_TEXT, ROW(comm), "the thread's name",
	      .when = LOOPS_WIDE),
};

const struct schema loop_schema = {
	.type = "loop",
	.about = "iophase loops: a thread and what it waits on, in one interval",
	.columns = loop_columns,
	.nr = ARRAY_SIZE(loop_columns),
};

static const struct column group_columns[] = {
	DATA("ts_ns", COLUMN_INT, GROUP(ts_ns), "end of the interval, CLOCK_MONOTONIC"),
	DATA("interval_ns", COLUMN_INT, GROUP(interval_ns), "its length"),
	DATA("pid", COLUMN_ID, GROUP(pid), "process"),
	DATA("group", COLUMN_INT, GROUP(group), "number within the process"),
	DATA("role", COLUMN_NAME, GROUP(role),
	     "of its loops; both, if one of them accepts and works", .names = role_names),
	DATA("loops", COLUMN_INT, GROUP(loops), "how many"),
	DATA("channels", COLUMN_INT, GROUP(channels), "of all of them"),
	DATA("reads", COLUMN_INT, GROUP(reads), "of all of them"),
	{ "reads_imbalance", NULL, 0, COMPUTED,
	  "reads of the loop with most of them, of the mean; null: one loop, or no reads",
	  .get = get_reads_imbalance },
	{ "channels_imbalance", NULL, 0, COMPUTED, "likewise of channels",
	  .get = get_channels_imbalance },
	{ "busy_imbalance", NULL, 0, COMPUTED, "likewise of busy",
	  .get = get_busy_imbalance },
};

const struct schema group_schema = {
	.type = "group",
	.about = "iophase loops: loops of one role that belong together, in one interval",
	.columns = group_columns,
	.nr = ARRAY_SIZE(group_columns),
};

static const char *const origin_names[] = { "unknown", "accepted", "connected" };

static const struct column channel_columns[] = {
	DATA("ts_ns", COLUMN_INT, CHAN(ts_ns), "end of the interval, CLOCK_MONOTONIC"),
	DATA("pid", COLUMN_ID, CHAN(pid), "process"),
	DATA("tid", COLUMN_ID, CHAN(tid), "thread of its loop, as there"),
	{ NULL, "AGE", 7, COMPUTED,
	  "since when, back from the end of the interval; -: before iophase came",
	  .get = get_age },
	{ "fd", "FD", 5, COLUMN_FD, CHAN(c.fd),
	  "descriptor that it was registered by; null: poll or select" },
	{ "proto", "PROTO", -5, COMPUTED, "tcp, udp, unix, ...", .get = get_proto },
	{ "local", NULL, 0, COMPUTED, "local address and port", .get = get_local },
	{ "peer", "PEER", -21, COMPUTED, "the peer's; null: none", .get = get_peer },
	DATA("origin", COLUMN_NAME, CHAN(c.origin), "accepted, connected or unknown",
	     .names = origin_names),
	DATA("since_ns", COLUMN_INT, CHAN(c.since_ns),
	     "when it was accepted or registered; null: before iophase came",
	     .known = is_since),
	{ "reads", "READS", 8, COLUMN_INT, CHAN(c.reads),
	  "reads since then, or since "
	  "iophase came" },
	{ "bytes", "BYTES", 6, COLUMN_COUNT, CHAN(c.bytes), "bytes of these" },
	{ "lag_p99_ns", "LAG99", 6, COLUMN_NS, CHAN(lag_p99_ns),
	  "what 99 % of their lags did not exceed", .known = channel_has_lag },
	{ "lag_max_ns", "LAGMAX", 6, COLUMN_NS, CHAN(c.lag_max_ns), "the longest",
	  .known = channel_has_lag },
	{ "moved", "MOVED", 5, COLUMN_INT, CHAN(moved),
	  "1: it was with another loop, or was read by another thread" },
};

const struct schema channel_schema = {
	.type = "channel",
	.about = "iophase loops --channels: a connected socket that is registered with a "
		 "loop, since iophase knows it",
	.columns = channel_columns,
	.nr = ARRAY_SIZE(channel_columns),
};

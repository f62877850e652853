// SPDX-License-Identifier: GPL-2.0-only
#include "rows.h"

#include <string.h>

#include "names.h"
#include "util.h"

#define ROW(row) ((const struct row *)(row))
#define END_WIDTH 21
#define NOT_KNOWN ((struct value){ .kind = VALUE_NONE })

#define GETTER(name, expr)                              \
	static struct value get_##name(const void *row) \
	{                                               \
		return expr;                            \
	}

__u64 per_second(const struct row *r, __u64 n)
{
	double rate = r->interval_ns ? n * 1e9 / r->interval_ns : 0;

	return rate < 1 ? n > 0 : rate + 0.5;
}

static struct value rate(const struct row *r, __u64 n)
{
	return value_count(per_second(r, n));
}

static struct value get_v(const void *row)
{
	(void)row;
	return value_int(1);
}

GETTER(type, value_str(ROW(row)->type))
GETTER(ts, value_int(ROW(row)->ts_ns))
GETTER(interval, value_int(ROW(row)->interval_ns))
GETTER(pid, ROW(row)->pid ? value_int(ROW(row)->pid) : NOT_KNOWN)
GETTER(tid, ROW(row)->tid ? value_int(ROW(row)->tid) : NOT_KNOWN)
GETTER(fd, ROW(row)->fd != IOP_ANY ? value_int(ROW(row)->fd) : NOT_KNOWN)
GETTER(comm, value_str(ROW(row)->comm))
GETTER(model, value_str(model_names[ROW(row)->key.model]))
GETTER(proto, value_proto(&ROW(row)->ends))
GETTER(sample, value_int(ROW(row)->sample))
GETTER(reads, value_int(ROW(row)->reads))
GETTER(bytes, value_int(ROW(row)->bytes))
GETTER(errors, value_int(ROW(row)->errors))
GETTER(eof, value_int(ROW(row)->eof))
GETTER(unseen, value_int(ROW(row)->unseen))
GETTER(errqueue, value_int(ROW(row)->errqueue))
GETTER(timed, value_int(ROW(row)->timed))
GETTER(polls, value_int(ROW(row)->polls))
GETTER(poll_ns, value_ns(ROW(row)->poll_ns))
GETTER(total_ns, total_is_lost(ROW(row)->key.model) ?
			 NOT_KNOWN : value_ns(ROW(row)->total_ns))
GETTER(read_rate, rate(ROW(row), ROW(row)->reads))
GETTER(byte_rate, rate(ROW(row), ROW(row)->bytes))
GETTER(poll_rate, rate(ROW(row), ROW(row)->polls))
GETTER(error_rate, rate(ROW(row), ROW(row)->errors))
GETTER(eof_rate, rate(ROW(row), ROW(row)->eof))
GETTER(unseen_rate, rate(ROW(row), ROW(row)->unseen))
GETTER(all_bytes, value_count(ROW(row)->bytes))
GETTER(size, ROW(row)->reads ? value_count(ROW(row)->bytes / ROW(row)->reads) :
			       NOT_KNOWN)

static struct value get_p50(const void *row)
{
	(void)row;
	return value_str("p50");
}

static struct value get_local(const void *row)
{
	static char buf[64];

	return value_end(buf, &ROW(row)->ends, false);
}

static struct value get_peer(const void *row)
{
	static char buf[64];

	return value_end(buf, &ROW(row)->ends, true);
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
		return NOT_KNOWN;
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

static struct value get_short_local(const void *row)
{
	static char buf[64];

	return short_end(row, false, buf);
}

static struct value get_short_peer(const void *row)
{
	static char buf[64];

	return short_end(row, true, buf);
}

/* The phase that took the largest share of the time, and that share. */
static struct value get_mostly(const void *row)
{
	const struct row *r = row;
	static char buf[24];
	int most = 0;

	if (!r->total_ns || lost_phases[r->key.model] || bounds_only())
		return NOT_KNOWN;
	for (int i = 1; i < IOP_NR_PHASES; i++)
		if (r->phases[i].sum_ns > r->phases[most].sum_ns)
			most = i;
	snprintf(buf, sizeof(buf), "%s %.0f%%", phase_names[most],
		 100.0 * r->phases[most].sum_ns / r->total_ns);
	return value_str(buf);
}

static struct value known(const struct row *r, enum iop_phase phase, __u64 ns)
{
	return r->timed && !phase_is_lost(r->key.model, phase) ? value_ns(ns) : NOT_KNOWN;
}

#define PHASE_GETTERS(name, phase) \
	GETTER(name##_p50, known(row, phase, ROW(row)->phases[phase].p50_ns)) \
	GETTER(name##_p99, known(row, phase, ROW(row)->phases[phase].p99_ns)) \
	GETTER(name##_sum, known(row, phase, ROW(row)->phases[phase].sum_ns)) \
	GETTER(name##_max, known(row, phase, ROW(row)->phases[phase].max_ns))

PHASE_GETTERS(wait, IOP_WAIT)
PHASE_GETTERS(wake, IOP_WAKE)
PHASE_GETTERS(dispatch, IOP_DISPATCH)
PHASE_GETTERS(copy, IOP_COPY)
PHASE_GETTERS(rest, IOP_REST)

/* Which views a column belongs to. */
enum {
	P = 1 << IOP_BY_PROCESS,
	T = 1 << IOP_BY_THREAD,
	S = 1 << IOP_BY_SOCKET,
	SUM = 1 << VIEW_SUMMARY,
	TOP = P | T | S,
	ALL = TOP | SUM,
};

#define HIDDEN(key, get, views) \
	{ { key, NULL, 0, get }, NULL, views, RANK_NEVER, NULL }
#define SHOWN(title, width, get, views, rank) \
	{ { NULL, title, width, get }, NULL, views, rank, NULL }
#define PHASE_COLUMNS(name, title, rank)                                     \
	{ { #name "_p50_ns", title, 5, get_##name##_p50 }, get_##name##_p99, \
	  ALL, rank, NULL },                                                 \
	{ { #name "_p99_ns", title "99", 6, get_##name##_p99 }, NULL, ALL,   \
	  RANK_P99, NULL },                                                  \
	HIDDEN(#name "_sum_ns", get_##name##_sum, ALL),                      \
	HIDDEN(#name "_max_ns", get_##name##_max, ALL)

const struct row_column row_columns[] = {
	HIDDEN("v", get_v, ALL),
	HIDDEN("type", get_type, ALL),
	HIDDEN("ts_ns", get_ts, ALL),
	HIDDEN("interval_ns", get_interval, ALL),
	HIDDEN("sample", get_sample, ALL),
	HIDDEN("pid", get_pid, TOP),
	HIDDEN("tid", get_tid, TOP),
	HIDDEN("comm", get_comm, TOP),
	HIDDEN("model", get_model, ALL),
	HIDDEN("fd", get_fd, S),
	HIDDEN("proto", get_proto, S),
	HIDDEN("local", get_local, S),
	HIDDEN("peer", get_peer, S),
	HIDDEN("reads", get_reads, ALL),
	HIDDEN("bytes", get_bytes, ALL),
	HIDDEN("errors", get_errors, ALL),
	HIDDEN("eof", get_eof, ALL),
	HIDDEN("unseen", get_unseen, ALL),
	HIDDEN("errqueue", get_errqueue, ALL),
	HIDDEN("timed", get_timed, ALL),
	HIDDEN("polls", get_polls, ALL),
	HIDDEN("poll_ns", get_poll_ns, ALL),
	HIDDEN("total_ns", get_total_ns, ALL),
	SHOWN("TID", 7, get_tid, T, 0),
	SHOWN("PID", 7, get_pid, P | S, 0),
	SHOWN("PID", 7, get_pid, T, 12),
	SHOWN("COMM", -10, get_comm, P | T, 0),
	SHOWN("FD", 3, get_fd, S, 0),
	SHOWN("COMM", -10, get_comm, S, 9),
	{ { NULL, "PEER", -END_WIDTH, get_short_peer },
	  get_short_local, S, 1, "PEER, LOCAL BELOW" },
	SHOWN("LOCAL", -END_WIDTH, get_short_local, S, 12),
	SHOWN("PROTO", -5, get_proto, S, 11),
	SHOWN("MODEL", -11, get_model, ALL, 3),
	SHOWN("RD/s", 5, get_read_rate, TOP, 0),
	SHOWN("B/s", 5, get_byte_rate, TOP, 4),
	SHOWN("EAG/s", 5, get_poll_rate, TOP, 5),
	SHOWN("ERR/s", 5, get_error_rate, TOP, 12),
	SHOWN("EOF/s", 5, get_eof_rate, TOP, 12),
	SHOWN("UNS/s", 5, get_unseen_rate, TOP, 13),
	SHOWN("B/RD", 5, get_size, TOP, 13),
	SHOWN("READS", 10, get_reads, SUM, 0),
	SHOWN("BYTES", 5, get_all_bytes, SUM, 0),
	SHOWN("EAGAIN", 10, get_polls, SUM, 0),
	SHOWN("", 3, get_p50, SUM, 0),
	PHASE_COLUMNS(wait, "WAIT", 1),
	PHASE_COLUMNS(wake, "WAKE", 2),
	PHASE_COLUMNS(dispatch, "DISP", 1),
	PHASE_COLUMNS(copy, "COPY", 2),
	PHASE_COLUMNS(rest, "REST", 2),
	SHOWN("MOSTLY", -12, get_mostly, TOP, 11),
};

const int nr_row_columns = ARRAY_SIZE(row_columns);
_Static_assert(ARRAY_SIZE(row_columns) <= MAX_ROW_COLUMNS, "room for all columns");

// SPDX-License-Identifier: GPL-2.0-only
#include "zerocopy_columns.h"

#include <stdio.h>

#include "util.h"

#define ROW(row) ((const struct zerocopy_row *)(row))

/* A copy that no hook sees takes a time that is not known; no copy takes none. */
static bool copy_is_known(const void *row)
{
	return ROW(row)->n.timed_bytes || !ROW(row)->n.copied_bytes;
}

static struct value get_fell_back(const struct column *c, const void *row,
				  const struct phase_limits *limits)
{
	const struct iop_zc_row *n = &ROW(row)->n;
	static char text[16];

	(void)c;
	(void)limits;
	if (!n->calls)
		return value_none();
	snprintf(text, sizeof(text), "%.0f%%", 100.0 * n->fell_back_calls / n->calls);
	return value_str(text);
}

static struct value get_ns_per_kb(const struct column *c, const void *row,
				  const struct phase_limits *limits)
{
	const struct iop_zc_row *n = &ROW(row)->n;

	(void)c;
	(void)limits;
	if (!n->timed_bytes)
		return value_none();
	return value_int(1000.0 * n->copy_ns / n->timed_bytes + 0.5);
}

#define AT(member) MEMBER(struct zerocopy_row, member)
/* clang-format off */
#define DATA(key, kind, at, what, ...) { key, NULL, 0, kind, at, what, __VA_ARGS__ }
/* clang-format on */

static const struct column columns[] = {
	DATA("ts_ns", COLUMN_INT, AT(ts_ns), "end of the interval, CLOCK_MONOTONIC"),
	DATA("interval_ns", COLUMN_INT, AT(interval_ns), "its length"),
	{ "pid", "PID", 7, COLUMN_ID, AT(n.pid), "process" },
	{ "comm", "COMM", -11, COLUMN_TEXT, AT(n.comm), "the process's name" },
	{ "path", "PATH", -13, COLUMN_NAME, AT(key.path),
	  "recv, splice_in, zc_receive, uring_zcrx, send, sendfile, splice_out, zc_send "
	  "or uring_send_zc",
	  .names = zerocopy_paths },
	{ "calls", "CALLS", 5, COLUMN_COUNT, AT(n.calls),
	  "calls that gave or took bytes, and are known to be copied or moved" },
	DATA("failed_calls", COLUMN_INT, AT(n.failed),
	     "calls that did not: errors, EAGAIN, ends of file"),
	{ "bytes", "BYTES", 6, COLUMN_COUNT, AT(bytes),
	  "bytes of the calls: copied and moved" },
	{ "copied_bytes", "COPIED", 6, COLUMN_COUNT, AT(n.copied_bytes),
	  "those that the CPU copied" },
	{ "moved_bytes", "MOVED", 6, COLUMN_COUNT, AT(n.moved_bytes),
	  "those that changed hands with their pages" },
	DATA("fell_back_calls", COLUMN_INT, AT(n.fell_back_calls),
	     "calls that asked for zero copy, and something was copied all the same, or "
	     "left to be"),
	DATA("fell_back_bytes", COLUMN_INT, AT(n.fell_back_bytes), "bytes that were"),
	{ NULL, "FELL", 4, COLUMN_COMPUTED, 0, 0, "share of the calls that fell back",
	  .get = get_fell_back },
	DATA("causes", COLUMN_LIST, AT(n.causes),
	     "why, of all that fell back so far: not_enabled, device, local, linear, source, "
	     "protocol, no_page, area",
	     .names = zerocopy_causes),
	{ "copy_ns", "COPY", 5, COLUMN_NS, AT(n.copy_ns), "time that these copies took",
	  .known = copy_is_known },
	DATA("timed_bytes", COLUMN_INT, AT(n.timed_bytes),
	     "bytes whose copy is in copy_ns"),
	{ "ns_per_kb", "NS/KB", 5, COLUMN_COMPUTED, 0, 0,
	  "nanoseconds that a copy took for 1000 bytes", .get = get_ns_per_kb },
	DATA("left_bytes", COLUMN_INT, AT(n.left_bytes),
	     "zc_receive: bytes that could not be mapped, and were left to recv"),
	DATA("pending_calls", COLUMN_INT, AT(n.pending_calls),
	     "zc_send, uring_send_zc: calls of which the kernel has not said at the end of "
	     "the interval how they went; not among calls"),
	DATA("pending_bytes", COLUMN_INT, AT(n.pending_bytes), "bytes of these"),
};

const struct schema zerocopy_schema = {
	.type = "zerocopy",
	.about = "iophase zerocopy: what a process gave to sockets or took from them on one "
		 "path, in one interval",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
};

// SPDX-License-Identifier: GPL-2.0-only
#include "read_columns.h"

#include <stdio.h>
#include <string.h>

#include "names.h"
#include "util.h"

#define RESULT_WIDTH 7

#define READ(row) ((const struct iop_read_record *)(row))

/* Computed from a read alone. */
#define GETTER(name)                                                            \
	static struct value get_##name(const struct column *c, const void *row, \
				       const struct phase_limits *limits)       \
	{                                                                       \
		(void)c;                                                        \
		(void)limits;                                                   \
		return name##_of(READ(row));                                    \
	}

/* Neither in a recording, nor of what is in none of the PID namespaces. */
static bool has_comm(const void *row)
{
	return READ(row)->pid || READ(row)->comm[0];
}

/* Recordings do not hold the call. */
static struct value call_of(const struct iop_read_record *r)
{
	if (r->syscall == IOP_ANY)
		return value_none();
	return value_str(syscall_name(r->syscall, r->compat));
}

static struct value proto_of(const struct iop_read_record *r)
{
	return value_proto(&r->ends);
}

static struct value local_of(const struct iop_read_record *r)
{
	static char buf[64];

	return value_end(buf, &r->ends, false);
}

static struct value peer_of(const struct iop_read_record *r)
{
	static char buf[64];

	return value_end(buf, &r->ends, true);
}

static struct value bytes_of(const struct iop_read_record *r)
{
	return value_int(r->ret > 0 ? r->ret : 0);
}

/* ERESTART* is the kernel's word for EINTR before it decides on a restart. */
static int errno_of(const struct iop_read_record *r)
{
	if (r->ret >= 0)
		return 0;
	return r->ret <= -512 && r->ret >= -516 ? 4 : -r->ret;
}

static struct value error_of(const struct iop_read_record *r)
{
	return value_int(errno_of(r));
}

/* What the call returned, as strace has it. */
static struct value result_of(const struct iop_read_record *r)
{
	static char buf[16];
	int err = errno_of(r);

	if (!err)
		return value_int(r->ret);
	snprintf(buf, sizeof(buf), "%s",
		 strerrorname_np(err) ? strerrorname_np(err) : "error");
	return value_str(buf);
}

/* The same in full where its column is too narrow for it. */
static struct value long_error_of(const struct iop_read_record *r)
{
	struct value v = result_of(r);
	bool is_long = v.kind == VALUE_STRING && strlen(v.str) > RESULT_WIDTH;

	return value_str(is_long ? v.str : "");
}

/* The last part of wake is what is left of it. */
static struct value wake_return_of(const struct iop_read_record *r)
{
	return (struct value){ .kind = VALUE_NS,
			       .num = r->phase_ns[IOP_WAKE] - r->notify_ns - r->sched_ns };
}

GETTER(call)
GETTER(proto)
GETTER(local)
GETTER(peer)
GETTER(bytes)
GETTER(error)
GETTER(result)
GETTER(long_error)
GETTER(wake_return)

#define ROW(member) MEMBER(struct iop_read_record, member)
#define COMPUTED COLUMN_COMPUTED, 0, 0

static const struct column columns[] = {
	{ "ts_ns", NULL, 0, COLUMN_INT, ROW(end_ns), "end of the read, CLOCK_MONOTONIC" },
	{ "pid", NULL, 0, COLUMN_ID, ROW(pid),
	  "process, as iophase's PID namespace has it; null: not in it, or a recording" },
	{ "tid", "TID", 7, COLUMN_ID, ROW(tid), "thread, likewise" },
	{ "comm", "COMM", -10, COLUMN_TEXT, ROW(comm), "the thread's name",
	  .known = has_comm },
	{ "call", "CALL", -8, COMPUTED, "system call; null: a recording",
	  .get = get_call },
	{ "fd", "FD", 3, COLUMN_FD, ROW(fd), "descriptor; null: a recording" },
	{ NULL, "BYTES", RESULT_WIDTH, COMPUTED, "bytes, or the error's name",
	  .get = get_result },
	{ "model", "MODEL", -11, COLUMN_NAME, ROW(model), "I/O model", model_names },
	{ "proto", NULL, 0, COMPUTED, "tcp, udp, unix, ...; null: not known",
	  .get = get_proto },
	{ "local", NULL, 0, COMPUTED, "local address and port", .get = get_local },
	{ "peer", NULL, 0, COMPUTED, "the peer's; null: not connected", .get = get_peer },
	{ "bytes", NULL, 0, COMPUTED, "bytes read", .get = get_bytes },
	{ "errno", NULL, 0, COMPUTED, "0, or the error", .get = get_error },
	{ "wait_ns", "WAIT", 5, COLUMN_NS, ROW(phase_ns[IOP_WAIT]),
	  "from asked to ready", .needs = PHASE(IOP_WAIT) },
	{ "wake_ns", "WAKE", 5, COLUMN_NS, ROW(phase_ns[IOP_WAKE]),
	  "from ready, or asked, to told", .needs = PHASE(IOP_WAKE) },
	{ "wake_notify_ns", "NTFY", 5, COLUMN_NS, ROW(notify_ns),
	  "of wake: from ready to waking (--wake-detail)", .needs = PHASE(IOP_WAKE),
	  .when = READS_WAKE_DETAIL },
	{ "wake_sched_ns", "SCHED", 5, COLUMN_NS, ROW(sched_ns),
	  "of wake: from waking to on the CPU (--wake-detail)",
	  .needs = PHASE(IOP_WAKE), .when = READS_WAKE_DETAIL },
	{ "wake_return_ns", "RET", 5, COMPUTED,
	  "of wake: from on the CPU to told (--wake-detail)", .needs = PHASE(IOP_WAKE),
	  .when = READS_WAKE_DETAIL, .get = get_wake_return },
	{ "dispatch_ns", "DISP", 5, COLUMN_NS, ROW(phase_ns[IOP_DISPATCH]),
	  "from told, or ready, to the read call", .needs = PHASE(IOP_DISPATCH) },
	{ "copy_ns", "COPY", 5, COLUMN_NS, ROW(phase_ns[IOP_COPY]),
	  "moving the data to user space", .needs = PHASE(IOP_COPY) },
	{ "rest_ns", "REST", 5, COLUMN_NS, ROW(phase_ns[IOP_REST]),
	  "what is left of the read call", .needs = PHASE(IOP_REST) },
	/* when a read begins is min(asked, ready): what loses ready loses dispatch */
	{ "total_ns", NULL, 0, COLUMN_NS, ROW(total_ns),
	  "all five phases, from min(asked, ready) to the end",
	  .needs = PHASE(IOP_DISPATCH) },
	{ "call_ns", NULL, 0, COLUMN_NS, ROW(call_ns),
	  "duration of the read call itself" },
	{ "polls", NULL, 0, COLUMN_INT, ROW(polls), "EAGAINs before it" },
	{ "poll_ns", NULL, 0, COLUMN_NS, ROW(poll_ns), "time in them" },
	{ "copies", NULL, 0, COLUMN_INT, ROW(copies), "pieces that were copied" },
	{ "sleeps", NULL, 0, COLUMN_INT, ROW(sleeps), "times that the call slept" },
	{ "flags", "", -1, COLUMN_LIST, ROW(flags), "facts about the read", flag_names },
	{ NULL, "", -1, COMPUTED, "a long error's name", .get = get_long_error },
	{ "sample", NULL, 0, COLUMN_INT, ROW(sample),
	  "it stands for so many (--sample)", .when = READS_SAMPLED },
	BOUND_COLUMNS,
};

const struct schema read_schema = {
	.type = "read",
	.about = "iophase trace, replay: one finished read",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
	.model = offsetof(struct iop_read_record, model),
};

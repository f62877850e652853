// SPDX-License-Identifier: GPL-2.0-only
#include "reads.h"

#include <string.h>

#include "names.h"
#include "output.h"
#include "util.h"

#define RESULT_WIDTH 7

#define READ(row) ((const struct iop_read_record *)(row))

static struct value get_v(const void *row)
{
	(void)row;
	return value_int(1);
}

static struct value get_type(const void *row)
{
	(void)row;
	return value_str("read");
}

static struct value get_ts(const void *row)
{
	return value_int(READ(row)->end_ns);
}

/*
 * Not known of what is in none of the PID namespaces that can be told; nor, with the
 * name, in a recording.
 */
static struct value id(__u32 n)
{
	return n ? value_int(n) : (struct value){ .kind = VALUE_NONE };
}

static struct value get_pid(const void *row)
{
	return id(READ(row)->pid);
}

static struct value get_tid(const void *row)
{
	return id(READ(row)->tid);
}

static struct value get_comm(const void *row)
{
	if (!READ(row)->pid && !READ(row)->comm[0])
		return (struct value){ .kind = VALUE_NONE };
	return value_str(READ(row)->comm);
}

static struct value get_model(const void *row)
{
	return value_str(model_names[READ(row)->model]);
}

/* Recordings do not hold the call and the descriptor. */
static struct value get_call(const void *row)
{
	if (READ(row)->syscall == IOP_ANY)
		return (struct value){ .kind = VALUE_NONE };
	return value_str(syscall_name(READ(row)->syscall, READ(row)->compat));
}

static struct value get_fd(const void *row)
{
	if (READ(row)->fd == IOP_ANY)
		return (struct value){ .kind = VALUE_NONE };
	return value_int(READ(row)->fd);
}

static struct value get_proto(const void *row)
{
	return value_proto(&READ(row)->ends);
}

static struct value get_local(const void *row)
{
	static char buf[64];

	return value_end(buf, &READ(row)->ends, false);
}

static struct value get_peer(const void *row)
{
	static char buf[64];

	return value_end(buf, &READ(row)->ends, true);
}

static struct value get_bytes(const void *row)
{
	return value_int(READ(row)->ret > 0 ? READ(row)->ret : 0);
}

/* ERESTART* is the kernel's word for EINTR before it decides on a restart. */
static int errno_of(const struct iop_read_record *r)
{
	if (r->ret >= 0)
		return 0;
	return r->ret <= -512 && r->ret >= -516 ? 4 : -r->ret;
}

static struct value get_errno(const void *row)
{
	return value_int(errno_of(READ(row)));
}

/* What the call returned, as strace has it. */
static struct value get_result(const void *row)
{
	static char buf[16];
	int err = errno_of(READ(row));

	if (!err)
		return value_int(READ(row)->ret);
	snprintf(buf, sizeof(buf), "%s",
		 strerrorname_np(err) ? strerrorname_np(err) : "error");
	return value_str(buf);
}

/* The same in full where its column is too narrow for it. */
static struct value get_long_errno(const void *row)
{
	struct value v = get_result(row);
	bool is_long = v.kind == VALUE_STRING && strlen(v.str) > RESULT_WIDTH;

	return value_str(is_long ? v.str : "");
}

static struct value phase_of(const void *row, enum iop_phase phase)
{
	if (phase_is_lost(READ(row)->model, phase))
		return (struct value){ .kind = VALUE_NONE };
	return value_ns(READ(row)->phase_ns[phase]);
}

static struct value get_wait(const void *row)
{
	return phase_of(row, IOP_WAIT);
}

static struct value get_wake(const void *row)
{
	return phase_of(row, IOP_WAKE);
}

static struct value get_dispatch(const void *row)
{
	return phase_of(row, IOP_DISPATCH);
}

static struct value get_copy(const void *row)
{
	return phase_of(row, IOP_COPY);
}

static struct value get_rest(const void *row)
{
	return phase_of(row, IOP_REST);
}

static struct value get_total(const void *row)
{
	if (total_is_lost(READ(row)->model))
		return (struct value){ .kind = VALUE_NONE };
	return value_ns(READ(row)->total_ns);
}

static struct value get_in_call(const void *row)
{
	return value_ns(READ(row)->call_ns);
}

static struct value get_polls(const void *row)
{
	return value_int(READ(row)->polls);
}

static struct value get_poll_ns(const void *row)
{
	return value_ns(READ(row)->poll_ns);
}

static struct value get_sample(const void *row)
{
	return value_int(READ(row)->sample);
}

static struct value get_copies(const void *row)
{
	return value_int(READ(row)->copies);
}

static struct value get_sleeps(const void *row)
{
	return value_int(READ(row)->sleeps);
}

static struct value get_flags(const void *row)
{
	return (struct value){ .kind = VALUE_LIST,
			       .num = READ(row)->flags,
			       .names = flag_names };
}

/* Parts of wake, known if it is; the last is what is left of it. */
static struct value part_of_wake(const void *row, __u64 ns)
{
	if (phase_is_lost(READ(row)->model, IOP_WAKE))
		return (struct value){ .kind = VALUE_NONE };
	return value_ns(ns);
}

static struct value get_notify(const void *row)
{
	return part_of_wake(row, READ(row)->notify_ns);
}

static struct value get_sched(const void *row)
{
	return part_of_wake(row, READ(row)->sched_ns);
}

static struct value get_return(const void *row)
{
	return part_of_wake(row, READ(row)->phase_ns[IOP_WAKE] -
			    READ(row)->notify_ns - READ(row)->sched_ns);
}

static const struct column wake_columns[] = {
	{ "wake_notify_ns", "NTFY", 5, get_notify },
	{ "wake_sched_ns", "SCHED", 5, get_sched },
	{ "wake_return_ns", "RET", 5, get_return },
};

static const struct column columns[] = {
	{ "v", NULL, 0, get_v },
	{ "type", NULL, 0, get_type },
	{ "ts_ns", NULL, 0, get_ts },
	{ "pid", NULL, 0, get_pid },
	{ "tid", "TID", 7, get_tid },
	{ "comm", "COMM", -10, get_comm },
	{ "call", "CALL", -8, get_call },
	{ "fd", "FD", 3, get_fd },
	{ NULL, "BYTES", RESULT_WIDTH, get_result },
	{ "model", "MODEL", -11, get_model },
	{ "proto", NULL, 0, get_proto },
	{ "local", NULL, 0, get_local },
	{ "peer", NULL, 0, get_peer },
	{ "bytes", NULL, 0, get_bytes },
	{ "errno", NULL, 0, get_errno },
	{ "wait_ns", "WAIT", 5, get_wait },
	{ "wake_ns", "WAKE", 5, get_wake },
	{ "dispatch_ns", "DISP", 5, get_dispatch },
	{ "copy_ns", "COPY", 5, get_copy },
	{ "rest_ns", "REST", 5, get_rest },
	{ "total_ns", NULL, 0, get_total },
	{ "call_ns", NULL, 0, get_in_call },
	{ "polls", NULL, 0, get_polls },
	{ "poll_ns", NULL, 0, get_poll_ns },
	{ "copies", NULL, 0, get_copies },
	{ "sleeps", NULL, 0, get_sleeps },
	{ "flags", "", -1, get_flags },
	{ NULL, "", -1, get_long_errno },
	{ "sample", NULL, 0, get_sample }, /* of --sample */
};

_Static_assert(ARRAY_SIZE(columns) + ARRAY_SIZE(wake_columns) +
		       NR_BOUND_COLUMNS <= MAX_READ_COLUMNS, "room for all columns");

int read_columns(struct column cols[MAX_READ_COLUMNS], bool wake_detail,
		 __u32 sample)
{
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (columns[i].get == get_sample && sample <= 1)
			continue;
		cols[n] = columns[i];
		cols[n++].title = heading(columns[i].title);
		if (columns[i].get != get_wake || !wake_detail)
			continue;
		memcpy(&cols[n], wake_columns, sizeof(wake_columns));
		n += ARRAY_SIZE(wake_columns);
	}
	if (bounds_only()) {
		memcpy(&cols[n], bound_columns, sizeof(bound_columns));
		n += NR_BOUND_COLUMNS;
	}
	return n;
}

const char *sample_text(__u32 sample)
{
	static char text[48];

	if (sample <= 1)
		return "";
	snprintf(text, sizeof(text), " (one in %u reads measured)", sample);
	return text;
}

/* --- counters ----------------------------------------------------------------- */

#define TOTALS(row) ((const struct totals *)(row))
#define TOTAL_GETTER(name, field)                           \
	static struct value total_##name(const void *row)   \
	{                                                   \
		return value_int(TOTALS(row)->field);       \
	}

TOTAL_GETTER(seen, kernel.seen)
TOTAL_GETTER(shown, kernel.shown)
TOTAL_GETTER(filtered, kernel.filtered)
TOTAL_GETTER(lost, kernel.lost)
TOTAL_GETTER(rejected, kernel.rejected)
TOTAL_GETTER(seen_bytes, kernel.seen_bytes)
TOTAL_GETTER(shown_bytes, kernel.shown_bytes)
TOTAL_GETTER(filtered_bytes, kernel.filtered_bytes)
TOTAL_GETTER(lost_bytes, kernel.lost_bytes)
TOTAL_GETTER(rejected_bytes, kernel.rejected_bytes)
TOTAL_GETTER(polls, kernel.polls)
TOTAL_GETTER(unmatched, kernel.unmatched)
TOTAL_GETTER(threads_full, kernel.threads_full)
TOTAL_GETTER(socks_full, kernel.socks_full)
TOTAL_GETTER(inputs_lost, kernel.inputs_lost)
TOTAL_GETTER(unsampled, kernel.unsampled)
TOTAL_GETTER(unsampled_bytes, kernel.unsampled_bytes)
TOTAL_GETTER(sample, sample)
TOTAL_GETTER(missed, missed)
TOTAL_GETTER(reports_full, kernel.reports_full)
TOTAL_GETTER(targets_full, kernel.targets_full)

static struct value total_type(const void *row)
{
	(void)row;
	return value_str("counters");
}

/* title: always shown in text; without one: only when not zero. */
static const struct column total_columns[] = {
	{ "v", NULL, 0, get_v },
	{ "type", NULL, 0, total_type },
	{ "seen", "seen", 0, total_seen },
	{ "shown", "shown", 0, total_shown },
	{ "filtered", "filtered", 0, total_filtered },
	{ "lost", "lost", 0, total_lost },
	{ "rejected", "rejected", 0, total_rejected },
	{ "unmatched", "unmatched", 0, total_unmatched },
	{ "polls", "EAGAIN polls", 0, total_polls },
	{ "seen_bytes", NULL, 0, total_seen_bytes },
	{ "shown_bytes", NULL, 0, total_shown_bytes },
	{ "filtered_bytes", NULL, 0, total_filtered_bytes },
	{ "lost_bytes", NULL, 0, total_lost_bytes },
	{ "rejected_bytes", NULL, 0, total_rejected_bytes },
	{ "missed", NULL, 0, total_missed },
	{ "threads_full", NULL, 0, total_threads_full },
	{ "socks_full", NULL, 0, total_socks_full },
	{ "inputs_lost", NULL, 0, total_inputs_lost },
	{ "reports_full", NULL, 0, total_reports_full },
	{ "targets_full", NULL, 0, total_targets_full },
	/* of --sample */
	{ "sample", NULL, 0, total_sample },
	{ "unsampled", NULL, 0, total_unsampled },
	{ "unsampled_bytes", NULL, 0, total_unsampled_bytes },
};

#define SAMPLE_TOTALS 3 /* the last of them */

/* Losses that are worth a word of their own when they happen. */
static const struct {
	struct value (*get)(const void *row);
	const char *words;
} troubles[] = {
	{ total_missed, "hook runs skipped by the kernel" },
	{ total_threads_full, "thread states did not fit" },
	{ total_socks_full, "socket states did not fit" },
	{ total_inputs_lost, "inputs did not fit in the ring" },
	{ total_reports_full, "threads were told of a socket that remembers no more" },
	{ total_targets_full, "threads or children found no room to be selected" },
};

void totals_text(const struct totals *t)
{
	const char *sep = "reads: ";
	FILE *f = output_notes();

	flush_output();
	for (size_t i = 0; i < ARRAY_SIZE(total_columns); i++) {
		const struct column *c = &total_columns[i];

		if (!c->title)
			continue;
		fprintf(f, "%s%lld %s", sep, (long long)c->get(t).num,
			c->title);
		sep = ", ";
	}
	if (t->sample > 1)
		fprintf(f, ", %lld not sampled%s",
			(long long)t->kernel.unsampled, sample_text(t->sample));
	fputc('\n', f);
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (troubles[i].get(t).num)
			fprintf(stderr, "iophase: %lld %s\n",
				(long long)troubles[i].get(t).num,
				troubles[i].words);
}

void totals_json(const struct totals *t, FILE *out)
{
	int nr = ARRAY_SIZE(total_columns);

	columns_json(total_columns, t->sample > 1 ? nr : nr - SAMPLE_TOTALS, t,
		     out);
}

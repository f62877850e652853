// SPDX-License-Identifier: GPL-2.0-only
/* iophase trace: one line a read. */
#include "command.h"
#include "read_columns.h"
#include "read_output.h"
#include "tasks.h"
#include "tracing.h"
#include "util.h"

#define LOOK_EVERY_MS 50
#define SAMPLE_EVERY_NS 1000000000ull

struct trace {
	const struct options *options;
	struct read_output to;
	__u64 shown;
	/* came after the last of -n: as good as filtered */
	__u64 surplus;
	__u64 surplus_bytes;
};

static bool enough(const struct trace *t)
{
	return t->options->iterations && t->shown >= t->options->iterations;
}

static void on_record(void *ctx, const void *record, size_t size)
{
	struct trace *t = ctx;
	const struct iop_read_record *read = record;

	(void)size;
	if (read->type != IOP_REC_READ)
		return;
	if (read->flags & IOP_F_POLL) {
		if (!enough(t))
			read_output_put(&t->to, read);
		return;
	}
	if (enough(t)) {
		t->surplus++;
		t->surplus_bytes += read->ret > 0 ? read->ret : 0;
		return;
	}
	t->shown++;
	read_output_put(&t->to, read);
}

static bool process_name(__u32 pid, char comm[IOP_COMM_LEN])
{
	return task_comm(pid, 0, comm);
}

static struct totals totals_of(struct session *s, const struct trace *trace)
{
	struct totals t = tracing_totals(s, trace->options);

	t.kernel.shown -= trace->surplus;
	t.kernel.shown_bytes -= trace->surplus_bytes;
	t.kernel.filtered += trace->surplus;
	t.kernel.filtered_bytes += trace->surplus_bytes;
	return t;
}

static void follow(struct session *s, struct trace *t)
{
	__u64 sample_ns = 0;
	bool ok = read_output_flush(&t->to);

	while (ok && !enough(t) && session_wait(s, LOOK_EVERY_MS)) {
		session_drain(s);
		if (t->to.writes && now_ns() - sample_ns >= SAMPLE_EVERY_NS) {
			struct totals so_far = totals_of(s, t);

			read_output_sample(&t->to, &so_far);
			sample_ns = so_far.ts_ns;
		}
		ok = read_output_flush(&t->to);
	}
	session_detach(s);
	session_drain(s);
}

static int run(const struct options *o)
{
	struct trace t = { .options = o };
	struct session *s;
	struct totals totals;
	int err = read_output_open(&t.to, o, process_name);

	if (err)
		return err;
	s = tracing_begin(o, SESSION_EMIT, on_record, &t, &t.to.out);
	if (!s) {
		read_output_close(&t.to, NULL);
		return EXIT_FAILED;
	}
	read_output_begin(&t.to,
			  (o->sample > 1 ? READS_SAMPLED : 0) |
				  (o->wake_detail ? READS_WAKE_DETAIL : 0),
			  session_limits(s));
	follow(s, &t);
	totals = totals_of(s, &t);
	err = read_output_close(&t.to, &totals);
	session_close(s);
	return err;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS,	     OPTIONS_READS, &option_duration,
	&option_iterations,  OPTIONS_PRINT, &option_perfetto,
	&option_wake_detail, &option_polls, &option_buffer,
	OPTIONS_BACKEND,     NULL,
};

static const struct schema *const schemas[] = {
	&start_schema,
	&read_schema,
	&totals_schema,
	NULL,
};

const struct command cmd_trace = {
	.name = "trace",
	.help = "one line a read, with its phases",
	.takes = TAKES_PROGRAM,
	.options = options,
	.schemas = schemas,
	.run = run,
};

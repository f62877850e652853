// SPDX-License-Identifier: GPL-2.0-only
/* iophase trace: one line a read. */
#include "command.h"
#include "read_columns.h"
#include "tracing.h"
#include "util.h"

#define LOOK_EVERY_MS 50

struct trace {
	const struct options *options;
	struct out out;
	struct sheet sheet;
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
			out_record(&t->out, &t->sheet, read);
		return;
	}
	if (enough(t)) {
		t->surplus++;
		t->surplus_bytes += read->ret > 0 ? read->ret : 0;
		return;
	}
	t->shown++;
	out_record(&t->out, &t->sheet, read);
}

static void finish(struct session *s, const struct trace *trace)
{
	struct totals t;

	session_detach(s);
	session_drain(s);
	t = tracing_totals(s, trace->options);
	t.kernel.shown -= trace->surplus;
	t.kernel.shown_bytes -= trace->surplus_bytes;
	t.kernel.filtered += trace->surplus;
	t.kernel.filtered_bytes += trace->surplus_bytes;
	out_counters(&trace->out, &t);
	out_end(&trace->out);
}

static int run(const struct options *o)
{
	struct trace t = { .options = o, .out = out_open(o->format) };
	struct session *s = tracing_begin(o, SESSION_EMIT, on_record, &t, &t.out);
	bool ok = true;

	if (!s)
		return EXIT_FAILED;
	sheet_make(&t.sheet, &read_schema,
		   (o->sample > 1 ? READS_SAMPLED : 0) |
		   (o->wake_detail ? READS_WAKE_DETAIL : 0), session_limits(s));
	out_head(&t.out, &t.sheet);
	ok = flush_output();
	while (ok && !enough(&t) && session_wait(s, LOOK_EVERY_MS)) {
		session_drain(s);
		ok = flush_output();
	}
	finish(s, &t);
	sheet_free(&t.sheet);
	session_close(s);
	return EXIT_DONE;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS, OPTIONS_READS, &option_duration, &option_iterations,
	OPTIONS_PRINT, &option_wake_detail, &option_polls, &option_buffer,
	OPTIONS_BACKEND, NULL,
};

static const struct schema *const schemas[] = {
	&start_schema, &read_schema, &totals_schema, NULL,
};

const struct command cmd_trace = {
	.name = "trace",
	.help = "one line a read, with its phases",
	.takes = TAKES_PROGRAM,
	.options = options,
	.schemas = schemas,
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
/* iophase trace: one line a read. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "reads.h"
#include "session.h"
#include "util.h"

#define LOOK_EVERY_MS 50

struct trace {
	const struct options *options;
	struct column columns[MAX_READ_COLUMNS];
	int nr_columns;
	__u64 shown;
	/* came after the last of -n: as good as filtered */
	__u64 surplus;
	__u64 surplus_bytes;
};

static bool enough(const struct trace *t)
{
	return t->options->iterations && t->shown >= t->options->iterations;
}

static void print(const struct trace *t, const struct iop_read_record *read)
{
	char line[512];

	if (t->options->json) {
		columns_json(t->columns, t->nr_columns, read, stdout);
		return;
	}
	columns_line(t->columns, t->nr_columns, read, line, sizeof(line));
	puts(line);
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
			print(t, read);
		return;
	}
	if (enough(t)) {
		t->surplus++;
		t->surplus_bytes += read->ret > 0 ? read->ret : 0;
		return;
	}
	t->shown++;
	print(t, read);
}

static void finish(struct session *s, const struct trace *trace)
{
	struct totals t = { .sample = trace->options->sample };

	session_detach(s);
	session_drain(s);
	session_counters(s, &t.kernel);
	t.kernel.shown -= trace->surplus;
	t.kernel.shown_bytes -= trace->surplus_bytes;
	t.kernel.filtered += trace->surplus;
	t.kernel.filtered_bytes += trace->surplus_bytes;
	t.missed = session_missed(s);
	if (trace->options->json)
		totals_json(&t, stdout);
	else
		totals_text(&t);
}

int cmd_trace(const struct options *o)
{
	struct trace t = { .options = o };
	struct session *s = session_open(o, SESSION_EMIT, on_record, &t, false);
	char line[256];
	bool ok = true;

	if (!s)
		return EXIT_FAILED;
	t.nr_columns = read_columns(t.columns, o->wake_detail, o->sample);
	if (!o->json) {
		columns_header(t.columns, t.nr_columns, line, sizeof(line));
		puts(line);
		ok = flush_output();
	}
	while (ok && !enough(&t) && session_wait(s, LOOK_EVERY_MS)) {
		session_drain(s);
		ok = flush_output();
	}
	finish(s, &t);
	session_close(s);
	return EXIT_DONE;
}

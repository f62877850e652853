// SPDX-License-Identifier: GPL-2.0-only
#include "run_start.h"

#include "text.h"
#include "util.h"

static struct value get_filters(const struct column *c, const void *row,
				const struct phase_limits *limits)
{
	const struct run_start *s = row;

	(void)c;
	(void)limits;
	return (struct value){ .kind = VALUE_STRINGS,
			       .num = s->nr_filters,
			       .names = (const char *const *)s->filters };
}

#define ROW(member) MEMBER(struct run_start, member)

static const struct column columns[] = {
	{ "ts_ns", NULL, 0, COLUMN_INT, ROW(ts_ns), "when, CLOCK_MONOTONIC" },
	{ "backend", NULL, 0, COLUMN_STRING, ROW(backend), "btf, kprobe or tracepoint" },
	{ "kernel", NULL, 0, COLUMN_STRING, ROW(kernel), "its release" },
	{ "filters", NULL, 0, COLUMN_COMPUTED, 0, 0,
	  "what was asked for, as options with their long names", .get = get_filters },
	{ "sample", NULL, 0, COLUMN_INT, ROW(sample), "one in so many reads is measured" },
	{ "program", NULL, 0, COLUMN_STRING, ROW(program), "null: none was started" },
};

const struct schema start_schema = {
	.type = "start",
	.about = "the first of every run: tracing has begun",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
};

void start_text(FILE *f, const struct run_start *s)
{
	fprintf(f, "iophase: tracing by %s on %s", s->backend, s->kernel);
	for (__u32 i = 0; i < s->nr_filters; i++) {
		fputs(i ? " " : ": ", f);
		put_text(f, s->filters[i]);
	}
	fputc('\n', f);
}

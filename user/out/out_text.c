// SPDX-License-Identifier: GPL-2.0-only
/* For people: lines of columns; what is not of the table goes beside it. */
#include "out.h"
#include "output.h"
#include "text.h"

#define LINE_LEN 512

static void begin(const struct out *o, const struct run_start *s)
{
	(void)o;
	start_text(output_notes(), s);
}

static void put_line(const struct out *o, const char *line)
{
	fputs(line, o->f);
	fputc('\n', o->f);
}

static void head(const struct out *o, const struct sheet *s)
{
	char line[LINE_LEN];

	sheet_header(s, line, sizeof(line));
	put_line(o, line);
}

static void record(const struct out *o, const struct sheet *s, const void *row)
{
	char line[LINE_LEN];

	sheet_line(s, row, line, sizeof(line));
	put_line(o, line);
	if (!s->below.nr)
		return;
	sheet_line_below(s, row, line, sizeof(line));
	put_line(o, line);
}

static void hist(const struct out *o, const struct run_hist *h)
{
	hist_text(o->f, h);
}

static void counters(const struct out *o, const struct totals *t)
{
	(void)o;
	totals_text(t, output_notes());
}

const struct out_format out_text = {
	.for_people = true,
	.begin = begin,
	.head = head,
	.record = record,
	.hist = hist,
	.counters = counters,
};

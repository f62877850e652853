// SPDX-License-Identifier: GPL-2.0-only
#include "summary.h"

#include <stdio.h>

#include "layout.h"
#include "reads.h"

static void print_models(const struct table *t)
{
	struct layout l;
	struct row r;
	char line[256];

	layout_fit(&l, VIEW_SUMMARY, 80, LINES_AUTO);
	printf("The whole run, %.1f s%s%s\n", (t->ts_ns - t->start_ns) / 1e9,
	       sample_text(t->sample), t->nr_reads ? ":" : ": no reads");
	if (!t->nr_reads)
		return;
	columns_header(l.cols, l.nr, line, sizeof(line));
	puts(line);
	for (__u32 m = 0; m < IOP_NR_MODELS; m++) {
		if (!table_summary(t, m, &r))
			continue;
		columns_line(l.cols, l.nr, &r, line, sizeof(line));
		puts(line);
		columns_line(l.below, l.nr, &r, line, sizeof(line));
		puts(line);
	}
}

void summary_print(const struct table *t, struct session *s, bool json)
{
	struct totals totals = { .sample = t->sample };
	struct row r;

	session_counters(s, &totals.kernel);
	totals.missed = session_missed(s);
	for (__u32 m = 0; json && m < IOP_NR_MODELS; m++)
		if (table_summary(t, m, &r))
			row_json(VIEW_SUMMARY, &r, stdout);
	if (json) {
		totals_json(&totals, stdout);
	} else {
		print_models(t);
		totals_text(&totals);
	}
}

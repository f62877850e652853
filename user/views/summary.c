// SPDX-License-Identifier: GPL-2.0-only
#include "summary.h"

#include "top_layout.h"

void summary_print(const struct out *out, const struct table *t,
		   const struct phase_limits *limits)
{
	struct sheet s;
	struct row r;

	sheet_make(&s, &summary_schema, VIEW(VIEW_SUMMARY), limits);
	top_layout_fit(&s, VIEW_SUMMARY, 80, LINES_AUTO);
	out_words(out, "The whole run, %.1f s%s%s", (t->ts_ns - t->start_ns) / 1e9,
		  sample_text(t->sample), t->nr_reads ? ":" : ": no reads");
	if (t->nr_reads)
		out_head(out, &s);
	for (__u32 m = 0; m < IOP_NR_MODELS; m++) {
		if (!table_summary(t, m, &r))
			continue;
		if (t->nr_reads || !out->format->for_people)
			out_record(out, &s, &r);
	}
	sheet_free(&s);
}

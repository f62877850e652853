// SPDX-License-Identifier: GPL-2.0-only
#include "self_cost.h"

#include <stdio.h>

#include "util.h"

void self_cost_look(struct self_cost *p, struct cost total,
		    const struct iop_counters *c, __u64 now)
{
	p->run_ns = total.run_ns - p->total.run_ns;
	p->runs = total.runs - p->total.runs;
	p->reads = c->seen - p->seen;
	p->interval_ns = now - p->ts_ns;
	p->total = total;
	p->seen = c->seen;
	p->lost = c->lost;
	p->ts_ns = now;
}

static __u64 per_read(const struct self_cost *p)
{
	return p->reads ? p->run_ns / p->reads : 0;
}

const char *self_cost_text(const struct self_cost *p, char buf[64])
{
	char each[16], total[16];

	snprintf(buf, 64, "own %s/read %.2f%% CPU %s in all",
		 p->reads ? format_ns(each, per_read(p)) : "-",
		 p->interval_ns ? 100.0 * p->run_ns / p->interval_ns : 0,
		 format_ns(total, p->total.run_ns));
	return buf;
}

static struct value get_per_read(const struct column *c, const void *row,
				 const struct phase_limits *limits)
{
	const struct self_cost *p = row;

	(void)c;
	(void)limits;
	return p->reads ? value_int(per_read(p)) : value_none();
}

#define ROW(member) COLUMN_INT, MEMBER(struct self_cost, member)

static const struct column columns[] = {
	{ "ts_ns", NULL, 0, ROW(ts_ns), "end of the interval, CLOCK_MONOTONIC" },
	{ "interval_ns", NULL, 0, ROW(interval_ns), "its length" },
	{ "reads", NULL, 0, ROW(reads), "reads that ended in it, shown or not" },
	{ "runs", NULL, 0, ROW(runs), "runs of iophase's programs in it" },
	{ "run_ns", NULL, 0, ROW(run_ns), "CPU time of these" },
	{ "run_ns_per_read", NULL, 0, COLUMN_COMPUTED, 0, 0,
	  "the same by reads; null: none", .get = get_per_read },
	{ "total_runs", NULL, 0, ROW(total.runs), "runs since the start" },
	{ "total_run_ns", NULL, 0, ROW(total.run_ns), "CPU time of these" },
	{ "lost", NULL, 0, ROW(lost), "reads since the start that found no room" },
};

const struct schema cost_schema = {
	.type = "cost",
	.about = "iophase top --cost: what its own programs spent, in one interval",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
};

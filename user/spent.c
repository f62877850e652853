// SPDX-License-Identifier: GPL-2.0-only
#include "spent.h"

#include "columns.h"
#include "util.h"

#define SPENT(row) ((const struct spent *)(row))
#define GETTER(name, expr)                              \
	static struct value get_##name(const void *row) \
	{                                               \
		return value_int(SPENT(row)->expr);     \
	}

void spent_look(struct spent *p, struct cost total,
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

static __u64 per_read(const struct spent *p)
{
	return p->reads ? p->run_ns / p->reads : 0;
}

const char *spent_text(const struct spent *p, char buf[64])
{
	char each[16], total[16];

	snprintf(buf, 64, "own %s/read %.2f%% CPU %s in all",
		 p->reads ? format_ns(each, per_read(p)) : "-",
		 p->interval_ns ? 100.0 * p->run_ns / p->interval_ns : 0,
		 format_ns(total, p->total.run_ns));
	return buf;
}

static struct value get_v(const void *row)
{
	(void)row;
	return value_int(1);
}

static struct value get_type(const void *row)
{
	(void)row;
	return value_str("cost");
}

static struct value get_per_read(const void *row)
{
	const struct spent *p = row;

	return p->reads ? value_int(per_read(p)) :
			  (struct value){ .kind = VALUE_NONE };
}

GETTER(ts, ts_ns)
GETTER(interval, interval_ns)
GETTER(reads, reads)
GETTER(runs, runs)
GETTER(run, run_ns)
GETTER(all_runs, total.runs)
GETTER(all_run, total.run_ns)
GETTER(lost, lost)

static const struct column columns[] = {
	{ "v", NULL, 0, get_v },
	{ "type", NULL, 0, get_type },
	{ "ts_ns", NULL, 0, get_ts },
	{ "interval_ns", NULL, 0, get_interval },
	{ "reads", NULL, 0, get_reads },
	{ "runs", NULL, 0, get_runs },
	{ "run_ns", NULL, 0, get_run },
	{ "run_ns_per_read", NULL, 0, get_per_read },
	{ "total_runs", NULL, 0, get_all_runs },
	{ "total_run_ns", NULL, 0, get_all_run },
	{ "lost", NULL, 0, get_lost },
};

void spent_json(const struct spent *p, FILE *f)
{
	columns_json(columns, ARRAY_SIZE(columns), p, f);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "interval.h"

#include "util.h"

#define LOOK_EVERY_MS 50
#define DEFAULT_INTERVAL_NS 1000000000ull

/* -n and -d without -i: so many intervals in that time. */
static __u64 interval_of(const struct options *o)
{
	if (o->interval_ns)
		return o->interval_ns;
	if (o->duration_ns && o->iterations)
		return o->duration_ns / o->iterations;
	return DEFAULT_INTERVAL_NS;
}

void interval_start(struct interval *t, const struct options *o, struct session *s)
{
	*t = (struct interval){
		.options = o,
		.session = s,
		.table = table_new(now_ns(), o->sample),
		.interval_ns = interval_of(o),
	};
	if (o->duration_ns)
		t->end_ns = t->table->ts_ns + o->duration_ns;
}

/* A rest of the run that is too short for an interval is part of the last. */
static __u64 end_of_interval(const struct interval *t)
{
	__u64 end = t->table->ts_ns + t->interval_ns;

	if (t->end_ns && end + t->interval_ns / 10 > t->end_ns)
		return t->end_ns;
	return end;
}

int interval_time_left(const struct interval *t)
{
	__u64 end = end_of_interval(t), now = now_ns();

	if (now >= end)
		return 0;
	return end - now < LOOK_EVERY_MS * 1000000ull ?
		       (end - now) / 1000000 + 1 :
		       LOOK_EVERY_MS;
}

bool interval_is_last(const struct interval *t)
{
	return t->options->iterations &&
	       t->iteration + 1 >= t->options->iterations;
}

void interval_look(struct interval *t, bool last)
{
	__u64 now = now_ns();

	if (last)
		session_detach(t->session);
	table_refresh(t->table, t->session, now);
	t->iteration++;
}

bool interval_next(struct interval *t)
{
	bool over = false, last;
	int ms;

	while (!over && (ms = interval_time_left(t)))
		over = !session_wait(t->session, ms);
	last = over || interval_is_last(t) ||
	       (t->end_ns && now_ns() >= t->end_ns);
	interval_look(t, last);
	return !last;
}

void interval_end(struct interval *t)
{
	table_free(t->table);
	session_close(t->session);
}

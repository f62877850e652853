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

void interval_start_with(struct interval *t, const struct options *o, struct session *s,
			 look_fn look, void *view)
{
	*t = (struct interval){
		.options = o,
		.session = s,
		.look = look,
		.view = view,
		.ts_ns = now_ns(),
		.interval_ns = interval_of(o),
	};
	if (o->duration_ns)
		t->end_ns = t->ts_ns + o->duration_ns;
}

static void look_at_table(void *view, struct session *s, __u64 now)
{
	table_refresh(view, s, now);
}

void interval_start(struct interval *t, const struct options *o, struct session *s)
{
	struct table *table = table_new(now_ns(), o->sample);

	interval_start_with(t, o, s, look_at_table, table);
	t->table = table;
}

/* A rest of the run that is too short for an interval is part of the last. */
static __u64 end_of_interval(const struct interval *t)
{
	__u64 end = t->ts_ns + t->interval_ns;

	if (t->end_ns && end + t->interval_ns / 10 > t->end_ns)
		return t->end_ns;
	return end;
}

int interval_time_left(const struct interval *t)
{
	__u64 end = end_of_interval(t), now = now_ns();

	if (now >= end)
		return 0;
	return end - now < LOOK_EVERY_MS * 1000000ull ? (end - now) / 1000000 + 1 :
							LOOK_EVERY_MS;
}

bool interval_is_last(const struct interval *t)
{
	return t->options->iterations && t->iteration + 1 >= t->options->iterations;
}

void interval_look(struct interval *t, bool last)
{
	__u64 now = now_ns();

	if (last)
		session_detach(t->session);
	t->look(t->view, t->session, now);
	t->ts_ns = now;
	t->iteration++;
}

bool interval_next(struct interval *t)
{
	bool over = false, last;
	int ms;

	while (!over && (ms = interval_time_left(t))) {
		over = !session_wait(t->session, ms);
		session_drain(t->session);
	}
	last = over || interval_is_last(t) || (t->end_ns && now_ns() >= t->end_ns);
	interval_look(t, last);
	return !last;
}

void interval_end(struct interval *t)
{
	if (t->table)
		table_free(t->table);
	session_close(t->session);
}

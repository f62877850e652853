// SPDX-License-Identifier: GPL-2.0-only
#include "loop_pollers.h"

#include <stdlib.h>
#include <string.h>

#include "loop_maps.h"
#include "util.h"

static int by_id(const void *a, const void *b)
{
	__u64 x = ((const struct poller *)a)->id, y = ((const struct poller *)b)->id;

	return (x > y) - (x < y);
}

struct poller *pollers_find(const struct pollers *ps, __u64 id)
{
	return ps->nr ? bsearch(&(struct poller){ .id = id }, ps->of, ps->nr,
				sizeof(*ps->of), by_id) :
			NULL;
}

static void on_poller(void *ctx, const void *key, const void *value)
{
	struct pollers *ps = ctx;
	struct poller *p;

	ps->of = xgrow(ps->of, ps->nr, &ps->room, sizeof(*ps->of));
	p = &ps->of[ps->nr++];
	*p = (struct poller){ .row = -1 };
	memcpy(&p->id, key, sizeof(p->id));
	memcpy(&p->p, value, sizeof(p->p));
}

struct poller *pollers_home(const struct pollers *ps, const struct poller *p)
{
	struct poller *home = pollers_find(ps, p->p.home);

	return home ? home : pollers_find(ps, p->id);
}

static void count(struct poller *home, const struct poller *p, int sign)
{
	home->moved += sign * (p->p.moved + (p->p.shared ? 0 : p->p.read_elsewhere));
	home->closed += sign * p->p.closed;
}

void pollers_uncount(const struct pollers *ps, const struct poller *p)
{
	count(pollers_home(ps, p), p, -1);
}

void pollers_read(struct pollers *ps, struct session *s)
{
	int nr = 0;

	ps->nr = 0;
	each_poller(s, on_poller, ps);
	if (!ps->nr)
		return;
	qsort(ps->of, ps->nr, sizeof(*ps->of), by_id);
	for (int i = 0; i < ps->nr; i++)
		if (!nr || ps->of[nr - 1].id != ps->of[i].id)
			ps->of[nr++] = ps->of[i];
	ps->nr = nr;
	for (int i = 0; i < nr; i++) {
		const struct poller *p = &ps->of[i];
		struct poller *home = pollers_home(ps, p);

		home->has |= p->p.has;
		count(home, p, 1);
	}
}

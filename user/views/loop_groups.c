// SPDX-License-Identifier: GPL-2.0-only
#include "loop_groups.h"

#include <stdlib.h>

#include "util.h"

/* What a poller was tied to: it is still when the others are gone, or itself is. */
struct tied {
	__u64 id;
	__u64 component;
};

static struct poller *root_of(struct poller *p)
{
	while (p->component && p->component != p)
		p = p->component;
	return p;
}

/* Whoever accepts, and those who wait for what it accepted, belong together. */
static void tie(const struct pollers *ps)
{
	for (int i = 0; i < ps->nr; i++) {
		struct poller *p = &ps->of[i];
		struct poller *from = p->p.fed_by ? pollers_find(ps, p->p.fed_by) : NULL;

		if (!from || from == p)
			continue;
		p = root_of(pollers_home(ps, p));
		from = root_of(pollers_home(ps, from));
		from->component = from;
		p->component = from;
	}
}

static int by_tied_id(const void *a, const void *b)
{
	__u64 x = ((const struct tied *)a)->id, y = ((const struct tied *)b)->id;

	return (x > y) - (x < y);
}

/* Which loops a row is one of: of its role, tied by hand-over or by nothing. */
static __u64 component_of(const struct ties *ties, const struct loop_row *r)
{
	struct poller *p = pollers_find(ties->pollers, r->poller);
	struct tied *was;

	if (p && p->component)
		return root_of(p)->id;
	was = ties->nr ? bsearch(&(struct tied){ .id = r->poller }, ties->of, ties->nr,
				 sizeof(*ties->of), by_tied_id) :
			 NULL;
	return was ? was->component : 0;
}

/* Of the rows that are shown now; others have nothing left to show. */
static void keep_tied(struct ties *ties, const struct loop_table *t)
{
	struct tied *tied = xcalloc(t->nr + 1, sizeof(*tied));
	int nr = 0;

	for (int i = 0; i < t->nr; i++) {
		__u64 component = component_of(ties, &t->rows[i]);

		if (component)
			tied[nr++] = (struct tied){ t->rows[i].poller, component };
	}
	qsort(tied, nr, sizeof(*tied), by_tied_id);
	free(ties->of);
	ties->of = tied;
	ties->nr = nr;
}

/* If all that is known in a process is one, others of a server are of it, too. */
static __u64 only_component(const struct loop_table *t, const struct ties *ties, __u32 pid)
{
	__u64 only = 0;

	for (int i = 0; i < t->nr; i++) {
		__u64 c = t->rows[i].pid == pid ? component_of(ties, &t->rows[i]) : 0;

		if (only && c && c != only)
			return 0;
		only = c ? c : only;
	}
	return only;
}

static __u64 group_of(const struct loop_table *t, const struct ties *ties,
		      const struct loop_row *r)
{
	__u64 c = component_of(ties, r);

	if (c || r->role > ROLE_WORKER)
		return c;
	return only_component(t, ties, r->pid);
}

/* Who works beside a loop that accepts and works is of its group. */
static __u32 group_role_of(const struct loop_table *t, const struct ties *ties,
			   const struct loop_row *r)
{
	__u64 c = r->role == ROLE_WORKER ? component_of(ties, r) : 0;

	for (int i = 0; c && i < t->nr; i++)
		if (t->rows[i].role == ROLE_BOTH && t->rows[i].pid == r->pid &&
		    component_of(ties, &t->rows[i]) == c)
			return ROLE_BOTH;
	return r->role;
}

struct order {
	__u64 component;
	struct loop_row row;
};

static int by_group(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->row.pid != y->row.pid)
		return x->row.pid < y->row.pid ? -1 : 1;
	if (x->component != y->component)
		return x->component < y->component ? -1 : 1;
	if (x->row.group_role != y->row.group_role)
		return x->row.group_role < y->row.group_role ? -1 : 1;
	if (x->row.tid != y->row.tid)
		return x->row.tid < y->row.tid ? -1 : 1;
	return (x->row.poller > y->row.poller) - (x->row.poller < y->row.poller);
}

/* Rows in the order of processes and groups, which get their numbers. */
static void number_groups(struct loop_table *t, const struct ties *ties)
{
	struct order *order = xcalloc(t->nr + 1, sizeof(*order));
	__u32 group = 0;

	for (int i = 0; i < t->nr; i++) {
		t->rows[i].group_role = group_role_of(t, ties, &t->rows[i]);
		order[i] = (struct order){ group_of(t, ties, &t->rows[i]), t->rows[i] };
	}
	qsort(order, t->nr, sizeof(*order), by_group);
	for (int i = 0; i < t->nr; i++) {
		const struct order *o = &order[i], *last = i ? o - 1 : NULL;

		if (!last || last->row.pid != o->row.pid)
			group = 1;
		else if (last->component != o->component ||
			 last->row.group_role != o->row.group_role)
			group++;
		t->rows[i] = o->row;
		t->rows[i].group = group;
	}
	free(order);
}

/* n of something is the most that one of nr has, who have sum: of the mean. */
static __u32 imbalance(__u64 most, __u64 sum, __u32 nr)
{
	return sum ? 100 * most * nr / sum : 0;
}

static void fill_group(struct loop_table *t, struct group_row *g, int from)
{
	__u64 reads = 0, channels = 0, busy = 0, busiest = 0;

	for (int i = from;
	     i < t->nr && t->rows[i].pid == g->pid && t->rows[i].group == g->group; i++) {
		const struct loop_row *r = &t->rows[i];

		g->loops++;
		g->reads += r->reads;
		g->channels += r->channels;
		busy += r->busy_ns;
		reads = r->reads > reads ? r->reads : reads;
		channels = r->channels > channels ? r->channels : channels;
		busiest = r->busy_ns > busiest ? r->busy_ns : busiest;
	}
	if (g->loops < 2)
		return;
	g->reads_imbalance = imbalance(reads, g->reads, g->loops);
	g->channels_imbalance = imbalance(channels, g->channels, g->loops);
	g->busy_imbalance = imbalance(busiest, busy, g->loops);
}

static void make_groups(struct loop_table *t)
{
	t->nr_groups = 0;
	t->groups = xrealloc(t->groups, t->nr + 1, sizeof(*t->groups));
	for (int i = 0; i < t->nr; i++) {
		const struct loop_row *r = &t->rows[i], *last = i ? r - 1 : NULL;
		struct group_row *g = &t->groups[t->nr_groups];

		if (last && last->pid == r->pid && last->group == r->group)
			continue;
		*g = (struct group_row){
			.ts_ns = t->ts_ns,
			.interval_ns = t->interval_ns,
			.pid = r->pid,
			.group = r->group,
			.role = r->group_role,
		};
		fill_group(t, g, i);
		t->nr_groups++;
	}
}

void loop_groups_make(struct loop_table *t, struct ties *ties)
{
	tie(ties->pollers);
	keep_tied(ties, t);
	number_groups(t, ties);
	make_groups(t);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "loop_table.h"

#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop_maps.h"
#include "tasks.h"
#include "util.h"

const char *const role_names[NR_ROLES] = {
	"acceptor", "worker", "both", "client", "idle",
};

const char *const poller_names[IOP_NR_POLLERS] = { "epoll", "poll", "select", "io_uring" };

/* A loop as the kernel has it. key comes first: the tree compares keys. */
struct kept {
	struct iop_loop_key key;
	struct loop_row row; /* the interval's */
	struct iop_loop before;
	__u64 busy_before_ns; /* of all that was shown */
	__u64 seen_ns;	      /* the look that saw it last */
	bool gone;	      /* its thread or poller, by then */
	struct spread turn;
	struct spread lag;
	struct spread accept_lag;
};

struct poller {
	__u64 id;
	struct iop_poller p;
	__u32 channels; /* of a home: of all that are part of it */
	__u32 has;
	__u32 moved;
	__u32 closed;
	struct poller *component; /* hand-over ties it to this; NULL: to none */
	int row;		  /* of its loop; -1: none */
};

/* What a poller was tied to: it is still when the others are gone, or itself is. */
struct tied {
	__u64 id;
	__u64 component;
};

struct loop_state {
	void *tree; /* key → struct kept */
	struct kept **kept;
	int nr;
	int room;
	struct poller *pollers; /* by id */
	int nr_pollers;
	int room_pollers;
	struct tied *tied; /* by id */
	int nr_tied;
	int room_channels;
};

struct loop_table *loop_table_new(__u64 now, bool with_channels)
{
	struct loop_table *t = xcalloc(1, sizeof(*t));

	t->state = xcalloc(1, sizeof(*t->state));
	t->with_channels = with_channels;
	t->ts_ns = now;
	return t;
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct iop_loop_key));
}

static void forget(struct loop_state *st, struct kept *k)
{
	tdelete(k, &st->tree, by_key);
	free(k);
}

void loop_table_free(struct loop_table *t)
{
	struct loop_state *st = t->state;

	while (st->nr)
		forget(st, st->kept[--st->nr]);
	free(st->kept);
	free(st->pollers);
	free(st->tied);
	free(st);
	free(t->rows);
	free(t->groups);
	free(t->channels);
	free(t);
}

/* --- pollers -------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	__u64 x = ((const struct poller *)a)->id, y = ((const struct poller *)b)->id;

	return (x > y) - (x < y);
}

static struct poller *poller_of(const struct loop_state *st, __u64 id)
{
	return st->nr_pollers ? bsearch(&(struct poller){ .id = id }, st->pollers,
					st->nr_pollers, sizeof(*st->pollers), by_id) :
				NULL;
}

static void on_poller(void *ctx, const void *key, const void *value)
{
	struct loop_state *st = ctx;
	struct poller *p;

	if (st->nr_pollers == st->room_pollers) {
		st->room_pollers = st->room_pollers ? 2 * st->room_pollers : 64;
		st->pollers = xrealloc(st->pollers, st->room_pollers,
				       sizeof(*st->pollers));
	}
	p = &st->pollers[st->nr_pollers++];
	*p = (struct poller){ .row = -1 };
	memcpy(&p->id, key, sizeof(p->id));
	memcpy(&p->p, value, sizeof(p->p));
}

static struct poller *home_of(const struct loop_state *st, const struct poller *p)
{
	struct poller *home = poller_of(st, p->p.home);

	return home ? home : poller_of(st, p->id);
}

static void read_pollers(struct loop_state *st, struct session *s)
{
	int nr = 0;

	st->nr_pollers = 0;
	each_poller(s, on_poller, st);
	if (!st->nr_pollers)
		return;
	qsort(st->pollers, st->nr_pollers, sizeof(*st->pollers), by_id);
	for (int i = 0; i < st->nr_pollers; i++)
		if (!nr || st->pollers[nr - 1].id != st->pollers[i].id)
			st->pollers[nr++] = st->pollers[i];
	st->nr_pollers = nr;
	for (int i = 0; i < nr; i++) {
		const struct poller *p = &st->pollers[i];
		struct poller *home = home_of(st, p);

		home->has |= p->p.has;
		home->moved += p->p.moved + (p->p.shared ? 0 : p->p.read_elsewhere);
		home->closed += p->p.closed;
	}
}

/* --- loops ---------------------------------------------------------------------- */

static struct kept *kept_of(struct loop_state *st, const struct iop_loop_key *key)
{
	bool is_new;
	struct kept *k = xentry(&st->tree, key, sizeof(*key), by_key, sizeof(*k),
				&is_new);

	if (is_new) {
		st->kept = xgrow(st->kept, st->nr, &st->room, sizeof(*st->kept));
		st->kept[st->nr++] = k;
	}
	return k;
}

static struct loop_times times_of(const struct spread *s)
{
	return (struct loop_times){
		.nr = s->nr,
		.p50_ns = spread_percentile(s, 500),
		.p99_ns = spread_percentile(s, 990),
		.max_ns = s->max_ns,
	};
}

/*
 * Busy is what turns took of the interval, the one in progress included; and should
 * that be the longest so far, it is. A turn that ends while the tables are read has
 * taken time beyond the interval: that is the next one's.
 */
static void fill_busy(struct kept *k, const struct iop_loop *l, __u64 now)
{
	__u64 busy = l->busy_ns, age = 0;
	struct loop_row *r = &k->row;

	if (l->turn_ns && l->turn_ns < now)
		age = now - l->turn_ns;
	busy += age;
	r->in_turn = !!age;
	r->busy_ns = busy > k->busy_before_ns ? busy - k->busy_before_ns : 0;
	if (r->busy_ns > r->interval_ns)
		r->busy_ns = r->interval_ns;
	k->busy_before_ns += r->busy_ns;
	if (age > k->turn.max_ns)
		k->turn.max_ns = age;
}

static void on_loop(void *ctx, const void *key, const void *value)
{
	struct loop_table *t = ctx;
	struct kept *k = kept_of(t->state, key);
	const struct iop_loop *l = value, *b = &k->before;
	struct loop_row *r = &k->row;

	if (k->seen_ns == t->ts_ns)
		return;
	if (!k->seen_ns) {
		memcpy(r->comm, l->comm, IOP_COMM_LEN - 1);
		r->poller = k->key.poller;
		r->kind = l->kind < IOP_NR_POLLERS ? l->kind : 0;
	}
	k->seen_ns = t->ts_ns;
	r->ts_ns = t->ts_ns;
	r->interval_ns = t->interval_ns;
	r->pid = l->pid;
	r->tid = l->tid;
	r->threads = l->waited;
	task_comm(r->pid, r->tid, r->comm);
	r->turns = l->turns - b->turns;
	r->events = l->events - b->events;
	r->reads = l->reads - b->reads;
	r->bytes = l->bytes - b->bytes;
	r->accepts = l->accepts - b->accepts;
	r->wakes_io = l->wakes_io - b->wakes_io;
	r->wakes_other = l->wakes_other - b->wakes_other;
	r->wakes_timeout = l->wakes_timeout - b->wakes_timeout;
	spread_between(&k->turn, &b->turn, &l->turn);
	spread_between(&k->lag, &b->lag, &l->lag);
	spread_between(&k->accept_lag, &b->accept_lag, &l->accept_lag);
	fill_busy(k, l, t->ts_ns);
	k->before = *l;
}

static bool is_gone(const struct loop_state *st, const struct kept *k)
{
	return !poller_of(st, k->key.poller) ||
	       (k->row.tid && kill(k->row.tid, 0) && errno == ESRCH);
}

/* Only what was gone before a look can have nothing left after it. */
static void drop_gone(struct loop_table *t, struct session *s)
{
	struct loop_state *st = t->state;
	int nr = 0;

	for (int i = 0; i < st->nr; i++) {
		struct kept *k = st->kept[i];

		if (k->gone || k->seen_ns != t->ts_ns) {
			drop_loop(s, &k->key);
			forget(st, k);
			continue;
		}
		k->gone = is_gone(st, k);
		st->kept[nr++] = k;
	}
	st->nr = nr;
}

static enum loop_role role_of(__u32 has)
{
	if (has & IOP_HAS_LISTENER)
		return has & IOP_HAS_ACCEPTED ? ROLE_BOTH : ROLE_ACCEPTOR;
	if (has & IOP_HAS_ACCEPTED)
		return ROLE_WORKER;
	return has & IOP_HAS_CONNECTED ? ROLE_CLIENT : ROLE_IDLE;
}

/* --- rows ------------------------------------------------------------------------ */

static struct loop_row *add_row(struct loop_table *t)
{
	t->rows = xrealloc(t->rows, t->nr + 1, sizeof(*t->rows));
	t->rows[t->nr] = (struct loop_row){ .ts_ns = t->ts_ns,
					    .interval_ns = t->interval_ns };
	return &t->rows[t->nr++];
}

static int by_poller(const void *a, const void *b)
{
	const struct kept *x = *(struct kept *const *)a, *y = *(struct kept *const *)b;

	if (x->key.poller != y->key.poller)
		return x->key.poller < y->key.poller ? -1 : 1;
	if (x->row.threads != y->row.threads) /* those that wait come first */
		return x->row.threads < y->row.threads ? 1 : -1;
	return (x->key.tid > y->key.tid) - (x->key.tid < y->key.tid);
}

/* Another thread of a poller that they share. Whose turns they are is nobody's. */
static void merge(struct kept *to, const struct kept *k)
{
	struct loop_row *r = &to->row;

	r->threads += k->row.threads;
	if (r->threads > 1)
		r->tid = 0;
	r->events += k->row.events;
	r->reads += k->row.reads;
	r->bytes += k->row.bytes;
	r->accepts += k->row.accepts;
	r->wakes_io += k->row.wakes_io;
	r->wakes_other += k->row.wakes_other;
	r->wakes_timeout += k->row.wakes_timeout;
	spread_add(&to->lag, &k->lag);
	spread_add(&to->accept_lag, &k->accept_lag);
}

static void fill_from_poller(struct loop_row *r, const struct poller *p)
{
	r->channels = p->channels;
	r->moved = p->moved;
	r->closed = p->closed;
	r->role = role_of(p->has);
}

/* A loop whose poller is gone remains what it was. */
static void add_loop(struct loop_table *t, struct kept *k, const struct poller *p)
{
	struct loop_row *r = add_row(t);

	if (p)
		fill_from_poller(&k->row, p);
	else
		k->row.channels = 0;
	*r = k->row;
	r->turn = times_of(&k->turn);
	r->lag = times_of(&k->lag);
	r->accept_lag = times_of(&k->accept_lag);
}

/* Threads that are gone no longer share; if their poller is, they did until then. */
static void add_loops(struct loop_table *t)
{
	struct loop_state *st = t->state;

	if (st->nr)
		qsort(st->kept, st->nr, sizeof(*st->kept), by_poller);
	for (int i = 0, next; i < st->nr; i = next) {
		struct poller *p = poller_of(st, st->kept[i]->key.poller);

		for (next = i + 1; next < st->nr && st->kept[next]->key.poller ==
							    st->kept[i]->key.poller;
		     next++)
			if (!p || !st->kept[next]->gone)
				merge(st->kept[i], st->kept[next]);
		if (p)
			p->row = t->nr;
		add_loop(t, st->kept[i], p);
	}
}

/* One that has channels, and nobody has come back from waiting for it so far. */
static void add_silent(struct loop_table *t)
{
	struct loop_state *st = t->state;

	for (int i = 0; i < st->nr_pollers; i++) {
		struct poller *p = &st->pollers[i];
		struct loop_row *r;

		if (p->row >= 0 || home_of(st, p) != p || !p->p.pid)
			continue;
		p->row = t->nr;
		r = add_row(t);
		r->poller = p->id;
		r->pid = p->p.pid;
		task_comm(r->pid, 0, r->comm);
		fill_from_poller(r, p);
	}
}

/* --- channels --------------------------------------------------------------------- */

static void add_channel(struct loop_table *t, __u64 sk, const struct poller *home,
			const struct iop_channel *c)
{
	struct loop_state *st = t->state;

	if (t->nr_channels == st->room_channels) {
		st->room_channels = st->room_channels ? 2 * st->room_channels : 64;
		t->channels = xrealloc(t->channels, st->room_channels,
				       sizeof(*t->channels));
	}
	t->channels[t->nr_channels++] = (struct channel_row){
		.ts_ns = t->ts_ns,
		.poller = home->id,
		.sk = sk,
		.c = *c,
		.moved = c->moved & IOP_MOVED_TO_LOOP || (c->moved && !home->p.shared),
	};
}

static void on_channel(void *ctx, const void *key, const void *value)
{
	const struct iop_channel *c = value;
	struct loop_table *t = ctx;
	struct poller *p, *home;
	__u64 sk;

	memcpy(&sk, key, sizeof(sk));
	p = c->poller && c->connected ? poller_of(t->state, c->poller) : NULL;
	if (!p)
		return;
	home = home_of(t->state, p);
	home->channels++;
	if (t->with_channels)
		add_channel(t, sk, home, c);
}

static void fill_channels(struct loop_table *t, struct session *s)
{
	for (int i = 0; i < t->nr_channels; i++) {
		struct channel_row *c = &t->channels[i];
		const struct poller *p = poller_of(t->state, c->poller);
		static const struct iop_times none;
		struct iop_times lags;
		struct spread spread;

		if (p && p->row >= 0) {
			c->pid = t->rows[p->row].pid;
			c->tid = t->rows[p->row].tid;
		}
		if (!channel_lags(s, c->sk, &lags))
			continue;
		spread_between(&spread, &none, &lags);
		c->lags = spread.nr;
		c->lag_p99_ns = spread_percentile(&spread, 990);
	}
}

static int by_process(const void *a, const void *b)
{
	const struct channel_row *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return (x->c.fd > y->c.fd) - (x->c.fd < y->c.fd);
}

/* --- groups ------------------------------------------------------------------------ */

static struct poller *root_of(struct poller *p)
{
	while (p->component && p->component != p)
		p = p->component;
	return p;
}

/* Whoever accepts, and those who wait for what it accepted, belong together. */
static void tie(struct loop_state *st)
{
	for (int i = 0; i < st->nr_pollers; i++) {
		struct poller *p = &st->pollers[i];
		struct poller *from = p->p.fed_by ? poller_of(st, p->p.fed_by) : NULL;

		if (!from || from == p)
			continue;
		p = root_of(home_of(st, p));
		from = root_of(home_of(st, from));
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
static __u64 component_of(const struct loop_state *st, const struct loop_row *r)
{
	struct poller *p = poller_of(st, r->poller);
	struct tied *was;

	if (p && p->component)
		return root_of(p)->id;
	was = st->nr_tied ? bsearch(&(struct tied){ .id = r->poller }, st->tied,
				    st->nr_tied, sizeof(*st->tied), by_tied_id) :
			    NULL;
	return was ? was->component : 0;
}

/* Of the rows that are shown now; others have nothing left to show. */
static void keep_tied(struct loop_table *t)
{
	struct loop_state *st = t->state;
	struct tied *tied = xcalloc(t->nr + 1, sizeof(*tied));
	int nr = 0;

	for (int i = 0; i < t->nr; i++) {
		__u64 component = component_of(st, &t->rows[i]);

		if (component)
			tied[nr++] = (struct tied){ t->rows[i].poller, component };
	}
	qsort(tied, nr, sizeof(*tied), by_tied_id);
	free(st->tied);
	st->tied = tied;
	st->nr_tied = nr;
}

/* If all that is known in a process is one, others of a server are of it, too. */
static __u64 only_component(const struct loop_table *t, __u32 pid)
{
	__u64 only = 0;

	for (int i = 0; i < t->nr; i++) {
		__u64 c = t->rows[i].pid == pid ? component_of(t->state, &t->rows[i]) : 0;

		if (only && c && c != only)
			return 0;
		only = c ? c : only;
	}
	return only;
}

static __u64 group_of(const struct loop_table *t, const struct loop_row *r)
{
	__u64 c = component_of(t->state, r);

	if (c || r->role > ROLE_WORKER)
		return c;
	return only_component(t, r->pid);
}

/* Who works beside a loop that accepts and works is of its group. */
static __u32 group_role_of(const struct loop_table *t, const struct loop_row *r)
{
	__u64 c = r->role == ROLE_WORKER ? component_of(t->state, r) : 0;

	for (int i = 0; c && i < t->nr; i++)
		if (t->rows[i].role == ROLE_BOTH && t->rows[i].pid == r->pid &&
		    component_of(t->state, &t->rows[i]) == c)
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
static void number_groups(struct loop_table *t)
{
	struct order *order = xcalloc(t->nr + 1, sizeof(*order));
	__u32 group = 0;

	for (int i = 0; i < t->nr; i++) {
		t->rows[i].group_role = group_role_of(t, &t->rows[i]);
		order[i] = (struct order){ group_of(t, &t->rows[i]), t->rows[i] };
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

void loop_table_refresh(void *table, struct session *s, __u64 now)
{
	struct loop_table *t = table;

	t->interval_ns = now - t->ts_ns;
	t->ts_ns = now;
	t->nr = 0;
	t->nr_channels = 0;
	read_pollers(t->state, s);
	each_loop(s, on_loop, t);
	drop_gone(t, s);
	each_channel(s, on_channel, t);
	add_loops(t);
	add_silent(t);
	fill_channels(t, s);
	if (t->nr_channels)
		qsort(t->channels, t->nr_channels, sizeof(*t->channels), by_process);
	tie(t->state);
	keep_tied(t);
	number_groups(t);
	make_groups(t);
}

/* --- a process in words --------------------------------------------------------------- */

static const char *loops_text(const struct group_row *g, __u32 threads, char buf[64])
{
	static const char *const words[NR_ROLES] = {
		"acceptor", "worker", "loop", "client loop", "idle loop",
	};

	if (threads > 1)
		snprintf(buf, 64, "%u %s shared by %u threads", g->loops,
			 g->loops > 1 ? "pollers" : "poller", threads);
	else
		snprintf(buf, 64, "%u %s%s", g->loops, words[g->role],
			 g->loops > 1 ? "s" : "");
	return buf;
}

const char *group_text(const struct group_row *g, char *buf, size_t size)
{
	snprintf(buf, size,
		 "  group %u, the most of the mean: reads %.2f, channels %.2f, "
		 "busy %.2f",
		 g->group, g->reads_imbalance / 100.0, g->channels_imbalance / 100.0,
		 g->busy_imbalance / 100.0);
	return buf;
}

static const char *role_of_process(__u32 roles)
{
	if (roles & (1 << ROLE_ACCEPTOR | 1 << ROLE_WORKER | 1 << ROLE_BOTH))
		return "server";
	return roles & 1 << ROLE_CLIENT ? "client" : "idle";
}

static __u32 threads_of(const struct loop_table *t, const struct group_row *g)
{
	__u32 threads = 0;

	for (int i = 0; i < t->nr; i++)
		if (t->rows[i].pid == g->pid && t->rows[i].group == g->group &&
		    t->rows[i].threads > threads)
			threads = t->rows[i].threads;
	return threads;
}

const char *process_text(const struct loop_table *t, __u32 pid, char *buf, size_t size)
{
	char comm[IOP_COMM_LEN] = "", loops[256] = "", one[64], moved[32] = "none";
	__u32 roles = 0, channels = 0, nr_moved = 0;
	const struct group_row *last = NULL;
	int groups = 0;
	size_t len;

	for (int i = 0; i < t->nr; i++) {
		if (t->rows[i].pid != pid)
			continue;
		channels += t->rows[i].channels;
		nr_moved += t->rows[i].moved;
		if (!comm[0])
			memcpy(comm, t->rows[i].comm, IOP_COMM_LEN);
	}
	for (int i = 0; i < t->nr_groups; i++) {
		const struct group_row *g = &t->groups[i];
		const char *joint = ", ";

		if (g->pid != pid)
			continue;
		if (!last)
			joint = "";
		else if (last->role == ROLE_ACCEPTOR && g->role == ROLE_WORKER)
			joint = " -> ";
		len = strlen(loops);
		snprintf(loops + len, sizeof(loops) - len, "%s%s", joint,
			 loops_text(g, threads_of(t, g), one));
		roles |= 1 << g->role;
		groups++;
		last = g;
	}
	task_comm(pid, 0, comm);
	if (nr_moved)
		snprintf(moved, sizeof(moved), "%u", nr_moved);
	snprintf(buf, size, "%s (%u): %s, %d group%s: %s, %u channel%s, %s moved", comm,
		 pid, role_of_process(roles), groups, groups == 1 ? "" : "s", loops,
		 channels, channels == 1 ? "" : "s", moved);
	return buf;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "loop_table.h"

#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop_groups.h"
#include "loop_maps.h"
#include "loop_pollers.h"
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
	bool gone;	      /* its thread or poller, by the look before */
	bool shared;	      /* its poller, with other threads */
	bool merged;	      /* into another one's row */
	struct spread turn;
	struct spread lag;
	struct spread accept_lag;
};

struct loop_state {
	void *tree; /* key → struct kept */
	struct kept **kept;
	int nr;
	int room;
	struct pollers pollers;
	struct ties ties;
	int room_channels;
};

struct loop_table *loop_table_new(__u64 now, bool with_channels)
{
	struct loop_table *t = xcalloc(1, sizeof(*t));

	t->state = xcalloc(1, sizeof(*t->state));
	t->state->ties.pollers = &t->state->pollers;
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
	free(st->pollers.of);
	free(st->ties.of);
	free(st);
	free(t->rows);
	free(t->groups);
	free(t->channels);
	free(t);
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
		r->role = ROLE_IDLE;
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

/*
 * A poller that ended between the look at the pollers and that at the loops has left to
 * its loop what it had counted. What each has by now is looked up, so that it counts once.
 */
static void settle_ended(struct loop_state *st, struct session *s)
{
	for (int i = 0; i < st->pollers.nr; i++) {
		const struct poller *p = &st->pollers.of[i];
		struct iop_loop_key key = { .poller = p->p.home, .tid = p->p.tid };
		struct iop_loop now;
		struct kept **k;

		if (!(p->p.moved | p->p.read_elsewhere | p->p.closed) ||
		    poller_is_there(s, p->id))
			continue;
		pollers_uncount(&st->pollers, p);
		k = tfind(&key, &st->tree, by_key);
		if (!k || !loop_now(s, &key, &now))
			continue;
		(*k)->before.has = now.has;
		(*k)->before.moved = now.moved;
		(*k)->before.closed = now.closed;
	}
}

/*
 * Its poller; NULL: it is gone, and who waits on one that has got its address since is
 * somebody else.
 */
static struct poller *poller_of_loop(const struct loop_state *st, const struct kept *k)
{
	struct poller *p = pollers_find(&st->pollers, k->key.poller);

	if (!p || p->p.shared || !p->p.tid || p->p.tid == k->key.tid)
		return p;
	return k->row.threads ? NULL : p; /* it has only read what p's thread waits for */
}

static bool is_gone(const struct loop_state *st, const struct kept *k)
{
	return !poller_of_loop(st, k) ||
	       (k->before.tid && kill(k->before.tid, 0) && errno == ESRCH);
}

static bool did_something(const struct loop_row *r)
{
	return r->turns || r->events || r->reads || r->accepts || r->wakes_io ||
	       r->wakes_other || r->wakes_timeout;
}

/*
 * Only what was gone before a look can have nothing left after it, unless it is a ring
 * whose requests go on without its thread.
 */
static void drop_gone(struct loop_table *t, struct session *s)
{
	struct loop_state *st = t->state;
	int nr = 0;

	for (int i = 0; i < st->nr; i++) {
		struct kept *k = st->kept[i];

		if ((k->gone && !did_something(&k->row)) || k->seen_ns != t->ts_ns) {
			drop_loop(s, &k->key);
			forget(st, k);
			continue;
		}
		st->kept[nr++] = k;
	}
	st->nr = nr;
}

/* For the next look: what they did until now has its place in this one. */
static void mark_gone(struct loop_state *st)
{
	for (int i = 0; i < st->nr; i++)
		st->kept[i]->gone = is_gone(st, st->kept[i]);
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
					    .interval_ns = t->interval_ns,
					    .role = ROLE_IDLE };
	return &t->rows[t->nr++];
}

static int by_poller(const void *a, const void *b)
{
	const struct kept *x = *(struct kept *const *)a, *y = *(struct kept *const *)b;

	if (x->key.poller != y->key.poller)
		return x->key.poller < y->key.poller ? -1 : 1;
	if (x->row.threads != y->row.threads) /* those that wait come first */
		return x->row.threads < y->row.threads ? 1 : -1;
	if (x->gone != y->gone)
		return x->gone - y->gone;
	return (x->key.tid > y->key.tid) - (x->key.tid < y->key.tid);
}

/* Another thread of a poller that they share. Whose turns they are is nobody's. */
static void merge(struct kept *to, const struct kept *k, bool is_thread)
{
	struct loop_row *r = &to->row;

	if (is_thread)
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
	to->before.has |= k->before.has;
	to->before.moved += k->before.moved;
	to->before.closed += k->before.closed;
	spread_add(&to->lag, &k->lag);
	spread_add(&to->accept_lag, &k->accept_lag);
}

/* p: NULL if it is gone. A loop remains what it was by those that are. */
static void fill_from_pollers(struct loop_row *r, const struct iop_loop *gone,
			      const struct poller *p)
{
	__u32 has = gone->has | (p ? p->has : 0);

	r->channels = p ? p->channels : 0;
	r->moved = gone->moved + (p ? p->moved : 0);
	r->closed = gone->closed + (p ? p->closed : 0);
	if (has)
		r->role = role_of(has);
}

static void add_loop(struct loop_table *t, struct kept *k, const struct poller *p)
{
	struct loop_row *r = add_row(t);

	fill_from_pollers(&k->row, &k->before, p);
	*r = k->row;
	r->turn = times_of(&k->turn);
	r->lag = times_of(&k->lag);
	r->accept_lag = times_of(&k->accept_lag);
}

/*
 * Threads that share a poller have one row, k's. Those that were gone before no longer
 * do; if the poller is gone, they did until then.
 */
static void join(struct kept *k, struct kept *other, const struct poller *p)
{
	if (!k->shared && (!p || other->row.threads))
		return;
	other->merged = true;
	other->shared = k->shared;
	merge(k, other, !p || !other->gone);
}

static void add_loops(struct loop_table *t)
{
	struct loop_state *st = t->state;

	if (st->nr)
		qsort(st->kept, st->nr, sizeof(*st->kept), by_poller);
	for (int i = 0; i < st->nr; i++)
		st->kept[i]->merged = false;
	for (int i = 0; i < st->nr; i++) {
		struct kept *k = st->kept[i];
		struct poller *p = poller_of_loop(st, k);

		if (k->merged)
			continue;
		if (p)
			k->shared = p->p.shared || !p->p.tid;
		for (int j = i + 1;
		     j < st->nr && st->kept[j]->key.poller == k->key.poller; j++)
			join(k, st->kept[j], p);
		if (p)
			p->row = t->nr;
		add_loop(t, k, p);
	}
}

/* One that has channels, and nobody has come back from waiting for it so far. */
static void add_silent(struct loop_table *t)
{
	static const struct iop_loop none;
	struct loop_state *st = t->state;

	for (int i = 0; i < st->pollers.nr; i++) {
		struct poller *p = &st->pollers.of[i];
		struct loop_row *r;

		if (p->row >= 0 || pollers_home(&st->pollers, p) != p || !p->p.pid)
			continue;
		p->row = t->nr;
		r = add_row(t);
		r->poller = p->id;
		r->pid = p->p.pid;
		task_comm(r->pid, 0, r->comm);
		fill_from_pollers(r, &none, p);
	}
}

/* --- channels --------------------------------------------------------------------- */

static void add_channel(struct loop_table *t, __u64 sk, const struct poller *home,
			const struct iop_channel *c)
{
	t->channels = xgrow(t->channels, t->nr_channels, &t->state->room_channels,
			    sizeof(*t->channels));
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
	p = c->poller && c->connected ? pollers_find(&t->state->pollers, c->poller) :
					NULL;
	if (!p)
		return;
	home = pollers_home(&t->state->pollers, p);
	home->channels++;
	if (t->with_channels)
		add_channel(t, sk, home, c);
}

static void fill_channels(struct loop_table *t, struct session *s)
{
	for (int i = 0; i < t->nr_channels; i++) {
		struct channel_row *c = &t->channels[i];
		const struct poller *p = pollers_find(&t->state->pollers, c->poller);
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

void loop_table_refresh(void *table, struct session *s, __u64 now)
{
	struct loop_table *t = table;

	t->interval_ns = now - t->ts_ns;
	t->ts_ns = now;
	t->nr = 0;
	t->nr_channels = 0;
	pollers_read(&t->state->pollers, s);
	each_loop(s, on_loop, t);
	settle_ended(t->state, s);
	drop_gone(t, s);
	each_channel(s, on_channel, t);
	add_loops(t);
	add_silent(t);
	mark_gone(t->state);
	fill_channels(t, s);
	if (t->nr_channels)
		qsort(t->channels, t->nr_channels, sizeof(*t->channels), by_process);
	loop_groups_make(t, &t->state->ties);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "top_table.h"

#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tasks.h"
#include "util.h"

/* row.key comes first: the tree compares keys. */
struct kept {
	struct row row;
	__u64 seen_ns;		  /* the look that saw it last */
	bool gone;		  /* its task or socket, by then */
	int idle;		  /* looks at which nothing had happened */
	char named[IOP_COMM_LEN]; /* by the kernel */
	struct iop_hist before;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct iop_hist_key));
}

struct table *table_new(__u64 now, __u32 sample)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->sample = sample;
	t->start_ns = t->ts_ns = now;
	return t;
}

static void forget(struct table *t, struct kept *e)
{
	tdelete(e, &t->tree, by_key);
	free(e->row.run);
	free(e);
}

void table_free(struct table *t)
{
	while (t->nr)
		forget(t, (struct kept *)t->rows[--t->nr]);
	free(t->rows);
	free(t);
}

static struct kept *kept_of(struct table *t, const struct iop_hist_key *key)
{
	bool is_new;
	struct kept *e = xentry(&t->tree, key, sizeof(*key), by_key, sizeof(*e), &is_new);

	if (is_new) {
		t->rows = xgrow(t->rows, t->nr, &t->room, sizeof(*t->rows));
		t->rows[t->nr++] = &e->row;
	}
	return e;
}

void row_fill(struct row *r, const struct dist *d)
{
	r->sums = d->sums;
	for (int i = 0; i < IOP_NR_PHASES; i++)
		r->phases[i] = (struct phase_stats){
			.p50_ns = dist_percentile(d, i, 500),
			.p99_ns = dist_percentile(d, i, 990),
			.sum_ns = d->sum_ns[i],
			.max_ns = d->max_ns[i],
		};
}

static void set_idle(struct table *t, struct row *r)
{
	r->ts_ns = t->ts_ns;
	r->interval_ns = t->interval_ns;
	r->sample = t->sample;
	memset(&r->sums, 0, sizeof(r->sums));
	memset(r->phases, 0, sizeof(r->phases));
}

/*
 * The kernel names a row and follows renames, but it does not know a process's name
 * on every kernel, and a socket's rows it cannot find: so whoever is there is asked
 * when a row is new, or a socket's. The dead keep the name that they had.
 */
static void name_row(struct kept *e, const struct iop_hist *hist)
{
	struct row *r = &e->row;
	bool renamed = memcmp(e->named, hist->comm, IOP_COMM_LEN);

	if (renamed)
		memcpy(r->comm, hist->comm, IOP_COMM_LEN - 1);
	memcpy(e->named, hist->comm, IOP_COMM_LEN);
	if (r->pid && (!e->before.sums.reads || r->key.sock))
		task_comm(r->pid, r->tid, r->comm);
}

/* A walk of a changing hash may meet a key twice. */
static void on_hist(void *ctx, const struct iop_hist_key *key, const struct iop_hist *hist)
{
	struct table *t = ctx;
	struct kept *e;

	if (key->model >= IOP_NR_MODELS)
		return;
	e = kept_of(t, key);
	if (e->seen_ns == t->ts_ns)
		return;
	e->seen_ns = t->ts_ns;
	set_idle(t, &e->row);
	if (hist->sums.reads == e->before.sums.reads &&
	    hist->sums.polls == e->before.sums.polls)
		return;
	e->row.pid = hist->pid;
	e->row.tid = key->tid ? hist->tid : 0;
	e->row.fd = hist->fd;
	e->row.has_read = hist->sums.reads;
	e->row.ends = hist->ends;
	name_row(e, hist);
	dist_between(&t->scratch, &e->before, hist);
	if (t->sample > 1)
		dist_scale(&t->scratch, t->sample);
	e->before = *hist;
	row_fill(&e->row, &t->scratch);
	sums_add(&t->sum.sums, &e->row.sums);
	t->nr_reads += e->row.sums.reads;
	dist_add(&t->models[key->model], &t->scratch);
	if (t->on_gain)
		t->on_gain(t->ctx, &e->row, &t->scratch);
	if (!t->by_row)
		return;
	if (!e->row.run)
		e->row.run = xcalloc(1, sizeof(*e->row.run));
	dist_add(e->row.run, &t->scratch);
}

/* Services do not end; a row that was dropped could take reads along. */
static bool is_service(const struct kept *e)
{
	return !e->row.key.pid;
}

static bool task_is_gone(const struct kept *e)
{
	__u32 id = e->row.key.tid ? e->row.tid : e->row.pid;

	return id ? kill(id, 0) && errno == ESRCH : e->idle > LONG_IDLE;
}

static bool is_gone(struct session *s, const struct kept *e)
{
	const struct iop_hist_key *key = &e->row.key;

	if (is_service(e))
		return false;
	return task_is_gone(e) || (key->sock && session_sock_gone(s, key));
}

/* Only what was gone before a look can have no reads left after it. */
static void drop_gone(struct table *t, struct session *s)
{
	int kept = 0;

	for (int i = 0; i < t->nr; i++) {
		struct kept *e = (struct kept *)t->rows[i];
		bool before = e->gone;

		if (e->seen_ns != t->ts_ns)
			set_idle(t, &e->row);
		e->idle = row_is_busy(&e->row) ? 0 : e->idle + 1;
		e->gone = is_gone(s, e);
		if (!row_is_busy(&e->row) && before && e->gone) {
			session_drop_hist(s, &e->row.key);
			forget(t, e);
			continue;
		}
		t->rows[kept++] = &e->row;
	}
	t->nr = kept;
}

int table_refresh(struct table *t, struct session *s, __u64 now)
{
	int err;

	t->interval_ns = now - t->ts_ns;
	t->ts_ns = now;
	set_idle(t, &t->sum);
	err = session_hists(s, on_hist, t);
	drop_gone(t, s);
	return err;
}

void table_forget_run(struct table *t)
{
	memset(t->models, 0, sizeof(t->models));
	for (int i = 0; i < t->nr; i++)
		if (t->rows[i]->run)
			memset(t->rows[i]->run, 0, sizeof(*t->rows[i]->run));
}

bool table_summary(const struct table *t, __u32 model, struct row *out)
{
	*out = (struct row){
		.key.model = model,
		.ts_ns = t->ts_ns,
		.interval_ns = t->ts_ns - t->start_ns,
		.sample = t->sample,
	};
	row_fill(out, &t->models[model]);
	return row_is_busy(out);
}

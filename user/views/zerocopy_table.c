// SPDX-License-Identifier: GPL-2.0-only
#include "zerocopy_table.h"

#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tasks.h"
#include "util.h"
#include "zerocopy_map.h"

const char *const zerocopy_paths[IOP_NR_ZC_PATHS] = {
	"recv",	    "splice_in",  "zc_receive", "uring_zcrx",	 "send",
	"sendfile", "splice_out", "zc_send",	"uring_send_zc",
};

const char *const zerocopy_causes[IOP_NR_ZC_CAUSES + 1] = {
	"not_enabled", "device",   "local",   "linear",
	"source",      "protocol", "no_page", "area",
};

const char *const zerocopy_reasons[IOP_NR_ZC_CAUSES] = {
	"the socket has no SO_ZEROCOPY, or takes none",
	"the route has no scatter-gather or checksums",
	"received or tapped on this machine",
	"in buffers that are no pages",
	"the file has no pages to share",
	"the socket takes no pages",
	"no whole pages to map",
	"not received into the ring's area",
};

/* A row as the kernel has it. key comes first: the tree compares keys. */
struct kept {
	struct iop_zc_key key;
	char comm[IOP_COMM_LEN];
	struct iop_zc_row before; /* at the look before, ... */
	struct iop_zc_row now;	  /* and at the latest */
	__u64 seen_ns;		  /* the look that saw it last */
	bool gone;		  /* its process, by then */
};

struct zerocopy_state {
	void *tree; /* key → struct kept */
	struct kept **kept;
	int nr;
	int room;
};

struct zerocopy_table *zerocopy_table_new(__u64 now)
{
	struct zerocopy_table *t = xcalloc(1, sizeof(*t));

	t->state = xcalloc(1, sizeof(*t->state));
	t->start_ns = t->ts_ns = now;
	return t;
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct iop_zc_key));
}

void zerocopy_table_free(struct zerocopy_table *t)
{
	struct zerocopy_state *st = t->state;

	while (st->nr) {
		struct kept *k = st->kept[--st->nr];

		tdelete(k, &st->tree, by_key);
		free(k);
	}
	free(st->kept);
	free(st);
	free(t->rows);
	free(t);
}

/* What a row gained between two looks at the kernel's counts. */
static void gain(struct zerocopy_row *r, const struct iop_zc_row *before,
		 const struct iop_zc_row *now)
{
	struct iop_zc_row *n = &r->n;

	n->pid = now->pid;
	n->calls = now->calls - before->calls;
	n->failed = now->failed - before->failed;
	n->copied_bytes = now->copied_bytes - before->copied_bytes;
	n->moved_bytes = now->moved_bytes - before->moved_bytes;
	n->fell_back_calls = now->fell_back_calls - before->fell_back_calls;
	n->fell_back_bytes = now->fell_back_bytes - before->fell_back_bytes;
	n->copy_ns = now->copy_ns - before->copy_ns;
	n->timed_bytes = now->timed_bytes - before->timed_bytes;
	n->left_bytes = now->left_bytes - before->left_bytes;
	n->pending_calls = now->pending_calls;
	n->pending_bytes = now->pending_bytes;
	n->causes = n->fell_back_calls ? now->causes : 0;
	r->bytes = n->copied_bytes + n->moved_bytes;
}

static void add(struct zerocopy_row *to, const struct zerocopy_row *from)
{
	struct iop_zc_row *n = &to->n;

	n->causes |= from->n.causes;
	n->calls += from->n.calls;
	n->failed += from->n.failed;
	n->copied_bytes += from->n.copied_bytes;
	n->moved_bytes += from->n.moved_bytes;
	n->fell_back_calls += from->n.fell_back_calls;
	n->fell_back_bytes += from->n.fell_back_bytes;
	n->copy_ns += from->n.copy_ns;
	n->timed_bytes += from->n.timed_bytes;
	n->left_bytes += from->n.left_bytes;
	n->pending_calls += from->n.pending_calls;
	n->pending_bytes += from->n.pending_bytes;
	to->bytes += from->bytes;
}

/* --- what there is ------------------------------------------------------------------ */

static struct kept *kept_of(struct zerocopy_state *st, const struct iop_zc_key *key)
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

static void on_row(void *ctx, const void *key, const void *value)
{
	struct zerocopy_table *t = ctx;
	const struct iop_zc_key *id = key;
	struct kept *k;

	if (id->path >= IOP_NR_ZC_PATHS)
		return;
	k = kept_of(t->state, id);
	if (k->seen_ns == t->ts_ns)
		return;
	if (!k->seen_ns)
		memcpy(k->comm, ((const struct iop_zc_row *)value)->comm,
		       IOP_COMM_LEN - 1);
	k->seen_ns = t->ts_ns;
	k->before = k->now;
	memcpy(&k->now, value, sizeof(k->now));
	if (k->now.pid)
		task_comm(k->now.pid, 0, k->comm);
}

static bool has_changed(const struct kept *k)
{
	return k->before.calls != k->now.calls || k->before.failed != k->now.failed ||
	       k->before.copy_ns != k->now.copy_ns ||
	       k->before.pending_calls != k->now.pending_calls;
}

static int by_process(const void *a, const void *b)
{
	const struct kept *x = *(struct kept *const *)a, *y = *(struct kept *const *)b;

	if (x->key.pid != y->key.pid)
		return x->key.pid < y->key.pid ? -1 : 1;
	return (int)x->key.path - (int)y->key.path;
}

static bool process_is_gone(const struct kept *k)
{
	return k->now.pid && kill(k->now.pid, 0) && errno == ESRCH;
}

/* Only what was gone before a look can have nothing left after it. */
static bool is_over(const struct zerocopy_table *t, struct kept *k)
{
	bool before = k->gone;

	k->gone = process_is_gone(k);
	return before && (k->seen_ns != t->ts_ns || !has_changed(k)) &&
	       !k->now.pending_calls;
}

static void begin_interval(struct zerocopy_table *t, __u64 now)
{
	t->interval_ns = now - t->ts_ns;
	t->ts_ns = now;
	t->nr = 0;
	for (__u32 path = 0; path < IOP_NR_ZC_PATHS; path++) {
		struct zerocopy_row *r = &t->run[path];

		r->ts_ns = now;
		r->interval_ns = now - t->start_ns;
		r->key.path = path;
		strcpy(r->n.comm, "(all)");
		r->n.pending_calls = 0;
		r->n.pending_bytes = 0;
	}
}

static void show(struct zerocopy_table *t, const struct kept *k)
{
	struct zerocopy_row r = { .ts_ns = t->ts_ns,
				  .interval_ns = t->interval_ns,
				  .key = k->key };

	gain(&r, &k->before, &k->now);
	memcpy(r.n.comm, k->comm, IOP_COMM_LEN);
	add(&t->run[k->key.path], &r);
	if (has_changed(k))
		t->rows[t->nr++] = r;
}

void zerocopy_table_refresh(void *table, struct session *s, __u64 now)
{
	struct zerocopy_table *t = table;
	struct zerocopy_state *st = t->state;
	int kept = 0;

	begin_interval(t, now);
	each_zerocopy_row(s, on_row, t);
	qsort(st->kept, st->nr, sizeof(*st->kept), by_process);
	t->rows = xrealloc(t->rows, st->nr + 1, sizeof(*t->rows));
	for (int i = 0; i < st->nr; i++) {
		struct kept *k = st->kept[i];

		if (k->seen_ns != now) /* a walk may miss it */
			k->before = k->now;
		show(t, k);
		if (!is_over(t, k)) {
			st->kept[kept++] = k;
			continue;
		}
		drop_zerocopy_row(s, &k->key);
		tdelete(k, &st->tree, by_key);
		free(k);
	}
	st->nr = kept;
}

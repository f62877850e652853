// SPDX-License-Identifier: GPL-2.0-only
#include "outline.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "services.h"
#include "tasks.h"
#include "util.h"

/* What a row consists of, and what that does. */
#define MAX_DEPTH 4
#define END IOP_NR_GROUPS

static const enum iop_group levels[IOP_NR_GROUPS][MAX_DEPTH + 1] = {
	[IOP_BY_PROCESS] = { IOP_BY_PROCESS, IOP_BY_THREAD, IOP_BY_SOCKET, END },
	[IOP_BY_THREAD] = { IOP_BY_THREAD, IOP_BY_SOCKET, END },
	[IOP_BY_SOCKET] = { IOP_BY_SOCKET, IOP_BY_THREAD, END },
	[IOP_BY_SERVICE] = { IOP_BY_SERVICE, IOP_BY_PROCESS, IOP_BY_THREAD,
			     IOP_BY_SOCKET, END },
};

/* An item's place in the tree. */
struct place {
	__u64 parent;
	struct iop_hist_key key;
	struct iop_endpoints service;
};

struct placed {
	struct place place; /* the tree compares these */
	struct item item;
};

static int by_place(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct place));
}

/* Does the kernel's row say which process, thread, socket or service it is of? */
static bool says(const struct row *r, enum iop_group kind)
{
	switch (kind) {
	case IOP_BY_PROCESS:
		return r->key.pid;
	case IOP_BY_THREAD:
		return r->key.tid;
	case IOP_BY_SOCKET:
		return r->key.pid && r->key.sock;
	default:
		return r->key.sock;
	}
}

static struct place place_of(const struct item *parent, enum iop_group kind,
			     const struct row *r)
{
	struct place p;

	memset(&p, 0, sizeof(p));
	p.parent = parent->id;
	p.key.model = r->key.model;
	if (kind == IOP_BY_SERVICE) {
		if (says(r, kind))
			p.service = service_ends(&r->ends);
		return p;
	}
	p.key.pid = r->key.pid;
	if (kind == IOP_BY_THREAD)
		p.key.tid = r->key.tid;
	if (kind == IOP_BY_SOCKET && says(r, kind)) {
		p.key.sock = r->key.sock;
		p.key.generation = r->key.generation;
	}
	return p;
}

/* --- items come and go ------------------------------------------------------------- */

static struct item *find(const struct outline *o, const struct place *p)
{
	struct placed **found = tfind(p, &o->tree, by_place);

	return found ? &(*found)->item : NULL;
}

static struct item *make(struct outline *o, struct item *parent, enum iop_group kind,
			 const struct place *p)
{
	struct placed *new = xcalloc(1, sizeof(*new));
	struct item *item = &new->item;

	new->place = *p;
	item->row.key = p->key;
	item->kind = kind;
	item->depth = parent->depth + 1;
	item->parent = parent;
	item->id = ++o->last_id;
	tsearch(new, &o->tree, by_place);
	if (parent->nr == parent->room) {
		parent->room = parent->room ? 2 * parent->room : 16;
		parent->items = xrealloc(parent->items, parent->room,
					 sizeof(struct item *));
	}
	parent->items[parent->nr++] = item;
	return item;
}

static void drop_below(struct outline *o, struct item *item);

static void drop(struct outline *o, struct item *item)
{
	struct placed *p = (struct placed *)((char *)item - offsetof(struct placed, item));

	drop_below(o, item);
	o->nr_open -= item->open;
	tdelete(p, &o->tree, by_place);
	free(item->gain);
	free(p);
}

static void drop_below(struct outline *o, struct item *item)
{
	while (item->nr)
		drop(o, item->items[--item->nr]);
	free(item->items);
	item->items = NULL;
	item->room = 0;
}

/* --- gains ------------------------------------------------------------------------- */

/* A kernel's row of a thread bears its name; the process's is asked for. */
static void describe(struct item *item, const struct row *r)
{
	struct row *to = &item->row;

	to->pid = item->kind == IOP_BY_SERVICE ? 0 : r->pid;
	to->tid = item->kind == IOP_BY_THREAD ? r->tid : 0;
	to->fd = item->kind == IOP_BY_SOCKET && says(r, IOP_BY_SOCKET) ? r->fd : IOP_ANY;
	if (item->kind == IOP_BY_SOCKET)
		to->ends = r->ends;
	if (item->kind == IOP_BY_SERVICE) {
		to->ends = service_ends(&r->ends);
		return;
	}
	if (item->kind == IOP_BY_THREAD || !r->key.tid || !*to->comm)
		memcpy(to->comm, r->comm, IOP_COMM_LEN);
	if (item->kind != IOP_BY_THREAD && r->key.tid && r->pid)
		task_comm(r->pid, 0, to->comm);
}

static void add(struct outline *o, struct item *item, const struct row *r,
		const struct dist *gain)
{
	if (item->gained_ns != o->table->ts_ns) {
		free(item->gain);
		item->gain = xcalloc(1, sizeof(*item->gain));
		item->gained_ns = o->table->ts_ns;
		describe(item, r);
	}
	item->row.has_read |= r->has_read;
	item->seen_ns = o->table->ts_ns;
	dist_add(item->gain, gain);
}

static void on_gain(void *ctx, const struct row *r, const struct dist *gain)
{
	struct outline *o = ctx;
	const enum iop_group *kind = levels[o->view];
	struct item *parent = &o->top;

	/* at the top what it is of need not be known: no read is left out */
	for (; *kind != END && (says(r, *kind) || parent == &o->top); kind++) {
		struct place p = place_of(parent, *kind, r);
		struct item *item = find(o, &p);

		if (!item)
			item = make(o, parent, *kind, &p);
		add(o, item, r, gain);
		if (!item->open)
			break;
		parent = item;
	}
}

/* A row that the kernel still has keeps its items, idle ones too. */
static void mark(struct outline *o, const struct row *r)
{
	const enum iop_group *kind = levels[o->view];
	struct item *item = &o->top;

	for (; *kind != END && says(r, *kind); kind++) {
		struct place p = place_of(item, *kind, r);

		item = find(o, &p);
		if (!item)
			break;
		item->seen_ns = o->table->ts_ns;
	}
}

static void end_interval(struct outline *o, struct item *item)
{
	const struct table *t = o->table;
	static const struct dist nothing;
	int kept = 0;

	item->row.ts_ns = t->ts_ns;
	item->row.interval_ns = t->interval_ns;
	item->row.sample = t->sample;
	if (item->gained_ns != t->ts_ns) {
		free(item->gain);
		item->gain = NULL;
	}
	row_fill(&item->row, item->gain ? item->gain : &nothing);
	memmove(item->history + 1, item->history, (OUTLINE_HISTORY - 1) * sizeof(__u32));
	item->history[0] = item->row.sums.reads;
	if (item->gain && item->id == o->selected)
		dist_add(&o->run, item->gain);
	for (int i = 0; i < item->nr; i++) {
		struct item *below = item->items[i];

		if (below->seen_ns != t->ts_ns) {
			drop(o, below);
			continue;
		}
		end_interval(o, below);
		item->items[kept++] = below;
	}
	item->nr = kept;
}

void outline_refresh(struct outline *o)
{
	for (int i = 0; i < o->table->nr; i++)
		mark(o, o->table->rows[i]);
	end_interval(o, &o->top);
}

/* --- what is looked at -------------------------------------------------------------- */

void outline_begin(struct outline *o, struct table *t, enum iop_group view)
{
	*o = (struct outline){ .table = t, .view = view, .top.depth = -1 };
	t->on_gain = on_gain;
	t->ctx = o;
}

void outline_end(struct outline *o)
{
	o->table->on_gain = NULL;
	drop_below(o, &o->top);
}

void outline_regroup(struct outline *o, enum iop_group view)
{
	drop_below(o, &o->top);
	o->view = view;
}

bool outline_opens(const struct outline *o, const struct item *item)
{
	return levels[o->view][item->depth + 1] != END;
}

void outline_open(struct outline *o, const struct item *item, bool open)
{
	struct item *i = (struct item *)item;

	if (i->open == open || !outline_opens(o, i))
		return;
	i->open = open;
	o->nr_open += open ? 1 : -1;
	if (!open)
		drop_below(o, i);
}

void outline_select(struct outline *o, const struct item *item)
{
	if (o->selected == item->id)
		return;
	o->selected = item->id;
	o->selected_ns = o->table->ts_ns;
	memset(&o->run, 0, sizeof(o->run));
	if (item->gain)
		o->run = *item->gain;
}

/* By socket the kernel's rows are of one thread each, and say all. */
enum iop_group outline_needs(const struct outline *o)
{
	return o->nr_open ? IOP_BY_SOCKET : o->view;
}

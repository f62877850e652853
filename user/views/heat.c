// SPDX-License-Identifier: GPL-2.0-only
#include "heat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "percentile.h"
#include "picture.h"
#include "util.h"

#define SHORTEST_NS 100

void heat_begin(struct heat *h, enum heat_full when_full, int room, __u64 interval_ns)
{
	*h = (struct heat){
		.when_full = when_full,
		.room = room,
		.interval_ns = interval_ns,
		.columns = xcalloc(room, sizeof(*h->columns)),
		.intervals = 1,
	};
}

void heat_end(struct heat *h)
{
	for (int i = 0; i < h->nr; i++)
		free(h->columns[i].shares);
	free(h->columns);
}

/* --- columns -------------------------------------------------------------------------- */

static void add_buckets(struct heat_column *c, const __u64 buckets[IOP_HIST_BUCKETS],
			__u64 max_ns)
{
	for (int i = 0; i < IOP_HIST_BUCKETS; i++)
		c->buckets[i] += buckets[i];
	if (max_ns > c->max_ns)
		c->max_ns = max_ns;
}

/* Who scrolls has shares, who merges has none: so these have not to be merged. */
static void merge(struct heat *h)
{
	int half = (h->nr + 1) / 2;

	for (int i = 1; i < h->nr; i++) {
		struct heat_column from = h->columns[i];

		memset(&h->columns[i], 0, sizeof(from));
		add_buckets(&h->columns[i / 2], from.buckets, from.max_ns);
	}
	h->nr = half;
	h->intervals *= 2;
}

static void scroll(struct heat *h, __u64 by)
{
	int gone = by < (__u64)h->nr ? by : (__u64)h->nr;

	for (int i = 0; i < gone; i++)
		free(h->columns[i].shares);
	h->nr -= gone;
	memmove(h->columns, h->columns + gone, h->nr * sizeof(*h->columns));
	memset(h->columns + h->nr, 0, gone * sizeof(*h->columns));
	h->first += by;
}

struct heat_column *heat_column(struct heat *h, __u64 interval)
{
	__u64 at;

	while ((at = (interval - h->first) / h->intervals) >= (__u64)h->room)
		if (h->when_full == HEAT_MERGES)
			merge(h);
		else
			scroll(h, at - h->room + 1);
	if ((__u64)h->nr <= at)
		h->nr = at + 1;
	return &h->columns[at];
}

/* --- rows ----------------------------------------------------------------------------- */

/* Each second one is a power of ten. */
static int row_of(__u64 ns)
{
	__u64 decade = SHORTEST_NS;
	int row = 0;

	for (; row <= HEAT_HALVES && ns >= decade; row += 2, decade *= 10)
		if (ns < decade * 3162 / 1000)
			return row + 1;
	return row <= HEAT_HALVES ? row : HEAT_HALVES + 1;
}

/* Whatever the longest time was: so that cells and shares agree. */
static int row_of_bucket(int bucket)
{
	return row_of(bucket_middle(bucket, UINT64_MAX));
}

static struct heat_share *share_of(struct heat_column *c, __u32 pid, const char *comm)
{
	struct heat_share *s;

	for (int i = 0; i < c->nr_shares; i++)
		if (c->shares[i].pid == pid && !strcmp(c->shares[i].comm, comm))
			return &c->shares[i];
	c->shares = xrealloc(c->shares, c->nr_shares + 1, sizeof(*c->shares));
	s = &c->shares[c->nr_shares++];
	*s = (struct heat_share){ .pid = pid };
	snprintf(s->comm, sizeof(s->comm), "%s", comm);
	return s;
}

void heat_add(struct heat_column *c, const __u64 buckets[IOP_HIST_BUCKETS],
	      __u64 max_ns, __u32 pid, const char *comm)
{
	struct heat_share *s = comm ? share_of(c, pid, comm) : NULL;

	add_buckets(c, buckets, max_ns);
	for (int i = 0; s && i < IOP_HIST_BUCKETS; i++)
		if (buckets[i])
			s->reads[row_of_bucket(i)] += buckets[i];
}

__u64 heat_sum(const struct heat *h, struct heat_column *sum)
{
	__u64 reads = 0;

	memset(sum, 0, sizeof(*sum));
	for (int i = 0; i < h->nr; i++)
		add_buckets(sum, h->columns[i].buckets, h->columns[i].max_ns);
	for (int i = 0; i < IOP_HIST_BUCKETS; i++)
		reads += sum->buckets[i];
	return reads;
}

/* --- how it is looked at -------------------------------------------------------------- */

int heat_rows(int halves)
{
	return HEAT_HALVES / halves + 2;
}

int heat_halves(int lines)
{
	int halves = 1;

	while (halves < 8 && heat_rows(halves) > lines)
		halves *= 2;
	return halves;
}

const char *heat_ruler(char buf[16], int row, int halves)
{
	__u64 ns = SHORTEST_NS;
	int half = (row - 1) * halves;

	if (!row)
		return "less";
	if (half % 2)
		return "";
	for (; half; half -= 2)
		ns *= 10;
	return format_ns(buf, ns);
}

/* The row that a half decade is in when some share one. */
static int shown_row(int row, int halves)
{
	if (!row || row > HEAT_HALVES)
		return row ? heat_rows(halves) - 1 : 0;
	return (row - 1) / halves + 1;
}

__u64 heat_level_from(int level)
{
	static const __u64 from[MAX_LEVEL + 1] = {
		0, 1, 3, 10, 30, 100, 300, 1000, 3000,
	};

	return from[level];
}

static int level_of(__u64 reads)
{
	int level = 0;

	while (level < MAX_LEVEL && reads >= heat_level_from(level + 1))
		level++;
	return level;
}

static int row_of_percentile(const struct heat_column *c, unsigned int per_mille,
			     int halves)
{
	return shown_row(row_of(buckets_percentile(c->buckets, UINT64_MAX, per_mille)),
			 halves);
}

struct heat_cell heat_cell(const struct heat_column *c, int row, int halves)
{
	struct heat_cell cell = {};

	for (int i = 0; i < IOP_HIST_BUCKETS; i++)
		if (c->buckets[i] && shown_row(row_of_bucket(i), halves) == row)
			cell.reads += c->buckets[i];
	cell.level = level_of(cell.reads);
	if (!cell.reads)
		return cell;
	cell.has_p50 = row_of_percentile(c, 500, halves) == row;
	cell.has_p99 = row_of_percentile(c, 990, halves) == row;
	return cell;
}

const struct heat_share *heat_owner(const struct heat_column *c, int row, int halves,
				    __u64 *reads)
{
	const struct heat_share *owner = NULL;

	*reads = 0;
	for (int i = 0; i < c->nr_shares; i++) {
		__u64 sum = 0;

		for (int r = 0; r < HEAT_ROWS; r++)
			if (shown_row(r, halves) == row)
				sum += c->shares[i].reads[r];
		if (sum > *reads) {
			owner = &c->shares[i];
			*reads = sum;
		}
	}
	return owner;
}

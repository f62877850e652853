// SPDX-License-Identifier: GPL-2.0-only
#include "percentile.h"

#include <stddef.h>

#include "../bpf/hist.h"

#define NR_SUMS (sizeof(struct iop_sums) / sizeof(__u64))
#define NR_SCALED (offsetof(struct iop_sums, polls) / sizeof(__u64))

__u64 sums_timed(const struct iop_sums *s)
{
	return s->reads - s->errors - s->eof - s->unseen - s->errqueue;
}

void sums_add(struct iop_sums *to, const struct iop_sums *s)
{
	for (size_t i = 0; i < NR_SUMS; i++)
		((__u64 *)to)[i] += ((const __u64 *)s)[i];
}

__u64 bucket_middle(__u32 bucket, __u64 max_ns)
{
	__u64 floor = hist_floor(bucket), width, middle;

	if (bucket == IOP_HIST_BUCKETS - 1)
		return max_ns;
	width = hist_floor(bucket + 1) - floor;
	middle = floor + width / 2;
	return middle < max_ns ? middle : max_ns;
}

static __u64 longest(const __u64 buckets[IOP_HIST_BUCKETS], __u64 max_ns)
{
	for (int i = IOP_HIST_BUCKETS - 1; i >= 0; i--)
		if (buckets[i])
			return bucket_middle(i, max_ns);
	return 0;
}

/* The kernel's buckets are 32 bits wide and may wrap: so does the difference. */
static void buckets_between(__u64 *buckets, const __u32 *before, const __u32 *now)
{
	for (int i = 0; i < IOP_HIST_BUCKETS; i++)
		buckets[i] = (__u32)(now[i] - before[i]);
}

static void phase_between(struct dist *d, const struct iop_hist *before,
			  const struct iop_hist *now, int phase)
{
	buckets_between(d->buckets[phase], before->buckets[phase], now->buckets[phase]);
	d->sum_ns[phase] = now->sum_ns[phase] - before->sum_ns[phase];
	d->max_ns[phase] = now->max_ns[phase];
	if (now->max_ns[phase] == before->max_ns[phase])
		d->max_ns[phase] = longest(d->buckets[phase], now->max_ns[phase]);
}

void dist_between(struct dist *d, const struct iop_hist *before,
		  const struct iop_hist *now)
{
	d->sums = now->sums;
	for (size_t i = 0; i < NR_SUMS; i++)
		((__u64 *)&d->sums)[i] -= ((const __u64 *)&before->sums)[i];
	for (int i = 0; i < IOP_NR_PHASES; i++)
		phase_between(d, before, now, i);
}

void dist_add(struct dist *to, const struct dist *d)
{
	sums_add(&to->sums, &d->sums);
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		to->sum_ns[i] += d->sum_ns[i];
		if (d->max_ns[i] > to->max_ns[i])
			to->max_ns[i] = d->max_ns[i];
		for (int j = 0; j < IOP_HIST_BUCKETS; j++)
			to->buckets[i][j] += d->buckets[i][j];
	}
}

void dist_add_read(struct dist *d, const struct iop_read_record *r)
{
	d->sums.reads++;
	d->sums.polls += r->polls;
	d->sums.poll_ns += r->poll_ns;
	if (r->ret < 0) {
		d->sums.errors++;
		return;
	}
	d->sums.bytes += r->ret;
	if (r->flags & IOP_F_UNTIMED) {
		if (r->flags & IOP_F_ERRQUEUE)
			d->sums.errqueue++;
		else if (r->flags & IOP_F_EOF)
			d->sums.eof++;
		else
			d->sums.unseen++;
		return;
	}
	d->sums.total_ns += r->total_ns;
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		__u64 ns = r->phase_ns[i];

		d->buckets[i][hist_bucket(ns)]++;
		d->sum_ns[i] += ns;
		if (ns > d->max_ns[i])
			d->max_ns[i] = ns;
	}
}

void dist_scale(struct dist *d, __u32 n)
{
	for (size_t i = 0; i < NR_SCALED; i++)
		((__u64 *)&d->sums)[i] *= n;
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		d->sum_ns[i] *= n;
		for (int j = 0; j < IOP_HIST_BUCKETS; j++)
			d->buckets[i][j] *= n;
	}
}

__u64 buckets_percentile(const __u64 buckets[IOP_HIST_BUCKETS], __u64 max_ns,
			 unsigned int per_mille)
{
	__u64 total = 0, rank, below = 0;

	for (int i = 0; i < IOP_HIST_BUCKETS; i++)
		total += buckets[i];
	if (!total)
		return 0;
	rank = (total * per_mille + 999) / 1000;
	for (int i = 0; i < IOP_HIST_BUCKETS; i++) {
		below += buckets[i];
		if (below >= rank && buckets[i])
			return bucket_middle(i, max_ns);
	}
	return max_ns;
}

__u64 dist_percentile(const struct dist *d, enum iop_phase phase, unsigned int per_mille)
{
	return buckets_percentile(d->buckets[phase], d->max_ns[phase], per_mille);
}

void spread_between(struct spread *s, const struct iop_times *before,
		    const struct iop_times *now)
{
	buckets_between(s->buckets, before->buckets, now->buckets);
	s->nr = 0;
	for (int i = 0; i < IOP_HIST_BUCKETS; i++)
		s->nr += s->buckets[i];
	s->max_ns = now->max_ns;
	if (now->max_ns == before->max_ns)
		s->max_ns = longest(s->buckets, now->max_ns);
}

void spread_add(struct spread *to, const struct spread *s)
{
	to->nr += s->nr;
	if (s->max_ns > to->max_ns)
		to->max_ns = s->max_ns;
	for (int i = 0; i < IOP_HIST_BUCKETS; i++)
		to->buckets[i] += s->buckets[i];
}

__u64 spread_percentile(const struct spread *s, unsigned int per_mille)
{
	return buckets_percentile(s->buckets, s->max_ns, per_mille);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms: the bucket arithmetic of the kernel side, and what user space
 * makes of it. IOPHASE_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "percentile.h"

#include "../../bpf/hist.h"

#define BEYOND (1ull << IOP_HIST_MAX_EXP) /* where the last bucket's end is open */

static unsigned int seed;

/* Every octave is as likely as every other. */
static __u64 random_ns(void)
{
	__u64 v = (__u64)rand_r(&seed) << 32 ^ (__u64)rand_r(&seed) << 11 ^ rand_r(&seed);

	return v >> (28 + rand_r(&seed) % 36);
}

/* As the kernel does it: rows.bpf.h, hist_add(). */
static void count(struct iop_hist *h, enum iop_phase phase, __u64 ns)
{
	h->buckets[phase][hist_bucket(ns)]++;
	h->sum_ns[phase] += ns;
	if (ns > h->max_ns[phase])
		h->max_ns[phase] = ns;
}

static void floor_and_slot_are_inverse(void **state)
{
	(void)state;
	for (__u32 bucket = 0; bucket < IOP_HIST_BUCKETS; bucket++) {
		assert_int_equal(hist_bucket(hist_floor(bucket)), bucket);
		if (bucket)
			assert_int_equal(hist_bucket(hist_floor(bucket) - 1), bucket - 1);
	}
}

static void slots_rise_with_values(void **state)
{
	__u32 last = 0;

	(void)state;
	for (__u64 v = 0; v < 1 << 20; v++) {
		__u32 bucket = hist_bucket(v);

		assert_true(bucket == last || bucket == last + 1);
		last = bucket;
	}
	for (int i = 0; i < 1000000; i++) {
		__u64 v = random_ns();

		assert_true(hist_bucket(v) <= hist_bucket(v + 1));
	}
}

static void no_value_leaves_the_table(void **state)
{
	(void)state;
	for (int bit = 0; bit < 64; bit++) {
		__u64 v = 1ull << bit;

		assert_true(hist_bucket(v - 1) < IOP_HIST_BUCKETS);
		assert_true(hist_bucket(v) < IOP_HIST_BUCKETS);
	}
	assert_int_equal(hist_bucket(~0ull), IOP_HIST_BUCKETS - 1);
}

/* What a single value comes back as: the middle of its bucket. */
static __u64 back(__u64 v)
{
	static struct dist d;
	__u64 ns;

	d.buckets[IOP_WAIT][hist_bucket(v)] = 1;
	d.max_ns[IOP_WAIT] = ~0ull;
	ns = dist_percentile(&d, IOP_WAIT, 500);
	d.buckets[IOP_WAIT][hist_bucket(v)] = 0;
	return ns;
}

static void check_error(__u64 v)
{
	__u64 got = back(v), off = got > v ? got - v : v - got;

	if (off * 16 > v)
		fail_msg("%llu came back as %llu", (unsigned long long)v,
			 (unsigned long long)got);
}

static void error_is_at_most_one_sixteenth(void **state)
{
	(void)state;
	for (__u64 v = 0; v < 1 << 18; v++)
		check_error(v);
	/* the ends of every bucket are its worst cases */
	for (__u32 bucket = 1; bucket < IOP_HIST_BUCKETS - 1; bucket++) {
		check_error(hist_floor(bucket));
		check_error(hist_floor(bucket + 1) - 1);
	}
	for (int i = 0; i < 1000000; i++)
		check_error(random_ns() % hist_floor(IOP_HIST_BUCKETS - 1));
	for (__u64 v = 0; v < 16; v++)
		assert_int_equal(back(v), v);
}

static int by_value(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

static void percentiles_match_a_sorted_array(void **state)
{
	static const unsigned int wanted[] = { 1, 10, 500, 900, 990, 999, 1000 };
	static const struct iop_hist nothing;
	static struct iop_hist h;
	static struct dist d;
	static __u64 values[5000];

	(void)state;
	for (int round = 0; round < 200; round++) {
		int n = 1 + rand_r(&seed) % 5000;

		memset(&h, 0, sizeof(h));
		for (int i = 0; i < n; i++) {
			values[i] = random_ns() % BEYOND;
			count(&h, IOP_COPY, values[i]);
		}
		qsort(values, n, sizeof(*values), by_value);
		dist_between(&d, &nothing, &h);
		for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
			int rank = (n * wanted[i] + 999) / 1000;
			__u64 want = values[rank - 1];
			__u64 got = dist_percentile(&d, IOP_COPY, wanted[i]);
			__u64 off = got > want ? got - want : want - got;

			assert_true(got <= values[n - 1]);
			/* the open bucket gives its longest, see percentile.h */
			if (hist_bucket(want) == IOP_HIST_BUCKETS - 1)
				assert_int_equal(got, values[n - 1]);
			else
				assert_true(off * 16 <= want);
		}
	}
}

static void nothing_has_no_percentiles(void **state)
{
	static struct dist d;

	(void)state;
	assert_int_equal(dist_percentile(&d, IOP_WAIT, 500), 0);
	assert_int_equal(dist_percentile(&d, IOP_WAIT, 1000), 0);
}

static void never_above_the_longest(void **state)
{
	static const struct iop_hist nothing;
	static struct iop_hist h;
	static struct dist d;

	(void)state;
	memset(&h, 0, sizeof(h));
	count(&h, IOP_REST, 1000001);
	dist_between(&d, &nothing, &h);
	assert_true(dist_percentile(&d, IOP_REST, 500) <= 1000001);
	count(&h, IOP_REST, 200 * BEYOND);
	dist_between(&d, &nothing, &h);
	assert_int_equal(dist_percentile(&d, IOP_REST, 1000), 200 * BEYOND);
}

static void intervals_hold_only_what_came_in_them(void **state)
{
	static struct iop_hist before, now;
	static struct dist d, sum;

	(void)state;
	memset(&before, 0, sizeof(before));
	memset(&sum, 0, sizeof(sum));
	now = before;
	count(&now, IOP_WAIT, 5000000);
	now.sums.reads = 1;
	now.sums.bytes = 64;
	dist_between(&d, &before, &now);
	dist_add(&sum, &d);
	assert_int_equal(d.max_ns[IOP_WAIT], 5000000);

	before = now;
	for (int i = 0; i < 10; i++)
		count(&now, IOP_WAIT, 1000);
	now.sums.reads = 11;
	now.sums.bytes = 704;
	dist_between(&d, &before, &now);
	dist_add(&sum, &d);
	assert_int_equal(d.sums.reads, 10);
	assert_int_equal(d.sums.bytes, 640);
	assert_int_equal(d.sum_ns[IOP_WAIT], 10000);
	assert_in_range(d.max_ns[IOP_WAIT], 938, 1062);
	assert_in_range(dist_percentile(&d, IOP_WAIT, 990), 938, 1062);

	assert_int_equal(sum.sums.reads, 11);
	assert_int_equal(sum.sums.bytes, 704);
	assert_int_equal(sum.max_ns[IOP_WAIT], 5000000);
	assert_int_equal(dist_percentile(&sum, IOP_WAIT, 1000), 4980736);
}

/* A sample stands for more reads; where they lie stays as it is. */
static void a_sample_is_scaled(void **state)
{
	static const struct iop_hist nothing;
	static struct iop_hist h;
	static struct dist d, scaled;

	(void)state;
	for (__u64 ns = 1000; ns < 3000000; ns = ns * 5 / 3)
		count(&h, IOP_WAKE, ns);
	h.sums.reads = 15;
	h.sums.bytes = 100;
	h.sums.total_ns = 7000;
	dist_between(&d, &nothing, &h);
	scaled = d;
	dist_scale(&scaled, 10);
	assert_int_equal(scaled.sums.reads, 150);
	assert_int_equal(scaled.sums.bytes, 1000);
	assert_int_equal(scaled.sums.total_ns, 70000);
	assert_int_equal(scaled.sum_ns[IOP_WAKE], 10 * d.sum_ns[IOP_WAKE]);
	assert_int_equal(scaled.max_ns[IOP_WAKE], d.max_ns[IOP_WAKE]);
	for (unsigned int p = 1; p <= 1000; p++)
		assert_int_equal(dist_percentile(&scaled, IOP_WAKE, p),
				 dist_percentile(&d, IOP_WAKE, p));
}

/* A bucket of the kernel's has 32 bits: after 4 billion reads it starts anew. */
static void kernel_slots_may_wrap(void **state)
{
	static struct iop_hist before, now;
	static struct dist d;

	(void)state;
	before.buckets[IOP_WAIT][40] = 0xfffffff0u;
	now.buckets[IOP_WAIT][40] = 0x10;
	dist_between(&d, &before, &now);
	assert_int_equal(d.buckets[IOP_WAIT][40], 0x20);
}

int main(void)
{
	const char *given = getenv("IOPHASE_SEED");
	unsigned int first;
	int failed;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floor_and_slot_are_inverse),
		cmocka_unit_test(slots_rise_with_values),
		cmocka_unit_test(no_value_leaves_the_table),
		cmocka_unit_test(error_is_at_most_one_sixteenth),
		cmocka_unit_test(percentiles_match_a_sorted_array),
		cmocka_unit_test(nothing_has_no_percentiles),
		cmocka_unit_test(never_above_the_longest),
		cmocka_unit_test(intervals_hold_only_what_came_in_them),
		cmocka_unit_test(a_sample_is_scaled),
		cmocka_unit_test(kernel_slots_may_wrap),
	};

	first = seed = given ? strtoul(given, NULL, 10) : (unsigned int)time(NULL);
	failed = cmocka_run_group_tests_name("hist", tests, NULL, NULL);
	if (failed)
		fprintf(stderr, "repeat with IOPHASE_SEED=%u\n", first);
	return failed;
}

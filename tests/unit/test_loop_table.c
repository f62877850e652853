// SPDX-License-Identifier: GPL-2.0-only
/* Loops interval by interval, of maps that the test fills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "loop_maps.h"
#include "loop_table.h"
#include "tasks.h"

#include <cmocka.h>

#define RING 0xffff888000001000ull
#define FIRST 1 /* threads that are there */
#define SECOND ((__u32)getpid())
#define ENDED 0x7fffffff

static struct iop_poller poller;
static struct iop_loop_key keys[2];
static struct iop_loop loops[2];
static int nr_loops;
static bool ended;		 /* the poller, since it was looked at */
static struct iop_loop ended_to; /* and what its loop is since */

void each_poller(struct session *s, element_fn fn, void *ctx)
{
	__u64 id = RING;

	(void)s;
	if (poller.home)
		fn(ctx, &id, &poller);
}

void each_loop(struct session *s, element_fn fn, void *ctx)
{
	(void)s;
	for (int i = 0; i < nr_loops; i++)
		fn(ctx, &keys[i], &loops[i]);
}

void each_channel(struct session *s, element_fn fn, void *ctx)
{
	(void)s;
	(void)fn;
	(void)ctx;
}

bool poller_is_there(struct session *s, __u64 id)
{
	(void)s;
	(void)id;
	return !ended;
}

bool loop_now(struct session *s, const struct iop_loop_key *key, struct iop_loop *l)
{
	(void)s;
	assert_memory_equal(key, &keys[0], sizeof(*key));
	*l = ended_to;
	return true;
}

bool channel_lags(struct session *s, __u64 sk, struct iop_times *lags)
{
	(void)s;
	(void)sk;
	(void)lags;
	return false;
}

void drop_loop(struct session *s, const struct iop_loop_key *key)
{
	(void)s;
	(void)key;
}

bool task_comm(__u32 pid, __u32 tid, char comm[IOP_COMM_LEN])
{
	(void)pid;
	(void)tid;
	(void)comm;
	return false;
}

/* tid has waited, and found that many events. */
static void add_loop_of(__u32 tid, __u64 events)
{
	keys[nr_loops] = (struct iop_loop_key){ .poller = RING, .tid = tid };
	loops[nr_loops++] = (struct iop_loop){
		.pid = tid,
		.tid = tid,
		.kind = IOP_POLLER_URING,
		.waited = 1,
		.events = events,
	};
}

static struct loop_table *start(void)
{
	nr_loops = 0;
	ended = false;
	poller = (struct iop_poller){ .home = RING, .pid = FIRST, .tid = FIRST };
	return loop_table_new(0, false);
}

static void another_has_its_address(void **state)
{
	struct loop_table *t = start();

	(void)state;
	add_loop_of(FIRST, 1);
	loop_table_refresh(t, NULL, 1000);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].events, 1);

	/* the first has ended since, and the second has a ring of that address */
	loops[0].events = 3;
	add_loop_of(SECOND, 7);
	poller = (struct iop_poller){ .home = RING, .pid = SECOND, .tid = SECOND };
	loop_table_refresh(t, NULL, 2000);
	assert_int_equal(t->nr, 2);
	assert_int_equal(t->rows[0].tid, FIRST);
	assert_int_equal(t->rows[0].events, 2);
	assert_int_equal(t->rows[1].tid, SECOND);
	assert_int_equal(t->rows[1].events, 7);
	assert_int_equal(t->rows[1].threads, 1);
	loop_table_free(t);
}

static void threads_share(void **state)
{
	struct loop_table *t = start();

	(void)state;
	add_loop_of(FIRST, 1);
	add_loop_of(SECOND, 7);
	poller.shared = 1;
	loop_table_refresh(t, NULL, 1000);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].tid, 0);
	assert_int_equal(t->rows[0].threads, 2);
	assert_int_equal(t->rows[0].events, 8);

	/* it has closed */
	loops[0].events = 3;
	poller.home = 0;
	loop_table_refresh(t, NULL, 2000);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].threads, 2);
	assert_int_equal(t->rows[0].events, 2);
	loop_table_free(t);
}

/*
 * What a thread did until its end is its interval's, whoever is left: here the first of
 * the row's two, or the second. Ids are of iophase's namespace, which keys are not.
 */
static void end_of_one_that_shared(int ended)
{
	__u32 left = ended ? FIRST : SECOND;
	struct loop_table *t = start();

	add_loop_of(FIRST, 1);
	add_loop_of(SECOND, 7);
	loops[ended].tid = ENDED;
	poller.shared = 1;
	loop_table_refresh(t, NULL, 1000);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].tid, 0);
	assert_int_equal(t->rows[0].threads, 2);
	assert_int_equal(t->rows[0].events, 8);

	/* it was found to have ended, but had done something after it was read */
	loops[ended].events++;
	loop_table_refresh(t, NULL, 2000);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].tid, left);
	assert_int_equal(t->rows[0].threads, 1);
	assert_int_equal(t->rows[0].events, 1);

	loop_table_refresh(t, NULL, 3000);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].tid, left);
	assert_int_equal(t->rows[0].events, 0);
	loop_table_free(t);
}

static void first_that_shared_has_ended(void **state)
{
	(void)state;
	end_of_one_that_shared(0);
}

static void second_that_shared_has_ended(void **state)
{
	(void)state;
	end_of_one_that_shared(1);
}

static void one_has_only_read(void **state)
{
	struct loop_table *t = start();

	(void)state;
	add_loop_of(SECOND, 7);
	add_loop_of(FIRST, 0);
	loops[1].waited = 0;
	loops[1].reads = 5;
	poller.tid = SECOND;
	loop_table_refresh(t, NULL, 1000);
	assert_int_equal(t->nr, 1);
	assert_int_equal(t->rows[0].tid, SECOND);
	assert_int_equal(t->rows[0].reads, 5);
	loop_table_free(t);
}

/* It has come and gone between two looks. */
static void nobody_has_seen_its_poller(void **state)
{
	struct loop_table *t = start();

	(void)state;
	poller.home = 0;
	add_loop_of(FIRST, 1);
	loops[0].has = IOP_HAS_LISTENER | IOP_HAS_ACCEPTED;
	loops[0].closed = 4;
	add_loop_of(SECOND, 1);
	keys[1].poller++;
	loop_table_refresh(t, NULL, 1000);
	assert_int_equal(t->nr, 2);
	assert_int_equal(t->rows[0].role, ROLE_BOTH);
	assert_int_equal(t->rows[0].closed, 4);
	assert_int_equal(t->rows[0].channels, 0);
	assert_int_equal(t->rows[1].role, ROLE_IDLE);
	loop_table_free(t);
}

/* What it has counted is its loop's, whether or not that was looked at before. */
static void poller_ends_while_they_are_read(void **state)
{
	for (int before = 0; before < 2; before++) {
		struct loop_table *t = start();

		(void)state;
		add_loop_of(FIRST, 1);
		poller.closed = 6;
		poller.moved = 2;
		loop_table_refresh(t, NULL, 1000);
		assert_int_equal(t->rows[0].closed, 6);
		assert_int_equal(t->rows[0].moved, 2);

		ended = true;
		ended_to = loops[0];
		ended_to.closed = 7;
		ended_to.moved = 2;
		if (before)
			loops[0] = ended_to;
		loop_table_refresh(t, NULL, 2000);
		assert_int_equal(t->rows[0].closed, 7);
		assert_int_equal(t->rows[0].moved, 2);
		loop_table_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_has_its_address),
		cmocka_unit_test(threads_share),
		cmocka_unit_test(first_that_shared_has_ended),
		cmocka_unit_test(second_that_shared_has_ended),
		cmocka_unit_test(one_has_only_read),
		cmocka_unit_test(nobody_has_seen_its_poller),
		cmocka_unit_test(poller_ends_while_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

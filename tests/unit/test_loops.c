// SPDX-License-Identifier: GPL-2.0-only
/* Event loops, as docs/loops.md defines them, a case at a time. */
#include "scene.h"

#include "../../bpf/engine/loops.h"
#include "../../bpf/engine/turns.h"

#define LOOP 0xffff888000001000ull
#define OTHER 0xffff888000002000ull

static struct iop_loop loop;
static struct iop_waiter waiter;

static int begin(void **state)
{
	(void)state;
	memset(&loop, 0, sizeof(loop));
	memset(&waiter, 0, sizeof(waiter));
	return 0;
}

static void wait_call(__u64 from, __u64 to, int blocks, int socks, int found)
{
	iop_loop_wait_enter(&loop, &waiter, LOOP, blocks, from);
	waiter.socks = socks;
	iop_loop_wait_exit(&loop, &waiter, found, to);
}

static void a_turn_is_from_a_wait_to_the_next(void **state)
{
	(void)state;
	wait_call(100, 200, 1, 2, 2);
	assert_int_equal(loop.turns, 0);
	assert_int_equal(loop.turn_ns, 200);
	wait_call(250, 300, 1, 1, 1);
	assert_int_equal(loop.turns, 1);
	assert_int_equal(loop.busy_ns, 50);
	assert_int_equal(loop.turn.max_ns, 50);
	assert_int_equal(loop.turn.buckets[hist_bucket(50)], 1);
	assert_int_equal(loop.events, 3);
	assert_int_equal(waiter.loop, LOOP);
}

static void waits_with_timeout_0_belong_to_the_turn(void **state)
{
	(void)state;
	wait_call(100, 200, 1, 1, 1);
	wait_call(210, 220, 0, 3, 3);
	wait_call(230, 240, 0, 0, 0);
	assert_int_equal(loop.turns, 0);
	wait_call(300, 400, 1, 0, 0);
	assert_int_equal(loop.turns, 1);
	assert_int_equal(loop.busy_ns, 100);
	assert_int_equal(loop.events, 4);
}

/* It spins: all of its time is one turn, from its first wait on. */
static void a_loop_that_never_blocks_is_in_a_turn(void **state)
{
	(void)state;
	wait_call(100, 110, 0, 0, 0);
	wait_call(120, 130, 0, 1, 1);
	assert_int_equal(loop.turn_ns, 110);
	assert_int_equal(loop.turns, 0);
	assert_int_equal(waiter.loop, 0);
}

static void a_wait_ends_with_io_another_file_or_nothing(void **state)
{
	(void)state;
	wait_call(100, 200, 1, 1, 2);
	wait_call(300, 400, 1, 0, 1);
	wait_call(500, 600, 1, 0, 0);
	wait_call(700, 800, 1, 1, -IOP_EINTR);
	wait_call(850, 860, 0, 1, 1); /* one of the turn: nobody was woken */
	assert_int_equal(loop.wakes_io, 1);
	assert_int_equal(loop.wakes_other, 2);
	assert_int_equal(loop.wakes_timeout, 1);
	assert_int_equal(loop.events, 4);
}

static void the_end_of_a_thread_ends_no_turn(void **state)
{
	(void)state;
	wait_call(100, 200, 1, 1, 1);
	iop_loop_over(&loop, 260);
	assert_int_equal(loop.busy_ns, 60);
	assert_int_equal(loop.turns, 0);
	assert_int_equal(loop.turn_ns, 0);
}

/* The wait is over, and the data lay there for what else the loop did. */
static void lag_is_from_ready_to_called(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 1000, 64);
	enter(&c, 1300, 0);
	c.q.head += 64;
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 64, 1400), 300);
	/* the next begins anew */
	arrive(&c, 2000, 64);
	enter(&c, 2010, 0);
	c.q.head += 64;
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 64, 2100), 10);
}

static void what_a_read_leaves_behind_has_waited_since_it_came(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 1000, 64);
	enter(&c, 1100, 0);
	c.q.head += 32;
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 32, 1200), 100);
	enter(&c, 1500, 0);
	c.q.head += 32;
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 32, 1600), 500);
}

static void there_is_no_lag_without_data(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, IOP_MSG_DONTWAIT);
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, -IOP_EAGAIN, 110), IOP_NO_LAG);
	enter(&c, 200, 0); /* it came while the read slept */
	arrive(&c, 250, 64);
	c.q.head += 64;
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 64, 300), IOP_NO_LAG);
	c.q.shutdown = 1;
	enter(&c, 400, 0);
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 0, 410), IOP_NO_LAG);
	assert_int_equal(c.t.rd.called_ns, 0);
}

/* A listening socket's queue is of connections, which are accepted one by one. */
static void a_connection_waits_to_be_accepted(void **state)
{
	struct scene c = { .q.packets = 1, .q.kind = IOP_QUEUE_PACKETS };

	(void)state;
	arrive(&c, 100, 1);
	arrive(&c, 150, 1);
	enter(&c, 200, 0);
	c.q.tail--;
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 1, 210), 100);
	enter(&c, 300, 0);
	c.q.tail--;
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, 1, 310), 150);
	enter(&c, 320, 0);
	assert_int_equal(iop_lag(&c.t, &c.s, &c.q, -IOP_EAGAIN, 325), IOP_NO_LAG);
}

static void a_channel_that_goes_to_another_loop_has_moved(void **state)
{
	struct iop_channel c = {};

	(void)state;
	assert_int_equal(iop_channel_register(&c, LOOP), 0);
	iop_channel_deregister(&c, LOOP);
	assert_int_equal(c.poller, 0);
	assert_int_equal(iop_channel_register(&c, LOOP), 0);
	assert_int_equal(c.moved, 0);
	iop_channel_deregister(&c, OTHER); /* not there */
	assert_int_equal(c.poller, LOOP);
	assert_int_equal(iop_channel_register(&c, OTHER), LOOP);
	assert_int_equal(c.moved, 1);
	assert_int_equal(iop_channel_register(&c, LOOP), 0); /* counted once */
	assert_int_equal(c.poller, LOOP);
}

static void a_channel_that_another_thread_reads_has_moved(void **state)
{
	struct iop_channel c = {};
	struct iop_poller p = {};

	(void)state;
	assert_int_equal(iop_channel_read_by(&c, &p, 8), 0); /* nobody waits yet */
	iop_poller_waited(&p, LOOP, PID, TID, 1, 0);
	assert_int_equal(iop_channel_read_by(&c, &p, TID), 0);
	assert_int_equal(iop_channel_read_by(&c, &p, 8), 1);
	assert_int_equal(c.moved, IOP_MOVED_TO_THREAD);
	assert_int_equal(iop_channel_read_by(&c, &p, 8), 0);
	c.moved = 0;
	iop_poller_waited(&p, LOOP, PID, 8, 1, 0);
	assert_int_equal(p.shared, 1);
	assert_int_equal(iop_channel_read_by(&c, &p, 9), 0); /* all may read */
}

static void an_epoll_in_an_epoll_is_part_of_its_loop(void **state)
{
	struct iop_poller inner = {};

	(void)state;
	iop_poller_waited(&inner, OTHER, PID, TID, 0, 0);
	assert_true(inner.home == OTHER); /* nothing else is known */
	iop_poller_waited(&inner, OTHER, PID, TID, 0, LOOP);
	assert_true(inner.home == LOOP);
	iop_poller_waited(&inner, OTHER, PID, TID, 1, LOOP);
	assert_true(inner.home == OTHER);
	iop_poller_waited(&inner, OTHER, PID, TID, 0, LOOP);
	assert_true(inner.home == OTHER); /* it has a loop of its own */
}

/* --- a turn, looked at closely ----------------------------------------------------- */

static struct iop_turn turn;

static void what_follows_a_read_is_for_its_channel(void **state)
{
	(void)state;
	iop_turn_begin(&turn, 100);
	assert_non_null(iop_turn_read(&turn, 1, 10, 110));
	assert_non_null(iop_turn_read(&turn, 2, 20, 140));
	assert_null(iop_turn_read(&turn, 1, 5, 150));
	iop_turn_part_over(&turn, 155); /* it accepts */
	iop_turn_end(&turn, 190);
	assert_int_equal(turn.nr_channels, 2);
	assert_int_equal(turn.channels[0].ns, 30 + 5);
	assert_int_equal(turn.channels[0].reads, 2);
	assert_int_equal(turn.channels[0].bytes, 15);
	assert_int_equal(turn.channels[1].ns, 10);
	iop_turn_begin(&turn, 200);
	assert_int_equal(turn.nr_channels, 0);
}

static void channels_beyond_the_room_are_counted_together(void **state)
{
	(void)state;
	iop_turn_begin(&turn, 100);
	for (int i = 0; i < IOP_TURN_CHANNELS; i++)
		assert_non_null(iop_turn_read(&turn, 1 + i, 1, 100));
	assert_null(iop_turn_read(&turn, 100, 1, 110));
	assert_null(iop_turn_read(&turn, 101, 1, 120));
	iop_turn_end(&turn, 150);
	assert_int_equal(turn.nr_channels, IOP_TURN_CHANNELS);
	assert_int_equal(turn.channels[IOP_TURN_CHANNELS - 1].ns, 10);
	assert_int_equal(turn.other_reads, 2);
	assert_int_equal(turn.other_ns, 40);
}

static void off_the_cpu_it_is_asleep_or_runnable(void **state)
{
	(void)state;
	iop_turn_begin(&turn, 100);
	iop_turn_woken(&turn, 105); /* of a wait that is over */
	iop_turn_off(&turn, 1, 35, 110);
	iop_turn_woken(&turn, 150);
	iop_turn_on(&turn, 170);
	iop_turn_off(&turn, 0, 1, 200); /* preempted */
	iop_turn_on(&turn, 230);
	iop_turn_on(&turn, 240); /* nobody has seen it leave */
	iop_turn_off(&turn, 1, 35, 250);
	iop_turn_on(&turn, 260); /* nobody has seen it woken */
	iop_turn_end(&turn, 300);
	assert_int_equal(turn.asleep_ns, 40 + 10);
	assert_int_equal(turn.runnable_ns, 20 + 30);
	assert_int_equal(turn.longest_ns, 60);
	assert_int_equal(turn.sleeps[0].call, 35);
	assert_int_equal(turn.sleeps[0].sleeps, 2);
	assert_int_equal(turn.sleeps[0].ns, 50);
	assert_int_equal(turn.sleeps[1].sleeps, 0);
}

static void calls_beyond_the_room_are_others(void **state)
{
	__u64 now = 100;

	(void)state;
	iop_turn_begin(&turn, now);
	for (__u32 call = 1; call <= IOP_TURN_SLEEPS + 2; call++) {
		iop_turn_off(&turn, 1, call, now);
		iop_turn_on(&turn, now + 10);
		now += 20;
	}
	assert_int_equal(turn.sleeps[0].call, 1);
	assert_int_equal(turn.sleeps[IOP_TURN_SLEEPS - 1].call, IOP_CALL_OTHERS);
	assert_int_equal(turn.sleeps[IOP_TURN_SLEEPS - 1].sleeps, 3);
	assert_int_equal(turn.asleep_ns, 10 * (IOP_TURN_SLEEPS + 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_turn_is_from_a_wait_to_the_next, begin),
		cmocka_unit_test_setup(waits_with_timeout_0_belong_to_the_turn, begin),
		cmocka_unit_test_setup(a_loop_that_never_blocks_is_in_a_turn, begin),
		cmocka_unit_test_setup(a_wait_ends_with_io_another_file_or_nothing, begin),
		cmocka_unit_test_setup(the_end_of_a_thread_ends_no_turn, begin),
		cmocka_unit_test(lag_is_from_ready_to_called),
		cmocka_unit_test(what_a_read_leaves_behind_has_waited_since_it_came),
		cmocka_unit_test(there_is_no_lag_without_data),
		cmocka_unit_test(a_connection_waits_to_be_accepted),
		cmocka_unit_test(a_channel_that_goes_to_another_loop_has_moved),
		cmocka_unit_test(a_channel_that_another_thread_reads_has_moved),
		cmocka_unit_test(an_epoll_in_an_epoll_is_part_of_its_loop),
		cmocka_unit_test(what_follows_a_read_is_for_its_channel),
		cmocka_unit_test(channels_beyond_the_room_are_counted_together),
		cmocka_unit_test(off_the_cpu_it_is_asleep_or_runnable),
		cmocka_unit_test(calls_beyond_the_room_are_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The contract of docs/phases.md, a case at a time. */
#include "scene.h"

static void blocking_read_that_waits(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, 0);
	sleep_from(&c, 120);
	arrive(&c, 1100, 64);
	wake_at(&c, 1150);
	copy(&c, 1160, 1170, 64);
	assert_int_equal(leave(&c, 1200, 64), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 1000, 50, 0, 10, 40);
	assert_int_equal(c.r.flags, 0);
	assert_int_equal(c.r.call_ns, 1100);
}

static void blocking_read_of_waiting_data(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 100, 64);
	enter(&c, 600, 0);
	copy(&c, 610, 620, 64);
	assert_int_equal(leave(&c, 640, 64), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 500, 10, 30);
}

/* The reader itself ran the backlog: data-ready without a sleep. */
static void blocking_read_data_comes_without_sleep(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, 0);
	arrive(&c, 130, 64);
	copy(&c, 140, 150, 64);
	assert_int_equal(leave(&c, 160, 64), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 30, 0, 0, 10, 20);
}

/* The queue ran empty in between: the wait was for the first of them. */
static void data_comes_twice_without_sleep(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, 0);
	arrive(&c, 110, 10);
	copy(&c, 120, 150, 10);
	arrive(&c, 160, 10);
	copy(&c, 170, 175, 10);
	assert_int_equal(leave(&c, 180, 20), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 10, 0, 0, 35, 35);
	assert_int_equal(c.r.flags, 0);
}

static void waitall_adds_every_sleep(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 50, 10);
	enter(&c, 100, 0);
	copy(&c, 110, 115, 10);
	sleep_from(&c, 120);
	arrive(&c, 220, 10);
	wake_at(&c, 225);
	copy(&c, 230, 235, 10);
	sleep_from(&c, 240);
	arrive(&c, 440, 10);
	wake_at(&c, 447);
	copy(&c, 450, 455, 10);
	assert_int_equal(leave(&c, 460, 30), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 300, 12, 50, 15, 33);
	assert_int_equal(c.r.sleeps, 2);
	assert_int_equal(c.r.copies, 3);
}

/* Data arrives after the reader's last look, before it left the CPU. */
/* Another thread took the data it was woken for: that was all waiting. */
static void wake_in_vain_is_waiting(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, 0);
	sleep_from(&c, 110);
	arrive(&c, 200, 64);
	c.q.head = c.q.tail; /* the other thread's read */
	c.s.empty_ns = 210;
	wake_at(&c, 215);
	sleep_from(&c, 220);
	arrive(&c, 300, 64);
	wake_at(&c, 305);
	copy(&c, 310, 320, 64);
	assert_int_equal(leave(&c, 330, 64), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 200, 5, 0, 10, 15);
	assert_int_equal(c.r.sleeps, 2);
}

static void data_just_before_the_sleep_is_not_lost(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 50, 10);
	enter(&c, 100, 0);
	copy(&c, 110, 115, 10);
	arrive(&c, 118, 10);
	sleep_from(&c, 120);
	wake_at(&c, 130);
	copy(&c, 131, 133, 10);
	assert_int_equal(leave(&c, 140, 20), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 10, 50, 7, 23);
}

static void timeout_is_wait_and_says_so(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, 0);
	sleep_from(&c, 110);
	wake_at(&c, 1110);
	assert_int_equal(leave(&c, 1120, -IOP_EAGAIN), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 1010, 0, 0, 0, 10);
	assert_int_equal(c.r.flags, IOP_F_TIMEOUT);
}

static void fin_is_wait_and_never_a_ready(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, 0);
	sleep_from(&c, 110);
	arrive(&c, 1000, 1); /* a FIN takes a sequence number */
	wake_at(&c, 1100);
	c.q.head++;
	c.q.shutdown = 1;
	assert_int_equal(leave(&c, 1110, 0), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 1000, 0, 0, 0, 10);
	assert_int_equal(c.r.flags, IOP_F_EOF);
}

static void interrupted_read(void **state)
{
	struct scene c = {};

	(void)state;
	enter(&c, 100, 0);
	sleep_from(&c, 110);
	wake_at(&c, 200);
	assert_int_equal(leave(&c, 205, -IOP_ERESTARTSYS), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 100, 0, 0, 0, 5);
	assert_int_equal(c.r.flags, IOP_F_INTR);
}

static void polling_counts_and_dates_from_the_first(void **state)
{
	struct scene c = {};

	(void)state;
	eagain(&c, 100, 103);
	eagain(&c, 200, 203);
	arrive(&c, 250, 64);
	enter(&c, 300, IOP_MSG_DONTWAIT);
	copy(&c, 310, 320, 64);
	assert_int_equal(leave(&c, 330, 64), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 150, 0, 50, 10, 20);
	assert_int_equal(c.r.polls, 2);
	assert_int_equal(c.r.poll_ns, 6);

	/* and starts anew */
	arrive(&c, 400, 64);
	enter(&c, 450, IOP_MSG_DONTWAIT);
	copy(&c, 460, 461, 64);
	assert_int_equal(leave(&c, 470, 64), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 0, 0, 50, 1, 19);
	assert_int_equal(c.r.polls, 0);
}

static void polling_data_arrives_during_the_last_call(void **state)
{
	struct scene c = {};

	(void)state;
	eagain(&c, 100, 103);
	enter(&c, 200, IOP_MSG_DONTWAIT);
	arrive(&c, 205, 64);
	copy(&c, 210, 220, 64);
	assert_int_equal(leave(&c, 230, 64), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 105, 0, 0, 10, 15);
}

static void epoll_waits_wakes_dispatches(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 1100, 64);
	iop_wait_report(&c.t, &c.s, TID, 1139);
	iop_wait_exit(&c.t, 1140);
	enter(&c, 1200, IOP_MSG_DONTWAIT);
	copy(&c, 1210, 1220, 64);
	assert_int_equal(leave(&c, 1230, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 1000, 40, 60, 10, 20);
}

static void epoll_finds_data_that_waited(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 100, 64);
	poll_call(&c, 500, 510, 1);
	enter(&c, 520, IOP_MSG_DONTWAIT);
	copy(&c, 530, 535, 64);
	assert_int_equal(leave(&c, 540, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 0, 0, 420, 5, 15);
}

/* Edge-triggered: the EAGAIN that ends a drain is no poll of the next read. */
static void drain_to_eagain_is_no_polling(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 200, 64);
	iop_wait_report(&c.t, &c.s, TID, 209);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 64);
	assert_int_equal(leave(&c, 223, 64), IOP_READ);
	eagain(&c, 230, 231);
	iop_wait_enter(&c.t, 240);
	arrive(&c, 300, 64);
	iop_wait_report(&c.t, &c.s, TID, 309);
	iop_wait_exit(&c.t, 310);
	enter(&c, 320, IOP_MSG_DONTWAIT);
	copy(&c, 321, 322, 64);
	assert_int_equal(leave(&c, 323, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 60, 10, 10, 1, 2);
	assert_int_equal(c.r.polls, 0);
}

/* From the first report on, the thread knew. */
static void first_of_several_reports_counts(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 200, 64);
	iop_wait_report(&c.t, &c.s, TID, 205);
	iop_wait_exit(&c.t, 210);
	for (int i = 0; i < 3 * IOP_NR_WAITS; i++)
		poll_call(&c, 300 + 10 * i, 305 + 10 * i, 1);
	enter(&c, 9000, IOP_MSG_DONTWAIT);
	copy(&c, 9010, 9020, 64);
	assert_int_equal(leave(&c, 9030, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 8790, 10, 20);
}

/* More wait calls than returns are remembered: when it looked is known. */
static void report_outlives_the_wait_calls_after_it(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 200, 64);
	iop_wait_report(&c.t, &c.s, TID, 205);
	iop_wait_exit(&c.t, 210);
	for (int i = 0; i < 3 * IOP_NR_WAITS; i++)
		poll_call(&c, 300 + 10 * i, 305 + 10 * i, 0);
	enter(&c, 9000, IOP_MSG_DONTWAIT);
	copy(&c, 9010, 9020, 64);
	assert_int_equal(leave(&c, 9030, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 5, 8795, 10, 20);
}

static void eagain_spends_what_was_told(void **state)
{
	struct scene c = {};

	(void)state;
	poll_call(&c, 100, 110, 1);
	eagain(&c, 120, 121);
	iop_wait_enter(&c.t, 130);
	arrive(&c, 200, 64);
	iop_wait_report(&c.t, &c.s, TID, 205);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 64);
	assert_int_equal(leave(&c, 223, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 70, 10, 10, 1, 2);
}

static void report_is_used_once(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 200, 100);
	iop_wait_report(&c.t, &c.s, TID, 209);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 60);
	assert_int_equal(leave(&c, 223, 60), IOP_READ);
	assert_int_equal(c.r.model, IOP_MULTIPLEXED);
	enter(&c, 230, IOP_MSG_DONTWAIT);
	copy(&c, 231, 232, 40);
	assert_int_equal(leave(&c, 233, 40), IOP_READ);
	/* what was left has been ready since the end of the read before */
	assert_phases(&c, IOP_NONBLOCKING, 0, 0, 7, 1, 2);
	assert_int_equal(c.r.flags, IOP_F_RESIDUAL);
}

static void report_to_another_thread_does_not_count(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 200, 10);
	iop_wait_report(&c.t, &c.s, TID + 1, 209);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, 0);
	copy(&c, 221, 222, 10);
	assert_int_equal(leave(&c, 223, 10), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 20, 1, 2);
}

static void several_threads_hold_reports(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	iop_wait_enter(&other, 105);
	arrive(&c, 200, 10);
	iop_wait_report(&c.t, &c.s, TID, 209);
	iop_wait_report(&other, &c.s, TID + 1, 209);
	iop_wait_exit(&c.t, 210);
	iop_wait_exit(&other, 215);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 10);
	assert_int_equal(leave(&c, 223, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 10, 1, 2);
	/* the other's report is spent by this read */
	arrive(&c, 300, 10);
	iop_read_enter(&other, &c.s, SK, IOP_MSG_DONTWAIT, 310);
	c.q.head += 10;
	assert_int_equal(iop_read_exit(&other, &c.s, SK, TID + 1, &c.q, 10, 320,
				       &c.r), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 0, 0, 10, 0, 10);
}

static void slept_after_report_is_blocking(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 50, 10);
	poll_call(&c, 60, 70, 1);
	enter(&c, 100, 0);
	copy(&c, 105, 110, 10);
	sleep_from(&c, 120);
	arrive(&c, 220, 10);
	wake_at(&c, 230);
	copy(&c, 235, 240, 10);
	assert_int_equal(leave(&c, 250, 20), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 100, 10, 50, 10, 30);
}

static void signal_driven(void **state)
{
	struct scene c = {};

	(void)state;
	iop_signal_arm(&c.s, 50);
	arrive(&c, 200, 10);
	iop_signal_send(&c.s, 201);
	iop_signal_deliver(&c.t, 230);
	enter(&c, 250, IOP_MSG_DONTWAIT);
	copy(&c, 255, 260, 10);
	assert_int_equal(leave(&c, 270, 10), IOP_READ);
	assert_phases(&c, IOP_SIGNAL, 150, 30, 20, 5, 15);

	/* the next counts from when it was drained */
	arrive(&c, 400, 10);
	iop_signal_send(&c.s, 401);
	iop_signal_deliver(&c.t, 410);
	enter(&c, 420, IOP_MSG_DONTWAIT);
	copy(&c, 421, 422, 10);
	assert_int_equal(leave(&c, 430, 10), IOP_READ);
	assert_phases(&c, IOP_SIGNAL, 130, 10, 10, 1, 9);
}

static void latest_report_decides(void **state)
{
	struct scene c = {};

	(void)state;
	iop_signal_arm(&c.s, 10);
	iop_wait_enter(&c.t, 50);
	arrive(&c, 100, 10);
	iop_signal_send(&c.s, 101);
	iop_wait_report(&c.t, &c.s, TID, 109);
	iop_wait_exit(&c.t, 110);
	iop_signal_deliver(&c.t, 115);
	enter(&c, 120, IOP_MSG_DONTWAIT);
	copy(&c, 121, 122, 10);
	assert_int_equal(leave(&c, 130, 10), IOP_READ);
	assert_phases(&c, IOP_SIGNAL, 90, 15, 5, 1, 9);
}

static void partial_read_restarts_the_clock(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 100, 100);
	enter(&c, 200, 0);
	copy(&c, 201, 205, 40);
	assert_int_equal(leave(&c, 210, 40), IOP_READ);
	assert_int_equal(c.r.flags, 0);
	arrive(&c, 250, 100); /* does not make the old data younger */
	enter(&c, 300, 0);
	copy(&c, 301, 305, 160);
	assert_int_equal(leave(&c, 310, 160), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 90, 4, 6);
	assert_int_equal(c.r.flags, IOP_F_RESIDUAL);
}

/* New data between the last copy and the end of the call is not residual. */
static void arrival_at_the_end_keeps_its_own_ready(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 100, 100);
	enter(&c, 200, 0);
	copy(&c, 201, 205, 100);
	arrive(&c, 208, 50);
	assert_int_equal(leave(&c, 210, 100), IOP_READ);
	enter(&c, 300, 0);
	copy(&c, 301, 302, 50);
	assert_int_equal(leave(&c, 310, 50), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 92, 1, 9);
	assert_int_equal(c.r.flags, 0);
}

/* AF_UNIX queues first and calls back later: the reader may be faster. */
static void data_taken_before_its_callback(void **state)
{
	struct scene c = { .q.packets = 1 };

	(void)state;
	c.q.tail = 1;
	enter(&c, 100, 0);
	copy(&c, 101, 102, 1);
	assert_int_equal(leave(&c, 110, 10), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 0, 1, 9);
	assert_int_equal(c.r.flags, IOP_F_UNSEEN);
	iop_ready(&c.s, &c.q, 112); /* the late callback */
	arrive(&c, 500, 1);
	enter(&c, 600, 0);
	copy(&c, 601, 602, 1);
	assert_int_equal(leave(&c, 610, 10), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 100, 1, 9);
}

static void datagrams_queue_up(void **state)
{
	struct scene c = { .q.packets = 1 };

	(void)state;
	arrive(&c, 100, 1);
	arrive(&c, 150, 1);
	enter(&c, 200, 0);
	copy(&c, 201, 202, 1);
	assert_int_equal(leave(&c, 210, 8), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 100, 1, 9);
	enter(&c, 220, 0);
	copy(&c, 221, 222, 1);
	assert_int_equal(leave(&c, 230, 8), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 10, 1, 9);
	assert_int_equal(c.r.flags, IOP_F_RESIDUAL);
}

static void empty_datagram_is_data(void **state)
{
	struct scene c = { .q.packets = 1 };

	(void)state;
	arrive(&c, 100, 1);
	enter(&c, 200, 0);
	c.q.tail = 0;
	assert_int_equal(leave(&c, 210, 0), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 100, 0, 10);
	assert_int_equal(c.r.flags, 0);
}

static void exit_without_entry_is_unmatched(void **state)
{
	struct scene c = {};

	(void)state;
	assert_int_equal(leave(&c, 100, 10), IOP_UNMATCHED);
	wake_at(&c, 110);
	iop_copy_exit(&c.t, 120);
	iop_wait_exit(&c.t, 130);
	assert_int_equal(leave(&c, 140, 10), IOP_UNMATCHED);
}

static void time_that_runs_backwards_is_refused(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 50, 10);
	enter(&c, 100, 0);
	copy(&c, 120, 90, 10);
	assert_int_equal(leave(&c, 130, 10), IOP_REJECTED);
}

/* --- asynchronous receives ------------------------------------------------------- */

static int async_leave(struct scene *c, struct iop_async *a, __u64 now, __s64 ret)
{
	return iop_async_read_exit(&c->t, &c->s, SK, &c->q, ret, now, a);
}

static void async_receive_that_waits(void **state)
{
	struct scene c = {};
	struct iop_async a = { .asked_ns = 100 };

	(void)state;
	c.t.req = 1;
	enter(&c, 105, IOP_MSG_DONTWAIT);
	assert_int_equal(async_leave(&c, &a, 110, -IOP_EAGAIN), IOP_RETRY);
	arrive(&c, 1100, 64);
	enter(&c, 1130, IOP_MSG_DONTWAIT);
	copy(&c, 1140, 1150, 64);
	assert_int_equal(async_leave(&c, &a, 1160, 64), IOP_READ);
	a.told_ns = 1165;
	assert_int_equal(iop_async_finish(&a, 1200, &c.r), IOP_READ);
	assert_phases(&c, IOP_ASYNC, 1000, 35, 35, 10, 20);
	assert_int_equal(c.r.polls, 0); /* the first attempt is no polling */
	assert_int_equal(c.r.flags, 0);
}

static void async_receive_of_waiting_data(void **state)
{
	struct scene c = {};
	struct iop_async a = { .asked_ns = 100 };

	(void)state;
	arrive(&c, 50, 64);
	c.t.req = 1;
	enter(&c, 110, IOP_MSG_DONTWAIT);
	copy(&c, 112, 115, 64);
	assert_int_equal(async_leave(&c, &a, 120, 64), IOP_READ);
	a.told_ns = 123;
	assert_int_equal(iop_async_finish(&a, 130, &c.r), IOP_READ);
	assert_phases(&c, IOP_ASYNC, 0, 0, 60 + 7, 3, 10);
}

static void async_receive_without_data(void **state)
{
	struct scene c = {};
	struct iop_async a = { .asked_ns = 100 };

	(void)state;
	c.t.req = 1;
	c.q.shutdown = 1;
	enter(&c, 500, IOP_MSG_DONTWAIT);
	assert_int_equal(async_leave(&c, &a, 510, 0), IOP_READ);
	a.told_ns = 512;
	assert_int_equal(iop_async_finish(&a, 520, &c.r), IOP_READ);
	assert_phases(&c, IOP_ASYNC, 400, 0, 8, 0, 12);
	assert_int_equal(c.r.flags, IOP_F_EOF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocking_read_that_waits),
		cmocka_unit_test(blocking_read_of_waiting_data),
		cmocka_unit_test(blocking_read_data_comes_without_sleep),
		cmocka_unit_test(data_comes_twice_without_sleep),
		cmocka_unit_test(waitall_adds_every_sleep),
		cmocka_unit_test(wake_in_vain_is_waiting),
		cmocka_unit_test(data_just_before_the_sleep_is_not_lost),
		cmocka_unit_test(timeout_is_wait_and_says_so),
		cmocka_unit_test(fin_is_wait_and_never_a_ready),
		cmocka_unit_test(interrupted_read),
		cmocka_unit_test(polling_counts_and_dates_from_the_first),
		cmocka_unit_test(polling_data_arrives_during_the_last_call),
		cmocka_unit_test(epoll_waits_wakes_dispatches),
		cmocka_unit_test(epoll_finds_data_that_waited),
		cmocka_unit_test(drain_to_eagain_is_no_polling),
		cmocka_unit_test(first_of_several_reports_counts),
		cmocka_unit_test(report_outlives_the_wait_calls_after_it),
		cmocka_unit_test(eagain_spends_what_was_told),
		cmocka_unit_test(report_is_used_once),
		cmocka_unit_test(report_to_another_thread_does_not_count),
		cmocka_unit_test(several_threads_hold_reports),
		cmocka_unit_test(slept_after_report_is_blocking),
		cmocka_unit_test(signal_driven),
		cmocka_unit_test(latest_report_decides),
		cmocka_unit_test(partial_read_restarts_the_clock),
		cmocka_unit_test(arrival_at_the_end_keeps_its_own_ready),
		cmocka_unit_test(data_taken_before_its_callback),
		cmocka_unit_test(datagrams_queue_up),
		cmocka_unit_test(empty_datagram_is_data),
		cmocka_unit_test(exit_without_entry_is_unmatched),
		cmocka_unit_test(time_that_runs_backwards_is_refused),
		cmocka_unit_test(async_receive_that_waits),
		cmocka_unit_test(async_receive_of_waiting_data),
		cmocka_unit_test(async_receive_without_data),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}

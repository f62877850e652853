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
	report(&c, 1139);
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
	report(&c, 209);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 64);
	assert_int_equal(leave(&c, 223, 64), IOP_READ);
	eagain(&c, 230, 231);
	iop_wait_enter(&c.t, 240);
	arrive(&c, 300, 64);
	report(&c, 309);
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
	report(&c, 205);
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
	report(&c, 205);
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
	report(&c, 205);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 64);
	assert_int_equal(leave(&c, 223, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 70, 10, 10, 1, 2);
}

/* Until the socket is found empty, each read of the loop is the loop's. */
static void later_reads_of_a_drain_are_the_loops(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 200, 100);
	report(&c, 209);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 60);
	assert_int_equal(leave(&c, 223, 60), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 10, 1, 2);
	enter(&c, 230, IOP_MSG_DONTWAIT);
	copy(&c, 231, 232, 40);
	assert_int_equal(leave(&c, 233, 40), IOP_READ);
	/* what was left has lain there since it arrived, with the rest */
	assert_phases(&c, IOP_MULTIPLEXED, 0, 0, 30, 1, 2);
	assert_int_equal(c.r.flags, IOP_F_RESIDUAL);
	/* more came meanwhile: not waited for either */
	arrive(&c, 240, 10);
	enter(&c, 250, IOP_MSG_DONTWAIT);
	copy(&c, 251, 252, 10);
	assert_int_equal(leave(&c, 253, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 0, 0, 10, 1, 2);
	/* ... nor what comes during the call */
	enter(&c, 260, IOP_MSG_DONTWAIT);
	arrive(&c, 262, 10);
	copy(&c, 263, 264, 10);
	assert_int_equal(leave(&c, 265, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 2, 0, 0, 1, 2);
	/* the EAGAIN ends it */
	eagain(&c, 270, 271);
	arrive(&c, 280, 10);
	enter(&c, 290, IOP_MSG_DONTWAIT);
	copy(&c, 291, 292, 10);
	assert_int_equal(leave(&c, 293, 10), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 10, 0, 10, 1, 2);
	assert_int_equal(c.r.polls, 1);
}

/* ... and so does the next wait call, that tells of something else. */
static void waiting_again_ends_a_drain(void **state)
{
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	arrive(&c, 200, 10);
	report(&c, 209);
	iop_wait_exit(&c.t, 210);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 10);
	assert_int_equal(leave(&c, 223, 10), IOP_READ);
	poll_call(&c, 300, 310, 0);
	arrive(&c, 320, 10);
	enter(&c, 330, IOP_MSG_DONTWAIT);
	copy(&c, 331, 332, 10);
	assert_int_equal(leave(&c, 333, 10), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 0, 0, 10, 1, 2);
}

/* One thread waits, another reads: it was in the wait call when data came. */
static void handed_over_by_a_thread_that_slept(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	iop_wait_enter(&other, 100);
	arrive(&c, 200, 10);
	report_to(&c, &other, TID + 1, 209);
	iop_wait_exit(&other, 210);
	iop_wait_enter(&other, 215); /* it waits for others already */
	enter(&c, 250, IOP_MSG_DONTWAIT);
	copy(&c, 251, 252, 6);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 253, 6), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 40, 1, 2);
	assert_int_equal(c.r.flags, IOP_F_HANDOFF);
	/* the rest of the drain is this thread's */
	enter(&c, 260, IOP_MSG_DONTWAIT);
	copy(&c, 261, 262, 4);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 263, 4), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 0, 0, 60, 1, 2);
	assert_int_equal(c.r.flags, IOP_F_RESIDUAL);
}

/* A worker of a pool that reads one request and gives the socket back, twice. */
static void handed_over_again(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	for (__u64 at = 0; at < 2000; at += 1000) {
		iop_wait_enter(&other, at + 100);
		arrive(&c, at + 200, 10);
		report_to(&c, &other, TID + 1, at + 209);
		iop_wait_exit(&other, at + 210);
		enter(&c, at + 250, IOP_MSG_DONTWAIT);
		copy(&c, at + 251, at + 252, 10);
		assert_int_equal(leave_of(&c, &c.t, TID, &other, at + 253, 10), IOP_READ);
		assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 40, 1, 2);
		assert_int_equal(c.r.flags, IOP_F_HANDOFF);
	}
}

/* Go: a thread that waited itself once, and since then was only handed the socket. */
static void handed_over_after_a_report_of_its_own(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	poll_call(&c, 10, 20, 0);
	arrive(&c, 30, 10);
	poll_call(&c, 40, 50, 1);
	enter(&c, 60, IOP_MSG_DONTWAIT);
	copy(&c, 61, 62, 10);
	assert_int_equal(leave(&c, 63, 10), IOP_READ);
	iop_wait_enter(&other, 100);
	arrive(&c, 200, 10);
	report_to(&c, &other, TID + 1, 209);
	iop_wait_exit(&other, 210);
	enter(&c, 250, IOP_MSG_DONTWAIT);
	copy(&c, 251, 252, 10);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 253, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 40, 1, 2);
	assert_int_equal(c.r.flags, IOP_F_HANDOFF);
}

/* The worker drains while the other one is about to learn of what came meanwhile. */
static void a_drain_goes_on_before_it_is_handed_over_again(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	iop_wait_enter(&other, 100);
	arrive(&c, 200, 10);
	report_to(&c, &other, TID + 1, 209);
	iop_wait_exit(&other, 210);
	enter(&c, 250, IOP_MSG_DONTWAIT);
	copy(&c, 251, 252, 10);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 253, 10), IOP_READ);
	iop_wait_enter(&other, 260);
	arrive(&c, 270, 10);
	report_to(&c, &other, TID + 1, 279);
	enter(&c, 280, IOP_MSG_DONTWAIT);
	copy(&c, 281, 282, 10);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 283, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 0, 0, 10, 1, 2);
	/* its EAGAIN ends the drain, whatever the other one knows */
	iop_wait_report(&other, &c.s, TID + 1, PID, 260, 290);
	enter(&c, 295, IOP_MSG_DONTWAIT);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 296, -IOP_EAGAIN), IOP_POLL);
	for (int i = 0; i < IOP_NR_REPORTS; i++)
		assert_int_not_equal(c.s.reports[i].tid, TID);
}

/* It parked on an EAGAIN, and the other one looked when the data was there. */
static void handed_over_by_a_thread_that_looked_later(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	eagain(&c, 100, 101);
	arrive(&c, 400, 10);
	iop_wait_enter(&other, 900);
	report_to(&c, &other, TID + 1, 905);
	iop_wait_exit(&other, 910);
	enter(&c, 1000, IOP_MSG_DONTWAIT);
	copy(&c, 1001, 1002, 10);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 1003, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 300, 0, 600, 1, 2);
	assert_int_equal(c.r.flags, IOP_F_HANDOFF);
	assert_int_equal(c.r.polls, 0);
}

/* Nobody is handed what another thread is still about to learn. */
static void a_wait_call_in_progress_hands_nothing_over(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	iop_wait_enter(&other, 100);
	arrive(&c, 200, 10);
	report_to(&c, &other, TID + 1, 209);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 10);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 223, 10), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 0, 0, 20, 1, 2);
}

/* Two processes share a socket: what one is told is nothing to the other. */
static void report_to_another_process_does_not_count(void **state)
{
	struct iop_thread other = {};
	struct scene c = {};

	(void)state;
	iop_wait_enter(&other, 100);
	arrive(&c, 200, 10);
	iop_wait_report(&other, &c.s, TID + 1, PID + 1, 100, 209);
	iop_wait_exit(&other, 210);
	enter(&c, 220, 0);
	copy(&c, 221, 222, 10);
	assert_int_equal(leave_of(&c, &c.t, TID, &other, 223, 10), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 20, 1, 2);
}

/* A herd: the loser's EAGAIN begins while the winner reads. */
static void another_threads_eagain_spends_nothing(void **state)
{
	struct iop_thread other = {};
	struct scene c = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	iop_wait_enter(&other, 100);
	arrive(&c, 200, 10);
	report(&c, 205);
	report_to(&c, &other, TID + 1, 206);
	iop_wait_exit(&c.t, 210);
	iop_wait_exit(&other, 212);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 10);
	iop_read_enter(&other, &c.s, SK, IOP_MSG_DONTWAIT, 223);
	assert_int_equal(leave_of(&c, &other, TID + 1, &c.t, 224, -IOP_EAGAIN), IOP_POLL);
	assert_int_equal(leave(&c, 225, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 10, 1, 4);
	assert_int_equal(c.r.polls, 0);
}

/* More threads are told than the socket remembers: that is counted. */
static void a_report_that_finds_no_room_is_counted(void **state)
{
	struct iop_thread others[IOP_NR_REPORTS + 1] = {};
	struct scene c = {};

	(void)state;
	for (int i = 0; i <= IOP_NR_REPORTS; i++)
		iop_wait_enter(&others[i], 100);
	arrive(&c, 200, 10);
	for (int i = 0; i <= IOP_NR_REPORTS; i++)
		assert_int_equal(iop_wait_report(&others[i], &c.s, TID + i, PID, 100,
						 201 + i),
				 i == IOP_NR_REPORTS);
}

static void several_threads_hold_reports(void **state)
{
	struct scene c = {};
	struct iop_thread other = {};

	(void)state;
	iop_wait_enter(&c.t, 100);
	iop_wait_enter(&other, 105);
	arrive(&c, 200, 10);
	report(&c, 209);
	report_to(&c, &other, TID + 1, 209);
	iop_wait_exit(&c.t, 210);
	iop_wait_exit(&other, 215);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 10);
	assert_int_equal(leave(&c, 223, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 100, 10, 10, 1, 2);
	/* the other still means to drain it, but was not told of this data */
	arrive(&c, 300, 10);
	iop_read_enter(&other, &c.s, SK, IOP_MSG_DONTWAIT, 310);
	c.q.head += 10;
	assert_int_equal(leave_of(&c, &other, TID + 1, &c.t, 320, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 0, 0, 10, 0, 10);
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
	report(&c, 109);
	iop_wait_exit(&c.t, 110);
	iop_signal_deliver(&c.t, 115);
	enter(&c, 120, IOP_MSG_DONTWAIT);
	copy(&c, 121, 122, 10);
	assert_int_equal(leave(&c, 130, 10), IOP_READ);
	assert_phases(&c, IOP_SIGNAL, 90, 15, 5, 1, 9);
}

static void what_a_partial_read_left_keeps_its_time(void **state)
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
	assert_phases(&c, IOP_BLOCKING, 0, 0, 200, 4, 6);
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
	assert_phases(&c, IOP_BLOCKING, 0, 0, 70, 1, 9);
	assert_int_equal(c.r.flags, IOP_F_RESIDUAL);
}

/* A burst that is longer than what is remembered: a neighbour's time at most. */
static void a_long_queue_shares_steps(void **state)
{
	struct scene c = { .q.packets = 1 };
	const int n = 1000, gap = 10;
	int approx = 0;

	(void)state;
	for (int i = 0; i < n; i++)
		arrive(&c, 1000 + gap * i, 1);
	for (int i = 0; i < n; i++) {
		__u64 called = 100000 + 100 * i, at = 1000 + gap * i;

		enter(&c, called, 0);
		copy(&c, called + 1, called + 2, 1);
		assert_int_equal(leave(&c, called + 10, 8), IOP_READ);
		assert_true(c.r.phase_ns[IOP_DISPATCH] >= called - at);
		assert_true(c.r.phase_ns[IOP_DISPATCH] <= called - at + n * gap / 8);
		approx += !!(c.r.flags & IOP_F_APPROX);
	}
	assert_true(approx > n / 2);
}

/* A reader that is always some packets behind: what it has read makes room. */
static void a_queue_that_never_empties_stays_exact(void **state)
{
	struct scene c = { .q.packets = 1 };
	const int behind = 10;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		__u64 now = 1000 + 100 * i;

		arrive(&c, now, 1);
		if (i < behind)
			continue;
		enter(&c, now + 10, 0);
		copy(&c, now + 11, now + 12, 1);
		assert_int_equal(leave(&c, now + 20, 8), IOP_READ);
		assert_phases(&c, IOP_BLOCKING, 0, 0, 100 * behind + 10, 1, 9);
		assert_int_equal(c.r.flags & IOP_F_APPROX, 0);
	}
}

/* TCP: two arrivals, read in thirds; sequence numbers wrap in between. */
static void bytes_have_the_time_of_their_arrival(void **state)
{
	struct scene c = { .q = { .head = -10u, .tail = -10u }, .s.tail = -10u };

	(void)state;
	arrive(&c, 100, 30);
	arrive(&c, 200, 30);
	for (int i = 0; i < 3; i++) {
		__u64 called = 1000 + 100 * i;

		enter(&c, called, 0);
		copy(&c, called + 1, called + 2, 20);
		assert_int_equal(leave(&c, called + 10, 20), IOP_READ);
		assert_int_equal(c.r.phase_ns[IOP_DISPATCH],
				 called - (i < 2 ? 100 : 200));
	}
}

/* What lay there before the first arrival that was seen has no time. */
static void data_from_before_is_unseen(void **state)
{
	struct scene c = { .q = { .packets = 1, .tail = 2, .older = 1 } };

	(void)state;
	arrive(&c, 100, 1);
	c.q.older = 0;
	for (int i = 0; i < 3; i++) {
		enter(&c, 200 + 20 * i, 0);
		copy(&c, 201 + 20 * i, 202 + 20 * i, 1);
		assert_int_equal(leave(&c, 210 + 20 * i, 8), IOP_READ);
		assert_true(c.r.flags & IOP_F_UNSEEN);
		assert_int_equal(c.r.phase_ns[IOP_DISPATCH], 0);
	}
	arrive(&c, 300, 1);
	enter(&c, 310, 0);
	copy(&c, 311, 312, 1);
	assert_int_equal(leave(&c, 320, 8), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 0, 0, 10, 1, 9);
	assert_int_equal(c.r.flags, 0);
}

/* A wrong checksum: the datagram is dropped, and the read waits again. */
static void a_dropped_datagram_is_no_copy(void **state)
{
	struct scene c = { .q.packets = 1 };

	(void)state;
	enter(&c, 100, 0);
	sleep_from(&c, 110);
	arrive(&c, 500, 1);
	wake_at(&c, 510);
	iop_copy_enter(&c.t, &c.s, 512);
	c.q.tail--;
	iop_copy_cancel(&c.t);
	sleep_from(&c, 520);
	arrive(&c, 1500, 1);
	wake_at(&c, 1510);
	copy(&c, 1512, 1514, 1);
	assert_int_equal(leave(&c, 1520, 8), IOP_READ);
	assert_phases(&c, IOP_BLOCKING, 1400, 10, 0, 2, 8);
}

/* The kernel's look for more datagrams of a recvmmsg() is nobody's poll. */
static void no_more_datagrams_is_no_poll(void **state)
{
	struct scene c = { .q.packets = 1 };

	(void)state;
	enter(&c, 100, IOP_MSG_DONTWAIT);
	c.t.rd.more = 1;
	assert_int_equal(leave(&c, 103, -IOP_EAGAIN), IOP_NO_MORE);
	arrive(&c, 200, 1);
	enter(&c, 210, IOP_MSG_DONTWAIT);
	copy(&c, 211, 212, 1);
	assert_int_equal(leave(&c, 213, 8), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 0, 0, 10, 1, 2);
	assert_int_equal(c.r.polls, 0);
}

/* Nothing of the stream, whatever a wait call said. */
static void the_error_queue_is_read_inside_its_call(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 50, 10);
	poll_call(&c, 100, 110, 1);
	enter(&c, 200, IOP_MSG_DONTWAIT | IOP_MSG_ERRQUEUE);
	assert_int_equal(leave(&c, 210, 0), IOP_READ);
	assert_phases(&c, IOP_NONBLOCKING, 0, 0, 0, 0, 10);
	assert_int_equal(c.r.flags, IOP_F_ERRQUEUE);
	enter(&c, 220, IOP_MSG_DONTWAIT);
	copy(&c, 221, 222, 10);
	assert_int_equal(leave(&c, 223, 10), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 0, 0, 170, 1, 2);
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
		cmocka_unit_test(later_reads_of_a_drain_are_the_loops),
		cmocka_unit_test(waiting_again_ends_a_drain),
		cmocka_unit_test(handed_over_by_a_thread_that_slept),
		cmocka_unit_test(handed_over_again),
		cmocka_unit_test(handed_over_after_a_report_of_its_own),
		cmocka_unit_test(a_drain_goes_on_before_it_is_handed_over_again),
		cmocka_unit_test(handed_over_by_a_thread_that_looked_later),
		cmocka_unit_test(a_wait_call_in_progress_hands_nothing_over),
		cmocka_unit_test(report_to_another_process_does_not_count),
		cmocka_unit_test(another_threads_eagain_spends_nothing),
		cmocka_unit_test(a_report_that_finds_no_room_is_counted),
		cmocka_unit_test(several_threads_hold_reports),
		cmocka_unit_test(slept_after_report_is_blocking),
		cmocka_unit_test(signal_driven),
		cmocka_unit_test(latest_report_decides),
		cmocka_unit_test(what_a_partial_read_left_keeps_its_time),
		cmocka_unit_test(arrival_at_the_end_keeps_its_own_ready),
		cmocka_unit_test(data_taken_before_its_callback),
		cmocka_unit_test(datagrams_queue_up),
		cmocka_unit_test(a_long_queue_shares_steps),
		cmocka_unit_test(a_queue_that_never_empties_stays_exact),
		cmocka_unit_test(bytes_have_the_time_of_their_arrival),
		cmocka_unit_test(data_from_before_is_unseen),
		cmocka_unit_test(a_dropped_datagram_is_no_copy),
		cmocka_unit_test(no_more_datagrams_is_no_poll),
		cmocka_unit_test(the_error_queue_is_read_inside_its_call),
		cmocka_unit_test(empty_datagram_is_data),
		cmocka_unit_test(exit_without_entry_is_unmatched),
		cmocka_unit_test(time_that_runs_backwards_is_refused),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}

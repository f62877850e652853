// SPDX-License-Identifier: GPL-2.0-only
/* Reads of io_uring: their calls and their completions, a case at a time. */
#include "scene.h"

/* A request of io_uring, from its submission on, and its completion. */
static struct iop_request submit(__u32 kind, __u64 now)
{
	struct iop_request r = { .done = 1, .sock = 5 }; /* what was there before */

	iop_apply(IOP_IN_URING_SUBMIT, NULL, NULL,
		  &(struct iop_event){ .now = now, .tid = TID, .arg = kind, .req = &r });
	return r;
}

static int complete(struct iop_request *r, __u64 now, __s32 res)
{
	return iop_apply(IOP_IN_URING_COMPLETE, NULL, NULL,
			 &(struct iop_event){
				 .now = now, .arg = iop_complete_arg(res, 0), .req = r });
}

static int async_leave(struct scene *c, struct iop_request *r, __u64 now, __s64 ret)
{
	const struct iop_read_end e = { .sock = SK, .now = now, .ret = ret, .q = c->q };

	return iop_request_read_exit(&c->t, &c->s, &e, r);
}

static void async_receive_that_waits(void **state)
{
	struct iop_request r = submit(IOP_REQUEST_RECEIVE, 100);
	struct scene c = {};

	(void)state;
	c.t.req = 1;
	enter(&c, 105, IOP_MSG_DONTWAIT);
	assert_int_equal(async_leave(&c, &r, 110, -IOP_EAGAIN), IOP_RETRY);
	arrive(&c, 1100, 64);
	enter(&c, 1130, IOP_MSG_DONTWAIT);
	copy(&c, 1140, 1150, 64);
	assert_int_equal(async_leave(&c, &r, 1160, 64), IOP_READ);
	assert_true(complete(&r, 1165, 64));
	assert_int_equal(iop_async_finish(&r.async, 1200, &c.r), IOP_READ);
	assert_phases(&c, IOP_ASYNC, 1000, 35, 35, 10, 20);
	assert_int_equal(c.r.polls, 0); /* the first attempt is no polling */
	assert_int_equal(c.r.flags, 0);
	assert_int_equal(r.ret, 64);
	assert_int_equal(r.tid, TID);
}

static void async_receive_of_waiting_data(void **state)
{
	struct iop_request r = submit(IOP_REQUEST_READ, 100);
	struct scene c = {};

	(void)state;
	arrive(&c, 50, 64);
	c.t.req = 1;
	enter(&c, 110, IOP_MSG_DONTWAIT);
	copy(&c, 112, 115, 64);
	assert_int_equal(async_leave(&c, &r, 120, 64), IOP_READ);
	assert_true(complete(&r, 123, 64));
	assert_int_equal(iop_async_finish(&r.async, 130, &c.r), IOP_READ);
	assert_phases(&c, IOP_ASYNC, 0, 0, 60 + 7, 3, 10);
}

static void async_receive_without_data(void **state)
{
	struct iop_request r = submit(IOP_REQUEST_RECEIVE, 100);
	struct scene c = {};

	(void)state;
	c.t.req = 1;
	c.q.shutdown = 1;
	enter(&c, 500, IOP_MSG_DONTWAIT);
	assert_int_equal(async_leave(&c, &r, 510, 0), IOP_READ);
	assert_true(complete(&r, 512, 0));
	assert_int_equal(iop_async_finish(&r.async, 520, &c.r), IOP_READ);
	assert_phases(&c, IOP_ASYNC, 400, 0, 8, 0, 12);
	assert_int_equal(c.r.flags, IOP_F_EOF);
}

static void a_request_that_fails_was_waiting(void **state)
{
	struct iop_request r = submit(IOP_REQUEST_READ, 100);
	struct scene c = {};

	(void)state;
	c.t.req = 1;
	enter(&c, 105, IOP_MSG_DONTWAIT);
	assert_int_equal(async_leave(&c, &r, 110, -IOP_EAGAIN), IOP_RETRY);
	assert_true(complete(&r, 500, -IOP_ECANCELED));
	assert_int_equal(r.ret, -IOP_ECANCELED);
	assert_int_equal(iop_async_finish(&r.async, 520, &c.r), IOP_READ);
	assert_phases(&c, IOP_ASYNC, 400, 0, 20, 0, 0);
}

/* What may be a file's is no failed read, nor is what never was a socket. */
static void a_completion_is_a_read_or_is_none(void **state)
{
	struct iop_request r = submit(IOP_REQUEST_RECEIVE, 100);

	(void)state;
	assert_true(complete(&r, 200, -IOP_ECANCELED));
	assert_false(complete(&r, 300, 0)); /* the same again */
	r = submit(IOP_REQUEST_RECEIVE, 100);
	assert_false(complete(&r, 200, -IOP_ENOTSOCK));
	r = submit(IOP_REQUEST_READ, 100);
	assert_false(complete(&r, 200, -IOP_ECANCELED));
	r = submit(IOP_REQUEST_POLL, 100);
	assert_false(complete(&r, 200, -IOP_ECANCELED));
	r = submit(IOP_REQUEST_READ, 100);
	assert_false(complete(&r, 200, 64));
}

/* Of a multishot request the next has been asked for since the one before it. */
static void a_multishot_request_asks_again(void **state)
{
	struct iop_request r = submit(IOP_REQUEST_RECEIVE, 100);
	struct scene c = {};

	(void)state;
	c.t.req = 1;
	for (__u64 at = 1000; at <= 2000; at += 1000) {
		arrive(&c, at, 64);
		enter(&c, at + 10, IOP_MSG_DONTWAIT);
		copy(&c, at + 12, at + 15, 64);
		assert_int_equal(async_leave(&c, &r, at + 20, 64), IOP_READ);
		assert_true(complete(&r, at + 30, 64));
		assert_int_equal(iop_async_finish(&r.async, at + 40, &c.r), IOP_READ);
		assert_int_equal(c.r.phase_ns[IOP_WAIT], at == 1000 ? 900 : 970);
		iop_request_next(&r, at + 30);
	}
}

/* A request to poll tells as a wait call does: whoever waits for its ring. */
static void a_ring_tells_who_waits_for_it(void **state)
{
	struct scene c = {};

	(void)state;
	iop_ring_wait_enter(&c.t, 1);
	arrive(&c, 1100, 64);
	iop_ring_report(&c.t, &c.s, TID, PID, 100, 1120);
	iop_ring_wait_exit(&c.t, 1140);
	enter(&c, 1200, IOP_MSG_DONTWAIT);
	copy(&c, 1210, 1220, 64);
	assert_int_equal(leave(&c, 1230, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 1000, 40, 60, 10, 20);
}

/* ... or, if nobody does, when it is posted. */
static void a_ring_that_nobody_waits_for_tells_at_once(void **state)
{
	struct scene c = {};

	(void)state;
	arrive(&c, 1100, 64);
	iop_ring_report(&c.t, &c.s, TID, PID, 100, 1120);
	enter(&c, 1200, IOP_MSG_DONTWAIT);
	copy(&c, 1210, 1220, 64);
	assert_int_equal(leave(&c, 1230, 64), IOP_READ);
	assert_phases(&c, IOP_MULTIPLEXED, 1000, 20, 80, 10, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(async_receive_that_waits),
		cmocka_unit_test(async_receive_of_waiting_data),
		cmocka_unit_test(async_receive_without_data),
		cmocka_unit_test(a_request_that_fails_was_waiting),
		cmocka_unit_test(a_completion_is_a_read_or_is_none),
		cmocka_unit_test(a_multishot_request_asks_again),
		cmocka_unit_test(a_ring_tells_who_waits_for_it),
		cmocka_unit_test(a_ring_that_nobody_waits_for_tells_at_once),
	};

	return cmocka_run_group_tests_name("async", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random event orders. Possible ones are checked against an oracle that keeps
 * the arrival time of every byte; impossible ones must never give a read whose
 * phases do not add up. IOPHASE_SEED repeats a run.
 */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NR_SOCKS 4
#define MAX_ARRIVALS 64
#define STEPS 200000

/* Every arrival not yet read: when, and how many bytes. */
struct arrival {
	__u64 at;
	__u32 bytes;
};

struct stream {
	struct iop_sock s;
	struct iop_queue q;
	struct arrival unread[MAX_ARRIVALS];
	int nr;
	__u64 first_poll;
	__u32 polls;
	__u32 told_in; /* number of the wait call that told of it; 0: none holds */
};

/* What the application and the oracle know of the read in progress. */
struct world {
	struct iop_thread t;
	struct stream streams[NR_SOCKS];
	__u64 now;
	__u32 waits;		/* wait calls so far */
	__u64 wait, wake, copy; /* inside the call */
	__u64 bytes_read, bytes_sent;
};

static unsigned int seed;

static __u32 below(__u32 n)
{
	return rand_r(&seed) % n;
}

static __u64 tick(struct world *w)
{
	return w->now += 1 + below(50);
}

static void send_to(struct world *w, struct stream *st)
{
	struct arrival *a = &st->unread[st->nr];

	if (st->nr == MAX_ARRIVALS)
		return;
	st->nr++;
	a->at = tick(w);
	a->bytes = 1 + below(100);
	st->q.tail += a->bytes;
	w->bytes_sent += a->bytes;
	iop_ready(&st->s, &st->q, a->at);
}

/* Things happen meanwhile, to any socket. */
static void meanwhile(struct world *w)
{
	while (!below(3))
		send_to(w, &w->streams[below(NR_SOCKS)]);
}

/* Takes up to max bytes off; returns how many. */
static __u32 take(struct stream *st, __u32 max)
{
	__u32 taken = 0;

	while (st->nr && taken < max) {
		struct arrival *a = &st->unread[0];
		__u32 n = a->bytes < max - taken ? a->bytes : max - taken;

		a->bytes -= n;
		taken += n;
		if (a->bytes)
			break;
		st->nr--;
		memmove(a, a + 1, st->nr * sizeof(*a));
	}
	st->q.head += taken;
	return taken;
}

static __u32 copy_some(struct world *w, struct stream *st, __u32 max)
{
	__u64 from = tick(w);
	__u32 n;

	iop_copy_enter(&w->t, &st->s, from);
	n = take(st, max);
	tick(w);
	iop_copy_exit(&w->t, w->t.rd.unsampled ? from : w->now);
	w->copy += w->now - from;
	return n;
}

/*
 * Where arrivals share a step, ready is that of one before: no later than the
 * oracle's, and what is not before the call is as exact as ever.
 */
static void check(const struct iop_result *r, __u32 model,
		  const __u64 want[IOP_NR_PHASES], __u32 polls)
{
	__u64 sum = 0;

	assert_int_equal(r->model, model);
	if (r->flags & IOP_F_APPROX) {
		assert_true(iop_sound(r));
		assert_true(r->total_ns >= want[IOP_WAIT] + want[IOP_WAKE] +
						   want[IOP_DISPATCH] + want[IOP_COPY] +
						   want[IOP_REST]);
		assert_int_equal(r->phase_ns[IOP_COPY], want[IOP_COPY]);
		assert_int_equal(r->phase_ns[IOP_REST], want[IOP_REST]);
		return;
	}
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		assert_int_equal(r->phase_ns[i], want[i]);
		sum += want[i];
	}
	assert_int_equal(r->total_ns, sum);
	assert_int_equal(r->polls, polls);
}

/* Begins a read; some are not sampled, which the others must not feel. */
static void begin_read(struct world *w, struct stream *st, __u32 msg_flags, __u64 called)
{
	iop_read_enter(&w->t, &st->s, SK + (st - w->streams), msg_flags, called);
	w->t.rd.unsampled = !below(3);
}

/* Does what a wait call told of this socket still hold? */
static int is_told(const struct world *w, const struct stream *st)
{
	return st->told_in && st->told_in == w->waits;
}

static int leave_stream(struct world *w, struct stream *st, __s64 ret,
			struct iop_result *r)
{
	struct iop_read_end e = {
		.sock = SK + (st - w->streams),
		.now = tick(w),
		.ret = ret,
		.q = st->q,
		.tid = TID,
		.pid = PID,
		.report = iop_find_report(&w->t, &st->s, TID, PID),
		.delivered_ns = iop_delivered(&w->t, &st->s),
	};

	return iop_read_exit(&w->t, &st->s, &e, r);
}

/* Ends the read and settles what it left behind. */
static struct iop_result end_read(struct world *w, struct stream *st, __u32 n)
{
	int verdict = w->t.rd.unsampled ? IOP_UNSAMPLED : IOP_READ;
	struct iop_result r;

	meanwhile(w);
	assert_int_equal(leave_stream(w, st, n, &r), verdict);
	st->polls = 0;
	w->bytes_read += n;
	return r;
}

/* Blocks until there is data; maybe waits for more (MSG_WAITALL). */
static void read_blocking(struct world *w, struct stream *st)
{
	__u64 called = tick(w), want[5] = {};
	__u32 n = 0, goal = 1 + below(150);
	int all = below(2), sleeps = 0;
	struct iop_result r;
	__u64 begin = called;

	begin_read(w, st, 0, called);
	w->wait = w->wake = w->copy = 0;
	if (st->nr) {
		begin = st->unread[0].at;
		want[IOP_DISPATCH] = called - begin;
	}
	do {
		if (!st->nr) {
			__u64 from, at;

			iop_sleep_enter(&w->t, &st->s, tick(w));
			from = n || sleeps ? w->now : called;
			while (!st->nr)
				send_to(w, st);
			at = st->unread[0].at;
			meanwhile(w);
			iop_sleep_exit(&w->t, &st->s, tick(w));
			want[IOP_WAIT] += at - from;
			want[IOP_WAKE] += w->now - at;
			sleeps++;
		}
		n += copy_some(w, st, goal - n);
	} while (all && n < goal);
	r = end_read(w, st, n);
	want[IOP_COPY] = w->copy;
	want[IOP_REST] = (w->now - begin) - want[IOP_WAIT] - want[IOP_WAKE] -
			 want[IOP_DISPATCH] - w->copy;
	if (w->t.rd.unsampled)
		return;
	check(&r, !sleeps && is_told(w, st) ? IOP_MULTIPLEXED : IOP_BLOCKING, want, 0);
	assert_int_equal(r.sleeps, sleeps);
}

/* The tail of a read that does not sleep; asked and told are given. */
static void read_ready(struct world *w, struct stream *st, __u32 model, __u64 asked,
		       __u64 told, __u32 polls)
{
	__u64 called = w->now, ready = st->unread[0].at, want[5] = {};
	struct iop_result r;
	__u32 n, max = 1 + below(150);
	__u64 begin = asked < ready ? asked : ready;

	w->copy = 0;
	if (model == IOP_NONBLOCKING && ready > asked)
		told = ready;
	if (ready <= asked) {
		want[IOP_DISPATCH] = called - ready;
	} else {
		want[IOP_WAIT] = ready - asked;
		want[IOP_WAKE] = told - ready;
		want[IOP_DISPATCH] = called - told;
	}
	n = copy_some(w, st, max);
	r = end_read(w, st, n);
	want[IOP_COPY] = w->copy;
	want[IOP_REST] = w->now - begin - want[0] - want[1] - want[2] - w->copy;
	if (!w->t.rd.unsampled)
		check(&r, model, want, polls);
}

static void read_polling(struct world *w, struct stream *st)
{
	struct iop_result r;

	for (;;) {
		__u64 called = tick(w);

		begin_read(w, st, IOP_MSG_DONTWAIT, called);
		if (st->nr) {
			__u64 asked = st->polls ? st->first_poll : called;

			if (is_told(w, st)) {
				read_ready(w, st, IOP_MULTIPLEXED, called, called, 0);
				return;
			}
			read_ready(w, st, IOP_NONBLOCKING, asked, called, st->polls);
			return;
		}
		if (!st->polls++)
			st->first_poll = called;
		assert_int_equal(leave_stream(w, st, -IOP_EAGAIN, &r), IOP_POLL);
		st->told_in = 0;
		send_to(w, &w->streams[below(NR_SOCKS)]);
	}
}

static void read_multiplexed(struct world *w, struct stream *st)
{
	__u64 asked = tick(w), told;

	iop_wait_enter(&w->t, asked);
	st->told_in = ++w->waits;
	while (!st->nr)
		send_to(w, &w->streams[below(NR_SOCKS)]);
	meanwhile(w);
	iop_wait_report(&w->t, &st->s, TID, PID, asked, tick(w));
	st->polls = 0;
	told = tick(w);
	iop_wait_exit(&w->t, told);
	meanwhile(w);
	begin_read(w, st, IOP_MSG_DONTWAIT, tick(w));
	read_ready(w, st, IOP_MULTIPLEXED, asked, told, 0);
}

static void possible_orders_give_the_oracles_phases(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	__u64 unread = 0;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		struct stream *st = &w->streams[below(NR_SOCKS)];

		meanwhile(w);
		switch (below(3)) {
		case 0:
			st->polls = 0; /* a sleep or data ends the polling */
			if (!st->s.polls)
				read_blocking(w, st);
			break;
		case 1:
			read_polling(w, st);
			break;
		case 2:
			read_multiplexed(w, st);
			break;
		}
	}
	for (int i = 0; i < NR_SOCKS; i++)
		for (int j = 0; j < w->streams[i].nr; j++)
			unread += w->streams[i].unread[j].bytes;
	assert_int_equal(w->bytes_sent, w->bytes_read + unread);
	free(w);
}

static void impossible_orders_never_give_an_unsound_read(void **state)
{
	struct iop_thread other = {};
	struct scene c = {};
	__u64 now = 1000;
	int reads = 0;

	(void)state;
	for (int i = 0; i < 10 * STEPS; i++) {
		now += below(4) ? below(100) : -(__u64)below(100);
		c.q.packets = below(8) ? c.q.packets : below(2);
		switch (below(12)) {
		case 0:
			arrive(&c, now, below(5));
			break;
		case 1:
			enter(&c, now, below(2) ? IOP_MSG_DONTWAIT : 0);
			break;
		case 2:
			iop_copy_enter(&c.t, &c.s, now);
			break;
		case 3:
			iop_copy_exit(&c.t, now);
			break;
		case 4:
			sleep_from(&c, now);
			break;
		case 5:
			wake_at(&c, now);
			break;
		case 6:
			iop_wait_enter(&c.t, now);
			break;
		case 7:
			iop_wait_report(&c.t, &c.s, TID + below(2), PID,
					c.t.wait_enter_ns, now);
			break;
		case 8:
			iop_wait_exit(&c.t, now);
			iop_wait_exit(&other, now);
			iop_wait_enter(&other, now);
			break;
		case 9:
			iop_signal_send(&c.s, now);
			iop_signal_arm(&c.s, now);
			break;
		case 10:
			iop_signal_deliver(&c.t, now);
			break;
		case 11:
			c.q.head = below(2) ? c.q.tail : c.q.head;
			if (leave_of(&c, &c.t, TID, &other, now, (int)below(40) - 12) !=
			    IOP_READ)
				break;
			reads++;
			assert_true(iop_sound(&c.r));
			assert_true(c.r.call_ns <= c.r.total_ns);
			break;
		}
	}
	assert_true(reads > STEPS / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(possible_orders_give_the_oracles_phases),
		cmocka_unit_test(impossible_orders_never_give_an_unsound_read),
	};
	const char *given = getenv("IOPHASE_SEED");
	int failed;

	seed = given ? strtoul(given, NULL, 10) : (unsigned int)time(NULL);
	unsigned int first = seed;

	failed = cmocka_run_group_tests_name("property", tests, NULL, NULL);
	if (failed)
		fprintf(stderr, "repeat with IOPHASE_SEED=%u\n", first);
	return failed;
}

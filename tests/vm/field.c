// SPDX-License-Identifier: GPL-2.0-only
/*
 * What servers do that a tracer can get wrong, a small program each:
 *
 *   handoff       a thread parks on EAGAIN, another asks epoll every 10 ms and wakes
 *                 it (Go's netpoller, Tokio); data comes 3 ms after the EAGAIN
 *   herd          16 threads with an epoll each on one UDP socket, a datagram every
 *                 50 ms: the first reads it, the others get EAGAIN
 *   recvmmsg      datagrams at 10, 20 and 200 ms for one call whose timeout of 50 ms
 *                 is looked at after each (man 2 recvmmsg, BUGS); then one for a call
 *                 with MSG_WAITFORONE
 *   burst         20 datagrams at once, 5 ms of work for each
 *   dontwait, nobufs, cancel
 *                 a receive of io_uring that ends without data; a second one is made
 *                 when there is some
 *   polladd       io_uring polls, recv() reads
 *   manyreceives  6,000 receives of io_uring under way; 40 datagrams at a time come while
 *                 the thread waits for as many
 */
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

#define ROUNDS 20
#define HERD 16

static int reader, sender; /* a UNIX pair, or two UDP sockets */
static char data[100];

static void unix_pair(void)
{
	int pair[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	reader = pair[0];
	sender = pair[1];
}

static void udp_pair(void)
{
	struct sockaddr_in a;

	reader = bound(SOCK_DGRAM, &a);
	sender = connected(SOCK_DGRAM, &a);
}

static void send_one(void)
{
	CHECK(send(sender, data, 64, 0) == 64);
}

/* --- one waits, another reads ------------------------------------------------------ */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int parked[2]; /* a pipe: the worker says that it parks */
static int told, done;

static void *send_when_parked(void *arg)
{
	char byte;

	while (read(parked[0], &byte, 1) == 1) {
		sleep_ms(3);
		send_one();
	}
	return arg;
}

static void *work(void *arg)
{
	for (int rounds = ROUNDS; rounds;) {
		while (recv(reader, data, sizeof(data), MSG_DONTWAIT) > 0)
			rounds--;
		pthread_mutex_lock(&lock);
		if (rounds)
			CHECK(write(parked[1], "", 1) == 1);
		while (rounds && !told)
			pthread_cond_wait(&changed, &lock);
		told = 0;
		done = !rounds;
		pthread_mutex_unlock(&lock);
	}
	return arg;
}

static void handoff(void)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0);
	pthread_t t[2];

	unix_pair();
	CHECK(!pipe(parked));
	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, reader, &e));
	CHECK(!pthread_create(&t[0], NULL, send_when_parked, NULL));
	CHECK(!pthread_create(&t[1], NULL, work, NULL));
	for (int over = 0; !over; sleep_ms(10)) {
		if (epoll_wait(epoll, &e, 1, 0) == 1) {
			pthread_mutex_lock(&lock);
			told = 1;
			pthread_cond_signal(&changed);
			pthread_mutex_unlock(&lock);
		}
		pthread_mutex_lock(&lock);
		over = done;
		pthread_mutex_unlock(&lock);
	}
	CHECK(!pthread_join(t[1], NULL));
}

/* --- a herd --------------------------------------------------------------------------- */

static void *graze(void *arg)
{
	struct epoll_event e = { .events = EPOLLIN };
	int epoll = epoll_create1(0);
	char own[64];

	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, reader, &e));
	for (;;)
		if (epoll_wait(epoll, &e, 1, -1) == 1)
			recv(reader, own, sizeof(own), MSG_DONTWAIT);
	return arg;
}

static void herd(void)
{
	pthread_t t;

	udp_pair();
	for (int i = 0; i < HERD; i++)
		CHECK(!pthread_create(&t, NULL, graze, NULL));
	sleep_ms(50);
	for (int i = 0; i < ROUNDS; i++) {
		send_one();
		sleep_ms(50);
	}
}

/* --- datagrams -------------------------------------------------------------------------- */

static const int *send_at; /* ms, ends with 0 */

static void *send_on_time(void *arg)
{
	for (int now = 0; *send_at; now = *send_at++) {
		sleep_ms(*send_at - now);
		send_one();
	}
	return arg;
}

static void many(const int *at, int flags, struct timespec *limit, int expected)
{
	static char buffers[4][64];
	struct iovec v[4];
	struct mmsghdr m[4] = {};
	pthread_t t;

	for (int i = 0; i < 4; i++) {
		v[i] = (struct iovec){ buffers[i], sizeof(buffers[i]) };
		m[i].msg_hdr = (struct msghdr){ .msg_iov = &v[i], .msg_iovlen = 1 };
	}
	send_at = at;
	CHECK(!pthread_create(&t, NULL, send_on_time, NULL));
	CHECK(recvmmsg(reader, m, 4, flags, limit) == expected);
	CHECK(!pthread_join(t, NULL));
}

static void recvmmsg_calls(void)
{
	static const int first[] = { 10, 20, 200, 0 }, second[] = { 10, 0 };
	struct timespec limit = { 0, 50000000 };

	udp_pair();
	many(first, 0, &limit, 3);
	many(second, MSG_WAITFORONE, NULL, 1);
}

static void burst(void)
{
	udp_pair();
	for (int i = 0; i < ROUNDS; i++)
		send_one();
	for (int i = 0; i < ROUNDS; i++) {
		CHECK(recv(reader, data, sizeof(data), 0) == 64);
		sleep_ms(5);
	}
}

/* --- io_uring ----------------------------------------------------------------------------- */

static struct io_uring ring;

/* Submits, waits for one completion, and says what its result was. */
static int complete(void)
{
	struct io_uring_cqe *cqe;
	int res;

	CHECK(io_uring_submit_and_wait(&ring, 1) >= 0);
	CHECK(!io_uring_wait_cqe(&ring, &cqe));
	res = cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	return res;
}

static struct io_uring_sqe *receive(int flags)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_recv(sqe, reader, data, 64, flags);
	return sqe;
}

static void uring(const char *how)
{
	struct io_uring_sqe *sqe;

	unix_pair();
	CHECK(!io_uring_queue_init(8, &ring, 0));
	if (!fork()) {
		sleep_ms(50);
		send_one();
		_exit(0);
	}
	if (!strcmp(how, "polladd")) {
		io_uring_prep_poll_add(io_uring_get_sqe(&ring), reader, 1 /* POLLIN */);
		CHECK(complete() > 0);
		CHECK(recv(reader, data, 64, MSG_DONTWAIT) == 64);
		return;
	}
	if (!strcmp(how, "nobufs")) {
		sqe = receive(0);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = 7; /* of which there is no buffer */
		CHECK(complete() == -ENOBUFS);
	} else if (!strcmp(how, "cancel")) {
		receive(0)->user_data = 1;
		CHECK(io_uring_submit(&ring) == 1);
		sleep_ms(20);
		io_uring_prep_cancel(io_uring_get_sqe(&ring), (void *)1, 0);
		complete();
		complete();
	} else {
		receive(MSG_DONTWAIT);
		CHECK(complete() == -EAGAIN);
	}
	sleep_ms(100);
	receive(0);
	CHECK(complete() == 64);
}

#define PAIRS 400
#define RECEIVES 15 /* of each */
#define AT_ONCE 40

static void many_receives(void)
{
	static int pairs[PAIRS][2];
	struct io_uring_cqe *cqes[AT_ONCE];

	CHECK(!io_uring_queue_init(PAIRS * RECEIVES, &ring, 0));
	for (int i = 0; i < PAIRS; i++) {
		CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pairs[i]));
		reader = pairs[i][0];
		for (int j = 0; j < RECEIVES; j++)
			receive(0);
	}
	CHECK(io_uring_submit(&ring) == PAIRS * RECEIVES);
	if (!fork()) {
		for (int i = 0; i < PAIRS * RECEIVES; i++) {
			if (i % AT_ONCE == 0)
				sleep_ms(20);
			sender = pairs[i % PAIRS][1];
			send_one();
		}
		_exit(0);
	}
	for (int i = 0; i < PAIRS * RECEIVES; i += AT_ONCE) {
		CHECK(io_uring_submit_and_wait(&ring, AT_ONCE) >= 0);
		CHECK(io_uring_peek_batch_cqe(&ring, cqes, AT_ONCE) == AT_ONCE);
		for (int j = 0; j < AT_ONCE; j++)
			CHECK(cqes[j]->res == 64);
		io_uring_cq_advance(&ring, AT_ONCE);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "handoff"))
		handoff();
	else if (!strcmp(what, "herd"))
		herd();
	else if (!strcmp(what, "recvmmsg"))
		recvmmsg_calls();
	else if (!strcmp(what, "burst"))
		burst();
	else if (!strcmp(what, "manyreceives"))
		many_receives();
	else
		uring(what);
	return 0;
}

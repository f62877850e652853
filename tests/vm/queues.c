// SPDX-License-Identifier: GPL-2.0-only
/*
 * Servers whose data lies and waits for them, and what they know of it:
 *
 *   pool      a thread waits, four others read what it finds and give the connection
 *             back to it (Tomcat's connector); four connections, 10 requests each,
 *             50 ms apart
 *   burst     a UDP server that needs 5 ms a request, three bursts of 20, 50 ms apart;
 *             prints the median of what its client waited, in ms
 *   behind    64 KB of TCP every 5 ms, 32 times; the reader needs 10 ms for each, and
 *             is 1 MB behind when the last is sent
 *   busy      four connections whose client asks again at once, 5 ms of work for each
 *             request, until it is killed
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "program.h"

#define CONNECTIONS 4
#define REQUESTS 10
#define REQUEST 100 /* bytes */
#define BURSTS 3
#define BURST 20
#define CHUNK 65536
#define CHUNKS 32

static struct sockaddr_in server;
static char chunk[CHUNK];

static void start(void *(*function)(void *), void *arg)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, function, arg));
}

/* Sends a request on each connection at once, and waits for all answers, or for the
 * server's end. */
static void ask(const int *fds)
{
	char answer[REQUEST];

	for (int i = 0; i < CONNECTIONS; i++)
		if (send(fds[i], chunk, REQUEST, MSG_NOSIGNAL) != REQUEST)
			_exit(0);
	for (int i = 0; i < CONNECTIONS; i++)
		if (recv(fds[i], answer, REQUEST, MSG_WAITALL) != REQUEST)
			_exit(0);
}

/* An epoll of what a child process connects, which then runs client(). */
static int serve(void (*client)(const int *fds), int *fds)
{
	int listener = bound(SOCK_STREAM, &server), epoll = epoll_create1(0);

	CHECK(!listen(listener, CONNECTIONS));
	if (!fork()) {
		for (int i = 0; i < CONNECTIONS; i++)
			fds[i] = connected(SOCK_STREAM, &server);
		close(listener);
		for (;;)
			client(fds);
	}
	for (int i = 0; i < CONNECTIONS; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.fd = i };

		CHECK((fds[i] = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
		CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &e));
	}
	return epoll;
}

static void answer(int fd)
{
	char request[4096];

	CHECK(recv(fd, request, sizeof(request), 0) == REQUEST);
	CHECK(send(fd, request, REQUEST, 0) == REQUEST);
}

/* --- a pool of threads ---------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int fds[CONNECTIONS], wakeup;
static int todo[CONNECTIONS], todo_count;   /* of the workers */
static int again[CONNECTIONS], again_count; /* of the one that waits */

static void ask_after_50_ms(const int *connections)
{
	/* before all others, so that the four requests are there at one time */
	struct sched_param first = { .sched_priority = 1 };

	CHECK(!sched_setscheduler(0, SCHED_FIFO, &first));
	sleep_ms(50);
	ask(connections);
}

static void *work(void *arg)
{
	for (;;) {
		int i;

		pthread_mutex_lock(&lock);
		while (!todo_count)
			pthread_cond_wait(&changed, &lock);
		i = todo[--todo_count];
		pthread_mutex_unlock(&lock);
		answer(fds[i]);
		pthread_mutex_lock(&lock);
		again[again_count++] = i;
		pthread_mutex_unlock(&lock);
		CHECK(!eventfd_write(wakeup, 1));
	}
	return arg;
}

static void interest(int epoll, int i, int events)
{
	struct epoll_event e = { .events = events, .data.fd = i };

	CHECK(!epoll_ctl(epoll, EPOLL_CTL_MOD, fds[i], &e));
}

static void pool(void)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = -1 }, found[8];
	int epoll = serve(ask_after_50_ms, fds), requests = CONNECTIONS * REQUESTS;

	CHECK((wakeup = eventfd(0, EFD_NONBLOCK)) >= 0);
	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &e));
	for (int i = 0; i < CONNECTIONS; i++)
		start(work, NULL);
	while (requests || again_count < CONNECTIONS) {
		int n = epoll_wait(epoll, found, 8, -1);
		eventfd_t count;

		pthread_mutex_lock(&lock);
		for (int i = 0; i < n; i++) {
			if (found[i].data.fd < 0) {
				eventfd_read(wakeup, &count);
				continue;
			}
			interest(epoll, found[i].data.fd, 0);
			todo[todo_count++] = found[i].data.fd;
			requests--;
			pthread_cond_signal(&changed);
		}
		while (requests && again_count)
			interest(epoll, again[--again_count], EPOLLIN);
		pthread_mutex_unlock(&lock);
	}
}

/* --- bursts ----------------------------------------------------------------------------- */

static double took[BURSTS * BURST];

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void *ask_in_bursts(void *arg)
{
	int fd = connected(SOCK_DGRAM, &server), n = 0;

	for (int i = 0; i < BURSTS; i++) {
		double sent[BURST];

		sleep_ms(50);
		for (int j = 0; j < BURST; j++) {
			sent[j] = now_ms();
			CHECK(send(fd, &j, sizeof(j), 0) == sizeof(j));
		}
		for (int j; n < (i + 1) * BURST; took[n++] = now_ms() - sent[j])
			CHECK(recv(fd, &j, sizeof(j), 0) == sizeof(j));
	}
	return arg;
}

static void burst(void)
{
	struct pollfd p = { .fd = bound(SOCK_DGRAM, &server), .events = POLLIN };
	pthread_t client;

	CHECK(!pthread_create(&client, NULL, ask_in_bursts, NULL));
	for (int i = 0; i < BURSTS * BURST; i++) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		int request;

		CHECK(poll(&p, 1, -1) == 1);
		CHECK(recvfrom(p.fd, &request, sizeof(request), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &len) == sizeof(request));
		sleep_ms(5);
		CHECK(sendto(p.fd, &request, sizeof(request), 0,
			     (struct sockaddr *)&from, len) == sizeof(request));
	}
	CHECK(!pthread_join(client, NULL));
	qsort(took, BURSTS * BURST, sizeof(took[0]), by_size);
	printf("%.0f\n", took[BURSTS * BURST / 2]);
}

/* --- a stream --------------------------------------------------------------------------- */

static void *send_chunks(void *arg)
{
	int fd = connected(SOCK_STREAM, &server);
	double first = now_ms();

	for (int i = 0; i < CHUNKS; i++) {
		double left = first + 5 * i - now_ms();

		if (left > 0)
			sleep_ms(left + 1);
		CHECK(send(fd, chunk, CHUNK, 0) == CHUNK);
	}
	return arg;
}

static void behind(void)
{
	int listener = bound(SOCK_STREAM, &server), fd, space = 4 << 20;
	static char own[CHUNK];
	double first = 0;

	CHECK(!setsockopt(listener, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)));
	CHECK(!listen(listener, 1));
	start(send_chunks, NULL);
	CHECK((fd = accept(listener, NULL, NULL)) >= 0);
	for (int i = 0; i < CHUNKS; i++) {
		double left;

		CHECK(recv(fd, own, CHUNK, MSG_WAITALL) == CHUNK);
		if (!i)
			first = now_ms();
		left = first + 10 * (i + 1) - now_ms();
		if (left > 0)
			sleep_ms(left + 1);
	}
}

/* --- always busy -------------------------------------------------------------------------- */

static void busy(void)
{
	struct epoll_event found[CONNECTIONS];
	int epoll = serve(ask, fds);

	for (;;) {
		int n = epoll_wait(epoll, found, CONNECTIONS, -1);

		for (int i = 0; i < n; i++) {
			sleep_ms(5);
			answer(fds[found[i].data.fd]);
		}
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "pool"))
		pool();
	else if (!strcmp(what, "burst"))
		burst();
	else if (!strcmp(what, "behind"))
		behind();
	else if (!strcmp(what, "busy"))
		busy();
	else
		return 2;
	return 0;
}

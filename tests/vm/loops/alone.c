// SPDX-License-Identifier: GPL-2.0-only
/* A loop that has no clients but itself. */
#include "loops.h"

#define NR_MANY 10000

static int connected_pair(int *other)
{
	int fds[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	*other = fds[1];
	return fds[0];
}

static void read_byte(struct loop *l, int fd)
{
	char byte;

	CHECK(read(fd, &byte, 1) == 1);
	l->nr_reads++;
	l->bytes++;
}

static void init_alone(struct loop *l)
{
	*l = (struct loop){ .tid = getpid(), .listener = -1, .inner = -1 };
	l->ep = epoll_create1(0);
	CHECK(l->ep >= 0);
}

/* Ends the last turn as well; the program may be looked at meanwhile. */
static void wait_for_nothing(struct loop *l)
{
	struct epoll_event e;

	begin_wait(l);
	CHECK(!epoll_wait(l->ep, &e, 1, 2500));
	say(l);
}

void many(void)
{
	struct rlimit room = { 2 * NR_MANY + 64, 2 * NR_MANY + 64 };
	struct epoll_event events[64];
	static int others[NR_MANY];
	struct loop l;

	CHECK(!setrlimit(RLIMIT_NOFILE, &room));
	init_alone(&l);
	for (int i = 0; i < NR_MANY; i++) {
		watch(l.ep, connected_pair(&others[i]));
		CHECK(write(others[i], "x", 1) == 1);
	}
	while (l.nr_reads < NR_MANY) {
		begin_wait(&l);
		end_wait(&l, epoll_wait(l.ep, events, 64, -1));
		for (int i = 0, n = l.events - l.nr_reads; i < n; i++)
			read_byte(&l, events[i].data.fd);
	}
	if (held)
		wait_to_go_on();
	wait_for_nothing(&l);
}

void deep(void)
{
	int eps[5], other, fd = connected_pair(&other);
	struct epoll_event e;
	struct loop l;

	init_alone(&l);
	eps[0] = l.ep;
	for (int i = 1; i < 5; i++) {
		eps[i] = epoll_create1(0);
		CHECK(eps[i] >= 0);
	}
	watch(eps[4], fd);
	for (int i = 4; i > 0; i--)
		watch(eps[i - 1], eps[i]);
	for (int round = 0; round < 3; round++) {
		CHECK(write(other, "x", 1) == 1);
		begin_wait(&l);
		end_wait(&l, epoll_wait(eps[0], &e, 1, -1));
		for (int i = 1; i < 5; i++) {
			CHECK(epoll_wait(eps[i], &e, 1, 0) == 1);
			l.events++;
		}
		read_byte(&l, fd);
	}
	wait_for_nothing(&l);
}

void late(void)
{
	int listener = bound(SOCK_STREAM, &server), peer, fd;
	struct epoll_event e;
	struct loop l;

	init_alone(&l);
	CHECK(!listen(listener, 64));
	watch(l.ep, listener);
	for (int round = 0; round < 5; round++) {
		peer = connected(SOCK_STREAM, &server);
		sleep_ms(20);
		begin_wait(&l);
		end_wait(&l, epoll_wait(l.ep, &e, 1, -1));
		fd = accept(listener, NULL, NULL);
		CHECK(fd >= 0);
		l.accepts++;
		watch(l.ep, fd);
		CHECK(write(peer, "x", 1) == 1);
		sleep_ms(10);
		begin_wait(&l);
		end_wait(&l, epoll_wait(l.ep, &e, 1, -1));
		read_byte(&l, fd);
	}
	wait_for_nothing(&l);
}

void midway(void)
{
	int other, fd = connected_pair(&other);
	struct epoll_event e;
	struct loop l;

	init_alone(&l);
	watch(l.ep, fd);
	CHECK(write(other, "x", 1) == 1);
	CHECK(epoll_wait(l.ep, &e, 1, -1) == 1);
	wait_to_go_on();
	sleep_ms(SLOW_MS);
	read_byte(&l, fd);
	for (int round = 0; round < 5; round++) {
		CHECK(write(other, "x", 1) == 1);
		begin_wait(&l);
		end_wait(&l, epoll_wait(l.ep, &e, 1, -1));
		read_byte(&l, fd);
	}
	wait_for_nothing(&l);
}

#define NR_BATCH 3

#ifdef __i386__
#define NR_BATCHES 3
#else
#define NR_BATCHES 1
#endif

/* recvmmsg(), by each of its calls. */
static int take_batch(int way, int fd, struct mmsghdr *m)
{
#ifdef __i386__
	long args[] = { fd, (long)m, NR_BATCH, 0, 0 };

	if (way == 1)
		return syscall(SYS_socketcall, 19 /* SYS_RECVMMSG */, args);
	if (way == 2)
		return syscall(417 /* recvmmsg_time64 */, fd, m, NR_BATCH, 0, NULL);
#endif
	(void)way;
	return syscall(SYS_recvmmsg, fd, m, NR_BATCH, 0, NULL);
}

/* The first of those that one call takes is a read. */
void batch(void)
{
	struct sockaddr_in ends[2];
	int fds[2] = { bound(SOCK_DGRAM, &ends[0]), bound(SOCK_DGRAM, &ends[1]) };
	static char bytes[NR_BATCH][64];
	struct mmsghdr m[NR_BATCH] = {};
	struct iovec v[NR_BATCH];
	struct epoll_event e;
	struct loop l;

	init_alone(&l);
	for (int i = 0; i < 2; i++)
		CHECK(!connect(fds[i], (struct sockaddr *)&ends[!i], sizeof(ends[0])));
	watch(l.ep, fds[0]);
	for (int i = 0; i < NR_BATCH; i++) {
		v[i] = (struct iovec){ bytes[i], sizeof(bytes[i]) };
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	for (int way = 0; way < NR_BATCHES; way++) {
		for (int i = 0; i < NR_BATCH; i++)
			CHECK(send(fds[1], bytes[i], 10 * (i + way + 1), 0) > 0);
		begin_wait(&l);
		end_wait(&l, epoll_wait(l.ep, &e, 1, -1));
		CHECK(take_batch(way, fds[0], m) == NR_BATCH);
		CHECK(m[0].msg_len == 10u * (way + 1));
		l.nr_reads++;
		l.bytes += m[0].msg_len;
	}
	wait_for_nothing(&l);
}

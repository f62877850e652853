// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads of random model, call, family, size and timing, over many threads,
 * and the list of them as user space knows it:
 *
 *	random_reads READS SEED [THREADS] > list
 *
 * One line a read: tid, descriptor, call, bytes, errno, model, polls (these
 * two are "-" where user space cannot know); the last line is the number of
 * all EAGAINs. Each reading thread has sockets of
 * its own and a partner that only sends.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/membarrier.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS 64
#define MAX_SIZE 65536
#define MAX_DATAGRAM 16384
#define BATCH 4 /* datagrams of one recvmmsg */
#define DEADLINE_S 600

#define CHECK(what)                 \
	do {                        \
		if (!(what))        \
			die(#what); \
	} while (0)

static void die(const char *what)
{
	fprintf(stderr, "random_reads: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* --- sockets ----------------------------------------------------------------- */

static const struct family {
	const char *name;
	int domain, type;
} families[] = {
	{ "tcp", AF_INET, SOCK_STREAM },       { "tcp6", AF_INET6, SOCK_STREAM },
	{ "udp", AF_INET, SOCK_DGRAM },	       { "udp6", AF_INET6, SOCK_DGRAM },
	{ "unix", AF_UNIX, SOCK_STREAM },      { "dgram", AF_UNIX, SOCK_DGRAM },
	{ "packet", AF_UNIX, SOCK_SEQPACKET },
};

#define NR_FAMILIES (sizeof(families) / sizeof(families[0]))

/* How the thread waits; the model that iophase must find. */
enum way {
	BLOCK,
	POLLING,
	SELECT,
	PSELECT,
	POLL,
	PPOLL,
	EPOLL,
	EPOLL_PWAIT,
	EPOLL_PWAIT2,
	EPOLL_ONESHOT,
	EPOLL_EDGE,
	EPOLL_NESTED,
	SIGNAL,
	SIGWAIT,
	URING,
	NR_WAYS,
};

struct conn {
	const struct family *family;
	int fd, peer;
	enum way way;	    /* the ways that arm something keep to their socket */
	unsigned int polls; /* EAGAINs since it was last drained */
};

struct thread {
	pthread_t reader, sender;
	pid_t tid;
	uint64_t random;
	unsigned int reads; /* to make */
	struct conn conns[NR_FAMILIES + NR_WAYS];
	int nr_conns;
	int epoll, outer, edge;
	char *buffer, *data;
	/* orders to the partner */
	sem_t order, done;
	const struct conn *to;
	size_t size;
	unsigned int pieces, delay_us;
	char *list;
	size_t list_bytes;
	FILE *out;
	uint64_t eagains;
	const char *model;
	const struct conn *told; /* what the last wait call told of, and still holds */
	struct io_uring ring;
};

static _Thread_local volatile sig_atomic_t signalled;
static bool rwf_nowait; /* preadv2()'s, on sockets: not on 6.1 */

/* Returns the EAGAINs that it made. */
static uint64_t probe_nowait(void)
{
	char byte;
	struct iovec v = { &byte, 1 };
	int pair[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(preadv2(pair[0], &v, 1, -1, RWF_NOWAIT) < 0);
	rwf_nowait = errno == EAGAIN;
	close(pair[0]);
	close(pair[1]);
	return rwf_nowait;
}

static void on_sigio(int sig)
{
	(void)sig;
	signalled = 1;
}

static uint64_t rnd(struct thread *t, uint64_t below)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return t->random % below;
}

static void connect_pair(struct conn *c)
{
	const struct family *f = c->family;
	struct sockaddr_in a4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr *a = f->domain == AF_INET ? (void *)&a4 : (void *)&a6;
	socklen_t len = f->domain == AF_INET ? sizeof(a4) : sizeof(a6);
	int pair[2], one = 1, l;

	if (f->domain == AF_UNIX) {
		CHECK(!socketpair(AF_UNIX, f->type, 0, pair));
		c->fd = pair[0];
		c->peer = pair[1];
		return;
	}
	CHECK((l = socket(f->domain, f->type, 0)) >= 0);
	CHECK((c->peer = socket(f->domain, f->type, 0)) >= 0);
	CHECK(!bind(l, a, len));
	if (f->type == SOCK_STREAM)
		CHECK(!listen(l, 1));
	CHECK(!getsockname(l, a, &len));
	CHECK(!connect(c->peer, a, len));
	c->fd = l;
	if (f->type == SOCK_STREAM) {
		CHECK((c->fd = accept(l, NULL, NULL)) >= 0);
		close(l);
		setsockopt(c->peer, IPPROTO_TCP, 1 /* TCP_NODELAY */, &one, sizeof(one));
	}
}

/* --- the partner --------------------------------------------------------------- */

static void sleep_us(unsigned int us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	while (us && clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

static void *send_on_order(void *arg)
{
	struct thread *t = arg;

	for (;;) {
		while (sem_wait(&t->order))
			;
		if (!t->to)
			return NULL;
		sleep_us(t->delay_us);
		for (unsigned int i = 0; i < t->pieces; i++) {
			size_t sent = 0;

			while (sent < t->size) {
				ssize_t n = send(t->to->peer, t->data, t->size - sent, 0);

				CHECK(n > 0);
				sent += n;
			}
		}
		sem_post(&t->done);
	}
}

/* --- one read ------------------------------------------------------------------- */

static void note(struct thread *t, struct conn *c, const char *call, ssize_t n, int err)
{
	char polls[16] = "0";

	if (n < 0 && err == EAGAIN) {
		c->polls++;
		t->eagains++;
		if (t->told == c) {
			t->told = NULL;
			t->model = NULL;
		}
		return;
	}
	if (!strcmp(t->model, "nonblocking"))
		snprintf(polls, sizeof(polls), "%u", c->polls);
	if (!strcmp(t->model, "-"))
		strcpy(polls, "-");
	fprintf(t->out, "%d %d %s %zd %d %s %s\n", t->tid, c->fd, call, n > 0 ? n : 0,
		n < 0 ? err : 0, t->model, polls);
	c->polls = 0;
	t->reads -= t->reads > 0;
	/* the next read's is in model_of() */
	if (strcmp(t->model, "async"))
		t->model = NULL;
}

/*
 * Without a wait call before it, a read is one more of the drain that the last
 * one began, or the call's own mode decides. A call that may block has either
 * slept or not: nobody knows.
 */
static const char *model_of(const struct thread *t, const struct conn *c, bool nonblock)
{
	if (t->told == c)
		return nonblock ? "multiplexed" : "-";
	return nonblock ? "nonblocking" : "blocking";
}

static bool connless(const struct conn *c)
{
	return c->family->type != SOCK_STREAM;
}

/* Each datagram is a read; after the first, none waits. */
static ssize_t read_many(struct thread *t, struct conn *c, size_t max, bool dontwait)
{
	struct mmsghdr m[BATCH] = {};
	struct iovec v[BATCH];
	ssize_t sum = 0;
	int n;

	for (int i = 0; i < BATCH; i++) {
		v[i] = (struct iovec){ t->buffer + i * MAX_DATAGRAM, max };
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(c->fd, m, BATCH, dontwait ? MSG_DONTWAIT : MSG_WAITFORONE, NULL);
	if (n < 0) {
		note(t, c, "recvmmsg", n, errno);
		return n;
	}
	for (int i = 0; i < n; i++) {
		note(t, c, "recvmmsg", m[i].msg_len, 0);
		sum += m[i].msg_len;
		t->model = model_of(t, c, true);
	}
	if (n < BATCH && t->told == c) /* the kernel found no more */
		t->told = NULL;
	t->model = NULL;
	return sum;
}

/*
 * Reads once, by a random call, in the way that the descriptor's own mode
 * needs. Returns bytes or -1.
 */
static ssize_t read_once(struct thread *t, struct conn *c, size_t max, bool nonblock)
{
	struct iovec v[2] = { { t->buffer, max / 2 },
			      { t->buffer + max / 2, max - max / 2 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	bool fl = fcntl(c->fd, F_GETFL) & O_NONBLOCK;
	int flags = nonblock && !fl ? MSG_DONTWAIT : 0;
	unsigned int which = rnd(t, connless(c) ? 6 : 5);
	const char *call;
	ssize_t n;

	if (!t->model)
		t->model = model_of(t, c, nonblock);
	if (which == 5)
		return read_many(t, c, max, nonblock);
	if (which > 1 && nonblock && !fl)
		which = rwf_nowait ? 4 : 0;
	switch (which) {
	case 0:
		call = "recvfrom";
		n = recv(c->fd, t->buffer, max, flags);
		break;
	case 1:
		call = "recvmsg";
		n = recvmsg(c->fd, &m, flags);
		break;
	case 2:
		call = "read";
		n = read(c->fd, t->buffer, max);
		break;
	case 3:
		call = "readv";
		n = readv(c->fd, v, 2);
		break;
	default:
		call = "preadv2";
		n = preadv2(c->fd, v, 2, -1, flags ? RWF_NOWAIT : 0);
		break;
	}
	note(t, c, call, n, errno);
	return n;
}

/* --- ways to wait ------------------------------------------------------------------ */

static void wait_select(const struct conn *c, bool p)
{
	struct timespec ts = { 100, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(c->fd, &set);
	if (p)
		CHECK(pselect(c->fd + 1, &set, NULL, NULL, &ts, NULL) == 1);
	else
		CHECK(select(c->fd + 1, &set, NULL, NULL, NULL) == 1);
}

static void wait_poll(const struct conn *c, bool p)
{
	struct pollfd f = { .fd = c->fd, .events = POLLIN };
	struct timespec ts = { 100, 0 };

	CHECK((p ? ppoll(&f, 1, &ts, NULL) : poll(&f, 1, -1)) == 1);
}

/*
 * What io_uring has left to do in the thread interrupts a wait call; only those
 * of epoll do not go on by themselves.
 */
static void epoll_one(int epoll, enum way way)
{
	struct timespec ts = { 100, 0 };
	struct epoll_event e;
	int n;

	do {
		if (way == EPOLL_PWAIT)
			n = epoll_pwait(epoll, &e, 1, 100000, NULL);
		else if (way == EPOLL_PWAIT2)
			n = epoll_pwait2(epoll, &e, 1, &ts, NULL);
		else
			n = epoll_wait(epoll, &e, 1, -1);
		if (n < 0 && errno == ENOSYS) /* epoll_pwait2() came with 5.11 */
			n = epoll_wait(epoll, &e, 1, -1);
	} while (n < 0 && errno == EINTR);
	CHECK(n == 1);
}

static void wait_epoll(int epoll, const struct conn *c, enum way way)
{
	struct epoll_event e = { .events = EPOLLIN };

	if (way == EPOLL_ONESHOT) {
		e.events |= EPOLLONESHOT;
		CHECK(!epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &e));
	} else if (way != EPOLL_EDGE && way != EPOLL_NESTED) {
		CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e));
	}
	epoll_one(epoll, way);
	if (way == EPOLL || way == EPOLL_PWAIT || way == EPOLL_PWAIT2)
		CHECK(!epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, &e));
}

/*
 * Signals of data that an earlier one led to already. Data is queued before its
 * signal is sent, in one RCU section: after the barrier none is on its way.
 */
static void drop_signals(void)
{
	struct timespec none = {};
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGIO);
	sigaddset(&mask, SIGRTMIN + 1);
	CHECK(!syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
	while (sigtimedwait(&mask, NULL, &none) > 0)
		;
}

static void wait_signal(bool handler)
{
	sigset_t mask;

	if (!handler) {
		sigemptyset(&mask);
		sigaddset(&mask, SIGRTMIN + 1);
		while (sigwaitinfo(&mask, NULL) < 0)
			;
		return;
	}
	sigfillset(&mask);
	sigdelset(&mask, SIGIO);
	while (!signalled)
		sigsuspend(&mask);
	signalled = 0;
}

static void arm(struct thread *t, struct conn *c)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct f_owner_ex owner = { F_OWNER_TID, t->tid };
	int sig = c->way == SIGWAIT ? SIGRTMIN + 1 : 0;

	switch (c->way) {
	case EPOLL_EDGE:
		e.events |= EPOLLET;
		CHECK(!epoll_ctl(t->edge, EPOLL_CTL_ADD, c->fd, &e));
		CHECK(!fcntl(c->fd, F_SETFL, O_NONBLOCK));
		break;
	case EPOLL_ONESHOT:
		e.events = EPOLLONESHOT;
		CHECK(!epoll_ctl(t->epoll, EPOLL_CTL_ADD, c->fd, &e));
		break;
	case EPOLL_NESTED:
		CHECK((t->outer = epoll_create1(0)) >= 0);
		break;
	case SIGNAL:
	case SIGWAIT:
		CHECK(!fcntl(c->fd, F_SETOWN_EX, &owner));
		CHECK(!fcntl(c->fd, F_SETSIG, sig));
		CHECK(!fcntl(c->fd, F_SETFL, O_NONBLOCK | O_ASYNC));
		break;
	default:
		break;
	}
}

static void wait_for(struct thread *t, struct conn *c, enum way way)
{
	struct epoll_event e = { .events = EPOLLIN };
	int inner;

	if (way != SIGNAL && way != SIGWAIT) {
		c->polls = 0;
		t->model = "multiplexed";
		t->told = c;
	}
	switch (way) {
	case SELECT:
	case PSELECT:
		wait_select(c, way == PSELECT);
		break;
	case POLL:
	case PPOLL:
		wait_poll(c, way == PPOLL);
		break;
	case EPOLL_NESTED:
		CHECK((inner = epoll_create1(0)) >= 0);
		CHECK(!epoll_ctl(t->outer, EPOLL_CTL_ADD, inner, &e));
		CHECK(!epoll_ctl(inner, EPOLL_CTL_ADD, c->fd, &e));
		epoll_one(t->outer, way);
		CHECK(epoll_wait(inner, &e, 1, 0) == 1);
		close(inner);
		break;
	case EPOLL_EDGE:
		wait_epoll(t->edge, c, way);
		break;
	case SIGNAL:
	case SIGWAIT:
		/* after the first it may be a late one: polled or told? */
		t->model = t->model ? "-" : "signal";
		wait_signal(way == SIGNAL);
		break;
	default:
		wait_epoll(t->epoll, c, way);
	}
}

static ssize_t read_uring(struct thread *t, struct conn *c, size_t max)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&t->ring);
	struct iovec v = { t->buffer, max };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct io_uring_cqe *cqe;
	ssize_t n;

	switch (rnd(t, 3)) {
	case 0:
		io_uring_prep_recv(sqe, c->fd, t->buffer, max, 0);
		break;
	case 1:
		io_uring_prep_recvmsg(sqe, c->fd, &m, 0);
		break;
	default:
		io_uring_prep_read(sqe, c->fd, t->buffer, max, 0);
	}
	if (!rnd(t, 4))
		sqe->flags |= IOSQE_ASYNC;
	t->model = "async";
	t->told = NULL; /* waiting for the ring is waiting again */
	CHECK(io_uring_submit_and_wait(&t->ring, 1) >= 0);
	CHECK(!io_uring_wait_cqe(&t->ring, &cqe));
	n = cqe->res;
	io_uring_cqe_seen(&t->ring, cqe);
	CHECK(n > 0);
	note(t, c, "io_uring", n, 0);
	t->model = NULL;
	return n;
}

/* --- a message: ordered, waited for, read to its end ------------------------------- */

static void one_message(struct thread *t)
{
	struct conn *c = &t->conns[rnd(t, t->nr_conns)];
	bool stream = !connless(c);
	enum way way = c->way;
	bool nonblock;
	size_t left, max;

	if (way == BLOCK)
		do
			way = rnd(t, NR_WAYS);
		while (way == EPOLL_ONESHOT || way == EPOLL_EDGE || way == SIGNAL ||
		       way == SIGWAIT || way == EPOLL_NESTED);
	nonblock = way == POLLING || c->way == EPOLL_EDGE || c->way == SIGNAL ||
		   c->way == SIGWAIT || (way != BLOCK && rnd(t, 2));
	t->to = c;
	t->size = 1 + rnd(t, rnd(t, 8) ? 512 : stream ? MAX_SIZE : MAX_DATAGRAM);
	t->pieces = stream ? 1 : 1 + rnd(t, BATCH);
	t->delay_us = rnd(t, 2) ? rnd(t, 2000) : 0;
	max = stream && !rnd(t, 4) ? 1 + t->size / (1 + rnd(t, 4)) : t->size;
	left = t->size * t->pieces;
	t->model = NULL;
	sem_post(&t->order);
	if (!rnd(t, 3))
		sched_yield();
	while (left) {
		ssize_t n;

		if (way != BLOCK && way != POLLING && way != URING)
			wait_for(t, c, way);
		if (way == URING)
			n = read_uring(t, c, max);
		else
			n = read_once(t, c, max, nonblock);
		if (n < 0 && way == POLLING)
			sleep_us(rnd(t, 200));
		left -= n > 0 ? n : 0;
		/* edges and signals come once: on to the end */
		if (n < 0 || (way != EPOLL_EDGE && way != SIGNAL && way != SIGWAIT))
			continue;
		while ((n = read_once(t, c, max, true)) > 0)
			left -= n;
	}
	while (sem_wait(&t->done))
		;
	if (way == SIGNAL || way == SIGWAIT)
		drop_signals();
}

static void *read_all(void *arg)
{
	struct thread *t = arg;
	static const enum way armed[] = { EPOLL_EDGE, EPOLL_ONESHOT, EPOLL_NESTED,
					  SIGNAL, SIGWAIT };
	sigset_t mask;

	t->tid = syscall(SYS_gettid);
	sigemptyset(&mask);
	sigaddset(&mask, SIGIO);
	sigaddset(&mask, SIGRTMIN + 1);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	CHECK((t->epoll = epoll_create1(0)) >= 0);
	CHECK((t->edge = epoll_create1(0)) >= 0);
	for (size_t i = 0; i < NR_FAMILIES; i++)
		t->conns[t->nr_conns++].family = &families[i];
	for (size_t i = 0; i < sizeof(armed) / sizeof(armed[0]); i++) {
		t->conns[t->nr_conns].way = armed[i];
		t->conns[t->nr_conns++].family = &families[rnd(t, NR_FAMILIES)];
	}
	for (int i = 0; i < t->nr_conns; i++) {
		connect_pair(&t->conns[i]);
		arm(t, &t->conns[i]);
	}
	t->buffer = malloc(MAX_SIZE + BATCH * MAX_DATAGRAM);
	t->data = calloc(1, MAX_SIZE);
	t->out = open_memstream(&t->list, &t->list_bytes);
	CHECK(!io_uring_queue_init(8, &t->ring, 0));
	sem_init(&t->order, 0, 0);
	sem_init(&t->done, 0, 0);
	CHECK(!pthread_create(&t->sender, NULL, send_on_order, t));
	while (t->reads)
		one_message(t);
	t->to = NULL;
	sem_post(&t->order);
	pthread_join(t->sender, NULL);
	fclose(t->out);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct thread threads[MAX_THREADS];
	struct sigaction sa = { .sa_handler = on_sigio };
	int n = argc > 3 ? atoi(argv[3]) : 8;
	uint64_t eagains;

	if (argc < 3 || n < 1 || n > MAX_THREADS) {
		fprintf(stderr, "usage: random_reads READS SEED [THREADS]\n");
		return 2;
	}
	alarm(DEADLINE_S);
	sigaction(SIGIO, &sa, NULL);
	eagains = probe_nowait();
	for (int i = 0; i < n; i++) {
		threads[i].reads = atoi(argv[1]) / n;
		threads[i].random = (atoi(argv[2]) + i) * 0x9e3779b97f4a7c15ull | 1;
		CHECK(!pthread_create(&threads[i].reader, NULL, read_all, &threads[i]));
	}
	for (int i = 0; i < n; i++) {
		pthread_join(threads[i].reader, NULL);
		fwrite(threads[i].list, 1, threads[i].list_bytes, stdout);
		eagains += threads[i].eagains;
	}
	printf("eagains %llu\n", (unsigned long long)eagains);
	return 0;
}

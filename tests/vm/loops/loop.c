// SPDX-License-Identifier: GPL-2.0-only
/* A loop, its turns and its channels. */
#include "loops.h"

static int hog_wake; /* eventfd */
int edge, closing;

/* What the loops have read so far, who may be reading. */
int reads_of(const struct loop *l, int nr)
{
	int reads = 0;

	for (int i = 0; i < nr; i++)
		reads += __atomic_load_n(&l[i].nr_reads, __ATOMIC_RELAXED);
	return reads;
}

/* Says that the program is where the test wants it, and waits to be told to go on. */
void wait_to_go_on(void)
{
	char byte;

	puts("ready");
	fflush(stdout);
	CHECK(read(0, &byte, 1) == 1);
}

void begin_wait(struct loop *l)
{
	double took = l->begun_ms ? now_ms() - l->begun_ms : 0;

	if (!l->begun_ms)
		return;
	l->begun_ms = 0;
	l->turns++;
	l->sum_ms += took;
	l->max_ms = took > l->max_ms ? took : l->max_ms;
}

void end_wait(struct loop *l, int found)
{
	CHECK(found >= 0);
	l->events += found;
	l->begun_ms = now_ms();
}

void add_channel(struct loop *l, int fd, int port)
{
	CHECK(l->nr < MAX_FDS);
	l->ports[l->nr] = port;
	l->fds[l->nr++] = fd;
}

int port_of_peer(int fd)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	CHECK(!getpeername(fd, (struct sockaddr *)&a, &len));
	return ntohs(a.sin_port);
}

static void watch_for(int ep, int fd, unsigned int events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
}

void watch(int ep, int fd)
{
	watch_for(ep, fd, EPOLLIN);
}

static void accept_one(struct loop *l)
{
	struct loop *to = l->feeds[0] ? l->feeds[l->accepts % 2] : l;
	int fd = accept(l->listener, NULL, NULL);

	if (fd < 0 && turn == turn_shared && errno == EAGAIN)
		return; /* another thread was told of it, too */
	CHECK(fd >= 0);
	l->accepts++;
	add_channel(to, fd, port_of_peer(fd));
	if (to->ep >= 0)
		watch_for(to->inner >= 0 ? to->inner : to->ep, fd,
			  EPOLLIN | (edge ? EPOLLET : 0));
}

int channel_of(const struct loop *l, int fd)
{
	for (int i = 0; i < l->nr; i++)
		if (l->fds[i] == fd)
			return i;
	return -1;
}

static void be_busy(void)
{
	double end = now_ms() + SLOW_MS;

	while (now_ms() < end)
		;
}

/* Takes the CPU from whoever wakes it. */
static void *hog(void *arg)
{
	unsigned long long one;

	(void)arg;
	while (read(hog_wake, &one, 8) == 8)
		be_busy();
	return NULL;
}

void start_hog(void)
{
	struct sched_param first = { .sched_priority = 1 };
	pthread_t thread;

	hog_wake = eventfd(0, 0);
	CHECK(hog_wake >= 0 && !pthread_create(&thread, NULL, hog, NULL));
	CHECK(!pthread_setschedparam(thread, SCHED_FIFO, &first));
}

/* The first letter of a message says how. */
void take_long(char how)
{
	unsigned long long one = 1;

	if (how == 's')
		sleep_ms(SLOW_MS);
	else if (how == 'b')
		be_busy();
	else if (how == 'h')
		CHECK(write(hog_wake, &one, 8) == 8);
}

void count_read(struct loop *l, int fd, int bytes)
{
	int i = channel_of(l, fd);

	CHECK(i >= 0 && bytes == 10);
	l->reads[i]++;
	l->nr_reads++;
	l->bytes += bytes;
}

/* Its end has been read, which is a read as any other. */
static void close_channel(struct loop *l, int fd)
{
	int i = channel_of(l, fd);

	CHECK(closing && i >= 0 && !close(fd));
	l->nr--;
	l->fds[i] = l->fds[l->nr];
	l->ports[i] = l->ports[l->nr];
	l->reads[i] = l->reads[l->nr];
	l->nr_reads++;
}

/* A message is 10 bytes. */
static void handle(struct loop *l, int fd)
{
	char message[10];
	int n;

	if (fd == l->stop) {
		l->stopped = 1;
		return;
	}
	if (fd == l->listener) {
		accept_one(l);
		return;
	}
	do {
		n = recv(fd, message, 10, edge ? MSG_DONTWAIT : 0);
		if (n < 0) {
			CHECK(edge && errno == EAGAIN);
			return;
		}
		if (!n) {
			close_channel(l, fd);
			return;
		}
		count_read(l, fd, n);
		take_long(message[0]);
	} while (edge);
}

void turn_epoll(struct loop *l)
{
	struct epoll_event events[8], inner[8];
	int n, m;

	begin_wait(l);
	n = epoll_wait(l->ep, events, 8, -1);
	end_wait(l, n);
	for (int i = 0; i < n; i++) {
		if (events[i].data.fd != l->inner) {
			handle(l, events[i].data.fd);
			continue;
		}
		m = epoll_wait(l->inner, inner, 8, 0);
		CHECK(m >= 0);
		l->events += m;
		for (int j = 0; j < m; j++)
			handle(l, inner[j].data.fd);
	}
}

/* Of one of several threads; what they count and handle is one's at a time. */
void turn_shared(struct loop *l)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct epoll_event events[8];
	int n = epoll_wait(l->ep, events, 8, -1);

	CHECK(n > 0);
	pthread_mutex_lock(&mutex);
	l->events += n;
	for (int i = 0; i < n; i++)
		handle(l, events[i].data.fd);
	pthread_mutex_unlock(&mutex);
}

static int list(const struct loop *l, int *fds)
{
	int nr = 0;

	fds[nr++] = l->stop;
	if (l->listener >= 0)
		fds[nr++] = l->listener;
	for (int i = 0; i < l->nr; i++)
		fds[nr++] = l->fds[i];
	return nr;
}

void turn_poll(struct loop *l)
{
	struct pollfd p[MAX_FDS + 2];
	int fds[MAX_FDS + 2], nr = list(l, fds);

	for (int i = 0; i < nr; i++)
		p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	begin_wait(l);
	end_wait(l, poll(p, nr, -1));
	for (int i = 0; i < nr; i++)
		if (p[i].revents)
			handle(l, p[i].fd);
}

void turn_select(struct loop *l)
{
	int fds[MAX_FDS + 2], nr = list(l, fds);
	fd_set set;

	FD_ZERO(&set);
	for (int i = 0; i < nr; i++)
		FD_SET(fds[i], &set);
	begin_wait(l);
	end_wait(l, select(FD_SETSIZE, &set, NULL, NULL, NULL));
	for (int i = 0; i < nr; i++)
		if (FD_ISSET(fds[i], &set))
			handle(l, fds[i]);
}

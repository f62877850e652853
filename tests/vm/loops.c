// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event loops that know what they do. loops CASE: server (an acceptor and two
 * workers), poll, select, those of io_uring (ring_cases), nested (an epoll in an
 * epoll), edge (edge-triggered, read until there is nothing), shared (three threads wait
 * on one epoll), moved (a descriptor goes to another loop), stuck (a loop that does not
 * return); busy, hog: a server whose slow handler is on the CPU, or off it because
 * another is; many (10,000 channels), deep (five epolls, one in the other), midway (a
 * long turn first), late (a connection waits 20 ms to be accepted, its message 10),
 * batch (datagrams by recvmmsg()), closing, closing-poll (the clients end before the
 * loop). Clients are another process. When all has been read, the connections stay for
 * 2 s; of loops CASE held, after the line "ready", until a byte is read from standard
 * input. Then each loop says
 *
 *   loop TID TURNS EVENTS READS BYTES ACCEPTS SUM_MS MAX_MS
 *   channel TID PEER_PORT READS
 *
 * of turns that it has begun and ended itself.
 */
#include <liburing.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

#define NR_CHANNELS 6
#define ROUNDS 20
#define SLOW_MS 50
#define MAX_FDS 64

struct loop {
	int tid;
	int stop;	  /* eventfd */
	int fds[MAX_FDS]; /* of channels */
	int reads[MAX_FDS];
	int nr;
	int listener; /* -1: none */
	int turns, events, nr_reads, bytes, accepts;
	double begun_ms; /* 0: no turn */
	double sum_ms, max_ms;
	int stopped;
	int ports[MAX_FDS]; /* of channels' peers */
	struct io_uring *ring;
	char buffers[MAX_FDS][10]; /* of channels; or the ring's, for whichever */
	struct sockaddr_in accepted;
	/* of epoll */
	int ep;
	int inner;	       /* -1: none */
	struct loop *feeds[2]; /* who gets what is accepted; else the loop itself */
	pthread_t thread;
};

static struct sockaddr_in server;
static const char *slow_message = "slow......";
static int hog_wake; /* eventfd */
static int held;
static int edge;    /* channels are edge-triggered */
static int closing; /* clients end before the loop */

/* What the loops have read so far, who may be reading. */
static int reads_of(const struct loop *l, int nr)
{
	int reads = 0;

	for (int i = 0; i < nr; i++)
		reads += __atomic_load_n(&l[i].nr_reads, __ATOMIC_RELAXED);
	return reads;
}

/* Says that the program is where the test wants it, and waits to be told to go on. */
static void wait_to_go_on(void)
{
	char byte;

	puts("ready");
	fflush(stdout);
	CHECK(read(0, &byte, 1) == 1);
}

static void begin_wait(struct loop *l)
{
	double took = l->begun_ms ? now_ms() - l->begun_ms : 0;

	if (!l->begun_ms)
		return;
	l->begun_ms = 0;
	l->turns++;
	l->sum_ms += took;
	l->max_ms = took > l->max_ms ? took : l->max_ms;
}

static void end_wait(struct loop *l, int found)
{
	CHECK(found >= 0);
	l->events += found;
	l->begun_ms = now_ms();
}

static void add_channel(struct loop *l, int fd, int port)
{
	CHECK(l->nr < MAX_FDS);
	l->ports[l->nr] = port;
	l->fds[l->nr++] = fd;
}

static int port_of_peer(int fd)
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

static void watch(int ep, int fd)
{
	watch_for(ep, fd, EPOLLIN);
}

static void accept_one(struct loop *l)
{
	struct loop *to = l->feeds[0] ? l->feeds[l->accepts % 2] : l;
	int fd = accept(l->listener, NULL, NULL);

	CHECK(fd >= 0);
	l->accepts++;
	add_channel(to, fd, port_of_peer(fd));
	if (to->ep >= 0)
		watch_for(to->inner >= 0 ? to->inner : to->ep, fd,
			  EPOLLIN | (edge ? EPOLLET : 0));
}

static int channel_of(const struct loop *l, int fd)
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

static void start_hog(void)
{
	struct sched_param first = { .sched_priority = 1 };
	pthread_t thread;

	hog_wake = eventfd(0, 0);
	CHECK(hog_wake >= 0 && !pthread_create(&thread, NULL, hog, NULL));
	CHECK(!pthread_setschedparam(thread, SCHED_FIFO, &first));
}

/* The first letter of a message says how. */
static void take_long(char how)
{
	unsigned long long one = 1;

	if (how == 's')
		sleep_ms(SLOW_MS);
	else if (how == 'b')
		be_busy();
	else if (how == 'h')
		CHECK(write(hog_wake, &one, 8) == 8);
}

static void count_read(struct loop *l, int fd, int bytes)
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

static void turn_epoll(struct loop *l)
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
static void turn_shared(struct loop *l)
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

static void turn_poll(struct loop *l)
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

static void turn_select(struct loop *l)
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

/* --- io_uring: user_data is the descriptor ------------------------------------------------ */

#define MANY_ACCEPTS 1	/* one request accepts all connections */
#define MANY_RECEIVES 2 /* one receives all of a connection, into buffers of the ring */
#define POLLED 4	/* a thread of the kernel's carries out what is asked for */
#define FIXED 8		/* files have numbers in the ring's table, and no descriptors */
#define DEFERRED 16	/* what is asked for happens in waits alone */

static const struct ring_case {
	const char *name;
	int how;
} ring_cases[] = {
	{ "ring", 0 },
	{ "multishot", MANY_ACCEPTS },
	{ "received", MANY_ACCEPTS | MANY_RECEIVES },
	{ "sqpoll", POLLED },
	{ "fixed", FIXED },
	{ "deferred", DEFERRED | MANY_ACCEPTS },
	{ "together", POLLED | FIXED | MANY_RECEIVES },
};

static int ring_how;

#define FIXED_STOP 0 /* in the ring's table, before the channels */
#define FIXED_LISTENER 1
#define BUFFERS 1 /* the number of the group */

static struct io_uring_buf_ring *ring_buffers;

static struct io_uring_sqe *ask(struct loop *l)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(l->ring);

	CHECK(sqe);
	return sqe;
}

static void call_it(struct io_uring_sqe *sqe, int fd)
{
	io_uring_sqe_set_data64(sqe, fd);
	if (ring_how & FIXED)
		sqe->flags |= IOSQE_FIXED_FILE;
}

static void ask_receive(struct loop *l, int fd)
{
	struct io_uring_sqe *sqe = ask(l);

	if (ring_how & MANY_RECEIVES) {
		io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = BUFFERS;
	} else {
		io_uring_prep_recv(sqe, fd, l->buffers[channel_of(l, fd)], 10, 0);
	}
	call_it(sqe, fd);
}

static int ring_listener(const struct loop *l)
{
	return ring_how & FIXED ? FIXED_LISTENER : l->listener;
}

static int ring_stop(const struct loop *l)
{
	return ring_how & FIXED ? FIXED_STOP : l->stop;
}

static void ask_accept(struct loop *l)
{
	static socklen_t len = sizeof(l->accepted);
	struct io_uring_sqe *sqe = ask(l);
	int fd = ring_listener(l);

	if (ring_how & MANY_ACCEPTS)
		io_uring_prep_multishot_accept(sqe, fd, NULL, NULL, 0);
	else
		io_uring_prep_accept(sqe, fd, (struct sockaddr *)&l->accepted, &len, 0);
	if (ring_how & FIXED)
		sqe->file_index = IORING_FILE_INDEX_ALLOC;
	call_it(sqe, fd);
}

static void give_buffer(struct loop *l, int i)
{
	io_uring_buf_ring_add(ring_buffers, l->buffers[i], sizeof(l->buffers[i]), i,
			      io_uring_buf_ring_mask(MAX_FDS), 0);
	io_uring_buf_ring_advance(ring_buffers, 1);
}

static void give_buffers(struct loop *l)
{
	struct io_uring_buf_reg reg = { .ring_entries = MAX_FDS, .bgid = BUFFERS };

	CHECK(!posix_memalign((void **)&ring_buffers, 4096,
			      MAX_FDS * sizeof(struct io_uring_buf)));
	reg.ring_addr = (unsigned long)ring_buffers;
	CHECK(!io_uring_register_buf_ring(l->ring, &reg, 0));
	io_uring_buf_ring_init(ring_buffers);
	for (int i = 0; i < MAX_FDS; i++)
		give_buffer(l, i);
}

static void fix_files(struct loop *l)
{
	int table[MAX_FDS];

	memset(table, -1, sizeof(table));
	table[FIXED_STOP] = l->stop;
	table[FIXED_LISTENER] = l->listener;
	CHECK(!io_uring_register_files(l->ring, table, MAX_FDS));
}

static void start_ring(struct loop *l)
{
	static unsigned long long stopped;
	struct io_uring_params params = {};
	struct io_uring_sqe *sqe;

	if (ring_how & POLLED) {
		params.flags |= IORING_SETUP_SQPOLL;
		params.sq_thread_idle = 1; /* ms; then it sleeps, and is woken */
	}
	if (ring_how & DEFERRED)
		params.flags |= IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
	l->ring = malloc(sizeof(*l->ring));
	CHECK(l->ring && !io_uring_queue_init_params(64, l->ring, &params));
	if (ring_how & DEFERRED)
		CHECK(io_uring_register_ring_fd(l->ring) == 1);
	if (ring_how & FIXED)
		fix_files(l);
	if (ring_how & MANY_RECEIVES)
		give_buffers(l);
	sqe = ask(l);
	io_uring_prep_read(sqe, ring_stop(l), &stopped, 8, 0);
	call_it(sqe, ring_stop(l));
	ask_accept(l);
}

static void ring_accepted(struct loop *l, int fd)
{
	l->accepts++;
	add_channel(l, fd,
		    ring_how & MANY_ACCEPTS ? port_of_peer(fd) :
					      ntohs(l->accepted.sin_port));
	ask_receive(l, fd);
	if (!(ring_how & MANY_ACCEPTS))
		ask_accept(l);
}

static void ring_received(struct loop *l, int fd, int bytes, unsigned int flags)
{
	int i = channel_of(l, fd);

	if (ring_how & MANY_RECEIVES) {
		CHECK(flags & IORING_CQE_F_BUFFER);
		i = flags >> IORING_CQE_BUFFER_SHIFT;
	}
	count_read(l, fd, bytes);
	take_long(l->buffers[i][0]);
	if (ring_how & MANY_RECEIVES)
		give_buffer(l, i);
	if (!(flags & IORING_CQE_F_MORE))
		ask_receive(l, fd);
}

static void handle_completion(struct loop *l, const struct io_uring_cqe *cqe)
{
	int fd = cqe->user_data;

	CHECK(cqe->res > 0);
	if (fd == ring_stop(l))
		l->stopped = 1;
	else if (fd == ring_listener(l))
		ring_accepted(l, cqe->res);
	else
		ring_received(l, fd, cqe->res, cqe->flags);
}

static void turn_ring(struct loop *l)
{
	struct io_uring_cqe *cqe;
	int n;

	if (!l->ring)
		start_ring(l);
	begin_wait(l);
	CHECK(io_uring_submit_and_wait(l->ring, 1) >= 0);
	n = io_uring_cq_ready(l->ring);
	end_wait(l, n);
	while (n--) {
		CHECK(!io_uring_peek_cqe(l->ring, &cqe));
		handle_completion(l, cqe);
		io_uring_cqe_seen(l->ring, cqe);
	}
}

static void (*turn)(struct loop *l) = turn_epoll;

static void *run(void *arg)
{
	struct loop *l = arg;

	l->tid = syscall(SYS_gettid);
	while (!l->stopped)
		turn(l);
	return NULL;
}

static void init(struct loop *l, int listener)
{
	*l = (struct loop){ .listener = listener, .ep = -1, .inner = -1 };
	l->stop = eventfd(0, 0);
	CHECK(l->stop >= 0);
	if (turn != turn_epoll && turn != turn_shared)
		return;
	l->ep = epoll_create1(0);
	CHECK(l->ep >= 0);
	watch(l->ep, l->stop);
	if (listener >= 0)
		watch(l->ep, listener);
}

static void start(struct loop *l)
{
	CHECK(!pthread_create(&l->thread, NULL, run, l));
}

static void stop(struct loop *l)
{
	unsigned long long one = 1;

	CHECK(write(l->stop, &one, 8) == 8);
	CHECK(!pthread_join(l->thread, NULL));
}

static void say(const struct loop *l)
{
	printf("loop %d %d %d %d %d %d %.3f %.3f\n", l->tid, l->turns, l->events,
	       l->nr_reads, l->bytes, l->accepts, l->sum_ms, l->max_ms);
	for (int i = 0; i < l->nr; i++)
		printf("channel %d %d %d\n", l->tid, l->ports[i], l->reads[i]);
}

/*
 * Round by round a message on each connection, and at last a slow one on the first,
 * which the others follow.
 */
static pid_t client(int slow)
{
	int fds[NR_CHANNELS];
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < NR_CHANNELS; i++) {
		fds[i] = connected(SOCK_STREAM, &server);
		sleep_ms(5);
	}
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < NR_CHANNELS; i++)
			CHECK(write(fds[i], "fast......", 10) == 10);
		sleep_ms(10);
	}
	for (int i = 0; slow && i < NR_CHANNELS; i++) {
		CHECK(write(fds[i], i ? "fast......" : slow_message, 10) == 10);
		if (!i)
			sleep_ms(5);
	}
	for (;;) /* until its parent ends */
		pause();
}

/* Until the loops have read all that the client sends. */
static void wait_for_reads(const struct loop *l, int nr, int slow)
{
	while (reads_of(l, nr) < NR_CHANNELS * (ROUNDS + slow))
		sleep_ms(5);
}

/*
 * The client goes, and the kernel's thread reads that of each channel, though nobody
 * waits for it any more: looked at without a system call.
 */
static void read_ends(struct loop *l, pid_t client_pid)
{
	struct io_uring_cqe *cqe;

	CHECK(!kill(client_pid, SIGKILL) && waitpid(client_pid, NULL, 0) == client_pid);
	for (int i = 0; i < l->nr; i++) {
		while (io_uring_peek_cqe(l->ring, &cqe))
			sleep_ms(1);
		CHECK(!cqe->res);
		io_uring_cqe_seen(l->ring, cqe);
		l->nr_reads++;
	}
}

/* The client goes; the loop runs on without channels. */
static void end_clients(struct loop *l, pid_t client_pid)
{
	int reads = reads_of(l, 1);

	CHECK(!kill(client_pid, SIGKILL) && waitpid(client_pid, NULL, 0) == client_pid);
	while (reads_of(l, 1) < reads + NR_CHANNELS)
		sleep_ms(5);
	sleep_ms(1500);
}

/* The time that connections stay. */
static void hold(void)
{
	if (held)
		wait_to_go_on();
	else
		sleep_ms(2000);
}

static void one_loop(int nested)
{
	int listener = bound(SOCK_STREAM, &server);
	struct loop l;
	pid_t pid;

	CHECK(!listen(listener, 64));
	init(&l, listener);
	if (nested) {
		l.inner = epoll_create1(0);
		watch(l.ep, l.inner);
	}
	start(&l);
	pid = client(1);
	wait_for_reads(&l, 1, 1);
	hold();
	if (closing)
		end_clients(&l, pid);
	stop(&l);
	if (ring_how & POLLED)
		read_ends(&l, pid);
	say(&l);
}

static void shared(void)
{
	int listener = bound(SOCK_STREAM, &server);
	pthread_t others[2];
	struct loop l;

	CHECK(!listen(listener, 64));
	init(&l, listener);
	start(&l);
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&others[i], NULL, run, &l));
	client(1);
	wait_for_reads(&l, 1, 1);
	hold();
	stop(&l);
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_join(others[i], NULL));
	say(&l);
}

static void workers(int moves)
{
	int listener = bound(SOCK_STREAM, &server), fd;
	struct loop acceptor, worker[2];

	CHECK(!listen(listener, 64));
	init(&acceptor, listener);
	for (int i = 0; i < 2; i++) {
		init(&worker[i], -1);
		acceptor.feeds[i] = &worker[i];
		start(&worker[i]);
	}
	start(&acceptor);
	client(!moves);
	wait_for_reads(worker, 2, !moves);
	if (moves) {
		fd = worker[0].fds[--worker[0].nr];
		CHECK(!epoll_ctl(worker[0].ep, EPOLL_CTL_DEL, fd, NULL));
		add_channel(&worker[1], fd, port_of_peer(fd));
		watch(worker[1].ep, fd);
	}
	hold();
	stop(&acceptor);
	say(&acceptor);
	for (int i = 0; i < 2; i++) {
		stop(&worker[i]);
		say(&worker[i]);
	}
}

/* Returns from one wait and never waits again. */
static void stuck(void)
{
	struct epoll_event e;
	int ep = epoll_create1(0), fd = eventfd(1, 0);

	watch(ep, fd);
	CHECK(epoll_wait(ep, &e, 1, -1) == 1);
	printf("loop %d\n", getpid());
	fflush(stdout);
	sleep_ms(60000);
}

/* --- a loop that has no clients but itself ------------------------------------------------ */

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

static void many(void)
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

static void deep(void)
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

static void late(void)
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

static void midway(void)
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
static void batch(void)
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

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	held = argc > 2 && !strcmp(argv[2], "held");
	closing = !strcmp(name, "closing") || !strcmp(name, "closing-poll");
	if (!strcmp(name, "poll") || !strcmp(name, "closing-poll"))
		turn = turn_poll;
	if (!strcmp(name, "select"))
		turn = turn_select;
	for (size_t i = 0; i < sizeof(ring_cases) / sizeof(*ring_cases); i++)
		if (!strcmp(name, ring_cases[i].name)) {
			turn = turn_ring;
			ring_how = ring_cases[i].how;
		}
	if (!strcmp(name, "busy"))
		slow_message = "busy......";
	if (!strcmp(name, "hog")) {
		slow_message = "hog.......";
		start_hog();
	}
	edge = !strcmp(name, "edge") || !strcmp(name, "shared");
	if (!strcmp(name, "shared"))
		turn = turn_shared;
	if (slow_message[0] != 's' || !strcmp(name, "server") || !strcmp(name, "moved"))
		workers(!strcmp(name, "moved"));
	else if (!strcmp(name, "stuck"))
		stuck();
	else if (!strcmp(name, "many"))
		many();
	else if (!strcmp(name, "deep"))
		deep();
	else if (!strcmp(name, "midway"))
		midway();
	else if (!strcmp(name, "late"))
		late();
	else if (!strcmp(name, "batch"))
		batch();
	else if (!strcmp(name, "shared"))
		shared();
	else if (!strcmp(name, "nested") || !strcmp(name, "epoll") || edge || closing ||
		 turn != turn_epoll)
		one_loop(!strcmp(name, "nested"));
	else
		return 2;
	return 0;
}

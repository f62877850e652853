// SPDX-License-Identifier: GPL-2.0-only
/* Loops of a server, and its clients. */
#include "loops.h"

struct sockaddr_in server;
const char *slow_message = "slow......";
int held;
void (*turn)(struct loop *l) = turn_epoll;

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

void say(const struct loop *l)
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

void one_loop(int nested)
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

void shared(void)
{
	int listener = bound(SOCK_STREAM, &server);
	pthread_t others[2];
	struct loop l;

	CHECK(!listen(listener, 64) && !fcntl(listener, F_SETFL, O_NONBLOCK));
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

void workers(int moves)
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
void stuck(void)
{
	struct epoll_event e;
	int ep = epoll_create1(0), fd = eventfd(1, 0);

	watch(ep, fd);
	CHECK(epoll_wait(ep, &e, 1, -1) == 1);
	printf("loop %d\n", getpid());
	fflush(stdout);
	sleep_ms(60000);
}

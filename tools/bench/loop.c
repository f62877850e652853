// SPDX-License-Identifier: GPL-2.0-only
/*
 * loop WORKLOAD N [TRACER [RATE]]: prints the time of one operation in ns, and how
 * many reads that got data it has. In the VM's instruction-counted mode ns are
 * instructions. With TRACER, the process that traces (0: none), its time is told
 * apart: what it needs per operation, until it has caught up, comes third. RATE
 * is operations a second (0: as fast as possible); the time is the mean then.
 *
 * Otherwise it is the least of PARTS: where the CPU's slab has no object left, each
 * operation takes one out of another and gives it back, 277 instructions for one
 * of tcp-64. So before each part one more is taken for good.
 */
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_PAIRS 10000
#define LARGE 65536
#define CATCH_UP_NS 300000000
#define PARTS 5

/* fds[i][0] is read as a server's, fds[i][1] is its client's. */
static int fds[MAX_PAIRS][2], nr_pairs = 1, epoll;
static struct io_uring ring;
static char buf[LARGE];
static unsigned long reads; /* by any thread: one at a time runs */

static void check(int bad, const char *what)
{
	if (!bad)
		return;
	perror(what);
	exit(1);
}

static void connect_inet(int type, int pair[][2], int nr)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, type, 0);

	check(bind(l, (void *)&a, len), "bind");
	check(type == SOCK_STREAM && listen(l, 16), "listen");
	getsockname(l, (void *)&a, &len);
	for (int i = 0; i < nr; i++) {
		pair[i][1] = socket(AF_INET, type, 0);
		check(connect(pair[i][1], (void *)&a, len), "connect");
		pair[i][0] = type == SOCK_STREAM ? accept(l, NULL, NULL) : l;
		check(pair[i][0] < 0, "accept");
	}
}

static void connect_tcp(int pair[][2], int nr)
{
	connect_inet(SOCK_STREAM, pair, nr);
}

static void connect_udp(int pair[][2], int nr)
{
	connect_inet(SOCK_DGRAM, pair, nr);
}

static void connect_unix(int pair[][2], int nr)
{
	for (int i = 0; i < nr; i++)
		check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair[i]), "socketpair");
}

static void take(int fd)
{
	check(recv(fd, buf, sizeof(buf), 0) != 64, "recv");
	reads++;
}

static void give(int fd)
{
	check(send(fd, buf, 64, 0) != 64, "send");
}

/* The data is ready when the read begins: one send, one receive. */
static void ready_64(void)
{
	give(fds[0][1]);
	take(fds[0][0]);
}

static void ready_64k(void)
{
	ssize_t sent = 0, got = 0, n;

	while (got < LARGE) {
		if (sent < LARGE) {
			n = send(fds[0][1], buf, LARGE - sent, MSG_DONTWAIT);
			check(n < 0 && errno != EAGAIN, "send");
			sent += n > 0 ? n : 0;
		}
		n = recv(fds[0][0], buf, sizeof(buf), 0);
		check(n <= 0, "recv");
		got += n;
		reads++;
	}
}

static void poll_empty(void)
{
	check(recv(fds[0][0], buf, sizeof(buf), MSG_DONTWAIT) >= 0, "recv");
}

static void *echo(void *unused)
{
	for (;;) {
		take(fds[0][0]);
		give(fds[0][0]);
	}
	return unused;
}

static void setup_pingpong(void)
{
	pthread_t thread;

	check(pthread_create(&thread, NULL, echo, NULL), "thread");
}

/* Each of the two reads finds nothing and sleeps. */
static void pingpong(void)
{
	give(fds[0][1]);
	take(fds[0][1]);
}

static void setup_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN };

	epoll = epoll_create1(0);
	for (int i = 0; i < nr_pairs; i++) {
		e.data.fd = fds[i][0];
		check(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i][0], &e), "epoll_ctl");
	}
}

/* A server's wait, read, answer; and its client, whose answer is ready then. */
static void epoll_echo(void)
{
	static int next;
	struct epoll_event e;
	int client = fds[next][1];

	next = (next + 1) % nr_pairs;
	give(client);
	check(epoll_wait(epoll, &e, 1, -1) != 1, "epoll_wait");
	take(e.data.fd);
	give(e.data.fd);
	take(client);
}

static void setup_uring(void)
{
	check(io_uring_queue_init(8, &ring, 0), "io_uring");
}

static void uring_recv(void)
{
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	give(fds[0][1]);
	io_uring_prep_recv(sqe, fds[0][0], buf, sizeof(buf), 0);
	check(io_uring_submit_and_wait(&ring, 1) != 1, "submit");
	check(io_uring_peek_cqe(&ring, &cqe) || cqe->res != 64, "completion");
	io_uring_cqe_seen(&ring, cqe);
	reads++;
}

/* No room for what nobody reads: a send by itself. */
static void setup_send(void)
{
	int least = 1;

	setsockopt(fds[0][0], SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
}

static void send_64(void)
{
	give(fds[0][1]);
}

static void take_all(void)
{
	for (ssize_t got = 0, n; got < LARGE; got += n) {
		n = recv(fds[0][0], buf, sizeof(buf), 0);
		check(n <= 0, "recv");
		reads++;
	}
}

static int file;

static void setup_file(void)
{
	int large = 4 * LARGE;

	file = memfd_create("file", 0);
	check(write(file, buf, LARGE) != LARGE, "write");
	setsockopt(fds[0][1], SOL_SOCKET, SO_SNDBUF, &large, sizeof(large));
}

static void sendfile_64k(void)
{
	off_t at = 0;

	check(sendfile(fds[0][1], file, &at, LARGE) != LARGE, "sendfile");
	take_all();
}

static void setup_zerocopy(void)
{
	int one = 1;

	setup_file();
	check(setsockopt(fds[0][1], SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)),
	      "SO_ZEROCOPY");
}

/* What the kernel says of it is taken, too: notes take memory of the socket's. */
static void zerocopy_64k(void)
{
	struct msghdr m = {};

	check(send(fds[0][1], buf, LARGE, MSG_ZEROCOPY) != LARGE, "send");
	take_all();
	while (recvmsg(fds[0][1], &m, MSG_ERRQUEUE) >= 0)
		;
}

static void setup_send_zc(void)
{
	setup_file();
	setup_uring();
}

static void take_completion(void)
{
	struct io_uring_cqe *cqe;

	check(io_uring_wait_cqe(&ring, &cqe), "completion");
	check(cqe->flags & IORING_CQE_F_MORE && cqe->res != LARGE, "send_zc");
	io_uring_cqe_seen(&ring, cqe);
}

/* It completes, and once more when the kernel needs the pages no longer. */
static void send_zc_64k(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_send_zc(sqe, fds[0][1], buf, LARGE, MSG_WAITALL, 0);
	check(io_uring_submit(&ring) != 1, "submit");
	take_completion();
	take_all();
	take_completion();
}

static void get_parent(void)
{
	syscall(SYS_getppid);
}

static void ask_for_error(void)
{
	int error;
	socklen_t len = sizeof(error);

	check(getsockopt(fds[0][0], SOL_SOCKET, SO_ERROR, &error, &len), "SO_ERROR");
}

static const struct {
	const char *name;
	void (*connect)(int pair[][2], int nr);
	void (*setup)(void);
	void (*run)(void);
} workloads[] = {
	{ "tcp-64", connect_tcp, NULL, ready_64 },
	{ "tcp-64k", connect_tcp, NULL, ready_64k },
	{ "udp-64", connect_udp, NULL, ready_64 },
	{ "unix-64", connect_unix, NULL, ready_64 },
	{ "pingpong", connect_tcp, setup_pingpong, pingpong },
	{ "epoll-N", connect_tcp, setup_epoll, epoll_echo },
	{ "eagain", connect_tcp, NULL, poll_empty },
	{ "io_uring", connect_tcp, setup_uring, uring_recv },
	{ "send", connect_udp, setup_send, send_64 },
	{ "sendfile-64k", connect_tcp, setup_file, sendfile_64k },
	{ "zerocopy-64k", connect_tcp, setup_zerocopy, zerocopy_64k },
	{ "send_zc-64k", connect_tcp, setup_send_zc, send_zc_64k },
	{ "getppid", connect_unix, NULL, get_parent },
	{ "getsockopt", connect_tcp, NULL, ask_for_error },
};

#define NR_WORKLOADS (sizeof(workloads) / sizeof(workloads[0]))

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

static void sleep_until(long long ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* How long the tracer has run. */
static long long spent_ns(const char *tracer)
{
	long long ns = 0;
	char path[64];
	FILE *f;

	if (!atoi(tracer))
		return 0;
	snprintf(path, sizeof(path), "/proc/%s/schedstat", tracer);
	f = fopen(path, "r");
	check(!f || fscanf(f, "%lld", &ns) != 1, path);
	fclose(f);
	return ns;
}

static void catch_up(const char *tracer)
{
	if (atoi(tracer))
		sleep_until(now_ns() + CATCH_UP_NS);
}

static void repeat(void (*run)(void), long n, long rate)
{
	long long from = now_ns();

	for (long i = 0; i < n; i++) {
		if (rate)
			sleep_until(from + i * 1000000000ll / rate);
		run();
	}
}

/* A message of a workload's kind that nobody reads. */
static void hold(int workload)
{
	int pair[1][2];

	workloads[workload].connect(pair, 1);
	give(pair[0][1]);
}

static void measure(int workload, long n, const char *tracer, long rate, int parts)
{
	long long least = 0, from, ns, spent, before;

	catch_up(tracer);
	reads = 0;
	spent = spent_ns(tracer);
	for (int i = 0; i < parts; i++) {
		hold(workload);
		before = spent_ns(tracer);
		from = now_ns();
		repeat(workloads[workload].run, n / parts, rate);
		ns = now_ns() - from - (spent_ns(tracer) - before);
		if (!least || ns < least)
			least = ns;
	}
	catch_up(tracer);
	printf("%lld %lu %lld\n", least / (n / parts), reads / n,
	       (spent_ns(tracer) - spent) / n);
}

static void run(int workload, long n, const char *tracer, long rate, int parts)
{
	struct rlimit limit = { 3 * MAX_PAIRS, 3 * MAX_PAIRS };

	check(nr_pairs > 1 && setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	workloads[workload].connect(fds, nr_pairs);
	if (workloads[workload].setup)
		workloads[workload].setup();
	/* warm caches and windows, each connection's */
	repeat(workloads[workload].run, n / 5 > nr_pairs ? n / 5 : nr_pairs, rate);
	measure(workload, n, tracer, rate, parts);
}

int main(int argc, char **argv)
{
	long n = argc > 2 ? atol(argv[2]) : 0;
	long rate = argc > 4 ? atol(argv[4]) : 0;
	const char *name = argv[1];

	if (n > 0 && sscanf(name, "epoll-%d", &nr_pairs) == 1)
		name = nr_pairs > 0 && nr_pairs <= MAX_PAIRS ? "epoll-N" : "";
	for (size_t i = 0; n > 0 && i < NR_WORKLOADS; i++) {
		if (strcmp(workloads[i].name, name))
			continue;
		/* each part sees each socket */
		run(i, n, argc > 3 ? argv[3] : "0", rate,
		    argc > 4 || n < PARTS * nr_pairs ? 1 : PARTS);
		return 0;
	}
	fputs("usage: loop WORKLOAD N [TRACER [RATE]]; workloads:", stderr);
	for (size_t i = 0; i < NR_WORKLOADS; i++)
		fprintf(stderr, " %s", workloads[i].name);
	fputc('\n', stderr);
	return 2;
}

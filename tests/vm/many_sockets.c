// SPDX-License-Identifier: GPL-2.0-only
/*
 * many_sockets SOCKETS THREADS PROCESSES: a server with SOCKETS connections in one
 * epoll, and THREADS threads and PROCESSES processes that block on a connection
 * each. All echo to one client. It says "standing" when all stand, then takes
 * commands on standard input, each answered by "done":
 *
 *	each N		N exchanges with each of the threads and processes
 *	churn SECONDS	connections that come and go, and an exchange on one
 *			that stands beside each
 *
 * At the end of its input everybody leaves, and the last line says as JSON what
 * they have counted: reads with data or end of file, bytes, connections made
 * and gone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIZE 64
#define STACK 65536
#define RARELY 16 /* of the exchanges beside churn, one with a thread or process */

/* Shared by all processes. */
struct shared {
	unsigned long reads, bytes, connections;
	int over; /* no more connections are made */
};

static struct shared *shared;

static int nr_sockets, nr_threads, nr_processes;
static int listener;
static in_port_t port;
static int *clients; /* ends of threads', processes', then the epoll's sockets */

static void check(bool bad, const char *what)
{
	if (!bad)
		return;
	fprintf(stderr, "many_sockets: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Returns false at the end of file. */
static bool take(int fd)
{
	char buf[SIZE];
	ssize_t n = recv(fd, buf, SIZE, 0);

	check(n != SIZE && n, "recv");
	__atomic_add_fetch(&shared->reads, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&shared->bytes, n, __ATOMIC_RELAXED);
	return n;
}

static void give(int fd)
{
	char buf[SIZE] = "";

	check(send(fd, buf, SIZE, 0) != SIZE, "send");
}

static void *echo(void *fd)
{
	while (take((long)fd))
		give((long)fd);
	close((long)fd);
	return NULL;
}

/* --- the client -------------------------------------------------------------------- */

/* Of several addresses, as one has but 28,000 ports to come from. */
static int connected(void)
{
	static unsigned int n;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = port };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + n++ % 200);
	check(connect(fd, (void *)&a, sizeof(a)), "connect");
	return fd;
}

static void exchange(int fd)
{
	give(fd);
	check(!take(fd), "recv");
}

static void each(int n)
{
	for (int i = 0; i < nr_threads + nr_processes; i++)
		for (int j = 0; j < n; j++)
			exchange(clients[i]);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void churn(int seconds)
{
	int blocking = nr_threads + nr_processes;
	double end = now() + seconds;

	for (unsigned int i = 0; now() < end; i++) {
		int fd = connected();

		exchange(fd);
		close(fd);
		shared->connections++;
		if (i % RARELY)
			exchange(clients[blocking + i % nr_sockets]);
		else
			exchange(clients[i / RARELY % blocking]);
	}
}

static void be_client(void)
{
	int nr = nr_threads + nr_processes;
	char command[8];
	int n;

	for (int i = 0; i < nr_sockets; i++)
		exchange(clients[nr++] = connected());
	puts("standing");
	fflush(stdout);
	while (scanf("%7s %d", command, &n) == 2) {
		if (strcmp(command, "each"))
			churn(n);
		else
			each(n);
		puts("done");
		fflush(stdout);
	}
	shared->over = 1;
	for (int i = 0; i < nr; i++)
		shutdown(clients[i], SHUT_WR);
}

/* --- the server -------------------------------------------------------------------- */

static void serve(void)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = listener };
	int open = 0, epoll = epoll_create1(0);

	check(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e), "epoll_ctl");
	while (open || !shared->over) {
		check(epoll_wait(epoll, &e, 1, -1) != 1, "epoll_wait");
		if (e.data.fd == listener) {
			e.data.fd = accept(listener, NULL, NULL);
			check(epoll_ctl(epoll, EPOLL_CTL_ADD, e.data.fd, &e), "accept");
			open++;
		} else if (take(e.data.fd)) {
			give(e.data.fd);
		} else {
			close(e.data.fd);
			open--;
		}
	}
}

static void start(void)
{
	struct rlimit limit = { 65536, 65536 };
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);

	check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	clients = calloc(nr_sockets + nr_threads + nr_processes, sizeof(*clients));
	check(shared == MAP_FAILED || !clients, "memory");
	listener = socket(AF_INET, SOCK_STREAM, 0);
	check(bind(listener, (void *)&a, len) || listen(listener, 128), "listen");
	getsockname(listener, (void *)&a, &len);
	port = a.sin_port;
}

static void run(void)
{
	pthread_t *threads = calloc(nr_threads, sizeof(*threads));
	int *fds = calloc(nr_threads, sizeof(*fds));
	pthread_attr_t attr;

	check(!threads || !fds, "memory");
	for (int i = 0; i < nr_threads; i++) {
		clients[i] = connected();
		fds[i] = accept(listener, NULL, NULL);
	}
	for (int i = 0; i < nr_processes; i++) {
		int fd;

		clients[nr_threads + i] = connected();
		fd = accept(listener, NULL, NULL);
		if (!fork()) {
			echo((void *)(long)fd);
			_exit(0);
		}
		close(fd);
	}
	if (!fork()) {
		be_client();
		_exit(0);
	}
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	for (long i = 0; i < nr_threads; i++)
		check(pthread_create(&threads[i], &attr, echo, (void *)(long)fds[i]),
		      "thread");
	serve();
	for (int i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	nr_sockets = argc == 4 ? atoi(argv[1]) : 0;
	nr_threads = argc == 4 ? atoi(argv[2]) : 0;
	nr_processes = argc == 4 ? atoi(argv[3]) : 0;
	if (nr_sockets < 1 || nr_threads < 1 || nr_processes < 1) {
		fputs("usage: many_sockets SOCKETS THREADS PROCESSES\n", stderr);
		return 2;
	}
	start();
	run();
	printf("{\"reads\":%lu,\"bytes\":%lu,\"connections\":%lu}\n", shared->reads,
	       shared->bytes, shared->connections);
	return 0;
}

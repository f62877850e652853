// SPDX-License-Identifier: GPL-2.0-only
/*
 * loop WORKLOAD N: prints the time of one operation in ns. In the VM's
 * instruction-counted mode these are instructions.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int fds[2];
static char buf[65536];

static void check(int bad, const char *what)
{
	if (!bad)
		return;
	perror(what);
	exit(1);
}

static void connect_inet(int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, type, 0);

	check(bind(l, (void *)&a, len), "bind");
	check(type == SOCK_STREAM && listen(l, 1), "listen");
	getsockname(l, (void *)&a, &len);
	fds[1] = socket(AF_INET, type, 0);
	check(connect(fds[1], (void *)&a, len), "connect");
	fds[0] = type == SOCK_STREAM ? accept(l, NULL, NULL) : l;
}

static void setup_tcp(void)
{
	connect_inet(SOCK_STREAM);
}

static void setup_udp(void)
{
	connect_inet(SOCK_DGRAM);
}

static void setup_unix(void)
{
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), "socketpair");
}

static void setup_none(void)
{
}

/* The data is ready when the read begins: one send, one receive. */
static void ready_64(void)
{
	check(send(fds[1], buf, 64, 0) != 64, "send");
	check(recv(fds[0], buf, sizeof(buf), 0) != 64, "recv");
}

static void ready_64k(void)
{
	size_t got = 0;

	check(send(fds[1], buf, 32768, 0) != 32768, "send");
	while (got < 32768)
		got += recv(fds[0], buf, sizeof(buf), 0);
}

static void poll_empty(void)
{
	check(recv(fds[0], buf, sizeof(buf), MSG_DONTWAIT) >= 0, "recv");
}

static void get_parent(void)
{
	syscall(SYS_getppid);
}

static const struct {
	const char *name;
	void (*setup)(void);
	void (*run)(void);
} workloads[] = {
	{ "tcp-64", setup_tcp, ready_64 },
	{ "tcp-32k", setup_tcp, ready_64k },
	{ "udp-64", setup_udp, ready_64 },
	{ "unix-64", setup_unix, ready_64 },
	{ "tcp-eagain", setup_tcp, poll_empty },
	{ "getppid", setup_none, get_parent },
};

#define NR_WORKLOADS (sizeof(workloads) / sizeof(workloads[0]))

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;

	for (size_t i = 0; n > 0 && i < NR_WORKLOADS; i++) {
		long long from;

		if (strcmp(workloads[i].name, argv[1]))
			continue;
		workloads[i].setup();
		for (long j = 0; j < n / 5; j++) /* warm caches and windows */
			workloads[i].run();
		from = now_ns();
		for (long j = 0; j < n; j++)
			workloads[i].run();
		printf("%lld\n", (now_ns() - from) / n);
		return 0;
	}
	fputs("usage: loop WORKLOAD N; workloads:", stderr);
	for (size_t i = 0; i < NR_WORKLOADS; i++)
		fprintf(stderr, " %s", workloads[i].name);
	fputc('\n', stderr);
	return 2;
}

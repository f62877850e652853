/* SPDX-License-Identifier: GPL-2.0-only */
/* What small programs that the tests trace have in common. */
#ifndef TESTS_VM_PROGRAM_H
#define TESTS_VM_PROGRAM_H

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                             \
	do {                                                                         \
		if (!(condition)) {                                                  \
			fprintf(stderr, "%s: line %d: %s: %s\n", __FILE__, __LINE__, \
				#condition, strerror(errno));                        \
			_exit(1);                                                    \
		}                                                                    \
	} while (0)

/* What a page costs that comes from outside the VM is nothing that happens there. */
__attribute__((constructor)) static void load_all_pages(void)
{
	mlockall(MCL_CURRENT);
}

static inline void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static inline double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

/* A socket that is bound to a port of loopback, which *a then says. */
static inline int bound(int type, struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, type, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(!bind(fd, (struct sockaddr *)a, len));
	CHECK(!getsockname(fd, (struct sockaddr *)a, &len));
	return fd;
}

static inline int connected(int type, const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, type, 0);

	CHECK(!connect(fd, (const struct sockaddr *)to, sizeof(*to)));
	return fd;
}

#endif

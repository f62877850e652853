// SPDX-License-Identifier: GPL-2.0-only
/* The other end: connects, waits for orders in shared memory, sends. */
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab.h"

#define SEND_ALL_WITHIN_S 30

struct times {
	uint64_t begin_ns;
	uint64_t end_ns;
	sem_t sent;
};

struct peer {
	sem_t order;
	pid_t pid;
	struct times times[];
};

static void connect_inet(int family, int type, int fds[2])
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in a4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_storage addr = {};
	socklen_t len = family == AF_INET ? sizeof(a4) : sizeof(a6);
	int l = socket(family, type | SOCK_CLOEXEC, 0);

	memcpy(&addr, family == AF_INET ? (void *)&a4 : (void *)&a6, len);
	fds[1] = socket(family, type | SOCK_CLOEXEC, 0);
	if (bind(l, (void *)&addr, len) || (type == SOCK_STREAM && listen(l, 1)) ||
	    getsockname(l, (void *)&addr, &len) || connect(fds[1], (void *)&addr, len))
		lab_die("cannot connect on loopback: %s", strerror(errno));
	if (type == SOCK_STREAM) {
		fds[0] = accept4(l, NULL, NULL, SOCK_CLOEXEC);
		close(l);
	} else {
		fds[0] = l;
	}
}

void peer_connect(const char *proto, int fds[2], bool *stream)
{
	static const struct {
		const char *name;
		int family;
		int type;
	} protos[] = {
		{ "tcp", AF_INET, SOCK_STREAM },
		{ "udp", AF_INET, SOCK_DGRAM },
		{ "tcp6", AF_INET6, SOCK_STREAM },
		{ "udp6", AF_INET6, SOCK_DGRAM },
		{ "unix", AF_UNIX, SOCK_STREAM },
		{ "unix-dgram", AF_UNIX, SOCK_DGRAM },
		{ "unix-seqpacket", AF_UNIX, SOCK_SEQPACKET },
	};

	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (strcmp(protos[i].name, proto))
			continue;
		*stream = protos[i].type == SOCK_STREAM;
		if (protos[i].family != AF_UNIX)
			connect_inet(protos[i].family, protos[i].type, fds);
		else if (socketpair(AF_UNIX, protos[i].type | SOCK_CLOEXEC, 0, fds))
			lab_die("socketpair: %s", strerror(errno));
		return;
	}
	lab_bad_usage("no protocol '%s'", proto);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) && errno == EINTR)
		;
}

static void serve(struct peer *p, const struct lab_options *o, int fd)
{
	char *data = calloc(1, o->size);

	struct sched_param fifo = { .sched_priority = 1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (o->hog_ms && sched_setscheduler(0, SCHED_FIFO, &fifo))
		lab_die("SCHED_FIFO: %s", strerror(errno));
	for (uint64_t i = 0; i < o->count; i++) {
		uint64_t sent = 0;

		wait_for(&p->order);
		lab_sleep_us(o->delay_ms * 1000);
		p->times[i].begin_ns = lab_now();
		while (sent < o->size) {
			ssize_t n = send(fd, data + sent, o->size - sent, 0);

			if (n < 0)
				_exit(1);
			sent += n;
		}
		p->times[i].end_ns = lab_now();
		lab_spin_ms(o->hog_ms);
		sem_post(&p->times[i].sent);
	}
	free(data);
	/* the end of the stream is sent when asked for, by exiting */
	wait_for(&p->order);
	_exit(0);
}

struct peer *peer_start(const struct lab_options *o, int fds[2])
{
	size_t bytes = sizeof(struct peer) + o->count * sizeof(struct times);
	struct peer *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		lab_die("cannot share %zu bytes: %s", bytes, strerror(errno));
	sem_init(&p->order, 1, 0);
	for (uint64_t i = 0; i < o->count; i++)
		sem_init(&p->times[i].sent, 1, 0);
	p->pid = fork();
	if (p->pid < 0)
		lab_die("fork: %s", strerror(errno));
	if (!p->pid) {
		close(fds[0]);
		serve(p, o, fds[1]);
	}
	close(fds[1]);
	return p;
}

void peer_send(struct peer *p, uint64_t message)
{
	(void)message;
	sem_post(&p->order);
}

void peer_times(struct peer *p, uint64_t message, uint64_t *begin, uint64_t *end)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += SEND_ALL_WITHIN_S;
	while (sem_timedwait(&p->times[message].sent, &until))
		if (errno != EINTR)
			lab_die("the peer did not send: %s", strerror(errno));
	sem_post(&p->times[message].sent);
	*begin = p->times[message].begin_ns;
	*end = p->times[message].end_ns;
}

void peer_end(struct peer *p)
{
	sem_post(&p->order);
	waitpid(p->pid, NULL, 0);
}

// SPDX-License-Identifier: GPL-2.0-only
/* What the cases have in common: sockets, and the other side of them. */
#include "edge_cases.h"

const char *name;
int fds[2];
char buf[65536];
long last_ms;
pthread_t actor;

static const enum act *acts;
static const size_t size = 64;
static pthread_t reader;

void step(void)
{
	struct timespec ts = { 0, STEP_MS * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts))
		;
}

long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void truth(int fd, const char *call, ssize_t n, const char *model, const char *flags,
	   int steps)
{
	int err = n < 0 ? errno : 0;
	long now = now_ms();

	printf("%s %d %d %s %zd %d %s %s %d %ld\n", name, getpid(), fd, call,
	       n > 0 ? n : 0, err, model, flags, steps * STEP_MS, now - last_ms);
	fflush(stdout);
	last_ms = now;
}

/* recv() on fds[0], which waits so many steps. */
void receive(size_t max, int how, const char *flags, int steps)
{
	ssize_t n = recv(fds[0], buf, max, how);

	truth(fds[0], "recvfrom", n, "blocking", flags, steps);
}

void loopback_of(int type, int protocol)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, type, protocol);

	fds[1] = socket(AF_INET, type, protocol);
	CHECK(!bind(l, (void *)&a, len));
	CHECK(type == SOCK_DGRAM || !listen(l, 4));
	CHECK(!getsockname(l, (void *)&a, &len));
	CHECK(!connect(fds[1], (void *)&a, len));
	fds[0] = l;
	if (type == SOCK_STREAM) {
		CHECK((fds[0] = accept(l, NULL, NULL)) >= 0);
		close(l);
	}
}

void loopback(int type)
{
	loopback_of(type, 0);
}

static void pass_descriptor(void)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int pair[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(write(pair[1], buf, 10) == 10);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pair[0], sizeof(int));
	CHECK(sendmsg(fds[1], &m, 0) == 1);
	close(pair[0]);
}

static void *act_on(void *arg)
{
	struct linger now = { 1, 0 };

	(void)arg;
	for (const enum act *a = acts; *a; a++) {
		step();
		switch (*a) {
		case SEND:
			CHECK(send(fds[1], buf, size, 0) == (ssize_t)size);
			break;
		case SEND_NOTHING:
			CHECK(send(fds[1], buf, 0, 0) == 0);
			break;
		case RESET:
			setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
			/* fall through */
		case CLOSE:
			close(fds[1]);
			break;
		case SHUT_READER:
			shutdown(fds[0], SHUT_RD);
			break;
		case CLOSE_READER:
			close(fds[0]);
			break;
		case SIGNAL:
			pthread_kill(reader, SIGUSR1);
			break;
		case PASS:
			pass_descriptor();
			break;
		case DONE:
			break;
		}
	}
	return NULL;
}

void start_acts(const enum act *list)
{
	acts = list;
	reader = pthread_self();
	last_ms = now_ms();
	CHECK(!pthread_create(&actor, NULL, act_on, NULL));
}

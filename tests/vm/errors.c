// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ends a wait, or seems to, and is no data:
 *
 *   errqueue poll|epoll
 *             the time stamp of what was sent comes to the error queue at once, the
 *             answer of 48 bytes 100 ms later; three times
 *   badsum block|epoll
 *             a datagram with a wrong checksum after 50 ms, a good one of 100 bytes
 *             after 150
 *   refused block|poll
 *             after 30 ms the other host says that nobody listens
 *   overrun   20 messages into a netlink socket that has room for one
 *   names     threads read 64 bytes whose names are no UTF-8, or no text
 */
#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "program.h"

static struct sockaddr_in address; /* of the reader, or of a peer */
static char data[512];

static pthread_t start(void *(*function)(void *), void *arg)
{
	pthread_t t;

	CHECK(!pthread_create(&t, NULL, function, arg));
	return t;
}

/* Waits for input on a socket in one of two ways; what it has. */
static int wait_call(int fd, bool with_epoll)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	static int epoll;

	if (!with_epoll) {
		CHECK(poll(&p, 1, -1) == 1);
		return p.revents;
	}
	if (!epoll) {
		CHECK((epoll = epoll_create1(0)) > 0);
		CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e));
	}
	CHECK(epoll_wait(epoll, &e, 1, -1) == 1);
	return e.events;
}

/* --- the error queue ------------------------------------------------------------------ */

static void *answer_late(void *arg)
{
	int fd = *(int *)arg;

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);

		CHECK(recvfrom(fd, data, 48, 0, (struct sockaddr *)&from, &len) == 48);
		sleep_ms(100);
		CHECK(sendto(fd, data, 48, 0, (struct sockaddr *)&from, len) == 48);
	}
	return arg;
}

static void errqueue(bool with_epoll)
{
	int on = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
		 SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
	int peer = bound(SOCK_DGRAM, &address), fd = connected(SOCK_DGRAM, &address);
	char own[48];

	CHECK(!setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &on, sizeof(on)));
	start(answer_late, &peer);
	for (int rounds = 3; rounds;) {
		int has = POLLIN;

		CHECK(send(fd, own, sizeof(own), 0) == sizeof(own));
		do {
			char control[256];
			struct msghdr m = { .msg_control = control,
					    .msg_controllen = sizeof(control) };

			has = wait_call(fd, with_epoll);
			if (has & POLLERR)
				CHECK(recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
		} while (!(has & POLLIN));
		CHECK(recv(fd, own, sizeof(own), MSG_DONTWAIT) == sizeof(own));
		rounds--;
	}
}

/* --- a wrong checksum ------------------------------------------------------------------- */

static void *send_bad_and_good(void *arg)
{
	/* up to 76 bytes the kernel checks as they come, and nobody is woken */
	struct {
		unsigned short from, to, size, sum;
		char data[400];
	} udp = { htons(9999), address.sin_port, htons(sizeof(udp)), htons(0x1234), {} };
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	int good = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr *to = (struct sockaddr *)&address;

	sleep_ms(50);
	CHECK(sendto(raw, &udp, sizeof(udp), 0, to, sizeof(address)) == sizeof(udp));
	sleep_ms(100);
	CHECK(sendto(good, data, 100, 0, to, sizeof(address)) == 100);
	return arg;
}

static void badsum(bool with_epoll)
{
	int fd = bound(SOCK_DGRAM, &address);
	char own[512];

	start(send_bad_and_good, NULL);
	if (!with_epoll) {
		CHECK(recv(fd, own, sizeof(own), 0) == 100);
		return;
	}
	/* of a socket that may block a wait call would look at the checksum itself */
	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	do {
		wait_call(fd, true);
	} while (recv(fd, own, sizeof(own), 0) != 100);
}

/* --- errors --------------------------------------------------------------------------- */

static void *send_after_30_ms(void *arg)
{
	sleep_ms(30);
	CHECK(send(*(int *)arg, data, 1, 0) == 1);
	return arg;
}

static void refused(bool with_poll)
{
	int closed = bound(SOCK_DGRAM, &address), fd = connected(SOCK_DGRAM, &address);
	pthread_t t;

	close(closed);
	t = start(send_after_30_ms, &fd);
	if (with_poll)
		CHECK(wait_call(fd, false) & POLLERR);
	CHECK(recv(fd, data, sizeof(data), 0) < 0 && errno == ECONNREFUSED);
	CHECK(!pthread_join(t, NULL));
}

static void overrun(void)
{
	struct sockaddr_nl links = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	struct ifreq lo = { .ifr_name = "lo" };
	char message[65536];
	int room = 1, fd, control, count = 0;
	ssize_t n;

	CHECK(!unshare(CLONE_NEWNET));
	CHECK((fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)) >= 0);
	CHECK((control = socket(AF_INET, SOCK_DGRAM, 0)) >= 0);
	CHECK(!bind(fd, (struct sockaddr *)&links, sizeof(links)));
	CHECK(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)));
	for (int i = 0; i < 20; i++) {
		lo.ifr_mtu = 60000 + i;
		CHECK(!ioctl(control, SIOCSIFMTU, &lo));
	}
	CHECK(recv(fd, message, sizeof(message), MSG_DONTWAIT) < 0 && errno == ENOBUFS);
	while ((n = recv(fd, message, sizeof(message), MSG_DONTWAIT)) > 0)
		count++;
	CHECK(errno == EAGAIN);
	printf("%d\n", count);
}

/* --- names ------------------------------------------------------------------------------ */

static void *read_as(void *name)
{
	int pair[2];
	char own[64];

	CHECK(!prctl(PR_SET_NAME, name));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(send(pair[1], own, sizeof(own), 0) == sizeof(own));
	CHECK(recv(pair[0], own, sizeof(own), 0) == sizeof(own));
	return name;
}

static void names(void)
{
	static const char *const list[] = {
		"plain",
		"q\"}\\,{",
		"tab\tnl\nesc\x1b[2J",
		"ov\xe0\x80\x80",     /* an overlong form */
		"su\xed\xa0\x80",     /* a surrogate */
		"hi\xf4\x90\x80\x80", /* above U+10FFFF */
		"c1\xc2\x9b\x32J",    /* U+009B */
		"raw\x9b\x32J",
		"\xff\xfe",
		"zw\xc3\xb6lf-stra\xc3\x9f"
		"e-\xc3", /* cut within a character */
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe5\x90\x8d",
		" ",
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		CHECK(!pthread_join(start(read_as, (void *)list[i]), NULL));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *how = argc > 2 ? argv[2] : "";

	if (!strcmp(what, "errqueue"))
		errqueue(!strcmp(how, "epoll"));
	else if (!strcmp(what, "badsum"))
		badsum(!strcmp(how, "epoll"));
	else if (!strcmp(what, "refused"))
		refused(!strcmp(how, "poll"));
	else if (!strcmp(what, "overrun"))
		overrun();
	else if (!strcmp(what, "names"))
		names();
	else
		return 2;
	return 0;
}

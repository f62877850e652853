// SPDX-License-Identifier: GPL-2.0-only
/* Senders that die, and an other end that is there no more. */
#include "zerocopy.h"

/* Sends that nobody reads, and then the sender is killed. */
static void send_and_die(int fd)
{
	struct row *r = row_of("zc_send");

	allow_zerocopy(fd);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (send_one(fd, r, 60000) > 0)
		;
	r->copied = r->moved = r->fell = UNKNOWN;
	say();
	kill(getpid(), SIGKILL);
}

void run_killed(void)
{
	int port, listener = open_receiver(SOCK_STREAM, &port), fd, status;
	pid_t child = fork();

	if (!child)
		send_and_die(open_sender(SOCK_STREAM, port));
	fd = accept(listener, NULL, NULL);
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
	sleep_ms(100);
	recv_all(fd);
	say();
}

static void set_far(bool up)
{
	struct ifreq i = { .ifr_name = "far" };
	pid_t child = fork();
	int fd, status;

	if (!child) {
		enter_netns();
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		CHECK(!ioctl(fd, SIOCGIFFLAGS, &i));
		i.ifr_flags = up ? i.ifr_flags | IFF_UP : i.ifr_flags & ~IFF_UP;
		CHECK(!ioctl(fd, SIOCSIFFLAGS, &i));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
}

/*
 * The other end is there, or is there no more. A worker of the kernel's takes the queue
 * to it off later, up to a second: a packet before that is copied, and then dropped.
 */
static void plug(bool in)
{
	char state[16];
	ssize_t n;
	int fd;

	set_far(in);
	while (!in) {
		fd = open("/sys/class/net/near/operstate", O_RDONLY);
		n = read(fd, state, sizeof(state));
		close(fd);
		CHECK(n > 0);
		if (n < 3 || memcmp(state, "up\n", 3))
			break;
		sleep_ms(10);
	}
	if (!in) /* the lock that the worker does all of it with */
		set_far(in);
}

/* What is not acknowledged in time is given up, and never was copied. */
static void send_to_nobody(int fd)
{
	unsigned int ms = 2000;

	allow_zerocopy(fd);
	CHECK(!setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)));
	plug(false);
	send_zerocopy(fd, 5, 9000);
	plug(true);
}

static void send_three(int fd)
{
	allow_zerocopy(fd);
	for (int i = 0; i < 3; i++)
		moved("zc_send", send(fd, data, 9000, MSG_ZEROCOPY));
}

static void send_three_by_uring(int fd)
{
	struct io_uring_cqe *c;
	struct io_uring ring;

	CHECK(!io_uring_queue_init(8, &ring, 0));
	for (int i = 0; i < 3; i++) {
		io_uring_prep_send_zc(io_uring_get_sqe(&ring), fd, data, 9000, 0, 0);
		CHECK(io_uring_submit(&ring) == 1 && !io_uring_wait_cqe(&ring, &c));
		CHECK(!(c->flags & IORING_CQE_F_NOTIF));
		moved("uring_send_zc", c->res);
		io_uring_cqe_seen(&ring, c);
	}
}

/* A sender that is killed, and its connection with it. */
static void die_unplugged(int fd, bool linger, side_fn sends)
{
	struct linger l = { .l_onoff = 1 };
	pid_t child = fork();
	int status;

	if (child) {
		CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
		return;
	}
	if (linger)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	plug(false);
	sends(fd);
	if (!linger)
		rows->copied = rows->moved = rows->fell = UNKNOWN;
	say();
	kill(getpid(), SIGKILL);
}

static void run_unplugged(side_fn sends)
{
	int ports[2], port, fd;
	pid_t child;

	CHECK(!pipe(ports));
	child = fork();
	if (!child) {
		enter_netns();
		fd = open_receiver(SOCK_STREAM, &port);
		CHECK(write(ports[1], &port, sizeof(port)) == sizeof(port));
		fd = accept(fd, NULL, NULL);
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		pause();
	}
	CHECK(read(ports[0], &port, sizeof(port)) == sizeof(port));
	sends(open_sender(SOCK_STREAM, port));
	kill(child, SIGKILL);
	say();
}

void run_timed_out(void)
{
	run_unplugged(send_to_nobody);
}

static void die_with_connection(int fd, side_fn sends)
{
	die_unplugged(fd, true, sends);
	close(fd);
	sleep_ms(100);
	plug(true);
}

static void die_at_once(int fd)
{
	die_with_connection(fd, send_three);
}

static void die_at_once_by_uring(int fd)
{
	die_with_connection(fd, send_three_by_uring);
}

/* The connection outlives it: nobody knows at the end. */
static void die_slowly(int fd)
{
	die_unplugged(fd, false, send_three);
}

void run_killed_at_once(void)
{
	run_unplugged(die_at_once);
}

void run_killed_by_uring(void)
{
	run_unplugged(die_at_once_by_uring);
}

void run_killed_slowly(void)
{
	run_unplugged(die_slowly);
}

// SPDX-License-Identifier: GPL-2.0-only
/* What goes wrong: calls are interrupted, sockets are full or closed. */
#include "zerocopy.h"

static void on_alarm(int sig)
{
	(void)sig;
}

/* A splice that waits for data, and a signal comes. */
void splice_interrupted(int fd)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int p[2];

	CHECK(!pipe(p));
	sigaction(SIGALRM, &sa, NULL);
	moved("splice_in", splice(fd, NULL, p[1], NULL, 1 << 16, 0));
	ualarm(100000, 100000); /* again, if the first one comes before it waits */
	CHECK(moved("splice_in", splice(fd, NULL, p[1], NULL, 1 << 16, 0)) < 0 &&
	      errno == EINTR);
	ualarm(0, 0);
	go_on(0);
	/* it has room for one piece more, and then is full */
	CHECK(fcntl(p[1], F_SETPIPE_SZ, 2 * PAGE) == 2 * PAGE);
	moved("splice_in", splice(fd, NULL, p[1], NULL, 1 << 16, SPLICE_F_NONBLOCK));
	CHECK(moved("splice_in",
		    splice(fd, NULL, p[1], NULL, 1 << 16, SPLICE_F_NONBLOCK)) < 0 &&
	      errno == EAGAIN);
	recv_all(fd);
}

void send_in_parts(int fd)
{
	copied("send", send(fd, data, 2000, 0));
	await(0);
	copied("send", send(fd, data, 100000, 0));
	close(fd);
}

/* A socket that has no room for more, neither for a file nor for what is in a pipe. */
void send_until_full(int fd)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };
	int file = open_file("/tmp"), p[2];
	loff_t at;

	CHECK(!pipe(p) && !fcntl(fd, F_SETFL, O_NONBLOCK));
	do
		at = 0;
	while (moved("sendfile", sendfile(fd, file, &at, FILE_BYTES)) > 0);
	CHECK(errno == EAGAIN);
	at = 0;
	CHECK(splice(file, &at, p[1], NULL, 60000, 0) == 60000);
	CHECK(moved("splice_out", splice(p[0], NULL, fd, NULL, 60000, 0)) < 0 &&
	      errno == EAGAIN);
	go_on(1);
	for (ssize_t n, left = 60000; left; left -= n) {
		CHECK(poll(&out, 1, -1) == 1);
		n = moved("splice_out", splice(p[0], NULL, fd, NULL, left, 0));
		CHECK(n > 0);
	}
	close(fd);
}

void recv_when_full(int fd)
{
	await(1);
	recv_all(fd);
}

/* A reader that closes while a file is sent to it. */
void send_until_closed(int fd)
{
	int file = open_file("/tmp");
	loff_t at = 0;

	signal(SIGPIPE, SIG_IGN);
	do
		at = 0;
	while (moved("sendfile", sendfile(fd, file, &at, FILE_BYTES)) > 0);
	CHECK(errno == EPIPE || errno == ECONNRESET);
}

/* Likewise through a pipe, ... */
void splice_until_closed(int fd)
{
	int file = open_file("/tmp"), p[2];
	ssize_t n, m = 1;

	CHECK(!pipe(p));
	signal(SIGPIPE, SIG_IGN);
	while (m > 0) {
		loff_t at = 0;

		n = splice(file, &at, p[1], NULL, 60000, 0);
		for (; n > 0 && m > 0; n -= m)
			m = moved("splice_out", splice(p[0], NULL, fd, NULL, n, 0));
	}
	CHECK(errno == EPIPE || errno == ECONNRESET);
}

/* ... and with MSG_ZEROCOPY: the kernel says of each send what became of it. */
void send_zerocopy_until_closed(int fd)
{
	struct row *r = row_of("zc_send");
	uint32_t told = 0;
	int n, most = 1;

	allow_zerocopy(fd);
	signal(SIGPIPE, SIG_IGN);
	for (bool open = true; open || told < nr_sent;) {
		if (!open)
			sleep_ms(1);
		else if (send_one(fd, r, 60000) <= 0) {
			CHECK(errno == EPIPE || errno == ECONNRESET);
			open = false;
		}
		n = read_notifications(fd, r);
		told += n;
		if (n > most)
			most = n;
	}
	if (most > 1) /* some were copied, and some are not sent any more */
		r->copied = r->moved = r->fell = UNKNOWN;
}

/* The same by io_uring: a send at a time, and each one's end. */
void send_uring_until_closed(int fd)
{
	struct row *r = row_of("uring_send_zc");
	struct io_uring_sqe *s;
	struct io_uring_cqe *c;
	struct io_uring ring;
	bool open = true, sends = false;

	signal(SIGPIPE, SIG_IGN);
	CHECK(!io_uring_queue_init(8, &ring, 0));
	for (int pending = 0; open || pending;) {
		if (open && !sends) {
			s = io_uring_get_sqe(&ring);
			io_uring_prep_send_zc(s, fd, data, 60000, 0, 0);
			s->ioprio |= IORING_SEND_ZC_REPORT_USAGE;
			s->user_data = nr_sent;
			CHECK(io_uring_submit(&ring) == 1);
			sends = true;
		}
		CHECK(!io_uring_wait_cqe(&ring, &c));
		if (!(c->flags & IORING_CQE_F_NOTIF)) {
			open = c->res > 0;
			sends = false;
			pending += !!(c->flags & IORING_CQE_F_MORE);
			CHECK(nr_sent < MAX_SENDS);
			sent[nr_sent++] = open ? c->res : 0;
			r->bytes += open ? c->res : 0;
		} else {
			pending--;
			if (c->res & IORING_NOTIF_USAGE_ZC_COPIED)
				r->copied += sent[c->user_data];
			else
				r->moved += sent[c->user_data];
		}
		io_uring_cqe_seen(&ring, c);
	}
	/* the kernel tries by itself, and again */
	r->calls = r->fell = r->failed = UNKNOWN;
	io_uring_queue_exit(&ring);
}

/* A pipe that nobody reads any more: what the socket has stays there. */
void splice_to_closed(int fd)
{
	int p[2];

	CHECK(!pipe(p));
	signal(SIGPIPE, SIG_IGN);
	moved("splice_in", splice(fd, NULL, p[1], NULL, 5000, 0));
	close(p[0]);
	CHECK(moved("splice_in", splice(fd, NULL, p[1], NULL, 5000, 0)) < 0 &&
	      errno == EPIPE);
	recv_all(fd);
}

void recv_a_little(int fd)
{
	struct linger l = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	copied("recv", recv(fd, buf, 5000, MSG_WAITALL));
	close(fd);
}

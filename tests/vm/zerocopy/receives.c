// SPDX-License-Identifier: GPL-2.0-only
/* TCP_ZEROCOPY_RECEIVE. */
#include "zerocopy.h"

#define NR_PAGES 15 /* what a segment of loopback has room for */
#define BESIDE 300

/* Whole pages that nobody else has, and some more: the kernel has copied them. */
void send_pages(int fd)
{
	allow_zerocopy(fd);
	for (int i = 0; i < 5; i++) {
		send_zerocopy(fd, 1, NR_PAGES * PAGE);
		go_on(1);
		await(0);
		copied("send", send(fd, data, BESIDE, 0));
		go_on(1);
		await(0);
	}
	close(fd);
}

/*
 * What is mapped, what is copied beside it, and what the kernel says is to be read.
 * Returns the bytes.
 */
static long receive_mapped(int fd, char *at, int window, size_t room, struct row *r)
{
	struct tcp_zerocopy_receive z = {
		.address = (unsigned long)at,
		.length = window,
		.copybuf_address = (unsigned long)buf,
		.copybuf_len = room,
	};
	socklen_t len = sizeof(z);
	long n = 0;

	CHECK(!getsockopt(fd, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &z, &len));
	if ((int)z.copybuf_len > 0)
		n = z.copybuf_len;
	if (z.length + n || z.recv_skip_hint) {
		r->calls++;
		r->bytes += z.length + n;
		r->moved += z.length;
		r->copied += n;
		r->fell += n || z.recv_skip_hint;
		r->cause = "no_page";
	} else {
		r->failed++;
	}
	printf("mapped %u, copied %ld, hint %u\n", z.length, n, z.recv_skip_hint);
	if (z.recv_skip_hint)
		n += copied("recv", recv(fd, buf, z.recv_skip_hint, 0));
	return z.length + n;
}

/*
 * Each time all that was sent: the sender waits until its pages have arrived, for which
 * the window must have room for them.
 */
void map_all(int fd)
{
	int window = NR_PAGES * PAGE;
	char *at = mmap(NULL, window, PROT_READ, MAP_SHARED, fd, 0);
	struct row *r = row_of("zc_receive");

	CHECK(at != MAP_FAILED);
	for (int i = 0; i < 5; i++) {
		long left = window + BESIDE;

		await(1);
		left -= receive_mapped(fd, at, window, 0, r);
		go_on(0);
		await(1);
		left -= receive_mapped(fd, at, window, 1000, r);
		if (left)
			copied("recv", recv(fd, buf, left, MSG_WAITALL));
		go_on(0);
	}
	recv_all(fd);
}

#define DELAY_US 50000

/* One after the other, each when the last has been received, and is waited for. */
void send_slowly(int fd)
{
	for (int i = 0; i < 5; i++) {
		await(0);
		usleep(DELAY_US);
		copied("send", send(fd, data, NR_POLLED_PAGES * PAGE, 0));
	}
	await(0);
	usleep(DELAY_US);
	close(fd);
}

void send_pages_slowly(int fd)
{
	allow_zerocopy(fd);
	for (int i = 0; i < 5; i++) {
		usleep(DELAY_US);
		send_zerocopy(fd, 1, NR_POLLED_PAGES * PAGE);
		await(0);
	}
	for (int i = 0; i < 2; i++) {
		usleep(DELAY_US);
		copied("send", send(fd, data, BESIDE, 0));
		await(0);
	}
	usleep(DELAY_US);
	close(fd);
}

/* Waits for all: pages; bytes that are copied; some that are left; the end. */
void map_polled(int fd)
{
	int window = NR_POLLED_PAGES * PAGE;
	char *at = mmap(NULL, window, PROT_READ, MAP_SHARED, fd, 0);
	struct tcp_zerocopy_receive z = { .address = (unsigned long)at };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct row *r = row_of("zc_receive");
	socklen_t len = sizeof(z);

	CHECK(at != MAP_FAILED);
	for (int i = 0; i < 7; i++) {
		CHECK(poll(&p, 1, -1) == 1);
		receive_mapped(fd, at, window, i == 5 ? 1000 : 0, r);
		if (i == 6) /* there is nothing */
			receive_mapped(fd, at, window, 0, r);
		go_on(0);
	}
	CHECK(poll(&p, 1, -1) == 1);
	CHECK(getsockopt(fd, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &z, &len) < 0 &&
	      errno == EIO);
}

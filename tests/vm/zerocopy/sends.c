// SPDX-License-Identifier: GPL-2.0-only
/* MSG_ZEROCOPY. */
#include "zerocopy.h"

void allow_zerocopy(int fd)
{
	int one = 1;

	CHECK(!setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
}

/* Sends of this process, which has one socket for them, by the kernel's numbers. */
size_t sent[MAX_SENDS];
uint32_t nr_sent;
static const char *copied_because = "local";

/*
 * What the kernel says of them, which is of the first alone where it puts several into
 * one notification (skb_zerocopy_notify_extend()). Returns of how many.
 */
int read_notifications(int fd, struct row *r)
{
	char control[128];
	struct msghdr m = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct sock_extended_err *e;

	if (recvmsg(fd, &m, MSG_ERRQUEUE) < 0)
		return 0;
	e = (void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
	CHECK(e->ee_origin == SO_EE_ORIGIN_ZEROCOPY);
	for (uint32_t i = e->ee_info; i != e->ee_data + 1; i++) {
		if (e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED) {
			r->copied += sent[i];
			r->cause = copied_because;
			r->fell++;
		} else {
			r->moved += sent[i];
		}
	}
	return e->ee_data - e->ee_info + 1;
}

ssize_t send_one(int fd, struct row *r, size_t size)
{
	ssize_t n = send(fd, data, size, MSG_ZEROCOPY);

	if (n <= 0) {
		r->failed++;
		return n;
	}
	CHECK(nr_sent < MAX_SENDS);
	sent[nr_sent++] = n;
	r->calls++;
	r->bytes += n;
	return n;
}

void send_zerocopy(int fd, int nr, size_t size)
{
	struct row *r = row_of("zc_send");
	struct pollfd p = { .fd = fd };

	for (int told = 0, i = 0; told < nr;) {
		if (i < nr) {
			CHECK(send_one(fd, r, size) == (ssize_t)size);
			i++;
		} else {
			poll(&p, 1, -1);
		}
		told += read_notifications(fd, r);
	}
}

void zerocopy_sends(int fd)
{
	allow_zerocopy(fd);
	send_zerocopy(fd, 10, 60000);
	send_zerocopy(fd, 10, 200);
	close(fd);
}

/* The error queue is not read: nothing is known here, but to the kernel. */
void zerocopy_sends_unread(int fd)
{
	allow_zerocopy(fd);
	for (int i = 0; i < 10; i++)
		fell_back("zc_send", "local", send(fd, data, 30000, MSG_ZEROCOPY));
	close(fd);
}

/* The flag without the option. */
void zerocopy_sends_unasked(int fd)
{
	for (int i = 0; i < 10; i++)
		fell_back("zc_send", "not_enabled", send(fd, data, 30000, MSG_ZEROCOPY));
	close(fd);
}

void zerocopy_datagrams(int fd)
{
	allow_zerocopy(fd);
	send_zerocopy(fd, NR_SENDS, 1200);
	go_on(1);
}

void drain_until_told(int fd)
{
	await(1);
	while (copied("recv", recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		;
}

/* Where nobody is: the interface drops what it gets. */
static void send_dropped(size_t size)
{
	int fd = open_sender(SOCK_DGRAM, 9);

	allow_zerocopy(fd);
	send_zerocopy(fd, NR_SENDS, size);
	say();
}

void run_dropped(void)
{
	send_dropped(1200);
}

/* So small that a copy would take less time: nobody refuses it. */
void run_small(void)
{
	send_dropped(100);
}

/* The interface takes what lies in several pieces, or does not. */
static void set_scatter_gather(bool on)
{
	struct ethtool_value v = { .cmd = ETHTOOL_SSG, .data = on };
	struct ifreq i = { .ifr_name = "drop", .ifr_data = (void *)&v };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(!ioctl(fd, SIOCETHTOOL, &i));
	close(fd);
}

void run_no_scatter_gather(void)
{
	copied_because = "device";
	set_scatter_gather(false);
	run_dropped();
	set_scatter_gather(true);
}

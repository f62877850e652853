// SPDX-License-Identifier: GPL-2.0-only
/* What is copied both ways. */
#include "zerocopy.h"

void send_some(int fd)
{
	for (int i = 0; i < NR_SENDS; i++) {
		copied("send", send(fd, data, 10000, 0));
		copied("send", write(fd, data, 100));
	}
	close(fd);
}

void recv_all(int fd)
{
	while (copied("recv", recv(fd, buf, sizeof(buf), 0)) > 0)
		copied("recv", read(fd, buf, 77));
}

void send_datagrams(int fd)
{
	for (int i = 0; i < NR_SENDS; i++)
		copied("send", send(fd, data, 1000 + i, 0));
}

/* Every third one is cut: what is not given to the program is not counted. */
void recv_datagrams(int fd)
{
	for (int i = 0; i < NR_SENDS; i++)
		copied("recv", recv(fd, buf, i % 3 ? sizeof(buf) : 100, 0));
}

#define BATCH 8

static void fill_batch(struct mmsghdr *m, struct iovec *iov, char *at, size_t len)
{
	memset(m, 0, BATCH * sizeof(*m));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ at, len };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
}

void send_batch(int fd)
{
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];

	fill_batch(m, iov, data, 500);
	CHECK(sendmmsg(fd, m, BATCH, 0) == BATCH);
	for (int i = 0; i < BATCH; i++)
		copied("send", m[i].msg_len);
	go_on(1);
}

void recv_batch(int fd)
{
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];

	await(1);
	fill_batch(m, iov, buf, 2000);
	CHECK(recvmmsg(fd, m, BATCH, 0, NULL) == BATCH);
	for (int i = 0; i < BATCH; i++)
		copied("recv", m[i].msg_len);
}

/* MSG_PEEK copies again; MSG_TRUNC of TCP drops what it is told of. */
void recv_oddly(int fd)
{
	copied("recv", recv(fd, buf, 50, MSG_PEEK));
	copied("recv", recv(fd, buf, 50, 0));
	CHECK(recv(fd, buf, 30, MSG_TRUNC) == 30);
	row_of("recv")->failed++; /* it gave nothing */
	recv_all(fd);
}

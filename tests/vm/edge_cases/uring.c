// SPDX-License-Identifier: GPL-2.0-only
/* io_uring. */
#include "edge_cases.h"

static struct io_uring ring;

static struct io_uring_sqe *sqe_of_ring(unsigned int setup)
{
	loopback(SOCK_STREAM);
	CHECK(!io_uring_queue_init(8, &ring, setup));
	return io_uring_get_sqe(&ring);
}

/* What the next completion says. */
static void complete(const char *flags, int steps)
{
	struct io_uring_cqe *cqe;

	CHECK(!io_uring_wait_cqe(&ring, &cqe));
	errno = cqe->res < 0 ? -cqe->res : 0;
	truth(fds[0], "io_uring", cqe->res, "async", flags, steps);
	io_uring_cqe_seen(&ring, cqe);
}

static void uring_receive(unsigned int setup, unsigned int sqe_flags)
{
	struct io_uring_sqe *sqe = sqe_of_ring(setup);

	io_uring_prep_recv(sqe, fds[0], buf, 64, 0);
	sqe->flags |= sqe_flags;
	ACTS(SEND);
	CHECK(io_uring_submit(&ring) == 1);
	complete("-", 1);
}

void uring_recv(void)
{
	uring_receive(0, 0);
}

void uring_defer(void)
{
	uring_receive(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0);
}

void uring_sqpoll(void)
{
	uring_receive(IORING_SETUP_SQPOLL, 0);
}

void uring_worker(void)
{
	uring_receive(0, IOSQE_ASYNC);
}

void uring_recvmsg(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);
	struct iovec v = { buf, 64 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	io_uring_prep_recvmsg(sqe, fds[0], &m, 0);
	ACTS(SEND);
	CHECK(io_uring_submit(&ring) == 1);
	complete("-", 1);
}

void uring_read(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);

	io_uring_prep_read(sqe, fds[0], buf, 64, 0);
	ACTS(SEND, CLOSE);
	CHECK(io_uring_submit(&ring) == 1);
	complete("-", 1);
	io_uring_prep_read(io_uring_get_sqe(&ring), fds[0], buf, 64, 0);
	CHECK(io_uring_submit(&ring) == 1);
	complete("eof", 1);
}

void uring_ready(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);

	io_uring_prep_recv(sqe, fds[0], buf, 64, 0);
	ACTS(SEND);
	step();
	step();
	CHECK(io_uring_submit(&ring) == 1);
	complete("unwaited", 0); /* it was over before the wait */
}

/* Nobody is in io_uring_enter() for it: the completion is found by looking. */
void uring_peek(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);
	struct io_uring_cqe *cqe;

	io_uring_prep_recv(sqe, fds[0], buf, 64, 0);
	ACTS(SEND);
	CHECK(io_uring_submit(&ring) == 1);
	while (io_uring_peek_cqe(&ring, &cqe))
		step();
	truth(fds[0], "io_uring", cqe->res, "async", "unwaited", 1);
}

/* One request, a completion each time that data comes, into given buffers. */
void uring_multishot(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);
	struct io_uring_cqe *cqe;

	/* not a ring of buffers: on i386, 6.1 follows it into high memory */
	io_uring_prep_provide_buffers(sqe, buf, 1000, 8, 1, 0);
	CHECK(io_uring_submit(&ring) == 1);
	CHECK(!io_uring_wait_cqe(&ring, &cqe) && cqe->res >= 0);
	io_uring_cqe_seen(&ring, cqe);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_recv_multishot(sqe, fds[0], NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = 1;
	ACTS(SEND, SEND, SEND, CLOSE);
	CHECK(io_uring_submit(&ring) == 1);
	for (int i = 0; i < 3; i++)
		complete("-", 1);
	complete("eof", 1);
}

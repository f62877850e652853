// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that receives by a ring, and a thread of the kernel's that submits for it.
 * It says its id, and makes the ring when it is told to by a line.
 */
#include <liburing.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program.h"

static int fds[2];

static void *send_bytes(void *arg)
{
	for (;;) {
		usleep(60000); /* the receiver waits by then */
		CHECK(send(fds[1], "x", 1, 0) == 1);
	}
	return arg;
}

static void *receive(void *arg)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_SQPOLL,
		.sq_thread_idle = 1, /* ms; then it sleeps, and is woken */
	};
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	pthread_t sender;
	char buf[64];

	CHECK(!prctl(PR_SET_NAME, "ring-maker"));
	printf("%d\n", gettid());
	fflush(stdout);
	getchar();
	CHECK(!io_uring_queue_init_params(8, &ring, &params));
	CHECK(!pthread_create(&sender, NULL, send_bytes, NULL));
	for (;;) {
		io_uring_prep_recv(io_uring_get_sqe(&ring), fds[0], buf, sizeof(buf), 0);
		CHECK(io_uring_submit(&ring) == 1);
		CHECK(!io_uring_wait_cqe(&ring, &cqe));
		CHECK(cqe->res == 1);
		io_uring_cqe_seen(&ring, cqe);
	}
	return arg;
}

int main(void)
{
	pthread_t receiver;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	CHECK(!pthread_create(&receiver, NULL, receive, NULL));
	pthread_join(receiver, NULL);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Asynchronous receives: started first, waited for until they are complete. */
#include <aio.h>
#include <errno.h>
#include <liburing.h>
#include <string.h>

#include "lab.h"

/* glibc's POSIX AIO is a thread of its own that blocks in a read. */
ssize_t lab_recv_aio(struct lab *lab, size_t max, int flags)
{
	struct aiocb cb = { .aio_fildes = lab->fd,
			    .aio_buf = lab->buffer,
			    .aio_nbytes = max };
	const struct aiocb *const list[] = { &cb };

	(void)flags;
	if (aio_read(&cb))
		return -1;
	while (aio_error(&cb) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	errno = aio_error(&cb);
	return aio_return(&cb);
}

static struct io_uring ring;

int lab_setup_uring(struct lab *lab)
{
	(void)lab;
	return io_uring_queue_init(4, &ring, 0);
}

ssize_t lab_recv_uring(struct lab *lab, size_t max, int flags)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
	struct io_uring_cqe *cqe;
	int res;

	io_uring_prep_recv(sqe, lab->fd, lab->buffer, max, flags);
	res = io_uring_submit_and_wait(&ring, 1);
	if (res >= 0)
		res = io_uring_peek_cqe(&ring, &cqe);
	if (res < 0) {
		errno = -res;
		return -1;
	}
	res = cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	errno = res < 0 ? -res : 0;
	return res < 0 ? -1 : res;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Loops of io_uring: user_data is the descriptor. */
#include "loops.h"

int ring_how;

#define FIXED_STOP 0 /* in the ring's table, before the channels */
#define FIXED_LISTENER 1
#define BUFFERS 1 /* the number of the group */

static struct io_uring_buf_ring *ring_buffers;

static struct io_uring_sqe *ask(struct loop *l)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(l->ring);

	CHECK(sqe);
	return sqe;
}

static void call_it(struct io_uring_sqe *sqe, int fd)
{
	io_uring_sqe_set_data64(sqe, fd);
	if (ring_how & FIXED)
		sqe->flags |= IOSQE_FIXED_FILE;
}

static void ask_receive(struct loop *l, int fd)
{
	struct io_uring_sqe *sqe = ask(l);

	if (ring_how & MANY_RECEIVES) {
		io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = BUFFERS;
	} else {
		io_uring_prep_recv(sqe, fd, l->buffers[channel_of(l, fd)], 10, 0);
	}
	call_it(sqe, fd);
}

static int ring_listener(const struct loop *l)
{
	return ring_how & FIXED ? FIXED_LISTENER : l->listener;
}

static int ring_stop(const struct loop *l)
{
	return ring_how & FIXED ? FIXED_STOP : l->stop;
}

static void ask_accept(struct loop *l)
{
	static socklen_t len = sizeof(l->accepted);
	struct io_uring_sqe *sqe = ask(l);
	int fd = ring_listener(l);

	if (ring_how & MANY_ACCEPTS)
		io_uring_prep_multishot_accept(sqe, fd, NULL, NULL, 0);
	else
		io_uring_prep_accept(sqe, fd, (struct sockaddr *)&l->accepted, &len, 0);
	if (ring_how & FIXED)
		sqe->file_index = IORING_FILE_INDEX_ALLOC;
	call_it(sqe, fd);
}

static void give_buffer(struct loop *l, int i)
{
	io_uring_buf_ring_add(ring_buffers, l->buffers[i], sizeof(l->buffers[i]), i,
			      io_uring_buf_ring_mask(MAX_FDS), 0);
	io_uring_buf_ring_advance(ring_buffers, 1);
}

static void give_buffers(struct loop *l)
{
	struct io_uring_buf_reg reg = { .ring_entries = MAX_FDS, .bgid = BUFFERS };

	CHECK(!posix_memalign((void **)&ring_buffers, 4096,
			      MAX_FDS * sizeof(struct io_uring_buf)));
	reg.ring_addr = (unsigned long)ring_buffers;
	CHECK(!io_uring_register_buf_ring(l->ring, &reg, 0));
	io_uring_buf_ring_init(ring_buffers);
	for (int i = 0; i < MAX_FDS; i++)
		give_buffer(l, i);
}

static void fix_files(struct loop *l)
{
	int table[MAX_FDS];

	memset(table, -1, sizeof(table));
	table[FIXED_STOP] = l->stop;
	table[FIXED_LISTENER] = l->listener;
	CHECK(!io_uring_register_files(l->ring, table, MAX_FDS));
}

static void start_ring(struct loop *l)
{
	static unsigned long long stopped;
	struct io_uring_params params = {};
	struct io_uring_sqe *sqe;

	if (ring_how & POLLED) {
		params.flags |= IORING_SETUP_SQPOLL;
		params.sq_thread_idle = 1; /* ms; then it sleeps, and is woken */
	}
	if (ring_how & DEFERRED)
		params.flags |= IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
	l->ring = malloc(sizeof(*l->ring));
	CHECK(l->ring && !io_uring_queue_init_params(64, l->ring, &params));
	if (ring_how & DEFERRED)
		CHECK(io_uring_register_ring_fd(l->ring) == 1);
	if (ring_how & FIXED)
		fix_files(l);
	if (ring_how & MANY_RECEIVES)
		give_buffers(l);
	sqe = ask(l);
	io_uring_prep_read(sqe, ring_stop(l), &stopped, 8, 0);
	call_it(sqe, ring_stop(l));
	ask_accept(l);
}

static void ring_accepted(struct loop *l, int fd)
{
	l->accepts++;
	add_channel(l, fd,
		    ring_how & MANY_ACCEPTS ? port_of_peer(fd) :
					      ntohs(l->accepted.sin_port));
	ask_receive(l, fd);
	if (!(ring_how & MANY_ACCEPTS))
		ask_accept(l);
}

static void ring_received(struct loop *l, int fd, int bytes, unsigned int flags)
{
	int i = channel_of(l, fd);

	if (ring_how & MANY_RECEIVES) {
		CHECK(flags & IORING_CQE_F_BUFFER);
		i = flags >> IORING_CQE_BUFFER_SHIFT;
	}
	count_read(l, fd, bytes);
	take_long(l->buffers[i][0]);
	if (ring_how & MANY_RECEIVES)
		give_buffer(l, i);
	if (!(flags & IORING_CQE_F_MORE))
		ask_receive(l, fd);
}

static void handle_completion(struct loop *l, const struct io_uring_cqe *cqe)
{
	int fd = cqe->user_data;

	CHECK(cqe->res > 0);
	if (fd == ring_stop(l))
		l->stopped = 1;
	else if (fd == ring_listener(l))
		ring_accepted(l, cqe->res);
	else
		ring_received(l, fd, cqe->res, cqe->flags);
}

void turn_ring(struct loop *l)
{
	struct io_uring_cqe *cqe;
	int n;

	if (!l->ring)
		start_ring(l);
	begin_wait(l);
	CHECK(io_uring_submit_and_wait(l->ring, 1) >= 0);
	n = io_uring_cq_ready(l->ring);
	end_wait(l, n);
	while (n--) {
		CHECK(!io_uring_peek_cqe(l->ring, &cqe));
		handle_completion(l, cqe);
		io_uring_cqe_seen(l->ring, cqe);
	}
}

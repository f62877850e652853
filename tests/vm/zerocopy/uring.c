// SPDX-License-Identifier: GPL-2.0-only
/* io_uring: zero copy both ways, and what it does as the system calls do. */
#include "zerocopy.h"
#include "zcrx.h"

#define BATCH_OF_URING 100

/* Sends of size bytes; batch: so many before the kernel is asked what became of them. */
static void send_uring(int fd, size_t size, int batch, bool msg)
{
	struct row *r = row_of("uring_send_zc");
	struct iovec iov = { data, size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct io_uring ring;
	struct io_uring_sqe *s;
	struct io_uring_cqe *c;

	CHECK(!io_uring_queue_init(2 * BATCH_OF_URING, &ring, 0));
	for (int i = 0; i < 10; i++) {
		for (int n = 0; n < batch; n++) {
			s = io_uring_get_sqe(&ring);
			if (msg)
				io_uring_prep_sendmsg_zc(s, fd, &m, MSG_WAITALL);
			else
				io_uring_prep_send_zc(s, fd, data, size, MSG_WAITALL, 0);
			s->ioprio |= IORING_SEND_ZC_REPORT_USAGE;
		}
		CHECK(io_uring_submit(&ring) == batch);
		for (int told = 0; told < batch;) {
			CHECK(!io_uring_wait_cqe(&ring, &c));
			if (!(c->flags & IORING_CQE_F_NOTIF)) {
				CHECK(c->res == (int)size && c->flags & IORING_CQE_F_MORE);
				r->calls++;
				r->bytes += c->res;
			} else if (c->res & IORING_NOTIF_USAGE_ZC_COPIED) {
				r->copied += size;
				r->cause = "local";
				r->fell++;
				told++;
			} else {
				r->moved += size;
				told++;
			}
			io_uring_cqe_seen(&ring, c);
		}
	}
	r->failed = UNKNOWN; /* the kernel tries by itself, and again */
	io_uring_queue_exit(&ring);
	close(fd);
}

void uring_send_zc(int fd)
{
	send_uring(fd, 50000, 1, false);
}

void uring_sendmsg_zc(int fd)
{
	send_uring(fd, 50000, 1, true);
}

/* Small ones share packets, and the kernel tells their ends together. */
void uring_batches(int fd)
{
	send_uring(fd, 700, BATCH_OF_URING, false);
}

static long answer_after; /* so many bytes the sender goes on */

/*
 * RECV_ZC without a device, whose area the kernel copies to. It says in the rings'
 * memory how much it has copied, and with each completion where in the area that is.
 */
void recv_uring(int fd)
{
	struct row *r = row_of("uring_zcrx");
	size_t refill = 3 * PAGE, stats_offset = 2 * PAGE;
	char *rings = aligned_alloc(PAGE, refill), *area = aligned_alloc(PAGE, MAX_BYTES);
	struct io_uring_params p = { .flags = IORING_SETUP_SINGLE_ISSUER |
					      IORING_SETUP_DEFER_TASKRUN |
					      IORING_SETUP_CQE32 };
	struct zcrx_region region = { .user_addr = (uintptr_t)rings,
				      .size = refill,
				      .flags = IORING_MEM_REGION_TYPE_USER };
	struct zcrx_area_reg at = { .addr = (uintptr_t)area, .len = MAX_BYTES };
	struct zcrx_event_desc events = { .flags = ZCRX_EVENT_DESC_FLAG_STATS,
					  .stats_offset = stats_offset };
	struct zcrx_ifq_reg reg = { .rq_entries = 256,
				    .flags = ZCRX_REG_NODEV,
				    .area_ptr = (uintptr_t)&at,
				    .region_ptr = (uintptr_t)&region,
				    .event_desc = (uintptr_t)&events };
	const struct zcrx_stats *stats = (void *)(rings + stats_offset);
	struct io_uring_sqe *s;
	struct io_uring_cqe *c;
	struct io_uring ring;
	bool more;

	CHECK(rings && area && !io_uring_queue_init_params(64, &ring, &p));
	memset(rings, 0, refill);
	CHECK(!syscall(__NR_io_uring_register, ring.ring_fd, IORING_REGISTER_ZCRX_IFQ,
		       &reg, 1));
	s = io_uring_get_sqe(&ring);
	CHECK(s);
	memset(s, 0, sizeof(*s));
	s->opcode = IORING_OP_RECV_ZC;
	s->fd = fd;
	s->ioprio = IORING_RECV_MULTISHOT;
	s->file_index = reg.zcrx_id;
	CHECK(io_uring_submit(&ring) == 1);
	if (answer_after)
		go_on(0);
	do {
		CHECK(!io_uring_wait_cqe(&ring, &c) && c->res >= 0);
		more = c->flags & IORING_CQE_F_MORE;
		r->bytes += c->res;
		if (answer_after && c->res && r->bytes % answer_after == 0)
			go_on(0);
		io_uring_cqe_seen(&ring, c);
	} while (more);
	CHECK(!c->res);
	r->calls = r->fell = r->failed = UNKNOWN;
	r->cause = "area";
	r->copied = stats->copy_bytes;
	r->moved = r->bytes - r->copied;
	io_uring_queue_exit(&ring);
}

/* What io_uring does as the system calls do; it tries by itself, and again. */
static ssize_t do_uring(struct io_uring *ring, struct row *r)
{
	struct io_uring_cqe *c;
	int n;

	CHECK(io_uring_submit(ring) == 1 && !io_uring_wait_cqe(ring, &c));
	n = count(r, c->res, true);
	io_uring_cqe_seen(ring, c);
	r->failed = UNKNOWN;
	return n;
}

void send_by_uring(int fd)
{
	struct iovec iov = { data, 700 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct row *r = row_of("send");
	struct io_uring ring;

	CHECK(!io_uring_queue_init(8, &ring, 0));
	for (int i = 0; i < 10; i++) {
		io_uring_prep_send(io_uring_get_sqe(&ring), fd, data, 500, 0);
		do_uring(&ring, r);
		io_uring_prep_sendmsg(io_uring_get_sqe(&ring), fd, &m, 0);
		do_uring(&ring, r);
		io_uring_prep_write(io_uring_get_sqe(&ring), fd, data, 300, 0);
		do_uring(&ring, r);
	}
	io_uring_queue_exit(&ring);
	close(fd);
}

void recv_by_uring(int fd)
{
	struct iovec iov = { buf, 400 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct row *r = row_of("recv");
	struct io_uring ring;
	ssize_t n;

	CHECK(!io_uring_queue_init(8, &ring, 0));
	do {
		io_uring_prep_recv(io_uring_get_sqe(&ring), fd, buf, 600, 0);
		n = do_uring(&ring, r);
		io_uring_prep_recvmsg(io_uring_get_sqe(&ring), fd, &m, 0);
		n = do_uring(&ring, r);
		io_uring_prep_read(io_uring_get_sqe(&ring), fd, buf, 200, 0);
		n = do_uring(&ring, r);
	} while (n > 0);
	io_uring_queue_exit(&ring);
}

void run_uring_dropped(void)
{
	send_uring(open_sender(SOCK_DGRAM, 9), 1300, 4, false);
	say();
}

void recv_uring_slowly(int fd)
{
	answer_after = NR_POLLED_PAGES * PAGE;
	recv_uring(fd);
}

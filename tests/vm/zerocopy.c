// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that know which bytes they gave to the kernel and got from it, on which
 * path. zerocopy CASE [ADDRESS [NETNS]]: the parent sends, the child receives, at that
 * address (127.0.0.1) and in that network namespace. When all is done each says
 *
 *   row PID PATH CALLS BYTES COPIED MOVED FELL FAILED CAUSE
 *
 * of what it was told: calls that gave bytes, and those that did not; of zero copy,
 * what the kernel said of each, and why it must be so (docs/zerocopy.md). "-" is what
 * it is not told.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "program.h"
#include "zcrx.h"

#ifndef IORING_SEND_ZC_REPORT_USAGE
#define IORING_SEND_ZC_REPORT_USAGE (1U << 3)
#endif
#ifndef IORING_NOTIF_USAGE_ZC_COPIED
#define IORING_NOTIF_USAGE_ZC_COPIED (1U << 31)
#endif

#define PAGE 4096
#define MAX_BYTES (1 << 20)
#define UNKNOWN (-1L)

struct row {
	const char *path;
	long calls, bytes, copied, moved, fell, failed;
	const char *cause; /* of what fell back */
};

static char *data; /* to be sent, page aligned */
static char buf[MAX_BYTES];
static const char *address = "127.0.0.1", *netns;
static struct row rows[4];

/* --- what is known --------------------------------------------------------- */

static struct row *row_of(const char *path)
{
	struct row *r = rows;

	while (r->path && strcmp(r->path, path))
		r++;
	r->path = path;
	return r;
}

static ssize_t count(struct row *r, ssize_t n, bool copied)
{
	if (n <= 0) {
		r->failed++;
		return n;
	}
	r->calls++;
	r->bytes += n;
	if (copied)
		r->copied += n;
	else
		r->moved += n;
	return n;
}

static ssize_t copied(const char *path, ssize_t n)
{
	return count(row_of(path), n, true);
}

static ssize_t moved(const char *path, ssize_t n)
{
	return count(row_of(path), n, false);
}

static void say_number(long n)
{
	if (n == UNKNOWN)
		printf(" -");
	else
		printf(" %ld", n);
}

static void say(void)
{
	for (struct row *r = rows; r->path; r++) {
		printf("row %d %s", getpid(), r->path);
		say_number(r->calls);
		say_number(r->bytes);
		say_number(r->copied);
		say_number(r->moved);
		say_number(r->fell);
		say_number(r->failed);
		printf(" %s\n", !r->fell ? "none" : r->cause ? r->cause : "-");
	}
	fflush(stdout);
}

/* --- both ends ------------------------------------------------------------- */

static void enter_netns(void)
{
	int fd;

	if (!netns)
		return;
	fd = open(netns, O_RDONLY);
	CHECK(fd >= 0 && !setns(fd, CLONE_NEWNET));
	close(fd);
}

/* A socket that waits for data at the address: of TCP it listens. */
static int open_receiver(int type, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	CHECK(!bind(fd, (struct sockaddr *)&a, len));
	CHECK(!getsockname(fd, (struct sockaddr *)&a, &len));
	CHECK(type != SOCK_STREAM || !listen(fd, 8));
	*port = ntohs(a.sin_port);
	return fd;
}

static int open_sender(int type, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	CHECK(!connect(fd, (struct sockaddr *)&a, sizeof(a)));
	return fd;
}

typedef void (*side_fn)(int fd);

/* turns: how the sides tell each other to go on. */
static int turns[2][2];

static void go_on(int side)
{
	CHECK(write(turns[side][1], "x", 1) == 1);
}

static void await(int side)
{
	char c;

	CHECK(read(turns[side][0], &c, 1) == 1);
}

/* The child says what it knows first. */
static void end_child(pid_t child)
{
	int status;

	CHECK(waitpid(child, &status, 0) == child && !status);
	say();
}

static void run_sides(int type, side_fn sends, side_fn receives)
{
	int ports[2], port, fd, listener;
	pid_t child;

	CHECK(!pipe(ports) && !pipe(turns[0]) && !pipe(turns[1]));
	child = fork();
	if (!child) {
		enter_netns();
		fd = listener = open_receiver(type, &port);
		CHECK(write(ports[1], &port, sizeof(port)) == sizeof(port));
		if (type == SOCK_STREAM)
			fd = accept(listener, NULL, NULL);
		CHECK(fd >= 0);
		receives(fd);
		say();
		_exit(0);
	}
	CHECK(read(ports[0], &port, sizeof(port)) == sizeof(port));
	fd = open_sender(type, port);
	sends(fd);
	end_child(child);
}

static void run_unix(int type, side_fn sends, side_fn receives)
{
	int fds[2];
	pid_t child;

	CHECK(!socketpair(AF_UNIX, type, 0, fds));
	CHECK(!pipe(turns[0]) && !pipe(turns[1]));
	child = fork();
	if (!child) {
		close(fds[0]);
		receives(fds[1]);
		say();
		_exit(0);
	}
	close(fds[1]);
	sends(fds[0]);
	end_child(child);
}

/* --- copied both ways ------------------------------------------------------ */

#define NR_SENDS 20

static void send_some(int fd)
{
	for (int i = 0; i < NR_SENDS; i++) {
		copied("send", send(fd, data, 10000, 0));
		copied("send", write(fd, data, 100));
	}
	close(fd);
}

static void recv_all(int fd)
{
	while (copied("recv", recv(fd, buf, sizeof(buf), 0)) > 0)
		copied("recv", read(fd, buf, 77));
}

static void send_datagrams(int fd)
{
	for (int i = 0; i < NR_SENDS; i++)
		copied("send", send(fd, data, 1000 + i, 0));
}

/* Every third one is cut: what is not given to the program is not counted. */
static void recv_datagrams(int fd)
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

static void send_batch(int fd)
{
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];

	fill_batch(m, iov, data, 500);
	CHECK(sendmmsg(fd, m, BATCH, 0) == BATCH);
	for (int i = 0; i < BATCH; i++)
		copied("send", m[i].msg_len);
	go_on(1);
}

static void recv_batch(int fd)
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
static void recv_oddly(int fd)
{
	copied("recv", recv(fd, buf, 50, MSG_PEEK));
	copied("recv", recv(fd, buf, 50, 0));
	CHECK(recv(fd, buf, 30, MSG_TRUNC) == 30);
	row_of("recv")->failed++; /* it gave nothing */
	recv_all(fd);
}

/* --- sendfile, splice ------------------------------------------------------ */

#define FILE_BYTES 300000

/* All of it was copied, though it was to be moved. */
static ssize_t fell_back(const char *path, const char *cause, ssize_t n)
{
	struct row *r = row_of(path);

	r->cause = cause;
	r->fell += n > 0;
	return count(r, n, true);
}

static int open_file(const char *dir)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "%s/zerocopy.XXXXXX", dir);
	fd = mkstemp(name);
	CHECK(fd >= 0 && !unlink(name));
	CHECK(write(fd, data, FILE_BYTES) == FILE_BYTES);
	CHECK(!lseek(fd, 0, SEEK_SET));
	return fd;
}

static void send_file(int fd)
{
	int file = open_file("/tmp");

	while (moved("sendfile", sendfile(fd, file, NULL, 100000)) > 0)
		;
	close(fd);
}

/* A file whose pages are not those of a cache: each read makes them. */
static void send_made_file(int fd)
{
	int file = open("/proc/zoneinfo", O_RDONLY);

	CHECK(file >= 0);
	while (fell_back("sendfile", "source", sendfile(fd, file, NULL, 2000)) > 0)
		;
	CHECK(row_of("sendfile")->calls);
	close(fd);
}

#define DIRECT_BYTES (24 * PAGE)

/* A file that is read past the cache: its pages are those that the device filled. */
static void send_direct(int fd)
{
	int file = open("/dev/ram1", O_RDONLY | O_DIRECT);

	CHECK(file >= 0);
	for (int i = 0; i < 3; i++)
		moved("sendfile", sendfile(fd, file, NULL, DIRECT_BYTES));
	close(fd);
}

/* tmpfs takes the flag (since 6.6), but has nothing that is not in the cache. */
static void send_direct_tmpfs(int fd)
{
	int file = open_file("/dev/shm");

	if (fcntl(file, F_SETFL, O_DIRECT))
		printf("no O_DIRECT on tmpfs\n");
	else
		for (int i = 0; i < 3; i++)
			fell_back("sendfile", "source",
				  sendfile(fd, file, NULL, DIRECT_BYTES));
	close(fd);
}

/* To a socket that takes no pages. */
static void send_file_copied(int fd)
{
	int file = open_file("/tmp");

	while (fell_back("sendfile", "protocol", sendfile(fd, file, NULL, 100000)) > 0)
		;
	close(fd);
}

static void recv_file(int fd)
{
	while (row_of("recv")->bytes < FILE_BYTES)
		copied("recv", recv(fd, buf, sizeof(buf), 0));
}

static void splice_file(int fd)
{
	int file = open_file("/tmp"), p[2];
	ssize_t n;

	CHECK(!pipe(p));
	while ((n = splice(file, NULL, p[1], NULL, 60000, 0)) > 0)
		while (n > 0)
			n -= moved("splice_out", splice(p[0], NULL, fd, NULL, n, 0));
	close(fd);
}

static void vmsplice_pieces(int fd, char *at, ssize_t len)
{
	int p[2];

	CHECK(!pipe(p));
	for (int i = 0; i < NR_SENDS; i++) {
		struct iovec iov = { at, len };
		ssize_t n = vmsplice(p[1], &iov, 1, 0);

		CHECK(n == len);
		while (n > 0)
			n -= moved("splice_out", splice(p[0], NULL, fd, NULL, n, 0));
	}
	close(fd);
}

static void vmsplice_all(int fd)
{
	vmsplice_pieces(fd, data, 8 * PAGE);
}

/* Parts of pages are moved as whole ones are. */
static void vmsplice_odd(int fd)
{
	vmsplice_pieces(fd, data + 100, PAGE + 77);
}

static ssize_t splice_to(int pipe, int fd)
{
	return splice(fd, NULL, pipe, NULL, 1 << 16, 0);
}

/* A pipe takes what a socket has by sendfile(), too, since 5.12. */
static ssize_t sendfile_to(int pipe, int fd)
{
	return sendfile(pipe, fd, NULL, 1 << 16);
}

static ssize_t (*to_pipe)(int pipe, int fd) = splice_to;

static void splice_all(int fd)
{
	int p[2], null = open("/dev/null", O_WRONLY);
	ssize_t n;

	CHECK(!pipe(p) && null >= 0);
	CHECK(tee(fd, p[1], 100, 0) < 0 && errno == EINVAL); /* it takes from pipes alone */
	while ((n = moved("splice_in", to_pipe(p[1], fd))) > 0)
		while (n > 0)
			n -= splice(p[0], NULL, null, NULL, n, 0);
}

/*
 * A UNIX socket has the first bytes of a message in a buffer (SKB_MAX_HEAD) unless they
 * fill pages: these are copied.
 */
#define MAX_HEAD (PAGE - 320)

static void splice_unix(int fd)
{
	struct row *r = row_of("splice_in");
	long pages = (10000 - MAX_HEAD + PAGE - 1) / PAGE * PAGE;

	splice_all(fd);
	r->moved = NR_SENDS * pages;
	r->copied = r->bytes - r->moved;
	r->fell = r->calls;
	r->cause = "linear";
}

/* A socket without a splice of its own. */
static void splice_datagrams(int fd)
{
	int p[2], null = open("/dev/null", O_WRONLY);

	CHECK(!pipe(p) && null >= 0);
	for (int i = 0; i < NR_SENDS; i++) {
		ssize_t n = fell_back("splice_in", "protocol", to_pipe(p[1], fd));

		while (n > 0)
			n -= splice(p[0], NULL, null, NULL, n, 0);
	}
}

static void sendfile_all(int fd)
{
	to_pipe = sendfile_to;
	splice_all(fd);
}

static void sendfile_unix(int fd)
{
	to_pipe = sendfile_to;
	splice_unix(fd);
}

static void sendfile_datagrams(int fd)
{
	to_pipe = sendfile_to;
	splice_datagrams(fd);
}

/* --- MSG_ZEROCOPY ---------------------------------------------------------- */

static void allow_zerocopy(int fd)
{
	int one = 1;

	CHECK(!setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
}

/* Sends of this process, which has one socket for them, by the kernel's numbers. */
#define MAX_SENDS 4096
static size_t sent[MAX_SENDS];
static uint32_t nr_sent;
static const char *copied_because = "local";

/*
 * What the kernel says of them, which is of the first alone where it puts several into
 * one notification (skb_zerocopy_notify_extend()). Returns of how many.
 */
static int read_notifications(int fd, struct row *r)
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

static ssize_t send_one(int fd, struct row *r, size_t size)
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

static void send_zerocopy(int fd, int nr, size_t size)
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

static void zerocopy_sends(int fd)
{
	allow_zerocopy(fd);
	send_zerocopy(fd, 10, 60000);
	send_zerocopy(fd, 10, 200);
	close(fd);
}

/* The error queue is not read: nothing is known here, but to the kernel. */
static void zerocopy_sends_unread(int fd)
{
	allow_zerocopy(fd);
	for (int i = 0; i < 10; i++)
		fell_back("zc_send", "local", send(fd, data, 30000, MSG_ZEROCOPY));
	close(fd);
}

/* The flag without the option. */
static void zerocopy_sends_unasked(int fd)
{
	for (int i = 0; i < 10; i++)
		fell_back("zc_send", "not_enabled", send(fd, data, 30000, MSG_ZEROCOPY));
	close(fd);
}

static void zerocopy_datagrams(int fd)
{
	allow_zerocopy(fd);
	send_zerocopy(fd, NR_SENDS, 1200);
	go_on(1);
}

static void drain_until_told(int fd)
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

static void run_dropped(void)
{
	send_dropped(1200);
}

/* So small that a copy would take less time: nobody refuses it. */
static void run_small(void)
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

static void run_no_scatter_gather(void)
{
	copied_because = "device";
	set_scatter_gather(false);
	run_dropped();
	set_scatter_gather(true);
}

/* --- io_uring -------------------------------------------------------------- */

#define BATCH_OF_URING 8

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

static void uring_send_zc(int fd)
{
	send_uring(fd, 50000, 1, false);
}

static void uring_sendmsg_zc(int fd)
{
	send_uring(fd, 50000, 1, true);
}

/* Small ones share packets, and the kernel tells their ends together. */
static void uring_batches(int fd)
{
	send_uring(fd, 700, BATCH_OF_URING, false);
}

static long answer_after; /* so many bytes the sender goes on */

/*
 * RECV_ZC without a device, whose area the kernel copies to. It says in the rings'
 * memory how much it has copied, and with each completion where in the area that is.
 */
static void recv_uring(int fd)
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

static void send_by_uring(int fd)
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

static void recv_by_uring(int fd)
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

static void run_uring_dropped(void)
{
	send_uring(open_sender(SOCK_DGRAM, 9), 1300, 4, false);
	say();
}

/* --- TCP_ZEROCOPY_RECEIVE -------------------------------------------------- */

#define NR_PAGES 15 /* what a segment of loopback has room for */
#define BESIDE 300

/* Whole pages that nobody else has, and some more: the kernel has copied them. */
static void send_pages(int fd)
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
static void map_all(int fd)
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
#define NR_POLLED_PAGES 4 /* of one segment, however small the window is */

/* One after the other, each when the last has been received, and is waited for. */
static void send_slowly(int fd)
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

static void recv_uring_slowly(int fd)
{
	answer_after = NR_POLLED_PAGES * PAGE;
	recv_uring(fd);
}

static void send_pages_slowly(int fd)
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
static void map_polled(int fd)
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

/* --- what goes wrong ------------------------------------------------------- */

static void on_alarm(int sig)
{
	(void)sig;
}

/* A splice that waits for data, and a signal comes. */
static void splice_interrupted(int fd)
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

static void send_in_parts(int fd)
{
	copied("send", send(fd, data, 2000, 0));
	await(0);
	copied("send", send(fd, data, 100000, 0));
	close(fd);
}

/* A socket that has no room for more, neither for a file nor for what is in a pipe. */
static void send_until_full(int fd)
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

static void recv_when_full(int fd)
{
	await(1);
	recv_all(fd);
}

/* A reader that closes while a file is sent to it. */
static void send_until_closed(int fd)
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
static void splice_until_closed(int fd)
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
static void send_zerocopy_until_closed(int fd)
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
static void send_uring_until_closed(int fd)
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
static void splice_to_closed(int fd)
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

static void recv_a_little(int fd)
{
	struct linger l = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	copied("recv", recv(fd, buf, 5000, MSG_WAITALL));
	close(fd);
}

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

static void run_killed(void)
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

static void run_timed_out(void)
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

static void run_killed_at_once(void)
{
	run_unplugged(die_at_once);
}

static void run_killed_by_uring(void)
{
	run_unplugged(die_at_once_by_uring);
}

static void run_killed_slowly(void)
{
	run_unplugged(die_slowly);
}

/* --- many at once ---------------------------------------------------------- */

#define SLEEPERS 40

static void *recv_some(void *fd)
{
	char some[1000];

	return (void *)recv(*(int *)fd, some, sizeof(some), 0);
}

/* More than a kprobe at a function's return has room for, and who does not sleep. */
static void while_asleep(void (*meanwhile)(void))
{
	int fds[SLEEPERS + 1][2];
	pthread_t threads[SLEEPERS];
	void *got;

	for (int i = 0; i <= SLEEPERS; i++)
		CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]));
	for (int i = 0; i < SLEEPERS; i++)
		CHECK(!pthread_create(&threads[i], NULL, recv_some, &fds[i][1]));
	sleep_ms(200);
	if (meanwhile)
		meanwhile();
	for (int i = 0; i <= SLEEPERS; i++)
		copied("send", send(fds[i][0], data, 100 + i, 0));
	copied("recv", recv(fds[SLEEPERS][1], buf, 70, 0));
	copied("recv", read(fds[SLEEPERS][1], buf, 70));
	for (int i = 0; i < SLEEPERS; i++) {
		CHECK(!pthread_join(threads[i], &got));
		copied("recv", (ssize_t)got);
	}
	say();
}

static void run_asleep(void)
{
	while_asleep(NULL);
}

static void send_and_recv_batch(void)
{
	int fds[2];

	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	send_batch(fds[0]);
	recv_batch(fds[1]);
}

/* By kprobe the first of a recvmmsg() is lost then: the others take another way. */
static void run_asleep_batch(void)
{
	CHECK(!pipe(turns[1]));
	while_asleep(send_and_recv_batch);
}

/* --- full tables ----------------------------------------------------------- */

static void send_and_recv(void)
{
	int fds[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	for (int i = 0; i < NR_SENDS; i++) {
		copied("send", send(fds[0], data, 1000, 0));
		copied("recv", recv(fds[1], buf, 1000, 0));
	}
	say();
}

#define CACHED_CALLS 2048 /* bpf/zerocopy.bpf.h */

/* Two threads that want the same entry of iophase's: the second has a hash's. */
static void run_same_entry(void)
{
	pid_t first, id;
	struct clone_args second = { .exit_signal = SIGCHLD,
				     .set_tid = (unsigned long)&id,
				     .set_tid_size = 1 };
	int status;

	CHECK(!pipe(turns[0]));
	first = fork();
	if (!first) {
		send_and_recv();
		go_on(0);
		pause();
	}
	await(0);
	id = first + CACHED_CALLS;
	if (!syscall(SYS_clone3, &second, sizeof(second))) {
		send_and_recv();
		_exit(0);
	}
	CHECK(waitpid(id, &status, 0) == id && !status);
	kill(first, SIGKILL);
}

/* --- cases ----------------------------------------------------------------- */

static const struct {
	const char *name;
	int family;
	int type;
	side_fn sends;
	side_fn receives;
	void (*run)(void);
} cases[] = {
	{ "tcp", AF_INET, SOCK_STREAM, send_some, recv_all },
	{ "udp", AF_INET, SOCK_DGRAM, send_datagrams, recv_datagrams },
	{ "unix", AF_UNIX, SOCK_STREAM, send_some, recv_all },
	{ "unix-dgram", AF_UNIX, SOCK_DGRAM, send_datagrams, recv_datagrams },
	{ "mmsg", AF_INET, SOCK_DGRAM, send_batch, recv_batch },
	{ "odd", AF_INET, SOCK_STREAM, send_some, recv_oddly },
	{ "sendfile", AF_INET, SOCK_STREAM, send_file, recv_all },
	{ "sendfile-unix", AF_UNIX, SOCK_STREAM, send_file, recv_all },
	{ "sendfile-unix-dgram", AF_UNIX, SOCK_DGRAM, send_file_copied, recv_file },
	{ "sendfile-made", AF_INET, SOCK_STREAM, send_made_file, recv_all },
	{ "sendfile-direct", AF_INET, SOCK_STREAM, send_direct, recv_all },
	{ "sendfile-direct-tmpfs", AF_INET, SOCK_STREAM, send_direct_tmpfs, recv_all },
	{ "splice-out", AF_INET, SOCK_STREAM, splice_file, recv_all },
	{ "splice-out-unix", AF_UNIX, SOCK_STREAM, splice_file, recv_all },
	{ "vmsplice", AF_INET, SOCK_STREAM, vmsplice_all, recv_all },
	{ "vmsplice-odd", AF_INET, SOCK_STREAM, vmsplice_odd, recv_all },
	{ "splice-in", AF_INET, SOCK_STREAM, send_some, splice_all },
	{ "splice-in-unix", AF_UNIX, SOCK_STREAM, send_some, splice_unix },
	{ "splice-in-udp", AF_INET, SOCK_DGRAM, send_datagrams, splice_datagrams },
	{ "sendfile-in", AF_INET, SOCK_STREAM, send_some, sendfile_all },
	{ "sendfile-in-unix", AF_UNIX, SOCK_STREAM, send_some, sendfile_unix },
	{ "sendfile-in-udp", AF_INET, SOCK_DGRAM, send_datagrams, sendfile_datagrams },
	{ "zerocopy", AF_INET, SOCK_STREAM, zerocopy_sends, recv_all },
	{ "zerocopy-unread", AF_INET, SOCK_STREAM, zerocopy_sends_unread, recv_all },
	{ "zerocopy-unasked", AF_INET, SOCK_STREAM, zerocopy_sends_unasked, recv_all },
	{ "zerocopy-udp", AF_INET, SOCK_DGRAM, zerocopy_datagrams, drain_until_told },
	{ "zerocopy-dropped", .run = run_dropped },
	{ "zerocopy-small", .run = run_small },
	{ "zerocopy-no-sg", .run = run_no_scatter_gather },
	{ "uring", AF_INET, SOCK_STREAM, uring_send_zc, recv_all },
	{ "uring-msg", AF_INET, SOCK_STREAM, uring_sendmsg_zc, recv_all },
	{ "uring-batches", AF_INET, SOCK_STREAM, uring_batches, recv_all },
	{ "uring-dropped", .run = run_uring_dropped },
	{ "uring-copied", AF_INET, SOCK_STREAM, send_by_uring, recv_by_uring },
	{ "uring-receive", AF_INET, SOCK_STREAM, send_some, recv_uring },
	{ "uring-receive-slow", AF_INET, SOCK_STREAM, send_slowly, recv_uring_slowly },
	{ "receive-polled", AF_INET, SOCK_STREAM, send_pages_slowly, map_polled },
	{ "receive", AF_INET, SOCK_STREAM, send_pages, map_all },
	{ "interrupted", AF_INET, SOCK_STREAM, send_in_parts, splice_interrupted },
	{ "full", AF_INET, SOCK_STREAM, send_until_full, recv_when_full },
	{ "closed", AF_INET, SOCK_STREAM, send_until_closed, recv_a_little },
	{ "closed-splice", AF_INET, SOCK_STREAM, splice_until_closed, recv_a_little },
	{ "closed-zerocopy", AF_INET, SOCK_STREAM, send_zerocopy_until_closed,
	  recv_a_little },
	{ "closed-uring", AF_INET, SOCK_STREAM, send_uring_until_closed, recv_a_little },
	{ "closed-pipe", AF_INET, SOCK_STREAM, send_some, splice_to_closed },
	{ "killed", .run = run_killed },
	{ "timed-out", .run = run_timed_out },
	{ "killed-at-once", .run = run_killed_at_once },
	{ "killed-uring", .run = run_killed_by_uring },
	{ "killed-slowly", .run = run_killed_slowly },
	{ "asleep", .run = run_asleep },
	{ "asleep-batch", .run = run_asleep_batch },
	{ "same-entry", .run = run_same_entry },
};

int main(int argc, char **argv)
{
	data = mmap(NULL, MAX_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	CHECK(data != MAP_FAILED && argc > 1);
	memset(data, 'x', MAX_BYTES);
	if (argc > 2)
		address = argv[2];
	if (argc > 3)
		netns = argv[3];
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (strcmp(argv[1], cases[i].name))
			continue;
		if (cases[i].run)
			cases[i].run();
		else if (cases[i].family == AF_UNIX)
			run_unix(cases[i].type, cases[i].sends, cases[i].receives);
		else
			run_sides(cases[i].type, cases[i].sends, cases[i].receives);
		return 0;
	}
	return 2;
}

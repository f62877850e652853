// SPDX-License-Identifier: GPL-2.0-only
/* sendfile() and splice(): files, pages and pipes. */
#include "zerocopy.h"

int open_file(const char *dir)
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

void send_file(int fd)
{
	int file = open_file("/tmp");

	while (moved("sendfile", sendfile(fd, file, NULL, 100000)) > 0)
		;
	close(fd);
}

/* A file whose pages are not those of a cache: each read makes them. */
void send_made_file(int fd)
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
void send_direct(int fd)
{
	int file = open("/dev/ram1", O_RDONLY | O_DIRECT);

	CHECK(file >= 0);
	for (int i = 0; i < 3; i++)
		moved("sendfile", sendfile(fd, file, NULL, DIRECT_BYTES));
	close(fd);
}

/* tmpfs takes the flag (since 6.6), but has nothing that is not in the cache. */
void send_direct_tmpfs(int fd)
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
void send_file_copied(int fd)
{
	int file = open_file("/tmp");

	while (fell_back("sendfile", "protocol", sendfile(fd, file, NULL, 100000)) > 0)
		;
	close(fd);
}

void recv_file(int fd)
{
	while (row_of("recv")->bytes < FILE_BYTES)
		copied("recv", recv(fd, buf, sizeof(buf), 0));
}

void splice_file(int fd)
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

void vmsplice_all(int fd)
{
	vmsplice_pieces(fd, data, 8 * PAGE);
}

/* Parts of pages are moved as whole ones are. */
void vmsplice_odd(int fd)
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

void splice_all(int fd)
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

void splice_unix(int fd)
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
void splice_datagrams(int fd)
{
	int p[2], null = open("/dev/null", O_WRONLY);

	CHECK(!pipe(p) && null >= 0);
	for (int i = 0; i < NR_SENDS; i++) {
		ssize_t n = fell_back("splice_in", "protocol", to_pipe(p[1], fd));

		while (n > 0)
			n -= splice(p[0], NULL, null, NULL, n, 0);
	}
}

void sendfile_all(int fd)
{
	to_pipe = sendfile_to;
	splice_all(fd);
}

void sendfile_unix(int fd)
{
	to_pipe = sendfile_to;
	splice_unix(fd);
}

void sendfile_datagrams(int fd)
{
	to_pipe = sendfile_to;
	splice_datagrams(fd);
}

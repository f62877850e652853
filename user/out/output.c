// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define BUFFER_BYTES (64 << 10)

static FILE *terminal; /* what stdout was */
static int program_fd = -1;
static bool to_file; /* -o */
static bool to_be_emptied;
static char *rest; /* of a line whose end is yet to come */
static size_t rest_bytes;

bool write_all(int fd, const char *buf, size_t n)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	while (n) {
		ssize_t done = write(fd, buf, n);

		if (done >= 0) {
			buf += done;
			n -= done;
		} else if (errno == EAGAIN) {
			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

/*
 * Lines, as many at once as nobody can come between: a pipe takes PIPE_BUF bytes
 * in one piece, a file everything. A longer line goes by itself.
 */
static bool write_lines(const char *buf, size_t n)
{
	struct stat st;
	bool piecewise = fstat(STDOUT_FILENO, &st) || !S_ISREG(st.st_mode);

	while (n) {
		size_t most = piecewise && n > PIPE_BUF ? PIPE_BUF : n;
		const char *end = memrchr(buf, '\n', most);

		if (!end)
			end = memchr(buf, '\n', n);
		most = end + 1 - buf;
		if (!write_all(STDOUT_FILENO, buf, most))
			return false;
		buf += most;
		n -= most;
	}
	return true;
}

static void keep_rest(const char *buf, size_t n)
{
	rest = xrealloc(rest, rest_bytes + n + 1, 1);
	memcpy(rest + rest_bytes, buf, n);
	rest_bytes += n;
}

/* What stdio's buffer holds, at whatever byte that ends. */
static ssize_t on_write(void *cookie, const char *buf, size_t n)
{
	const char *end = memrchr(buf, '\n', n);
	size_t whole = end ? end + 1 - buf : 0;
	bool ok = true;

	(void)cookie;
	if (to_be_emptied && ftruncate(STDOUT_FILENO, 0) && errno != EINVAL)
		return 0;
	to_be_emptied = false;
	if (whole && rest_bytes) {
		keep_rest(buf, whole);
		ok = write_lines(rest, rest_bytes);
		rest_bytes = 0;
	} else if (whole) {
		ok = write_lines(buf, whole);
	}
	if (ok && n > whole)
		keep_rest(buf + whole, n - whole);
	return ok ? n : 0;
}

void output_begin(void)
{
	FILE *f = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = on_write });

	terminal = stdout;
	setvbuf(stderr, NULL, _IOLBF, 0);
	if (!f)
		return;
	setvbuf(f, NULL, _IOFBF, BUFFER_BYTES);
	stdout = f;
}

void output_end(void)
{
	flush_output();
	if (rest_bytes)
		write_all(STDOUT_FILENO, rest, rest_bytes);
	free(rest);
	rest = NULL;
	rest_bytes = 0;
}

int output_to(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return fail("cannot write %s: %s", path, strerror(errno));
	program_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	to_file = to_be_emptied = true;
	return EXIT_DONE;
}

int output_of_program(void)
{
	return program_fd;
}

FILE *output_notes(void)
{
	return to_file ? stdout : stderr;
}

FILE *output_terminal(void)
{
	return terminal;
}

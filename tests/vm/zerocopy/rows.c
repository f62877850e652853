// SPDX-License-Identifier: GPL-2.0-only
/* What the program knows of its calls. */
#include "zerocopy.h"

struct row rows[4];

struct row *row_of(const char *path)
{
	struct row *r = rows;

	while (r->path && strcmp(r->path, path))
		r++;
	r->path = path;
	return r;
}

ssize_t count(struct row *r, ssize_t n, bool copied)
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

ssize_t copied(const char *path, ssize_t n)
{
	return count(row_of(path), n, true);
}

ssize_t moved(const char *path, ssize_t n)
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

void say(void)
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

/* All of it was copied, though it was to be moved. */
ssize_t fell_back(const char *path, const char *cause, ssize_t n)
{
	struct row *r = row_of(path);

	r->cause = cause;
	r->fell += n > 0;
	return count(r, n, true);
}

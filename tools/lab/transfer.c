// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file to a socket, in each of the ways there are: what is copied, how many system
 * calls it takes, and what the kernel says of zero copy.
 */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <linux/errqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"
#include "notification.h"

#define MB 1000000
#define DEADLINE_S 300

struct transfer {
	int file, sock;
	size_t size;  /* of the file */
	size_t chunk; /* asked for with one call */
	char *buffer;
	/* what is known in the end */
	uint64_t sent;
	uint64_t calls;	       /* that gave bytes to the socket */
	uint64_t system_calls; /* all of them */
	uint64_t read_bytes;   /* copied from the file to this program */
	uint64_t copied, moved, fell_back;
	uint32_t *sizes; /* of sends with MSG_ZEROCOPY, by their numbers */
	uint64_t told;	 /* of these, what the kernel has spoken of */
};

/* What the reader has to say, and its CPU time. */
struct reader_end {
	uint64_t calls, bytes, cpu_ns;
};

static size_t next_size(const struct transfer *t)
{
	size_t left = t->size - t->sent;

	return left < t->chunk ? left : t->chunk;
}

/* A call that gives bytes to the socket has returned. */
static size_t gave(struct transfer *t, const char *call, ssize_t n)
{
	t->system_calls++;
	if (n <= 0)
		lab_die("%s: %s", call, n ? strerror(errno) : "the file ends");
	t->calls++;
	t->sent += n;
	return n;
}

static void send_all(struct transfer *t, const char *from, size_t size)
{
	while (size > 0) {
		size_t n = gave(t, "send", send(t->sock, from, size, 0));

		t->copied += n;
		from += n;
		size -= n;
	}
}

static void by_copy(struct transfer *t)
{
	while (t->sent < t->size) {
		ssize_t n = read(t->file, t->buffer, next_size(t));

		t->system_calls++;
		if (n <= 0)
			lab_die("read: %s", n ? strerror(errno) : "the file ends");
		t->read_bytes += n;
		send_all(t, t->buffer, n);
	}
}

static char *map_file(struct transfer *t)
{
	char *at = mmap(NULL, t->size, PROT_READ, MAP_SHARED, t->file, 0);

	t->system_calls++;
	if (at == MAP_FAILED)
		lab_die("mmap: %s", strerror(errno));
	return at;
}

static void by_mmap(struct transfer *t)
{
	const char *at = map_file(t);

	while (t->sent < t->size)
		send_all(t, at + t->sent, next_size(t));
}

static void by_sendfile(struct transfer *t)
{
	while (t->sent < t->size)
		t->moved += gave(t, "sendfile",
				 sendfile(t->sock, t->file, NULL, next_size(t)));
}

static void by_splice(struct transfer *t)
{
	int p[2];

	if (pipe(p))
		lab_die("pipe: %s", strerror(errno));
	t->system_calls++;
	while (t->sent < t->size) {
		ssize_t n = splice(t->file, NULL, p[1], NULL, next_size(t), 0);

		t->system_calls++;
		if (n <= 0)
			lab_die("splice: %s", n ? strerror(errno) : "the file ends");
		while (n > 0) {
			size_t out = gave(t, "splice",
					  splice(p[0], NULL, t->sock, NULL, n, 0));

			t->moved += out;
			n -= out;
		}
	}
}

static void note_size(struct transfer *t, size_t size)
{
	uint64_t last = t->calls - 1;

	if (!(last & (last - 1)))
		t->sizes = reallocarray(t->sizes, last ? 2 * last : 2, sizeof(*t->sizes));
	if (!t->sizes)
		lab_die("no memory");
	t->sizes[last] = size;
}

/* The kernel's word on sends; their pages are this program's again. */
static bool take_notification(struct transfer *t)
{
	char control[128];
	struct msghdr m = { .msg_control = control, .msg_controllen = sizeof(control) };
	const struct sock_extended_err *e;
	uint32_t nr;

	t->system_calls++;
	if (recvmsg(t->sock, &m, MSG_ERRQUEUE) < 0)
		return false;
	e = (void *)CMSG_DATA(CMSG_FIRSTHDR(&m));
	if (e->ee_origin != SO_EE_ORIGIN_ZEROCOPY)
		lab_die("the error queue has something else");
	nr = nr_notified(e->ee_info, e->ee_data);
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t size = t->sizes[e->ee_info + i];

		if (e->ee_code & SO_EE_CODE_ZEROCOPY_COPIED) {
			t->copied += size;
			t->fell_back++;
		} else {
			t->moved += size;
		}
	}
	t->told += nr;
	return true;
}

static void await_notification(struct transfer *t)
{
	struct pollfd p = { .fd = t->sock };

	t->system_calls++;
	poll(&p, 1, -1);
	take_notification(t);
}

/* Notifications take memory of the socket's: where there is none left, one is taken. */
static void by_zerocopy(struct transfer *t)
{
	const char *at = map_file(t);
	int one = 1;

	t->system_calls++;
	if (setsockopt(t->sock, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		lab_die("SO_ZEROCOPY: %s", strerror(errno));
	while (t->sent < t->size) {
		ssize_t n = send(t->sock, at + t->sent, next_size(t), MSG_ZEROCOPY);

		if (n < 0 && errno == ENOBUFS) {
			t->system_calls++;
			await_notification(t);
			continue;
		}
		note_size(t, gave(t, "send", n));
		take_notification(t);
	}
	while (t->told < t->calls)
		await_notification(t);
	free(t->sizes);
}

const struct lab_way lab_ways[] = {
	{ "copy", "send", "a file over TCP: read() and send()", by_copy },
	{ "mmap", "send", "the same: mmap() and send()", by_mmap },
	{ "sendfile", "sendfile", "the same: sendfile()", by_sendfile },
	{ "splice", "splice_out", "the same: splice() to a pipe, and from there",
	  by_splice },
	{ "zerocopy", "zc_send", "the same: mmap() and send() with MSG_ZEROCOPY",
	  by_zerocopy },
};

const int lab_nr_ways = sizeof(lab_ways) / sizeof(lab_ways[0]);

/* --- the reader ------------------------------------------------------------------ */

static void read_to_end(int sock, size_t chunk, int report)
{
	struct reader_end end = {};
	char *buffer = malloc(chunk);
	uint64_t cpu = lab_clock(CLOCK_PROCESS_CPUTIME_ID);
	ssize_t n;

	if (!buffer)
		lab_die("no memory");
	while ((n = recv(sock, buffer, chunk, 0)) > 0) {
		end.calls++;
		end.bytes += n;
	}
	end.cpu_ns = lab_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	_exit(write(report, &end, sizeof(end)) != sizeof(end));
}

static pid_t start_reader(int fds[2], size_t chunk, int report[2])
{
	pid_t pid;

	if (pipe(report))
		lab_die("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		lab_die("fork: %s", strerror(errno));
	if (!pid) {
		close(fds[1]);
		read_to_end(fds[0], chunk, report[1]);
	}
	close(fds[0]);
	close(report[1]);
	return pid;
}

/* --- what it says ---------------------------------------------------------------- */

struct cost {
	uint64_t cpu_ns, elapsed_ns;
};

static void say_json(const struct lab_way *w, const struct transfer *t,
		     const struct cost *c, pid_t reader, const struct reader_end *end)
{
#define U(n) ((unsigned long long)(n))
	printf("{\"v\":1,\"type\":\"transfer\",\"way\":\"%s\",\"pid\":%d,\"path\":\"%s\","
	       "\"calls\":%llu,\"bytes\":%llu,\"copied_bytes\":%llu,\"moved_bytes\":%llu,"
	       "\"fell_back_calls\":%llu,\"read_bytes\":%llu,\"system_calls\":%llu,"
	       "\"cpu_ns\":%llu,\"elapsed_ns\":%llu,\"reader_pid\":%d,"
	       "\"reader_calls\":%llu,\"reader_bytes\":%llu,\"reader_cpu_ns\":%llu}\n",
	       w->name, getpid(), w->path, U(t->calls), U(t->sent), U(t->copied),
	       U(t->moved), U(t->fell_back), U(t->read_bytes), U(t->system_calls),
	       U(c->cpu_ns), U(c->elapsed_ns), reader, U(end->calls), U(end->bytes),
	       U(end->cpu_ns));
}

static void say_text(const struct lab_way *w, const struct transfer *t,
		     const struct cost *c, const struct reader_end *end)
{
	double bytes = t->sent, kb = bytes / 1000;

	printf("%-9s %10s %6s %7s %7s %6s %10s %10s %10s\n", "WAY", "BYTES", "COPIES",
	       "SYSCALLS", "SENDS", "FELL", "SEND ns/KB", "RECV ns/KB", "ALL ns/KB");
	printf("%-9s %10llu %6.2f %8llu %7llu %6llu %10.0f %10.0f %10.0f\n", w->name,
	       U(t->sent), (t->read_bytes + t->copied) / bytes, U(t->system_calls),
	       U(t->calls), U(t->fell_back), c->cpu_ns / kb, end->cpu_ns / kb,
	       c->elapsed_ns / kb);
#undef U
}

/* --- all of it ------------------------------------------------------------------- */

/* In memory: what a disk takes is not asked. */
static void make_file(struct transfer *t)
{
	t->file = memfd_create("iophase-lab", MFD_CLOEXEC);
	t->buffer = malloc(t->chunk);
	if (t->file < 0 || !t->buffer)
		lab_die("no file in memory: %s", strerror(errno));
	memset(t->buffer, 'x', t->chunk);
	for (size_t done = 0; done < t->size;) {
		size_t left = t->size - done;
		ssize_t n = write(t->file, t->buffer, left < t->chunk ? left : t->chunk);

		if (n <= 0)
			lab_die("write: %s", strerror(errno));
		done += n;
	}
}

/* What lies between lseek() and shutdown() is what system_calls counts. */
static struct cost send_file(const struct lab_way *w, struct transfer *t)
{
	struct cost c = { lab_clock(CLOCK_PROCESS_CPUTIME_ID), lab_now() };

	if (lseek(t->file, 0, SEEK_SET))
		lab_die("lseek: %s", strerror(errno));
	w->send(t);
	if (shutdown(t->sock, SHUT_WR))
		lab_die("shutdown: %s", strerror(errno));
	c.cpu_ns = lab_clock(CLOCK_PROCESS_CPUTIME_ID) - c.cpu_ns;
	return c;
}

int transfer_run(const struct lab_options *o)
{
	struct transfer t = { .size = o->megabytes * MB, .chunk = o->size };
	struct reader_end end;
	int fds[2], report[2], status;
	struct cost cost;
	bool stream;
	pid_t reader;

	alarm(DEADLINE_S);
	peer_connect(o->proto, fds, &stream);
	if (!stream)
		lab_bad_usage("a file needs a stream, %s is none", o->proto);
	make_file(&t);
	reader = start_reader(fds, t.chunk, report);
	t.sock = fds[1];
	cost = send_file(o->way, &t);
	if (read(report[0], &end, sizeof(end)) != sizeof(end) || end.bytes != t.sent)
		lab_die("the reader did not get the file");
	cost.elapsed_ns = lab_now() - cost.elapsed_ns;
	waitpid(reader, &status, 0);
	if (o->json)
		say_json(o->way, &t, &cost, reader, &end);
	else if (!o->quiet)
		say_text(o->way, &t, &cost, &end);
	if (fflush(stdout) || ferror(stdout))
		lab_die("cannot write: %s", strerror(errno));
	return 0;
}

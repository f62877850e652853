// SPDX-License-Identifier: GPL-2.0-only
/* What it costs to be told of one ready descriptor among many that are not. */
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"
#include "picture.h"

#define ROUNDS 16
#define WORD_BITS (8 * sizeof(unsigned long))

static const int steps[] = { 10, 30, 100, 300, 1000, 3000, 10000 };

#define NR_STEPS ((int)(sizeof(steps) / sizeof(steps[0])))

struct scan {
	int nr;
	int *fds; /* the last is ready */
	int top;  /* the highest, and one */
	int epoll_fd;
	struct pollfd *polled;
	unsigned long *asked, *found; /* sets of any size: the kernel takes them */
};

static bool raise_limit(int nr)
{
	struct rlimit limit = { nr, nr }, now;

	if (!getrlimit(RLIMIT_NOFILE, &now) && now.rlim_cur >= (rlim_t)nr)
		return true;
	if (now.rlim_max >= (rlim_t)nr)
		limit.rlim_max = now.rlim_max;
	return !setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		lab_die("socket: %s", strerror(errno));
	return fd;
}

/* It sends itself what nobody reads. */
static void make_ready(int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t length = sizeof(to);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&to, length) ||
	    getsockname(fd, (struct sockaddr *)&to, &length) ||
	    sendto(fd, "x", 1, 0, (struct sockaddr *)&to, length) != 1)
		lab_die("cannot make a socket ready: %s", strerror(errno));
}

static void add(struct scan *s, int i)
{
	struct epoll_event e = { .events = EPOLLIN };
	int fd = open_socket();

	s->fds[i] = fd;
	s->polled[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	s->asked[fd / WORD_BITS] |= 1ul << fd % WORD_BITS;
	if (fd >= s->top)
		s->top = fd + 1;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &e))
		lab_die("epoll_ctl: %s", strerror(errno));
}

static void scan_begin(struct scan *s, int nr)
{
	*s = (struct scan){
		.nr = nr,
		.fds = calloc(nr, sizeof(int)),
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.polled = calloc(nr, sizeof(struct pollfd)),
		.asked = calloc(nr / WORD_BITS + 16, sizeof(long)),
		.found = calloc(nr / WORD_BITS + 16, sizeof(long)),
	};
	if (!s->fds || !s->polled || !s->asked || !s->found || s->epoll_fd < 0)
		lab_die("no memory for %d descriptors", nr);
	for (int i = 0; i < nr; i++)
		add(s, i);
	make_ready(s->fds[nr - 1]);
}

static void scan_end(struct scan *s)
{
	for (int i = 0; i < s->nr; i++)
		close(s->fds[i]);
	close(s->epoll_fd);
	free(s->fds);
	free(s->polled);
	free(s->asked);
	free(s->found);
}

/* A set is asked for anew each time: that copy is part of the price. */
static int by_select(struct scan *s)
{
	struct timespec none = {};

	memcpy(s->found, s->asked, (s->top / WORD_BITS + 1) * sizeof(long));
	return pselect(s->top, (fd_set *)s->found, NULL, NULL, &none, NULL);
}

static int by_poll(struct scan *s)
{
	return poll(s->polled, s->nr, 0);
}

static int by_epoll(struct scan *s)
{
	struct epoll_event e;

	return epoll_wait(s->epoll_fd, &e, 1, 0);
}

static const struct {
	const char *name;
	int (*ask)(struct scan *s);
} calls[] = {
	{ "select", by_select },
	{ "poll", by_poll },
	{ "epoll", by_epoll },
};

#define NR_CALLS ((int)(sizeof(calls) / sizeof(calls[0])))

struct costs {
	int descriptors;
	uint64_t ns[NR_CALLS];
};

/* The least of some, in ns. */
static uint64_t cost_of(struct scan *s, int (*ask)(struct scan *s))
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t begin = lab_now(), ns;
		int ready = ask(s);

		ns = lab_now() - begin;
		if (ready != 1)
			lab_die("%d descriptors are ready, not 1", ready);
		if (ns < least)
			least = ns;
	}
	return least;
}

/* In a process of its own: what lies behind a set of FD_SETSIZE bits is not its own. */
static const char *beyond_the_set(void)
{
	struct {
		fd_set set;
		unsigned long next;
	} s = {};
	volatile int fd = FD_SETSIZE;
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fclose(stderr); /* the C library's last words */
		close(2);
		FD_SET(fd, &s.set);
		asm volatile("" : : "r"(&s) : "memory"); /* look at what is there now */
		_exit(s.next ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		lab_die("fork: %s", strerror(errno));
	if (WIFSIGNALED(status))
		return "the C library ends the program (SIGABRT)";
	return WEXITSTATUS(status) ? "it writes into what lies behind the fd_set" :
				     "nothing happens";
}

/* --- the picture ------------------------------------------------------------------ */

#define LEFT 9 /* of the curves, in characters */
#define DECADE_WIDE 20
#define DECADE_HIGH 4
#define DECADES 6 /* 100 ns to 100 ms */
#define BOTTOM (2 + DECADE_HIGH * DECADES)

static struct point place_of(int descriptors, uint64_t ns)
{
	return (struct point){
		.x = LEFT + DECADE_WIDE * (log10(descriptors) - 1),
		.y = BOTTOM + 0.5 - DECADE_HIGH * (log10(ns ? ns : 1) - 2),
	};
}

static void draw_rulers(struct picture *p)
{
	static const char *const times[DECADES + 1] = {
		"100n", "1u", "10u", "100u", "1m", "10m", "100m",
	};

	for (int i = 0; i <= DECADES; i++) {
		int y = BOTTOM - i * DECADE_HIGH;
		struct point line[2] = { { LEFT, y + 0.5 },
					 { LEFT + 3 * DECADE_WIDE, y + 0.5 } };

		picture_words(p, LEFT - 2, y, ALIGN_RIGHT, INK_FAINT, "%s", times[i]);
		picture_curve(p, INK_FAINT, line, 2);
	}
	for (int i = 0, n = 10; i <= 3; i++, n *= 10)
		picture_words(p, LEFT + i * DECADE_WIDE, BOTTOM + 1, ALIGN_MIDDLE,
			      INK_FAINT, "%d", n);
	picture_words(p, LEFT + 3 * DECADE_WIDE / 2, BOTTOM + 2, ALIGN_MIDDLE,
		      INK_FAINT, "descriptors, one of them ready");
}

static int save_picture(const struct costs *costs, int nr, const char *path)
{
	static const enum ink inks[NR_CALLS] = { INK_DISPATCH, INK_WAIT, INK_COPY };
	struct picture p = {};
	int status;

	picture_words(&p, 0, 0, ALIGN_LEFT, INK_TITLE, "What one wait call costs, in s");
	draw_rulers(&p);
	for (int c = 0; c < NR_CALLS; c++) {
		struct point points[NR_STEPS];

		for (int i = 0; i < nr; i++)
			points[i] = place_of(costs[i].descriptors, costs[i].ns[c]);
		picture_curve(&p, inks[c], points, nr);
		if (nr)
			picture_words(&p, points[nr - 1].x + 1,
				      points[nr - 1].y - (c == 0), /* poll's is the same */
				      ALIGN_LEFT, inks[c], "%s", calls[c].name);
	}
	status = svg_save(path, &p, "select, poll and epoll among many descriptors");
	picture_free(&p);
	return status;
}

/* --- the table -------------------------------------------------------------------- */

static void measure(struct costs *costs)
{
	struct scan s;

	scan_begin(&s, costs->descriptors);
	for (int c = 0; c < NR_CALLS; c++)
		costs->ns[c] = cost_of(&s, calls[c].ask);
	scan_end(&s);
}

static void print_costs(const struct costs *c, bool json)
{
	printf(json ? "{\"type\":\"scan\",\"descriptors\":%d,\"select_ns\":%llu,"
		      "\"poll_ns\":%llu,\"epoll_ns\":%llu}\n" :
		      "%11d %10llu %10llu %10llu\n",
	       c->descriptors, (unsigned long long)c->ns[0],
	       (unsigned long long)c->ns[1], (unsigned long long)c->ns[2]);
	fflush(stdout);
}

int scan_run(const struct lab_options *o)
{
	const char *beyond = beyond_the_set();
	struct costs costs[NR_STEPS];
	int nr = 0;

	if (!o->json)
		printf("%11s %10s %10s %10s  ns for one that is ready\n", "DESCRIPTORS",
		       "SELECT", "POLL", "EPOLL");
	for (; nr < NR_STEPS; nr++) {
		if (!raise_limit(steps[nr] + 64)) {
			fprintf(stderr,
				"iophase-lab: %d descriptors are above the hard limit: "
				"ulimit -Hn\n",
				steps[nr]);
			break;
		}
		costs[nr].descriptors = steps[nr];
		measure(&costs[nr]);
		print_costs(&costs[nr], o->json);
	}
	printf(o->json ? "{\"type\":\"fd_set\",\"size\":%d,\"beyond\":\"%s\"}\n" :
			 "FD_SET() of descriptor %d: %s; the kernel would take it:\n"
			 "the sets of 3,000 and 10,000 are of our own making.\n",
	       FD_SETSIZE, beyond);
	if (fflush(stdout) || ferror(stdout))
		lab_die("cannot write: %s", strerror(errno));
	return o->svg ? save_picture(costs, nr, o->svg) : 0;
}

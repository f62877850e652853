// SPDX-License-Identifier: GPL-2.0-only
/* The models, as Stevens has them (UNP vol. 1, 6.2). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include "lab.h"

static int epoll_fd;
static volatile uint64_t signalled_ns;
static sigset_t outside; /* the mask in which the signal is let in */

static int poll_interval(struct lab *lab)
{
	/* the first try comes at once, the others an interval apart */
	if (lab->polls)
		lab_sleep_us(lab->options.interval_us);
	return 0;
}

/* A report starts anew: the EAGAIN that ended a drain was no poll. */
static void ask(struct lab *lab)
{
	lab->polls = 0;
	lab->asked_ns = lab_now();
}

static int told(struct lab *lab, int result)
{
	lab->told_ns = lab_now();
	return result < 0 ? -errno : 0;
}

static int wait_select(struct lab *lab)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(lab->fd, &set);
	ask(lab);
	return told(lab, select(lab->fd + 1, &set, NULL, NULL, NULL));
}

static int wait_poll(struct lab *lab)
{
	struct pollfd p = { .fd = lab->fd, .events = POLLIN };

	ask(lab);
	return told(lab, poll(&p, 1, -1));
}

static int add_to_epoll(struct lab *lab, uint32_t events)
{
	struct epoll_event e = { .events = events };

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, lab->fd, &e) ? -errno : 0;
}

static int setup_epoll(struct lab *lab)
{
	return add_to_epoll(lab, EPOLLIN);
}

static int setup_epoll_et(struct lab *lab)
{
	return add_to_epoll(lab, EPOLLIN | EPOLLET);
}

static int wait_epoll(struct lab *lab)
{
	struct epoll_event e;

	ask(lab);
	return told(lab, epoll_wait(epoll_fd, &e, 1, -1));
}

static void on_sigio(int sig)
{
	(void)sig;
	if (!signalled_ns)
		signalled_ns = lab_now();
}

static int setup_sigio(struct lab *lab)
{
	int sig = lab->options.rtsig ? SIGRTMIN + 1 : SIGIO;
	struct sigaction sa = { .sa_handler = on_sigio };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_BLOCK, &set, &outside);
	sigaction(sig, &sa, NULL);
	if (fcntl(lab->fd, F_SETOWN, getpid()) ||
	    (lab->options.rtsig && fcntl(lab->fd, F_SETSIG, sig)) ||
	    fcntl(lab->fd, F_SETFL, O_NONBLOCK | O_ASYNC))
		return -errno;
	lab->asked_ns = lab_now(); /* from here on it is wanted */
	return 0;
}

static int wait_sigio(struct lab *lab)
{
	while (!signalled_ns)
		sigsuspend(&outside);
	lab->told_ns = signalled_ns;
	signalled_ns = 0;
	return 0;
}

const struct lab_model lab_models[] = {
	{ .name = "blocking", .help = "the read sleeps until there is data" },
	{ .name = "nonblocking",
	  .help = "reads again and again until there is",
	  .nonblock = true,
	  .wait = poll_interval },
	{ .name = "select", .help = "select(), then read", .wait = wait_select },
	{ .name = "poll", .help = "poll(), then read", .wait = wait_poll },
	{ .name = "epoll",
	  .help = "level-triggered epoll_wait(), then read",
	  .nonblock = true,
	  .setup = setup_epoll,
	  .wait = wait_epoll },
	{ .name = "epoll-et",
	  .help = "edge-triggered, reads on to EAGAIN",
	  .nonblock = true,
	  .setup = setup_epoll_et,
	  .wait = wait_epoll,
	  .drain = true },
	{ .name = "sigio",
	  .help = "SIGIO's handler wakes the reader",
	  .nonblock = true,
	  .signal = true,
	  .setup = setup_sigio,
	  .wait = wait_sigio },
	{ .name = "io_uring",
	  .help = "a receive is submitted, then completed",
	  .setup = lab_setup_uring,
	  .recv = lab_recv_uring },
	{ .name = "posix-aio",
	  .help = "aio_read(), then aio_suspend()",
	  .recv = lab_recv_aio },
};

const int lab_nr_models = sizeof(lab_models) / sizeof(lab_models[0]);

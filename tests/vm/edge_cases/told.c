// SPDX-License-Identifier: GPL-2.0-only
/* Who is told: signals, epolls that are shared, AIO. */
#include "edge_cases.h"

/* SIGIO, to whom F_SETOWN says. */
static void signalled(pid_t owner)
{
	sigset_t mask, before;

	signal(SIGIO, on_signal);
	sigemptyset(&mask);
	sigaddset(&mask, SIGIO);
	pthread_sigmask(SIG_BLOCK, &mask, &before);
	loopback(SOCK_STREAM);
	CHECK(!fcntl(fds[0], F_SETOWN, owner));
	CHECK(!fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	ACTS(SEND); /* the actor has it blocked, too */
	sigsuspend(&before);
	truth(fds[0], "read", read(fds[0], buf, 64), "signal", "-", 1);
}

void own_process(void)
{
	signalled(getpid());
}

void own_group(void)
{
	CHECK(!setpgid(0, 0));
	signalled(-getpid());
}

void signal_fd(void)
{
	struct signalfd_siginfo info;
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGIO);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	CHECK((fd = signalfd(-1, &mask, 0)) >= 0);
	loopback(SOCK_STREAM);
	CHECK(!fcntl(fds[0], F_SETOWN, getpid()));
	CHECK(!fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	ACTS(SEND);
	CHECK(read(fd, &info, sizeof(info)) == sizeof(info));
	truth(fds[0], "read", read(fds[0], buf, 64), "signal", "-", 1);
}

/* Two threads wait at one epoll; one of them is told. */
static int shared;

static void *wait_too(void *arg)
{
	struct epoll_event e;
	ssize_t n;

	(void)arg;
	if (epoll_wait(shared, &e, 1, 3 * STEP_MS) != 1)
		return NULL;
	n = recv(fds[0], buf, 64, MSG_DONTWAIT);
	truth(fds[0], "recvfrom", n, "multiplexed", "-", 1);
	return NULL;
}

void epoll_shared(void)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	pthread_t other;

	loopback(SOCK_STREAM);
	CHECK((shared = epoll_create1(0)) >= 0);
	CHECK(!epoll_ctl(shared, EPOLL_CTL_ADD, fds[0], &e));
	CHECK(!pthread_create(&other, NULL, wait_too, NULL));
	ACTS(SEND);
	wait_too(NULL);
	pthread_join(other, NULL);
}

/* Two epolls on one socket, EPOLLEXCLUSIVE: one thread is told. */
static void *wait_alone(void *arg)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int epoll = epoll_create1(0);
	ssize_t n;

	(void)arg;
	CHECK(!epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &e));
	if (epoll_wait(epoll, &e, 1, 3 * STEP_MS) != 1)
		return NULL;
	n = recv(fds[0], buf, 64, MSG_DONTWAIT);
	truth(fds[0], "recvfrom", n, "multiplexed", "-", 1);
	return NULL;
}

void epoll_exclusive(void)
{
	pthread_t other;

	loopback(SOCK_STREAM);
	CHECK(!pthread_create(&other, NULL, wait_alone, NULL));
	ACTS(SEND);
	wait_alone(NULL);
	pthread_join(other, NULL);
}

/* glibc's is a thread that blocks in a read. */
void posix_aio(void)
{
	struct aiocb cb = { .aio_buf = buf, .aio_nbytes = 64 };
	const struct aiocb *list[] = { &cb };

	loopback(SOCK_STREAM);
	cb.aio_fildes = fds[0];
	ACTS(SEND);
	CHECK(!aio_read(&cb));
	while (aio_error(&cb) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	truth(fds[0], "read", aio_return(&cb), "blocking", "-", 1);
}

/*
 * The kernel's AIO is not asynchronous on a socket: io_submit() blocks. Which
 * descriptors it reads, the system call does not say.
 */
static void submit(struct iocb *cbs, int n)
{
	struct io_event events[4];
	struct iocb *list[4];
	aio_context_t ctx = 0;

	for (int i = 0; i < n; i++) {
		cbs[i].aio_fildes = fds[0];
		list[i] = &cbs[i];
	}
	CHECK(!syscall(SYS_io_setup, 8, &ctx));
	CHECK(syscall(SYS_io_submit, ctx, n, list) == n);
	CHECK(syscall(SYS_io_getevents, ctx, n, n, events, NULL) == n);
	for (int i = 0; i < n; i++)
		cbs[i].aio_nbytes = events[i].res;
}

void kernel_aio(void)
{
	struct iocb cb = { .aio_lio_opcode = IOCB_CMD_PREAD,
			   .aio_buf = (unsigned long)buf,
			   .aio_nbytes = 64 };

	loopback(SOCK_STREAM);
	ACTS(SEND);
	submit(&cb, 1);
	truth(-1, "io_submit", cb.aio_nbytes, "blocking", "-", 1);
}

void kernel_aio_several(void)
{
	struct iovec v = { buf, 64 };
	struct iocb cbs[] = {
		{ .aio_lio_opcode = IOCB_CMD_PREAD,
		  .aio_buf = (unsigned long)buf,
		  .aio_nbytes = 10 },
		{ .aio_lio_opcode = IOCB_CMD_PREADV,
		  .aio_buf = (unsigned long)&v,
		  .aio_nbytes = 1 },
		{ .aio_lio_opcode = IOCB_CMD_PREAD,
		  .aio_buf = (unsigned long)buf,
		  .aio_nbytes = 64 },
	};

	loopback(SOCK_STREAM);
	ACTS(SEND, CLOSE);
	submit(cbs, 3);
	truth(-1, "io_submit", cbs[0].aio_nbytes, "blocking", "-", 1);
	truth(-1, "io_submit", cbs[1].aio_nbytes, "blocking", "residual", 0);
	truth(-1, "io_submit", cbs[2].aio_nbytes, "blocking", "eof", 1);
}

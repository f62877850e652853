// SPDX-License-Identifier: GPL-2.0-only
/*
 * Odd ways of reading, one process each, and what is true of them:
 *
 *	edge_cases [NAME...] > list
 *
 * One line a read: name, pid, descriptor, call, bytes, errno, model, flags
 * (comma-separated, "-" for none), ms of wait, ms since the read before. A
 * The peer of each acts every STEP, or later: in virtual time that leaps.
 */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/aio_abi.h>
#include <linux/errqueue.h>
#include <linux/tls.h>
#include <linux/userfaultfd.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 20

#define CHECK(what)                                                              \
	do {                                                                     \
		if (!(what)) {                                                   \
			fprintf(stderr, "edge_cases: %s: %s: %s\n", name, #what, \
				strerror(errno));                                \
			_exit(1);                                                \
		}                                                                \
	} while (0)

static const char *name;
static int fds[2]; /* read here, write there */
static char buf[65536];

static void step(void)
{
	struct timespec ts = { 0, STEP_MS * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts))
		;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static long last_ms; /* the read before, or the start of the case */

static void truth(int fd, const char *call, ssize_t n, const char *model,
		  const char *flags, int steps)
{
	int err = n < 0 ? errno : 0;
	long now = now_ms();

	printf("%s %d %d %s %zd %d %s %s %d %ld\n", name, getpid(), fd, call,
	       n > 0 ? n : 0, err, model, flags, steps * STEP_MS, now - last_ms);
	fflush(stdout);
	last_ms = now;
}

/* recv() on fds[0], which waits so many steps. */
static void receive(size_t max, int how, const char *flags, int steps)
{
	ssize_t n = recv(fds[0], buf, max, how);

	truth(fds[0], "recvfrom", n, "blocking", flags, steps);
}

static void loopback_of(int type, int protocol)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, type, protocol);

	fds[1] = socket(AF_INET, type, protocol);
	CHECK(!bind(l, (void *)&a, len));
	CHECK(type == SOCK_DGRAM || !listen(l, 4));
	CHECK(!getsockname(l, (void *)&a, &len));
	CHECK(!connect(fds[1], (void *)&a, len));
	fds[0] = l;
	if (type == SOCK_STREAM) {
		CHECK((fds[0] = accept(l, NULL, NULL)) >= 0);
		close(l);
	}
}

static void loopback(int type)
{
	loopback_of(type, 0);
}

/* --- the other side: each act comes a step after the one before ------------------- */

enum act {
	DONE,
	SEND,
	SEND_NOTHING,
	CLOSE,
	RESET,
	SHUT_READER,
	CLOSE_READER,
	SIGNAL,
	PASS,
};

static const enum act *acts;
static size_t size = 64;
static pthread_t reader;

static void pass_descriptor(void)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int pair[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK(write(pair[1], buf, 10) == 10);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pair[0], sizeof(int));
	CHECK(sendmsg(fds[1], &m, 0) == 1);
	close(pair[0]);
}

static void *act_on(void *arg)
{
	struct linger now = { 1, 0 };

	(void)arg;
	for (const enum act *a = acts; *a; a++) {
		step();
		switch (*a) {
		case SEND:
			CHECK(send(fds[1], buf, size, 0) == (ssize_t)size);
			break;
		case SEND_NOTHING:
			CHECK(send(fds[1], buf, 0, 0) == 0);
			break;
		case RESET:
			setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
			/* fall through */
		case CLOSE:
			close(fds[1]);
			break;
		case SHUT_READER:
			shutdown(fds[0], SHUT_RD);
			break;
		case CLOSE_READER:
			close(fds[0]);
			break;
		case SIGNAL:
			pthread_kill(reader, SIGUSR1);
			break;
		case PASS:
			pass_descriptor();
			break;
		case DONE:
			break;
		}
	}
	return NULL;
}

#define ACTS(...)                                                     \
	do {                                                          \
		static const enum act list[] = { __VA_ARGS__, DONE }; \
		acts = list;                                          \
		reader = pthread_self();                              \
		last_ms = now_ms();                                   \
		CHECK(!pthread_create(&actor, NULL, act_on, NULL));   \
	} while (0)

static pthread_t actor;

/* --- the cases ------------------------------------------------------------------ */

static void peek(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND);
	receive(64, MSG_PEEK, "peek", 1);
	receive(64, 0, "residual", 0);
}

static void waitall(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND, SEND, SEND);
	receive(192, MSG_WAITALL, "-", 3);
}

static void waitall_to_the_end(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND, CLOSE);
	receive(192, MSG_WAITALL, "-", 2);
}

static void trunc_datagram(void)
{
	loopback(SOCK_DGRAM);
	ACTS(SEND);
	receive(10, MSG_TRUNC, "-", 1);
}

static void trunc_stream(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND);
	receive(64, MSG_TRUNC, "-", 1);
}

static void lowat(void)
{
	int least = 128;

	loopback(SOCK_STREAM);
	CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)));
	ACTS(SEND, SEND);
	receive(1000, 0, "-", 2);
}

static void timeout(void)
{
	struct timeval tv = { 0, 2 * STEP_MS * 1000 };

	loopback(SOCK_STREAM);
	CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	receive(64, 0, "timeout", 2);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void handle(int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(SIGUSR1, &sa, NULL);
}

static void interrupted(void)
{
	handle(0);
	loopback(SOCK_STREAM);
	ACTS(SIGNAL, SEND);
	receive(64, 0, "intr", 1);
	receive(64, 0, "-", 1);
}

/* The kernel restarts the call: two for it, one for user space. */
static void restarted(void)
{
	ssize_t n;

	handle(SA_RESTART);
	loopback(SOCK_STREAM);
	ACTS(SIGNAL, SEND);
	n = recv(fds[0], buf, 64, 0);
	errno = EINTR;
	truth(fds[0], "recvfrom", -1, "blocking", "intr", 1);
	truth(fds[0], "recvfrom", n, "blocking", "-", 1);
}

/* A recvmmsg() that makes no read leaves nothing to the calls after it. */
static void failed_batch(void)
{
	struct mmsghdr m = {};

	loopback(SOCK_STREAM);
	ACTS(SEND, CLOSE);
	CHECK(recvmmsg(-1, &m, 1, 0, NULL) < 0);
	receive(64, 0, "-", 1);
	CHECK(recvmmsg(-1, &m, 1, 0, NULL) < 0);
	receive(64, 0, "eof", 1);
}

static void fin(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND, CLOSE);
	receive(64, 0, "-", 1);
	receive(64, 0, "eof", 1);
	receive(64, 0, "eof", 0);
}

static void unix_fin(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	ACTS(SEND, CLOSE);
	receive(64, 0, "-", 1);
	receive(64, 0, "eof", 1);
}

static void reset(void)
{
	loopback(SOCK_STREAM);
	ACTS(RESET);
	receive(64, 0, "reset", 1);
}

static void shut(void)
{
	loopback(SOCK_STREAM);
	ACTS(SHUT_READER);
	receive(64, 0, "eof", 1);
}

static void closed_meanwhile(void)
{
	loopback(SOCK_STREAM);
	ACTS(CLOSE_READER, SEND);
	receive(64, 0, "-", 2);
}

static void empty_datagram(void)
{
	loopback(SOCK_DGRAM);
	ACTS(SEND_NOTHING, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}

static void empty_unix_datagram(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	ACTS(SEND_NOTHING, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}

static void partial(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND);
	receive(10, 0, "-", 1);
	receive(20, 0, "residual", 0);
	receive(64, 0, "residual", 0);
}

static void duplicated(void)
{
	int fd;

	loopback(SOCK_STREAM);
	CHECK((fd = dup(fds[0])) >= 0);
	ACTS(SEND);
	truth(fd, "read", read(fd, buf, 64), "blocking", "-", 1);
}

/* Two readers, two messages: each waits for its own. */
static void *receive_too(void *arg)
{
	(void)arg;
	CHECK(recv(fds[0], buf + 1000, 64, 0) == 64);
	return NULL;
}

static void two_threads(void)
{
	pthread_t other;

	loopback(SOCK_STREAM);
	CHECK(!pthread_create(&other, NULL, receive_too, NULL));
	ACTS(SEND, SEND);
	CHECK(recv(fds[0], buf, 64, 0) == 64);
	pthread_join(other, NULL);
	truth(fds[0], "recvfrom", 64, "blocking", "-", 1);
	truth(fds[0], "recvfrom", 64, "blocking", "-", 2);
}

static void forked(void)
{
	int status;
	pid_t pid;

	loopback(SOCK_STREAM);
	pid = fork();
	if (!pid) {
		receive(64, 0, "-", 1);
		_exit(0);
	}
	ACTS(SEND);
	waitpid(pid, &status, 0);
	CHECK(!status);
}

static void passed(void)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n;
	int fd;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	ACTS(PASS);
	n = recvmsg(fds[0], &m, 0);
	truth(fds[0], "recvmsg", n, "blocking", "-", 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	step();
	n = read(fd, buf, 10);
	truth(fd, "read", n, "blocking", "-", 0);
}

static void *connect_late(void *arg)
{
	step();
	CHECK(!connect(fds[1], arg, sizeof(struct sockaddr_in)));
	step();
	CHECK(send(fds[1], buf, 64, 0) == 64);
	return NULL;
}

/* A listener's readiness is no read's, and accept() is no read. */
static void accepted(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	struct pollfd p = { .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN };

	fds[1] = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(!bind(p.fd, (void *)&a, len) && !listen(p.fd, 4));
	CHECK(!getsockname(p.fd, (void *)&a, &len));
	CHECK(!pthread_create(&actor, NULL, connect_late, &a));
	CHECK(poll(&p, 1, -1) == 1);
	CHECK((fds[0] = accept(p.fd, NULL, NULL)) >= 0);
	receive(64, 0, "-", 1);
}

/* The error queue holds no data of the socket. */
static void error_queue(void)
{
	int one = 1;
	struct iovec v = { buf, 64 };
	char control[512];
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };

	loopback(SOCK_DGRAM);
	setsockopt(fds[1], IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	close(fds[0]);
	CHECK(send(fds[1], buf, 8, 0) == 8);
	step();
	truth(fds[1], "recvmsg", recvmsg(fds[1], &m, MSG_ERRQUEUE), "blocking",
	      "errqueue", 0);
}

static void killed(void)
{
	int status;
	pid_t pid;

	loopback(SOCK_STREAM);
	pid = fork();
	if (!pid) {
		errno = EINTR;
		truth(fds[0], "recvfrom", -1, "blocking", "intr", 1);
		recv(fds[0], buf, 64, 0);
		_exit(0);
	}
	step();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* --- who is told ----------------------------------------------------------------------- */

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

static void own_process(void)
{
	signalled(getpid());
}

static void own_group(void)
{
	CHECK(!setpgid(0, 0));
	signalled(-getpid());
}

static void signal_fd(void)
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

static void epoll_shared(void)
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

static void epoll_exclusive(void)
{
	pthread_t other;

	loopback(SOCK_STREAM);
	CHECK(!pthread_create(&other, NULL, wait_alone, NULL));
	ACTS(SEND);
	wait_alone(NULL);
	pthread_join(other, NULL);
}

/* glibc's is a thread that blocks in a read. */
static void posix_aio(void)
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

static void kernel_aio(void)
{
	struct iocb cb = { .aio_lio_opcode = IOCB_CMD_PREAD,
			   .aio_buf = (unsigned long)buf,
			   .aio_nbytes = 64 };

	loopback(SOCK_STREAM);
	ACTS(SEND);
	submit(&cb, 1);
	truth(-1, "io_submit", cb.aio_nbytes, "blocking", "-", 1);
}

static void kernel_aio_several(void)
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

/* --- what holds a read up inside ------------------------------------------------------ */

#define PAGE 4096

/* A page whose first touch lasts until it is served. */
static struct {
	int fd;
	char *page;
} slow;

static void slow_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	slow.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK((slow.fd = syscall(SYS_userfaultfd, O_CLOEXEC)) >= 0);
	CHECK(!ioctl(slow.fd, UFFDIO_API, &api));
	reg.range.start = (unsigned long)slow.page;
	reg.range.len = PAGE;
	CHECK(!ioctl(slow.fd, UFFDIO_REGISTER, &reg));
}

/* A step after it is touched. */
static void *serve_page(void *arg)
{
	struct uffdio_zeropage zero = { .range = { (unsigned long)slow.page, PAGE } };
	struct uffd_msg m;

	(void)arg;
	CHECK(read(slow.fd, &m, sizeof(m)) == sizeof(m));
	step();
	CHECK(!ioctl(slow.fd, UFFDIO_ZEROPAGE, &zero));
	return NULL;
}

static void faulting(void)
{
	pthread_t server;

	loopback(SOCK_STREAM);
	slow_page();
	CHECK(!pthread_create(&server, NULL, serve_page, NULL));
	ACTS(SEND);
	truth(fds[0], "read", read(fds[0], slow.page, 64), "blocking", "-", 1);
	pthread_join(server, NULL);
}

/* Two reads into the same memory: from swap, and there already. */
static void paged_out(void)
{
	static const size_t len = 8 * PAGE;
	struct rusage before, after;
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	loopback(SOCK_STREAM);
	memset(mem, 1, len);
	CHECK(!madvise(mem, len, MADV_PAGEOUT));
	for (int i = 0; i < 2; i++) {
		CHECK(send(fds[1], buf, len, 0) == (ssize_t)len);
		getrusage(RUSAGE_SELF, &before);
		truth(fds[0], "recvfrom", recv(fds[0], mem, len, MSG_WAITALL),
		      "blocking", "-", 0);
		getrusage(RUSAGE_SELF, &after);
		CHECK((after.ru_majflt > before.ru_majflt) == !i);
	}
}

static void *send_slowly(void *arg)
{
	(void)arg;
	CHECK(send(fds[0], slow.page, 64, 0) == 64);
	return NULL;
}

/* Another thread holds the socket's lock, in the middle of its own copy. */
static void locked(void)
{
	pthread_t server, sender;

	loopback(SOCK_STREAM);
	slow_page();
	CHECK(!pthread_create(&server, NULL, serve_page, NULL));
	ACTS(SEND);
	pthread_join(actor, NULL);
	actor = 0;
	CHECK(!pthread_create(&sender, NULL, send_slowly, NULL));
	sched_yield();
	usleep(STEP_MS * 1000 / 4);
	receive(64, 0, "-", 0);
	pthread_join(sender, NULL);
	pthread_join(server, NULL);
}

/* --- other protocols: what is unread cannot be seen, what arrives can ------------------ */

static void mptcp(void)
{
	loopback_of(SOCK_STREAM, 262 /* IPPROTO_MPTCP */);
	ACTS(SEND, SEND, CLOSE);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
	receive(64, 0, "eof", 1);
}

static void vsock(void)
{
	struct sockaddr_vm a = { .svm_family = AF_VSOCK,
				 .svm_cid = VMADDR_CID_LOCAL,
				 .svm_port = 1234 };
	int l = socket(AF_VSOCK, SOCK_STREAM, 0);

	fds[1] = socket(AF_VSOCK, SOCK_STREAM, 0);
	CHECK(!bind(l, (void *)&a, sizeof(a)) && !listen(l, 1));
	CHECK(!connect(fds[1], (void *)&a, sizeof(a)));
	CHECK((fds[0] = accept(l, NULL, NULL)) >= 0);
	ACTS(SEND, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}

static void kernel_tls(void)
{
	struct tls12_crypto_info_aes_gcm_128 keys = {
		.info = { TLS_1_2_VERSION, TLS_CIPHER_AES_GCM_128 },
	};

	loopback(SOCK_STREAM);
	for (int i = 0; i < 2; i++) {
		CHECK(!setsockopt(fds[i], SOL_TCP, TCP_ULP, "tls", 4));
		CHECK(!setsockopt(fds[i], 282 /* SOL_TLS */, i ? TLS_TX : TLS_RX, &keys,
				  sizeof(keys)));
	}
	ACTS(SEND, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}

/* --- io_uring ------------------------------------------------------------------------ */

static struct io_uring ring;

static struct io_uring_sqe *sqe_of_ring(unsigned int setup)
{
	loopback(SOCK_STREAM);
	CHECK(!io_uring_queue_init(8, &ring, setup));
	return io_uring_get_sqe(&ring);
}

/* What the next completion says. */
static void complete(const char *flags, int steps)
{
	struct io_uring_cqe *cqe;

	CHECK(!io_uring_wait_cqe(&ring, &cqe));
	errno = cqe->res < 0 ? -cqe->res : 0;
	truth(fds[0], "io_uring", cqe->res, "async", flags, steps);
	io_uring_cqe_seen(&ring, cqe);
}

static void uring_receive(unsigned int setup, unsigned int sqe_flags)
{
	struct io_uring_sqe *sqe = sqe_of_ring(setup);

	io_uring_prep_recv(sqe, fds[0], buf, 64, 0);
	sqe->flags |= sqe_flags;
	ACTS(SEND);
	CHECK(io_uring_submit(&ring) == 1);
	complete("-", 1);
}

static void uring_recv(void)
{
	uring_receive(0, 0);
}

static void uring_defer(void)
{
	uring_receive(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0);
}

static void uring_sqpoll(void)
{
	uring_receive(IORING_SETUP_SQPOLL, 0);
}

static void uring_worker(void)
{
	uring_receive(0, IOSQE_ASYNC);
}

static void uring_recvmsg(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);
	struct iovec v = { buf, 64 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	io_uring_prep_recvmsg(sqe, fds[0], &m, 0);
	ACTS(SEND);
	CHECK(io_uring_submit(&ring) == 1);
	complete("-", 1);
}

static void uring_read(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);

	io_uring_prep_read(sqe, fds[0], buf, 64, 0);
	ACTS(SEND, CLOSE);
	CHECK(io_uring_submit(&ring) == 1);
	complete("-", 1);
	io_uring_prep_read(io_uring_get_sqe(&ring), fds[0], buf, 64, 0);
	CHECK(io_uring_submit(&ring) == 1);
	complete("eof", 1);
}

static void uring_ready(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);

	io_uring_prep_recv(sqe, fds[0], buf, 64, 0);
	ACTS(SEND);
	step();
	step();
	CHECK(io_uring_submit(&ring) == 1);
	complete("unwaited", 0); /* it was over before the wait */
}

/* Nobody is in io_uring_enter() for it: the completion is found by looking. */
static void uring_peek(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);
	struct io_uring_cqe *cqe;

	io_uring_prep_recv(sqe, fds[0], buf, 64, 0);
	ACTS(SEND);
	CHECK(io_uring_submit(&ring) == 1);
	while (io_uring_peek_cqe(&ring, &cqe))
		step();
	truth(fds[0], "io_uring", cqe->res, "async", "unwaited", 1);
}

/* One request, a completion each time that data comes, into given buffers. */
static void uring_multishot(void)
{
	struct io_uring_sqe *sqe = sqe_of_ring(0);
	struct io_uring_cqe *cqe;

	/* not a ring of buffers: on i386, 6.1 follows it into high memory */
	io_uring_prep_provide_buffers(sqe, buf, 1000, 8, 1, 0);
	CHECK(io_uring_submit(&ring) == 1);
	CHECK(!io_uring_wait_cqe(&ring, &cqe) && cqe->res >= 0);
	io_uring_cqe_seen(&ring, cqe);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_recv_multishot(sqe, fds[0], NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = 1;
	ACTS(SEND, SEND, SEND, CLOSE);
	CHECK(io_uring_submit(&ring) == 1);
	for (int i = 0; i < 3; i++)
		complete("-", 1);
	complete("eof", 1);
}

/* --- a 32-bit process's own calls ------------------------------------------- */

#ifdef __i386__

#define RECVMMSG_TIME64 417

static long socketcall(int call, long a, long b, long c, long d, long e, long f)
{
	long args[] = { a, b, c, d, e, f };

	return syscall(SYS_socketcall, call, args);
}

static void socketcalls(void)
{
	struct iovec v = { buf, 64 };
	struct mmsghdr m = { .msg_hdr = { .msg_iov = &v, .msg_iovlen = 1 } };
	long b = (long)buf;

	loopback(SOCK_STREAM);
	ACTS(SEND, SEND, SEND, CLOSE);
	truth(fds[0], "recvfrom", socketcall(10 /* SYS_RECV */, fds[0], b, 64, 0, 0, 0),
	      "blocking", "-", 1);
	truth(fds[0], "recvfrom",
	      socketcall(12 /* SYS_RECVFROM */, fds[0], b, 10, 0, 0, 0), "blocking",
	      "-", 1);
	truth(fds[0], "recvmsg",
	      socketcall(17 /* SYS_RECVMSG */, fds[0], (long)&m, 0, 0, 0, 0),
	      "blocking", "residual", 0);
	CHECK(socketcall(19 /* SYS_RECVMMSG */, fds[0], (long)&m, 1, 0, 0, 0) == 1);
	truth(fds[0], "recvmmsg", m.msg_len, "blocking", "-", 1);
	truth(fds[0], "recvmsg", socketcall(17, fds[0], (long)&m, 0, 0, 0, 0),
	      "blocking", "eof", 1);
}

static void many(const struct mmsghdr *m)
{
	truth(fds[0], "recvmmsg", m[0].msg_len, "blocking", "-", 1);
	truth(fds[0], "recvmmsg", m[1].msg_len, "blocking", "-", 1);
}

static void socketcall_many(void)
{
	struct iovec v[] = { { buf, 64 }, { buf + 64, 1000 } };
	struct mmsghdr m[] = { { .msg_hdr = { .msg_iov = &v[0], .msg_iovlen = 1 } },
			       { .msg_hdr = { .msg_iov = &v[1], .msg_iovlen = 1 } } };

	loopback(SOCK_DGRAM);
	ACTS(SEND, SEND, SEND, SEND, SEND, SEND);
	CHECK(socketcall(19, fds[0], (long)m, 2, 0, 0, 0) == 2);
	many(m);
	CHECK(syscall(SYS_recvmmsg, fds[0], m, 2, 0, NULL) == 2);
	many(m);
	CHECK(syscall(RECVMMSG_TIME64, fds[0], m, 2, 0, NULL) == 2);
	many(m);
}

/* The calls that came later to i386, beside socketcall(). */
static void direct_calls(void)
{
	struct iovec v = { buf, 64 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	loopback(SOCK_STREAM);
	ACTS(SEND, SEND);
	truth(fds[0], "recvfrom", syscall(SYS_recvfrom, fds[0], buf, 64, 0, NULL, NULL),
	      "blocking", "-", 1);
	truth(fds[0], "recvmsg", syscall(SYS_recvmsg, fds[0], &m, 0), "blocking", "-", 1);
}

#endif

static const struct {
	const char *name;
	void (*run)(void);
} edge_cases[] = {
	{ "peek", peek },
	{ "waitall", waitall },
	{ "waitall-fin", waitall_to_the_end },
	{ "trunc-dgram", trunc_datagram },
	{ "trunc-stream", trunc_stream },
	{ "lowat", lowat },
	{ "timeout", timeout },
	{ "interrupted", interrupted },
	{ "restarted", restarted },
	{ "failed-batch", failed_batch },
	{ "fin", fin },
	{ "unix-fin", unix_fin },
	{ "reset", reset },
	{ "shutdown", shut },
	{ "closed", closed_meanwhile },
	{ "empty-dgram", empty_datagram },
	{ "empty-unix", empty_unix_datagram },
	{ "partial", partial },
	{ "dup", duplicated },
	{ "threads", two_threads },
	{ "fork", forked },
	{ "passed", passed },
	{ "accept", accepted },
	{ "errqueue", error_queue },
	{ "killed", killed },
	{ "own-process", own_process },
	{ "own-group", own_group },
	{ "signalfd", signal_fd },
	{ "epoll-shared", epoll_shared },
	{ "epoll-excl", epoll_exclusive },
	{ "posix-aio", posix_aio },
	{ "kernel-aio", kernel_aio },
	{ "kernel-aios", kernel_aio_several },
	{ "faulting", faulting },
	{ "paged-out", paged_out },
	{ "locked", locked },
	{ "mptcp", mptcp },
	{ "vsock", vsock },
	{ "ktls", kernel_tls },
	{ "uring-recv", uring_recv },
	{ "uring-recvmsg", uring_recvmsg },
	{ "uring-read", uring_read },
	{ "uring-ready", uring_ready },
	{ "uring-peek", uring_peek },
	{ "uring-multishot", uring_multishot },
	{ "uring-worker", uring_worker },
	{ "uring-defer", uring_defer },
	{ "uring-sqpoll", uring_sqpoll },
#ifdef __i386__
	{ "socketcall", socketcalls },
	{ "socketcall-many", socketcall_many },
	{ "direct", direct_calls },
#endif
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(edge_cases) / sizeof(edge_cases[0]); i++) {
		int status, wanted = argc < 2;
		pid_t pid;

		for (int j = 1; j < argc; j++)
			wanted |= !strcmp(argv[j], edge_cases[i].name);
		if (!wanted)
			continue;
		name = edge_cases[i].name;
		pid = fork();
		if (!pid) {
			last_ms = now_ms();
			edge_cases[i].run();
			if (actor)
				pthread_join(actor, NULL);
			exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			return 1;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Flags, signals, ends of connections, and descriptors. */
#include "edge_cases.h"

void peek(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND);
	receive(64, MSG_PEEK, "peek", 1);
	receive(64, 0, "residual", 0);
}

void waitall(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND, SEND, SEND);
	receive(192, MSG_WAITALL, "-", 3);
}

void waitall_to_the_end(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND, CLOSE);
	receive(192, MSG_WAITALL, "-", 2);
}

void trunc_datagram(void)
{
	loopback(SOCK_DGRAM);
	ACTS(SEND);
	receive(10, MSG_TRUNC, "-", 1);
}

void trunc_stream(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND);
	receive(64, MSG_TRUNC, "-", 1);
}

void lowat(void)
{
	int least = 128;

	loopback(SOCK_STREAM);
	CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)));
	ACTS(SEND, SEND);
	receive(1000, 0, "-", 2);
}

void timeout(void)
{
	struct timeval tv = { 0, 2 * STEP_MS * 1000 };

	loopback(SOCK_STREAM);
	CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	receive(64, 0, "timeout", 2);
}

void on_signal(int sig)
{
	(void)sig;
}

static void handle(int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(SIGUSR1, &sa, NULL);
}

void interrupted(void)
{
	handle(0);
	loopback(SOCK_STREAM);
	ACTS(SIGNAL, SEND);
	receive(64, 0, "intr", 1);
	receive(64, 0, "-", 1);
}

/* The kernel restarts the call: two for it, one for user space. */
void restarted(void)
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
void failed_batch(void)
{
	struct mmsghdr m = {};

	loopback(SOCK_STREAM);
	ACTS(SEND, CLOSE);
	CHECK(recvmmsg(-1, &m, 1, 0, NULL) < 0);
	receive(64, 0, "-", 1);
	CHECK(recvmmsg(-1, &m, 1, 0, NULL) < 0);
	receive(64, 0, "eof", 1);
}

void fin(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND, CLOSE);
	receive(64, 0, "-", 1);
	receive(64, 0, "eof", 1);
	receive(64, 0, "eof", 0);
}

void unix_fin(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	ACTS(SEND, CLOSE);
	receive(64, 0, "-", 1);
	receive(64, 0, "eof", 1);
}

void reset(void)
{
	loopback(SOCK_STREAM);
	ACTS(RESET);
	receive(64, 0, "reset", 1);
}

void shut(void)
{
	loopback(SOCK_STREAM);
	ACTS(SHUT_READER);
	receive(64, 0, "eof", 1);
}

void closed_meanwhile(void)
{
	loopback(SOCK_STREAM);
	ACTS(CLOSE_READER, SEND);
	receive(64, 0, "-", 2);
}

void empty_datagram(void)
{
	loopback(SOCK_DGRAM);
	ACTS(SEND_NOTHING, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}

void empty_unix_datagram(void)
{
	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	ACTS(SEND_NOTHING, SEND);
	receive(64, 0, "-", 1);
	receive(64, 0, "-", 1);
}

void partial(void)
{
	loopback(SOCK_STREAM);
	ACTS(SEND);
	receive(10, 0, "-", 1);
	receive(20, 0, "residual", 0);
	receive(64, 0, "residual", 0);
}

void duplicated(void)
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

void two_threads(void)
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

void forked(void)
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

void passed(void)
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
void accepted(void)
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
void error_queue(void)
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

void killed(void)
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

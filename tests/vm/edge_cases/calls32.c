// SPDX-License-Identifier: GPL-2.0-only
/* A 32-bit process's own calls. */
#include "edge_cases.h"

#ifdef __i386__

#define RECVMMSG_TIME64 417

static long socketcall(int call, long a, long b, long c, long d, long e, long f)
{
	long args[] = { a, b, c, d, e, f };

	return syscall(SYS_socketcall, call, args);
}

void socketcalls(void)
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

void socketcall_many(void)
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
void direct_calls(void)
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

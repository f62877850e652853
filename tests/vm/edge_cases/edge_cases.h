/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cases of edge_cases have in common, and where each is. */
#ifndef TESTS_VM_EDGE_CASES_H
#define TESTS_VM_EDGE_CASES_H

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

/* --- acts.c: what the cases have in common: sockets, and the other side of them --- */

extern const char *name; /* of the case */
extern int fds[2];	 /* read here, write there */
extern char buf[65536];
extern long last_ms; /* the read before, or the start of the case */

/* What the other side does, each a step after the one before. */
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

extern pthread_t actor;

/* Starts the other side, which main() waits for. */
#define ACTS(...)                                                     \
	do {                                                          \
		static const enum act list[] = { __VA_ARGS__, DONE }; \
		start_acts(list);                                     \
	} while (0)
void start_acts(const enum act *list);

void step(void);
long now_ms(void);
void truth(int fd, const char *call, ssize_t n, const char *model, const char *flags,
	   int steps);
void receive(size_t max, int how, const char *flags, int steps);
void loopback_of(int type, int protocol);
void loopback(int type);

/* --- reads.c: flags, signals, ends of connections, and descriptors --- */

void peek(void);
void waitall(void);
void waitall_to_the_end(void);
void trunc_datagram(void);
void trunc_stream(void);
void lowat(void);
void timeout(void);
void on_signal(int sig);
void interrupted(void);
void restarted(void);
void failed_batch(void);
void fin(void);
void unix_fin(void);
void reset(void);
void shut(void);
void closed_meanwhile(void);
void empty_datagram(void);
void empty_unix_datagram(void);
void partial(void);
void duplicated(void);
void two_threads(void);
void forked(void);
void passed(void);
void accepted(void);
void error_queue(void);
void killed(void);

/* --- told.c: who is told: signals, epolls that are shared, AIO --- */

void own_process(void);
void own_group(void);
void signal_fd(void);
void epoll_shared(void);
void epoll_exclusive(void);
void posix_aio(void);
void kernel_aio(void);
void kernel_aio_several(void);

/* --- held_up.c: what holds a read up inside: page faults, another's lock --- */

void faulting(void);
void paged_out(void);
void locked(void);

/* --- protocols.c: other protocols: what is unread cannot be seen, what arrives can --- */

void mptcp(void);
void vsock(void);
void kernel_tls(void);

/* --- uring.c: io_uring --- */

void uring_recv(void);
void uring_defer(void);
void uring_sqpoll(void);
void uring_worker(void);
void uring_recvmsg(void);
void uring_read(void);
void uring_ready(void);
void uring_peek(void);
void uring_multishot(void);

/* --- calls32.c: a 32-bit process's own calls --- */

void socketcalls(void);
void socketcall_many(void);
void direct_calls(void);

#endif

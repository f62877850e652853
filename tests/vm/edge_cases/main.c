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
#include "edge_cases.h"

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

// SPDX-License-Identifier: GPL-2.0-only
/* Many at once: those that sleep, and those that share an entry of iophase's. */
#include "zerocopy.h"

#define SLEEPERS 40

static void *recv_some(void *fd)
{
	char some[1000];

	return (void *)recv(*(int *)fd, some, sizeof(some), 0);
}

/* More than a kprobe at a function's return has room for, and who does not sleep. */
static void while_asleep(void (*meanwhile)(void))
{
	int fds[SLEEPERS + 1][2];
	pthread_t threads[SLEEPERS];
	void *got;

	for (int i = 0; i <= SLEEPERS; i++)
		CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]));
	for (int i = 0; i < SLEEPERS; i++)
		CHECK(!pthread_create(&threads[i], NULL, recv_some, &fds[i][1]));
	sleep_ms(200);
	if (meanwhile)
		meanwhile();
	for (int i = 0; i <= SLEEPERS; i++)
		copied("send", send(fds[i][0], data, 100 + i, 0));
	copied("recv", recv(fds[SLEEPERS][1], buf, 70, 0));
	copied("recv", read(fds[SLEEPERS][1], buf, 70));
	for (int i = 0; i < SLEEPERS; i++) {
		CHECK(!pthread_join(threads[i], &got));
		copied("recv", (ssize_t)got);
	}
	say();
}

void run_asleep(void)
{
	while_asleep(NULL);
}

static void send_and_recv_batch(void)
{
	int fds[2];

	CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
	send_batch(fds[0]);
	recv_batch(fds[1]);
}

/* By kprobe the first of a recvmmsg() is lost then: the others take another way. */
void run_asleep_batch(void)
{
	CHECK(!pipe(turns[1]));
	while_asleep(send_and_recv_batch);
}

/* --- full tables ----------------------------------------------------------- */

static void send_and_recv(void)
{
	int fds[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	for (int i = 0; i < NR_SENDS; i++) {
		copied("send", send(fds[0], data, 1000, 0));
		copied("recv", recv(fds[1], buf, 1000, 0));
	}
	say();
}

#define CACHED_CALLS 2048 /* bpf/zerocopy.bpf.h */

/* Two threads that want the same entry of iophase's: the second has a hash's. */
void run_same_entry(void)
{
	pid_t first, id;
	struct clone_args second = { .exit_signal = SIGCHLD,
				     .set_tid = (unsigned long)&id,
				     .set_tid_size = 1 };
	int status;

	CHECK(!pipe(turns[0]));
	first = fork();
	if (!first) {
		send_and_recv();
		go_on(0);
		pause();
	}
	await(0);
	id = first + CACHED_CALLS;
	if (!syscall(SYS_clone3, &second, sizeof(second))) {
		send_and_recv();
		_exit(0);
	}
	CHECK(waitpid(id, &status, 0) == id && !status);
	kill(first, SIGKILL);
}

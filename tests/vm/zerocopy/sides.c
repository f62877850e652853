// SPDX-License-Identifier: GPL-2.0-only
/* Both ends of a connection, in two processes. */
#include "zerocopy.h"

void enter_netns(void)
{
	int fd;

	if (!netns)
		return;
	fd = open(netns, O_RDONLY);
	CHECK(fd >= 0 && !setns(fd, CLONE_NEWNET));
	close(fd);
}

/* A socket that waits for data at the address: of TCP it listens. */
int open_receiver(int type, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	CHECK(!bind(fd, (struct sockaddr *)&a, len));
	CHECK(!getsockname(fd, (struct sockaddr *)&a, &len));
	CHECK(type != SOCK_STREAM || !listen(fd, 8));
	*port = ntohs(a.sin_port);
	return fd;
}

int open_sender(int type, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type, 0);

	inet_pton(AF_INET, address, &a.sin_addr);
	CHECK(!connect(fd, (struct sockaddr *)&a, sizeof(a)));
	return fd;
}

/* turns: how the sides tell each other to go on. */
int turns[2][2];

void go_on(int side)
{
	CHECK(write(turns[side][1], "x", 1) == 1);
}

void await(int side)
{
	char c;

	CHECK(read(turns[side][0], &c, 1) == 1);
}

/* The child says what it knows first. */
static void end_child(pid_t child)
{
	int status;

	CHECK(waitpid(child, &status, 0) == child && !status);
	say();
}

void run_sides(int type, side_fn sends, side_fn receives)
{
	int ports[2], port, fd, listener;
	pid_t child;

	CHECK(!pipe(ports) && !pipe(turns[0]) && !pipe(turns[1]));
	child = fork();
	if (!child) {
		enter_netns();
		fd = listener = open_receiver(type, &port);
		CHECK(write(ports[1], &port, sizeof(port)) == sizeof(port));
		if (type == SOCK_STREAM)
			fd = accept(listener, NULL, NULL);
		CHECK(fd >= 0);
		receives(fd);
		say();
		_exit(0);
	}
	CHECK(read(ports[0], &port, sizeof(port)) == sizeof(port));
	fd = open_sender(type, port);
	sends(fd);
	end_child(child);
}

void run_unix(int type, side_fn sends, side_fn receives)
{
	int fds[2];
	pid_t child;

	CHECK(!socketpair(AF_UNIX, type, 0, fds));
	CHECK(!pipe(turns[0]) && !pipe(turns[1]));
	child = fork();
	if (!child) {
		close(fds[0]);
		receives(fds[1]);
		say();
		_exit(0);
	}
	close(fds[1]);
	sends(fds[0]);
	end_child(child);
}

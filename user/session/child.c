// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output.h"
#include "util.h"

static void run_when_let_go(int go, int error, char **argv)
{
	char c;

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (output_of_program() >= 0)
		dup2(output_of_program(), STDOUT_FILENO);
	/* a byte lets go; end of file means that iophase is gone */
	if (read(go, &c, 1) != 1)
		_exit(127);
	execvp(argv[0], argv);
	if (write(error, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

static void close_both(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

/* Both pipes, or none. */
static int make_pipes(int go[2], int error[2])
{
	int err;

	if (pipe2(go, O_CLOEXEC))
		return fail("cannot make a pipe: %s", strerror(errno));
	if (!pipe2(error, O_CLOEXEC))
		return EXIT_DONE;
	err = errno;
	close_both(go);
	return fail("cannot make a pipe: %s", strerror(err));
}

int child_start(struct child *c, char **argv)
{
	int go[2], error[2], err = make_pipes(go, error);

	if (err)
		return err;
	c->pid = fork();
	if (c->pid < 0) {
		err = errno;
		close_both(go);
		close_both(error);
		return fail("cannot fork: %s", strerror(err));
	}
	if (!c->pid) {
		close(go[1]);
		run_when_let_go(go[0], error[1], argv);
	}
	close(go[0]);
	close(error[1]);
	c->go_fd = go[1];
	c->error_fd = error[0];
	return EXIT_DONE;
}

int child_go(struct child *c, char **argv)
{
	int err = 0;

	if (write(c->go_fd, "g", 1) != 1)
		err = errno;
	close(c->go_fd);
	c->go_fd = -1;
	if (!err && read(c->error_fd, &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(c->error_fd);
	if (err)
		return fail("cannot run %s: %s", argv[0], strerror(err));
	return EXIT_DONE;
}

bool child_ended(struct child *c)
{
	if (c->pid > 0 && !c->ended)
		c->ended = waitpid(c->pid, NULL, WNOHANG) == c->pid;
	return c->ended;
}

void child_cancel(struct child *c)
{
	if (c->pid <= 0 || c->go_fd < 0)
		return;
	close(c->go_fd);
	close(c->error_fd);
	c->go_fd = -1;
	waitpid(c->pid, NULL, 0);
}

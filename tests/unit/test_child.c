// SPDX-License-Identifier: GPL-2.0-only
/* The program after "--": what starting it leaves behind when it cannot be started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "util.h"

#include <cmocka.h> /* later: its fail() is a macro */

/* --- the C library's, which fail --------------------------------------------------- */

static int pipes_left;
static int forks_left;

int pipe2(int fd[2], int flags)
{
	int (*real)(int fd[2], int flags) = dlsym(RTLD_NEXT, "pipe2");

	if (pipes_left-- > 0)
		return real(fd, flags);
	errno = EMFILE;
	return -1;
}

pid_t fork(void)
{
	pid_t (*real)(void) = dlsym(RTLD_NEXT, "fork");

	if (forks_left-- > 0)
		return real();
	errno = EAGAIN;
	return -1;
}

/* --- what is left ------------------------------------------------------------------ */

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* child_start(), with what it says swallowed. */
static int start(struct child *c, int pipes, int forks)
{
	char *argv[] = { (char *)"true", NULL };
	int keep = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), err;

	pipes_left = pipes;
	forks_left = forks;
	dup2(null, STDERR_FILENO);
	close(null);
	err = child_start(c, argv);
	dup2(keep, STDERR_FILENO);
	close(keep);
	return err;
}

static void what_fails_leaves_no_descriptor(void **state)
{
	static const struct {
		int pipes, forks;
	} cases[] = { { 0, 0 }, { 1, 0 }, { 2, 0 } };
	int before = open_descriptors();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct child c = { .go_fd = -1 };

		assert_int_equal(start(&c, cases[i].pipes, cases[i].forks), EXIT_FAILED);
		child_cancel(&c);
		assert_int_equal(open_descriptors(), before);
	}
}

static void one_that_is_not_let_go_leaves_none(void **state)
{
	struct child c = { .go_fd = -1 };
	int before = open_descriptors();

	(void)state;
	assert_int_equal(start(&c, 2, 1), EXIT_DONE);
	assert_int_equal(open_descriptors(), before + 2);
	child_cancel(&c);
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(waitpid(c.pid, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fails_leaves_no_descriptor),
		cmocka_unit_test(one_that_is_not_let_go_leaves_none),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}

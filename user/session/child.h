/* SPDX-License-Identifier: GPL-2.0-only */
/* The program after "--": started stopped, let go once tracing is on. */
#ifndef IOPHASE_CHILD_H
#define IOPHASE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int go_fd;    /* a byte lets the program run */
	int error_fd; /* carries errno if exec fails */
	bool ended;
};

/* Forks; the child waits before exec. Returns 0, or an exit status. */
int child_start(struct child *c, char **argv);

/* Lets it run. Returns 0, or an exit status after saying why exec failed. */
int child_go(struct child *c, char **argv);

/* Has it ended? Reaps it. */
bool child_ended(struct child *c);

/* Ends it, if it was never let go. */
void child_cancel(struct child *c);

#endif

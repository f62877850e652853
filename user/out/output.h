/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where what iophase prints goes. A PROGRAM may write to the same file or pipe:
 * standard output is written in whole lines, each call of write() some of them, so
 * that nothing falls into the middle of one.
 */
#ifndef IOPHASE_OUTPUT_H
#define IOPHASE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/* First of all: from now on stdout and stderr are written in whole lines. */
void output_begin(void);

/* Last of all: what may be left of a line. */
void output_end(void);

/*
 * -o: standard output is this file, which is emptied when the first line comes.
 * Returns EXIT_DONE, or EXIT_FAILED after saying why it cannot be written.
 */
int output_to(const char *path);

/* A PROGRAM's standard output, if it is not iophase's; else -1. */
int output_of_program(void);

/* What text output says beside its table: standard error, or the file of -o. */
FILE *output_notes(void);

/* The terminal, for what draws on it. */
FILE *output_terminal(void);

/*
 * All of it, whatever signals come. A pipe that does not block may be full: whoever
 * reads it sets the pace. Returns false if it cannot be written; errno says why.
 */
bool write_all(int fd, const char *buf, size_t n);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that a format writes beside what is on standard output. */
#ifndef IOPHASE_OUT_FILE_H
#define IOPHASE_OUT_FILE_H

#include "out.h"

struct out_file {
	struct out out;
	const char *path;
	int fd;
	int error; /* of the first write that failed */
};

/* Returns EXIT_DONE, or EXIT_FAILED after saying why it cannot be written. */
int out_file_open(struct out_file *file, const struct out_format *format,
		  const char *path);

/*
 * Empties the file, when there is something to write: a run that does not start
 * leaves that of the last one alone. A pipe cannot be emptied.
 */
void out_file_begin(struct out_file *file);

/* Writes what there is. Returns false when that, or any before it, did not work. */
bool out_file_flush(struct out_file *file);

/* The end. Returns EXIT_DONE, or EXIT_FAILED after saying what was not written. */
int out_file_close(struct out_file *file);

#endif

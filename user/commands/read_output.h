/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where trace and replay put reads: on standard output, or in the file of --perfetto,
 * or, with --json beside it, in both.
 */
#ifndef IOPHASE_READ_OUTPUT_H
#define IOPHASE_READ_OUTPUT_H

#include "options.h"
#include "out_file.h"

struct read_output {
	struct out out;
	struct sheet sheet;
	bool prints; /* reads are on standard output */
	bool writes; /* and in a file */
	struct out_file file;
};

/* Returns EXIT_DONE, or EXIT_FAILED after saying why the file cannot be written. */
int read_output_open(struct read_output *to, const struct options *o,
		     process_name_fn process_name);

/* The run has begun: when: READS_*. limits: NULL if there are none. */
void read_output_begin(struct read_output *to, __u32 when,
		       const struct phase_limits *limits);
void read_output_put(const struct read_output *to, const struct iop_read_record *read);

/* How the counters are by now, where that is a row of numbers in time. */
void read_output_sample(const struct read_output *to, const struct totals *t);

/* Returns false if what there is could not be written: then there is no use in more. */
bool read_output_flush(struct read_output *to);

/* At the end; says what could not be written. t: NULL if the run has not begun. */
int read_output_close(struct read_output *to, const struct totals *t);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recordings: what reached the engine, as text. One input a line,
 *
 *   KIND TS_NS TID SOCK ARG HEAD TAIL QUEUE
 *
 * between a first line "iophase-recording 1" and a last line "end COUNT LOST".
 * QUEUE is 0 for bytes, 1 for packets, plus 2 if shut down. Lines that start
 * with # are comments. Sockets, and io_uring's requests in their place, are
 * numbered in order of appearance.
 *
 * The kernel that it is of may have lacked hooks, which whoever reads it cannot see
 * from here. So what its phases are not is said before the inputs:
 *
 *   unknown MODEL PHASE
 *   at-most PHASE
 *   at-least PHASE
 */
#ifndef IOPHASE_RECORDING_H
#define IOPHASE_RECORDING_H

#include <stdio.h>

#include "abi.h"
#include "phase_limits.h"

struct recorder {
	FILE *f;
	void *numbers; /* socket address → number, so that no address leaks */
	__u64 nr_socks;
	__u64 count;
};

/* limits: of the kernel that is recorded; backend: by which hooks. */
void recorder_begin(struct recorder *r, const struct phase_limits *limits,
		    const char *backend);
void recorder_add(struct recorder *r, const struct iop_input *in);
void recorder_end(struct recorder *r, __u64 lost);

struct recording {
	struct iop_input *inputs; /* in order of time */
	size_t nr;
	__u64 lost;
	struct phase_limits limits;
};

/* Returns 0, or an exit status after naming the file, line and fault. */
int recording_load(const char *path, struct recording *r);
void recording_free(struct recording *r);

#endif

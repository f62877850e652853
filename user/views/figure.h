/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the figures of Stevens' models (UNP vol. 1, 6.2) are made of: for each model
 * the times of its reads, and the calls that were made.
 */
#ifndef IOPHASE_FIGURE_H
#define IOPHASE_FIGURE_H

#include <stdbool.h>

#include "abi.h"
#include "percentile.h"
#include "phase_limits.h"

#define TALLY_NAMES 8

/* How often each name occurred; those that find no room are others. */
struct tally {
	struct tallied {
		char name[IOP_COMM_LEN];
		__u64 count;
	} of[TALLY_NAMES];
	int nr;
	__u64 others;
};

struct figure_model {
	struct dist dist;
	struct tally comms;
	struct tally reads; /* the calls that read; none: a recording */
	struct tally waits; /* the wait calls that threads were seen in */
	__u64 handoffs;
	__u64 unwaited;
};

struct figure {
	struct figure_model models[IOP_NR_MODELS];
	const struct phase_limits *limits;
};

void figure_add(struct figure *f, const struct iop_read_record *r);

/* A thread that reads so was seen in this wait call. */
void figure_add_wait(struct figure *f, enum iop_model model, const char *call);

/* All reads have been added: what was most frequent comes first. */
void figure_finish(struct figure *f);

__u64 figure_reads(const struct figure *f, enum iop_model model);

#endif

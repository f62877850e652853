/* SPDX-License-Identifier: GPL-2.0-only */
/* How one read looks: the columns of trace and replay, and the counters. */
#ifndef IOPHASE_READS_H
#define IOPHASE_READS_H

#include <stdio.h>

#include "abi.h"
#include "columns.h"

/* Rows are struct iop_read_record. */
#define MAX_READ_COLUMNS 34

/* Fills cols[] with a read's columns; returns how many. */
int read_columns(struct column cols[MAX_READ_COLUMNS], bool wake_detail,
		 __u32 sample);

/* " (one in N reads measured)"; "" if all are. Valid until the next call. */
const char *sample_text(__u32 sample);

struct totals {
	struct iop_counters kernel;
	__u64 missed; /* runs of programs that the kernel skipped */
	__u32 sample; /* one in so many reads is measured */
};

/* The last line of every run: text to standard error or the file of -o, JSON to out. */
void totals_text(const struct totals *t);
void totals_json(const struct totals *t, FILE *out);

#endif

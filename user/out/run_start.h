/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said when tracing has begun. */
#ifndef IOPHASE_RUN_START_H
#define IOPHASE_RUN_START_H

#include <stdio.h>

#include "columns.h"

struct run_start {
	__u64 ts_ns;
	const char *backend;
	const char *kernel;
	char **filters; /* what was asked for, as options */
	__u32 nr_filters;
	__u32 sample;
	const char *program; /* NULL: none */
};

extern const struct schema start_schema;

void start_text(FILE *f, const struct run_start *s);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processes gave to the network and took from it, path by path, interval by
 * interval: how much of it was copied, how much was moved. docs/zerocopy.md.
 */
#ifndef IOPHASE_ZEROCOPY_TABLE_H
#define IOPHASE_ZEROCOPY_TABLE_H

#include "session.h"

extern const char *const zerocopy_paths[IOP_NR_ZC_PATHS];
/* Why it fell back: a word; a sentence. */
extern const char *const zerocopy_causes[IOP_NR_ZC_CAUSES + 1]; /* ends with NULL */
extern const char *const zerocopy_reasons[IOP_NR_ZC_CAUSES];

/* A process's path in an interval; or of all processes (pid 0) in the run. */
struct zerocopy_row {
	__u64 ts_ns; /* its end */
	__u64 interval_ns;
	struct iop_zc_key key;
	struct iop_zc_row n; /* pending ones are those at the end */
	__u64 bytes;	     /* copied and moved */
};

struct zerocopy_table {
	__u64 start_ns;
	__u64 ts_ns;
	__u64 interval_ns;
	struct zerocopy_row *rows; /* that have changed: by process and path */
	int nr;
	struct zerocopy_row run[IOP_NR_ZC_PATHS]; /* of all processes, since the start */
	struct zerocopy_state *state;
};

struct zerocopy_table *zerocopy_table_new(__u64 now);
void zerocopy_table_free(struct zerocopy_table *t);

/* A look_fn: ends an interval. */
void zerocopy_table_refresh(void *table, struct session *s, __u64 now);

#endif

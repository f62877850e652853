/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rows of top: what the kernel's histograms gained in the interval just
 * past, and the sums of the whole run by model.
 */
#ifndef IOPHASE_TOP_TABLE_H
#define IOPHASE_TOP_TABLE_H

#include "percentile.h"
#include "session.h"

struct phase_stats {
	__u64 p50_ns;
	__u64 p99_ns;
	__u64 sum_ns;
	__u64 max_ns;
};

/* One process, thread, socket or service and one model; or, in a summary, one model. */
struct row {
	struct iop_hist_key key;
	__u32 pid; /* as iophase's own PID namespace has them; 0: not there */
	__u32 tid;
	__u32 fd;      /* of sockets */
	bool has_read; /* ever; if not, it has but EAGAINs */
	char comm[IOP_COMM_LEN];
	struct iop_endpoints ends;
	__u64 ts_ns; /* end of the interval */
	__u64 interval_ns;
	__u32 sample; /* one in so many was measured; the numbers are scaled */
	struct iop_sums sums;
	struct phase_stats phases[IOP_NR_PHASES];
	struct dist *run; /* what its phases are of; NULL: none but of the interval */
};

struct table {
	const struct row **rows; /* idle ones too */
	int nr;
	int room;
	__u32 sample;
	__u64 start_ns;
	__u64 ts_ns; /* of the latest look */
	__u64 interval_ns;
	bool by_row;			   /* rows are kept for the whole run, too */
	__u64 nr_reads;			   /* the whole run */
	struct row sum;			   /* of all rows; its phases are not filled */
	struct dist models[IOP_NR_MODELS]; /* the whole run */
	struct dist scratch;
	/* Told of each row that was busy, and what it gained; NULL: nobody is. */
	void (*on_gain)(void *ctx, const struct row *row, const struct dist *gain);
	void *ctx;
	void *tree; /* key → struct kept */
};

/* The first interval begins now; one in sample reads is measured. */
struct table *table_new(__u64 now, __u32 sample);
void table_free(struct table *t);

/*
 * Whether a task outside of our PID namespace is there cannot be asked: it counts as
 * gone when it read nothing for more looks than these.
 */
#define LONG_IDLE 60

/*
 * Looks at the kernel's histograms. One that stood still since the last look
 * and whose task or socket was gone by then is dropped there and here, so that
 * the dead never fill the kernel's table. Returns 0 or -errno.
 */
int table_refresh(struct table *t, struct session *s, __u64 now);

/* The sums of models, and of rows, begin anew: the run is an interval's then. */
void table_forget_run(struct table *t);

/* What is in d is the row's of this interval. */
void row_fill(struct row *r, const struct dist *d);

/* Did anything happen in the interval? */
static inline bool row_is_busy(const struct row *r)
{
	return r->sums.reads || r->sums.polls;
}

/* One model, the whole run. Returns false if it had no reads and no EAGAINs. */
bool table_summary(const struct table *t, __u32 model, struct row *out);

#endif

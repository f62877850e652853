/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run in intervals, as top and hist have it: how long each is, when it ends,
 * and the look at the kernel's histograms that ends it.
 */
#ifndef IOPHASE_INTERVAL_H
#define IOPHASE_INTERVAL_H

#include "top_table.h"

struct interval {
	const struct options *options;
	struct session *session;
	struct table *table;
	__u64 interval_ns;
	__u64 end_ns; /* of -d; 0: none */
	__u64 iteration;
};

/* The first interval begins now. */
void interval_start(struct interval *t, const struct options *o, struct session *s);

/* Milliseconds to the end of the interval, at most one look's worth. */
int interval_time_left(const struct interval *t);

/* The interval going on is the last of -n. */
bool interval_is_last(const struct interval *t);

/*
 * Ends the interval. The look at the last comes after the hooks are gone, so
 * that nothing is left uncounted. Taking them away may last a second, in which
 * no read is seen.
 */
void interval_look(struct interval *t, bool last);

/* Waits for the interval's end, then looks; false: that was the last. */
bool interval_next(struct interval *t);

/* Closes the session, too. */
void interval_end(struct interval *t);

#endif

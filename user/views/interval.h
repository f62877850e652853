/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run in intervals, as top, hist and loops have it: how long each is, when it ends,
 * and the look at what the kernel has counted that ends it.
 */
#ifndef IOPHASE_INTERVAL_H
#define IOPHASE_INTERVAL_H

#include "top_table.h"

/* Looks at what the kernel has counted, now. */
typedef void (*look_fn)(void *view, struct session *s, __u64 now);

struct interval {
	const struct options *options;
	struct session *session;
	look_fn look;
	void *view;
	struct table *table; /* the view, of those that have histograms; else NULL */
	__u64 ts_ns;	     /* of the latest look, or the start */
	__u64 interval_ns;
	__u64 end_ns; /* of -d; 0: none */
	__u64 iteration;
};

/* The first interval begins now. */
void interval_start(struct interval *t, const struct options *o, struct session *s);

/* The same of a view that is not a table of histograms. */
void interval_start_with(struct interval *t, const struct options *o, struct session *s,
			 look_fn look, void *view);

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

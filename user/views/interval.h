/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run in intervals, as top and hist have it: how long each is, when it ends,
 * and the look at the kernel's histograms that ends it.
 */
#ifndef IOPHASE_TICKER_H
#define IOPHASE_TICKER_H

#include "top_table.h"

struct ticker {
	const struct options *options;
	struct session *session;
	struct table *table;
	__u64 interval_ns;
	__u64 end_ns; /* of -d; 0: none */
	__u64 iteration;
};

/* The first interval begins now. */
void ticker_start(struct ticker *t, const struct options *o, struct session *s);

/* Milliseconds to the end of the interval, at most one look's worth. */
int ticker_time_left(const struct ticker *t);

/* The interval going on is the last of -n. */
bool ticker_is_last(const struct ticker *t);

/*
 * Ends the interval. The look at the last comes after the hooks are gone, so
 * that nothing is left uncounted. Taking them away may last a second, in which
 * no read is seen.
 */
void ticker_look(struct ticker *t, bool last);

/* Waits for the interval's end, then looks; false: that was the last. */
bool ticker_next(struct ticker *t);

/* Closes the session, too. */
void ticker_end(struct ticker *t);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* What event loops wait for: epolls, poll(), select(), rings, as the kernel has them. */
#ifndef IOPHASE_LOOP_POLLERS_H
#define IOPHASE_LOOP_POLLERS_H

#include "session.h"

struct poller {
	__u64 id;
	struct iop_poller p;
	__u32 channels; /* of a home: of all that are part of it */
	__u32 has;
	__u32 moved;
	__u32 closed;
	struct poller *component; /* hand-over ties it to this; NULL: to none */
	int row;		  /* of its loop; -1: none */
};

/* By id. */
struct pollers {
	struct poller *of;
	int nr;
	int room;
};

/* What the kernel has now. */
void pollers_read(struct pollers *ps, struct session *s);

/* What it has counted is not its home's: it is gone, and its loop's now. */
void pollers_uncount(const struct pollers *ps, const struct poller *p);

/* NULL: it is gone. */
struct poller *pollers_find(const struct pollers *ps, __u64 id);

/* The poller of the loop that looks at it: mostly itself. */
struct poller *pollers_home(const struct pollers *ps, const struct poller *p);

#endif

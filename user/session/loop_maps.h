/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's maps of event loops, pollers and channels: bpf/loops.bpf.h. */
#ifndef IOPHASE_LOOP_MAPS_H
#define IOPHASE_LOOP_MAPS_H

#include "elements.h"
#include "session.h"

/* Should it not be possible, that is said. */
void each_loop(struct session *s, element_fn fn, void *ctx);
void each_poller(struct session *s, element_fn fn, void *ctx);
void each_channel(struct session *s, element_fn fn, void *ctx);
void each_turn(struct session *s, element_fn fn, void *ctx);

/* What --channels counts of a socket; false: nothing so far. */
bool channel_lags(struct session *s, __u64 sk, struct iop_times *lags);

/* Is it still there? */
bool poller_is_there(struct session *s, __u64 poller);

/* A loop as it is now; false: the kernel has none. */
bool loop_now(struct session *s, const struct iop_loop_key *key, struct iop_loop *l);

/* Forgets a loop, of a thread or a poller that is gone. */
void drop_loop(struct session *s, const struct iop_loop_key *key);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine in user space, fed by recorded inputs. */
#ifndef IOPHASE_REPLAY_H
#define IOPHASE_REPLAY_H

#include "abi.h"
#include "phase_limits.h"

struct replay;

/* Called with each finished read; pid, comm, call and ends are not known. */
typedef void (*replay_fn)(void *ctx, const struct iop_read_record *read);

struct replay *replay_new(replay_fn fn, void *ctx);
void replay_input(struct replay *r, const struct iop_input *in);
const struct iop_counters *replay_counters(const struct replay *r);
void replay_free(struct replay *r);

/*
 * All of a recording's reads, and what its kernel could not tell of them. Returns 0,
 * or an exit status after saying what is wrong with it.
 */
int replay_recording(const char *path, replay_fn fn, void *ctx,
		     struct iop_counters *counters, struct phase_limits *limits);

#endif

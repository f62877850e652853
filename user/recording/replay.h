/* SPDX-License-Identifier: GPL-2.0-only */
/* The engine in user space, fed by recorded inputs. */
#ifndef IOPHASE_REPLAY_H
#define IOPHASE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"
#include "phase_limits.h"

struct recording;

/* Called with each finished read; pid, comm, call and ends are not known. */
typedef void (*replay_fn)(void *ctx, const struct iop_read_record *read);

/* Called after each input. Returns whether to go on. */
typedef bool (*replay_step)(void *ctx, size_t nr, const struct iop_input *in);

/* All of a recording's reads; step may be NULL. */
void replay_run(const struct recording *rec, replay_fn fn, replay_step step, void *ctx,
		struct iop_counters *counters);

/*
 * The same of the file at path, and what its kernel could not tell of them. Returns
 * 0, or an exit status after saying what is wrong with it.
 */
int replay_recording(const char *path, replay_fn fn, void *ctx,
		     struct iop_counters *counters, struct phase_limits *limits);

#endif

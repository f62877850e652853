/* SPDX-License-Identifier: GPL-2.0-only */
/* loops --slow: turns that took long, and where their thread was meanwhile. */
#ifndef IOPHASE_SLOW_TURNS_H
#define IOPHASE_SLOW_TURNS_H

#include "out.h"
#include "session.h"

extern const struct schema turn_schema, turn_channel_schema, turn_sleep_schema;

/* Of a record of the ring, and what belongs to it. */
void slow_turn_print(const struct out *o, const struct iop_turn *turn);

/* Those that take as long as slow_ns already and have not ended, by now. */
void slow_turns_in_progress(const struct out *o, struct session *s, __u64 slow_ns,
			    __u64 now);

#endif

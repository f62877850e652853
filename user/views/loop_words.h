/* SPDX-License-Identifier: GPL-2.0-only */
/* The event loops of a process, and its groups, a line each. */
#ifndef IOPHASE_LOOP_WORDS_H
#define IOPHASE_LOOP_WORDS_H

#include "loop_table.h"

/* "java: server, 2 groups: 1 acceptor -> 4 workers, 40 channels, none moved" */
const char *process_text(const struct loop_table *t, __u32 pid, char *buf, size_t size);

/* It has several loops, and they have, or have read, channels. */
bool group_is_compared(const struct group_row *g);

/* "  group 2, the most of the mean: reads 1.20, channels 1.00, busy 1.31" */
const char *group_text(const struct group_row *g, char *buf, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Signals that end a run, which then ends as if it were over by itself. */
#ifndef IOPHASE_INTERRUPT_H
#define IOPHASE_INTERRUPT_H

#include <stdbool.h>

/* SIGINT, SIGTERM, SIGHUP; a reader that is gone (SIGPIPE) is an error of write(2). */
void catch_interrupts(void);

/* Has one come? */
bool is_interrupted(void);

#endif

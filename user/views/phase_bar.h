/* SPDX-License-Identifier: GPL-2.0-only */
/* A row's time as a bar: of each phase its share, as that many of its letters. */
#ifndef IOPHASE_PHASE_BAR_H
#define IOPHASE_PHASE_BAR_H

#include "top_table.h"

#define BAR_LEAST 8 /* a bar that is shorter says nothing */
#define BAR_MOST 48

/* "w wait  k wake  ...": also for those who see no colours. */
extern const char phase_letters[IOP_NR_PHASES + 1];

/*
 * Which phase each of width characters is of: what took any time has one. Returns
 * how many there are: 0 if that is not known.
 */
int phase_bar(const struct row *r, const struct phase_limits *limits, int width,
	      enum iop_phase bar[BAR_MOST]);

void phase_bar_draw(const struct row *r, const struct phase_limits *limits, int y,
		    int x, int width);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* A heat map as a picture. */
#ifndef IOPHASE_HEAT_DRAW_H
#define IOPHASE_HEAT_DRAW_H

#include "heat.h"
#include "phase_limits.h"
#include "picture.h"

#define HEAT_RULER 7		     /* columns that the ruler takes */
#define HEAT_WIDTH (80 - HEAT_RULER) /* what is left of a line for cells */

/* What the map is of: "wait of 1.23k reads, p50 2.03m, p99 12.0m", or that of none. */
const char *heat_title(char buf[96], const struct heat *h, enum iop_phase phase,
		       const struct phase_limits *limits);

/* Returns the line below it. */
int heat_draw(struct picture *p, const struct heat *h, enum iop_phase phase,
	      const struct phase_limits *limits);

#endif

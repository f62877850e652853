/* SPDX-License-Identifier: GPL-2.0-only */
/* What figures and their comparison say alike: phases, times, what was counted. */
#ifndef IOPHASE_FIGURE_PHASE_H
#define IOPHASE_FIGURE_PHASE_H

#include "figure.h"
#include "picture.h"

/* Stevens' words for the phases, and ours for the others. */
extern const char *const phase_words[IOP_NR_PHASES];

/* A percentile with its unit, a mark if it is a bound; "-" if it is not known. */
const char *phase_time(char buf[16], const struct figure *f, enum iop_model model,
		       enum iop_phase phase, unsigned int per_mille);

/* Which reads a figure is of, from line y on; returns the line below. */
int figure_notes(struct picture *p, int y, const struct figure_model *m);

#endif

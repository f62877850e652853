/* SPDX-License-Identifier: GPL-2.0-only */
/* UNP's figures 6.1 to 6.6, laid out. */
#ifndef IOPHASE_FIGURE_DRAW_H
#define IOPHASE_FIGURE_DRAW_H

#include "figure.h"
#include "picture.h"

/* One model's, from the picture's line y on; returns the line below it. */
int figure_draw(struct picture *p, int y, const struct figure *f, enum iop_model model);

/* The five beside each other: who is blocked in which phase, and for how long. */
int figure_compare(struct picture *p, int y, const struct figure *f);

#endif

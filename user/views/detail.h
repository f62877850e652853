/* SPDX-License-Identifier: GPL-2.0-only */
/* The pane below the rows of top: how the times of the one that is selected spread. */
#ifndef IOPHASE_DETAIL_H
#define IOPHASE_DETAIL_H

#include "outline.h"

#define DETAIL_LINES 8
#define DETAIL_LEAST 6 /* a title, five phases */

/* In so many lines from y on; who: what the row is called. */
void detail_draw(const struct outline *o, const struct item *item, const char *who,
		 const struct phase_limits *limits, int y, int lines);

#endif

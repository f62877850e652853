/* SPDX-License-Identifier: GPL-2.0-only */
/* What a picture holds, for those who render it. */
#ifndef IOPHASE_SHAPES_H
#define IOPHASE_SHAPES_H

#include "picture.h"

enum shape_kind {
	SHAPE_WORDS,
	SHAPE_ARROW,
	SHAPE_BRACE,
	SHAPE_CELL,
	SHAPE_MARK,
	SHAPE_CURVE,
};

struct shape {
	enum shape_kind kind;
	enum ink ink;
	int x1, y1, x2, y2;
	int how;	      /* enum align, side, mark */
	int level;	      /* of a cell, and of one that is marked */
	char *text;	      /* words, an arrow's label; NULL: none */
	struct point *points; /* a curve's */
	int nr_points;
};

/* The first column of words. */
int words_start(const struct shape *s);

#endif

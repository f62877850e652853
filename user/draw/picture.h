/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A picture: shapes on a grid of characters. It is laid out once; picture_text()
 * makes lines of it, picture_svg() a file.
 */
#ifndef IOPHASE_PICTURE_H
#define IOPHASE_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "totals.h"

enum ink {
	INK_TEXT,
	INK_TITLE,
	INK_FAINT,
	/* the phases, in their order */
	INK_WAIT,
	INK_WAKE,
	INK_DISPATCH,
	INK_COPY,
	INK_REST,
	NR_INKS,
};

enum align {
	ALIGN_LEFT, /* from x on */
	ALIGN_MIDDLE,
	ALIGN_RIGHT, /* up to x, which is its last character */
};

enum side {
	SIDE_LEFT, /* a brace that opens to the right */
	SIDE_RIGHT,
};

enum mark {
	MARK_MEDIAN,
	MARK_TAIL,
	NR_MARKS,
};

#define MAX_LEVEL 8 /* of a cell; 0: nothing is drawn */

struct picture {
	struct shape *shapes;
	int nr;
	int width; /* in characters and lines: of all that was drawn */
	int height;
};

/* What comes from outside may be any bytes; others than ASCII are question marks. */
void picture_words(struct picture *p, int x, int y, enum align align, enum ink ink,
		   const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Along a line or a column, with its head at the second end; label: NULL or short. */
void picture_arrow(struct picture *p, int x1, int y1, int x2, int y2, const char *label);

void picture_brace(struct picture *p, int x, int y1, int y2, enum side side,
		   enum ink ink);

/* Of a curve; in characters and lines, as are all places, but between them, too. */
struct point {
	double x, y;
};

/* Text has its points alone. */
void picture_curve(struct picture *p, enum ink ink, const struct point *points, int nr);

/* A character that is more or less filled, one per level. */
void picture_cell(struct picture *p, int x, int y, int level, enum ink ink);

/*
 * A short line across a cell of this level. Text has room for one character: the
 * mark's own for that level.
 */
void picture_mark(struct picture *p, int x, int y, enum mark mark, int level);

/* Text has the counters beside it, a file in it. */
void picture_totals(struct picture *p, int y, const struct totals *t);

void picture_free(struct picture *p);

enum charset {
	CHARSET_ASCII,
	CHARSET_UNICODE,
};

/* What standard output's reader is likely to understand, by locale and TERM. */
enum charset charset_here(void);

void picture_text(const struct picture *p, FILE *f, enum charset charset);

/* What a cell of this level looks like in text. */
const char *cell_text(int level, enum charset charset);
char mark_text(enum mark mark, int level);

/* One file, for light and for dark pages. */
void picture_svg(const struct picture *p, FILE *f, const char *title);

/*
 * Can this file be written? To be asked before there is a picture; what is in it
 * stays. Both return an exit status, after saying what is wrong.
 */
int svg_check(const char *path);
int svg_save(const char *path, const struct picture *p, const char *title);

#endif

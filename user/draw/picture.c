// SPDX-License-Identifier: GPL-2.0-only
#include "picture.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shapes.h"
#include "text.h"
#include "util.h"

static void add(struct picture *p, struct shape s)
{
	int right = s.x1 > s.x2 ? s.x1 : s.x2;
	int below = s.y1 > s.y2 ? s.y1 : s.y2;

	if (s.kind == SHAPE_WORDS)
		right = words_start(&s) + (int)strlen(s.text) - 1;
	if (right >= p->width)
		p->width = right + 1;
	if (below >= p->height)
		p->height = below + 1;
	p->shapes = xrealloc(p->shapes, p->nr + 1, sizeof(s));
	p->shapes[p->nr++] = s;
}

int words_start(const struct shape *s)
{
	int length = strlen(s->text);

	switch ((enum align)s->how) {
	case ALIGN_MIDDLE:
		return s->x1 - length / 2;
	case ALIGN_RIGHT:
		return s->x1 - length + 1;
	default:
		return s->x1;
	}
}

void picture_words(struct picture *p, int x, int y, enum align align, enum ink ink,
		   const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		text = xcalloc(1, 1);
	text_clean(text);
	add(p, (struct shape){ SHAPE_WORDS, ink, x, y, x, y, align, .text = text });
}

void picture_arrow(struct picture *p, int x1, int y1, int x2, int y2, const char *label)
{
	char *text = label ? strdup(label) : NULL;

	add(p, (struct shape){ SHAPE_ARROW, INK_TEXT, x1, y1, x2, y2, .text = text });
}

void picture_brace(struct picture *p, int x, int y1, int y2, enum side side, enum ink ink)
{
	add(p, (struct shape){ SHAPE_BRACE, ink, x, y1, x, y2, side });
}

void picture_curve(struct picture *p, enum ink ink, const struct point *points, int nr)
{
	struct shape s = { SHAPE_CURVE, ink, .nr_points = nr };

	s.points = xcalloc(nr, sizeof(*points));
	for (int i = 0; i < nr; i++) {
		s.points[i] = points[i];
		s.x2 = points[i].x > s.x2 ? (int)points[i].x : s.x2;
		s.y2 = points[i].y > s.y2 ? (int)points[i].y : s.y2;
	}
	add(p, s);
}

void picture_cell(struct picture *p, int x, int y, int level, enum ink ink)
{
	if (level)
		add(p, (struct shape){ SHAPE_CELL, ink, x, y, x, y, .level = level });
}

void picture_mark(struct picture *p, int x, int y, enum mark mark, int level)
{
	add(p, (struct shape){ SHAPE_MARK, INK_TEXT, x, y, x, y, mark, level });
}

void picture_totals(struct picture *p, int y, const struct totals *t)
{
	const struct iop_counters *c = &t->kernel;

	picture_words(p, 0, y, ALIGN_LEFT, INK_FAINT,
		      "%llu reads seen, %llu filtered, %llu lost, %llu rejected%s",
		      (unsigned long long)c->seen, (unsigned long long)c->filtered,
		      (unsigned long long)c->lost, (unsigned long long)c->rejected,
		      sample_text(t->sample));
}

void picture_free(struct picture *p)
{
	while (p->nr) {
		free(p->shapes[--p->nr].text);
		free(p->shapes[p->nr].points);
	}
	free(p->shapes);
	*p = (struct picture){};
}

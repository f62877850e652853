// SPDX-License-Identifier: GPL-2.0-only
/* Pictures as lines of text. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shapes.h"
#include "util.h"

/* A character, as bytes of UTF-8. */
typedef char glyph[4];

struct raster {
	glyph *cells;
	int width, height;
	enum charset charset;
};

static void put(struct raster *r, int x, int y, const char *ascii, const char *unicode)
{
	if (x < 0 || y < 0 || x >= r->width || y >= r->height)
		return;
	strcpy(r->cells[y * r->width + x],
	       r->charset == CHARSET_UNICODE ? unicode : ascii);
}

static void put_words(struct raster *r, int x, int y, const char *text)
{
	for (; *text; text++, x++) {
		char one[2] = { *text };

		put(r, x, y, one, one);
	}
}

static void put_row(struct raster *r, const struct shape *s)
{
	bool left = s->x2 < s->x1;
	int from = left ? s->x2 : s->x1, to = left ? s->x1 : s->x2;
	int length = s->text ? strlen(s->text) : 0;

	for (int x = from; x <= to; x++)
		put(r, x, s->y1, "-", "─");
	if (length) {
		from += (to - from + 1 - length) / 2;
		put_words(r, from, s->y1, s->text);
		put_words(r, from - 1, s->y1, " ");
		put_words(r, from + length, s->y1, " ");
	}
	put(r, s->x2, s->y2, left ? "<" : ">", left ? "◄" : "►");
}

static void put_column(struct raster *r, const struct shape *s)
{
	for (int y = s->y1; y < s->y2; y++)
		put(r, s->x1, y, "|", "│");
	put(r, s->x1, s->y2, "v", "▼");
}

static void put_brace(struct raster *r, const struct shape *s)
{
	bool left = s->how == SIDE_LEFT;

	for (int y = s->y1 + 1; y < s->y2; y++)
		put(r, s->x1, y, "|", "│");
	put(r, s->x1, s->y1, left ? "/" : "\\", left ? "┌" : "┐");
	put(r, s->x1, s->y2, left ? "\\" : "/", left ? "└" : "┘");
	if (s->y1 == s->y2)
		put(r, s->x1, s->y1, left ? "{" : "}", left ? "{" : "}");
}

static void put_shape(struct raster *r, const struct shape *s)
{
	const char *text;
	char one[2] = {};

	switch (s->kind) {
	case SHAPE_WORDS:
		put_words(r, words_start(s), s->y1, s->text);
		break;
	case SHAPE_ARROW:
		if (s->x1 != s->x2)
			put_row(r, s);
		else
			put_column(r, s);
		break;
	case SHAPE_BRACE:
		put_brace(r, s);
		break;
	case SHAPE_CELL:
		text = cell_text(s->level, r->charset);
		put(r, s->x1, s->y1, text, text);
		break;
	case SHAPE_MARK:
		one[0] = mark_text(s->how, s->level);
		put(r, s->x1, s->y1, one, one);
		break;
	case SHAPE_CURVE:
		for (int i = 0; i < s->nr_points; i++)
			put(r, s->points[i].x, s->points[i].y, "*", "●");
		break;
	}
}

const char *cell_text(int level, enum charset charset)
{
	static const char *const glyphs[][MAX_LEVEL + 1] = {
		[CHARSET_ASCII] = { " ", ".", ":", ";", "+", "*", "%", "#", "@" },
		[CHARSET_UNICODE] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
	};

	return glyphs[charset][level];
}

char mark_text(enum mark mark, int level)
{
	return (mark == MARK_MEDIAN ? "012345678" : " abcdefgh")[level];
}

/* Without the blanks at its end. */
static void print_line(const glyph *cells, int width, FILE *f)
{
	while (width && (!*cells[width - 1] || *cells[width - 1] == ' '))
		width--;
	for (int x = 0; x < width; x++)
		fputs(*cells[x] ? cells[x] : " ", f);
	fputc('\n', f);
}

void picture_text(const struct picture *p, FILE *f, enum charset charset)
{
	struct raster r = { .width = p->width, .height = p->height, .charset = charset };

	r.cells = xcalloc((size_t)r.width * r.height + 1, sizeof(glyph));
	for (int i = 0; i < p->nr; i++)
		put_shape(&r, &p->shapes[i]);
	for (int y = 0; y < r.height; y++)
		print_line(r.cells + y * r.width, r.width, f);
	free(r.cells);
}

enum charset charset_here(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *term = getenv("TERM"), *locale = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(variables) && !locale; i++) {
		locale = getenv(variables[i]);
		if (locale && !*locale)
			locale = NULL;
	}
	if (!locale || (term && !strcmp(term, "dumb")))
		return CHARSET_ASCII;
	return strcasestr(locale, "UTF-8") || strcasestr(locale, "utf8") ?
		       CHARSET_UNICODE :
		       CHARSET_ASCII;
}

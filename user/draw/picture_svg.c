// SPDX-License-Identifier: GPL-2.0-only
/* Pictures as SVG: one file, no script, nothing from elsewhere. */
#include <errno.h>
#include <string.h>

#include "shapes.h"
#include "util.h"

/* Of a character, in units of the file. */
#define WIDE 8.4
#define HIGH 18.0
#define MARGIN 12.0

static const char *const ink_names[NR_INKS] = {
	"text", "title", "faint", "wait", "wake", "dispatch", "copy", "rest",
};

/* On a white and on a black page. */
static const char style[] =
	"<style>\n"
	"text { fill: currentColor; white-space: pre }\n"
	"path { fill: none; stroke: currentColor; stroke-width: 1.4 }\n"
	"path.median { stroke-width: 3 } path.curve { stroke-width: 2 } "
	"path.faint { stroke-width: 0.5 } path.tail { stroke-dasharray: 2 2 }\n"
	"rect, .head { fill: currentColor; stroke: none }\n"
	".page { color: #ffffff } .text, .median, .tail { color: #1f2328 } "
	".faint { color: #59636e }\n"
	".title { color: #1f2328; font-weight: bold }\n"
	".wait { color: #0969da } .wake { color: #9a6700 } .dispatch { color: #cf222e }\n"
	".copy { color: #1a7f37 } .rest { color: #6639ba }\n"
	"@media (prefers-color-scheme: dark) {\n"
	".page { color: #0d1117 } .text, .median, .tail { color: #e6edf3 } "
	".faint { color: #9198a1 }\n"
	".title { color: #e6edf3 }\n"
	".wait { color: #58a6ff } .wake { color: #d29922 } .dispatch { color: #ff7b72 }\n"
	".copy { color: #3fb950 } .rest { color: #bc8cff }\n"
	"}\n"
	"</style>\n";

static double left_of(int x)
{
	return MARGIN + x * WIDE;
}

static double top_of(int y)
{
	return MARGIN + y * HIGH;
}

static double middle_of(int x)
{
	return left_of(x) + WIDE / 2;
}

static double centre_of(int y)
{
	return top_of(y) + HIGH / 2;
}

/* Printable ASCII (text_clean()), some of which is XML's. */
static void put_escaped(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", f);
		else if (*text == '>')
			fputs("&gt;", f);
		else if (*text == '&')
			fputs("&amp;", f);
		else
			fputc(*text, f);
	}
}

static void put_line_of_text(FILE *f, double x, int y, const char *anchor, enum ink ink,
			     const char *text)
{
	fprintf(f, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
		ink_names[ink], x, top_of(y) + HIGH * 0.72, anchor);
	put_escaped(f, text);
	fputs("</text>\n", f);
}

static void put_words(FILE *f, const struct shape *s)
{
	switch ((enum align)s->how) {
	case ALIGN_LEFT:
		put_line_of_text(f, left_of(s->x1), s->y1, "start", s->ink, s->text);
		break;
	case ALIGN_MIDDLE:
		put_line_of_text(f, middle_of(s->x1), s->y1, "middle", s->ink, s->text);
		break;
	case ALIGN_RIGHT:
		put_line_of_text(f, left_of(s->x1 + 1), s->y1, "end", s->ink, s->text);
		break;
	}
}

static void put_row(FILE *f, const struct shape *s)
{
	bool left = s->x2 < s->x1;
	double from = left_of(left ? s->x2 : s->x1);
	double to = left_of((left ? s->x1 : s->x2) + 1);
	double y = centre_of(s->y1), half = 0, tip = left ? from : to;
	const char *class = ink_names[s->ink];

	if (s->text) {
		half = (strlen(s->text) + 1) * WIDE / 2;
		put_line_of_text(f, (from + to) / 2, s->y1, "middle", s->ink, s->text);
	}
	fprintf(f, "<path class=\"%s\" d=\"M%.1f,%.1fH%.1fM%.1f,%.1fH%.1f\"/>\n", class,
		from, y, (from + to) / 2 - half, (from + to) / 2 + half, y, to);
	fprintf(f, "<path class=\"%s head\" d=\"M%.1f,%.1fl%s8,-4v8z\"/>\n", class, tip,
		y, left ? "" : "-");
}

static void put_column(FILE *f, const struct shape *s)
{
	double x = middle_of(s->x1), tip = top_of(s->y2 + 1) - 3;
	const char *class = ink_names[s->ink];

	fprintf(f, "<path class=\"%s\" d=\"M%.1f,%.1fV%.1f\"/>\n", class, x,
		top_of(s->y1) + 2, tip);
	fprintf(f, "<path class=\"%s head\" d=\"M%.1f,%.1fl-4,-8h8z\"/>\n", class, x,
		tip);
}

static void put_brace(FILE *f, const struct shape *s)
{
	double out = s->how == SIDE_LEFT ? -4 : 4, r = 4;
	double x = middle_of(s->x1), y1 = top_of(s->y1) + 2, y2 = top_of(s->y2 + 1) - 2;

	fprintf(f,
		"<path class=\"%s\" d=\"M%.1f,%.1fq%.1f,0 %.1f,%.1fV%.1f"
		"q0,%.1f %.1f,%.1fq%.1f,0 %.1f,%.1fV%.1fq0,%.1f %.1f,%.1f\"/>\n",
		ink_names[s->ink], x - out, y1, out, out, r, (y1 + y2) / 2 - r, r, out,
		r, -out, -out, r, y2 - r, r, -out, r);
}

/* The more, the less of the page shines through; one is seen, too. */
static void put_cell(FILE *f, const struct shape *s)
{
	fprintf(f,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		"height=\"%.1f\" fill-opacity=\"%.2f\"/>\n",
		ink_names[s->ink], left_of(s->x1), top_of(s->y1), WIDE, HIGH,
		0.2 + 0.8 * (s->level - 1) / (MAX_LEVEL - 1));
}

static void put_mark(FILE *f, const struct shape *s)
{
	static const char *const classes[NR_MARKS] = {
		[MARK_MEDIAN] = "median",
		[MARK_TAIL] = "tail",
	};

	fprintf(f, "<path class=\"%s\" d=\"M%.1f,%.1fH%.1f\"/>\n", classes[s->how],
		left_of(s->x1), centre_of(s->y1), left_of(s->x1 + 1));
}

static void put_curve(FILE *f, const struct shape *s)
{
	fprintf(f, "<path class=\"%s curve\" d=\"", ink_names[s->ink]);
	for (int i = 0; i < s->nr_points; i++)
		fprintf(f, "%s%.1f,%.1f", i ? "L" : "M", MARGIN + s->points[i].x * WIDE,
			MARGIN + s->points[i].y * HIGH);
	fputs("\"/>\n", f);
}

static void put_shape(FILE *f, const struct shape *s)
{
	switch (s->kind) {
	case SHAPE_WORDS:
		put_words(f, s);
		break;
	case SHAPE_ARROW:
		if (s->x1 != s->x2)
			put_row(f, s);
		else
			put_column(f, s);
		break;
	case SHAPE_BRACE:
		put_brace(f, s);
		break;
	case SHAPE_CELL:
		put_cell(f, s);
		break;
	case SHAPE_MARK:
		put_mark(f, s);
		break;
	case SHAPE_CURVE:
		put_curve(f, s);
		break;
	}
}

void picture_svg(const struct picture *p, FILE *f, const char *title)
{
	double width = p->width * WIDE + 2 * MARGIN,
	       height = p->height * HIGH + 2 * MARGIN;

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
		"width=\"%.0f\" height=\"%.0f\" font-size=\"14\" "
		"font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\">\n<title>",
		width, height, width, height);
	put_escaped(f, title);
	fprintf(f,
		"</title>\n%s<rect class=\"page\" width=\"100%%\" height=\"100%%\"/>\n",
		style);
	for (int i = 0; i < p->nr; i++)
		put_shape(f, &p->shapes[i]);
	fputs("</svg>\n", f);
}

int svg_check(const char *path)
{
	FILE *f = fopen(path, "ae");

	if (!f)
		return fail("cannot write %s: %s", path, strerror(errno));
	fclose(f);
	return EXIT_DONE;
}

int svg_save(const char *path, const struct picture *p, const char *title)
{
	FILE *f = fopen(path, "we");
	bool ok = f;

	if (ok) {
		picture_svg(p, f, title);
		ok = !ferror(f);
		ok = !fclose(f) && ok;
	}
	return ok ? EXIT_DONE : fail("cannot write %s: %s", path, strerror(errno));
}

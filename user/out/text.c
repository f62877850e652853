// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "util.h"

static const char *list_text(const struct value *v, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = 0;
	for (int bit = 0; v->num >> bit; bit++)
		if (v->num >> bit & 1 && n < size)
			n += snprintf(buf + n, size - n, "%s%s", n ? "," : "",
				      v->names[bit]);
	return buf;
}

const char *value_text(const struct value *v, char *buf, size_t size)
{
	switch (v->kind) {
	case VALUE_INT:
		put_signed(buf, v->num);
		return buf;
	case VALUE_COUNT:
		return format_count(buf, v->num);
	case VALUE_NS:
		return format_ns(buf, v->num);
	case VALUE_STRING:
		return v->str;
	case VALUE_LIST:
		return list_text(v, buf, size);
	default:
		return "-"; /* not known, or not for a cell */
	}
}

struct line {
	char *start;
	char *at;
	char *end; /* the last byte, for the NUL */
};

static void put_spaces(struct line *l, int n)
{
	while (n-- > 0 && l->at < l->end)
		*l->at++ = ' ';
}

/*
 * The next character of text as a terminal may see it: what is not ASCII, or
 * controls it, is a question mark, one column wide. Moves *text behind it.
 */
static char next_char(const char **text)
{
	const unsigned char *s = (const unsigned char *)*text;
	int n = utf8_len(s);

	*text += n ? n : 1;
	return n == 1 && *s >= ' ' && *s < 127 ? *s : '?';
}

static int columns_of(const char *text)
{
	int n = 0;

	for (; *text; n++)
		next_char(&text);
	return n;
}

void put_text(FILE *f, const char *text)
{
	while (*text)
		fputc(next_char(&text), f);
}

void text_clean(char *text)
{
	const char *from = text;

	while (*from)
		*text++ = next_char(&from);
	*text = 0;
}

/* What is left of a text that is too long: the port of an address, which tells it apart. */
static const char *end_to_keep(const char *text, int room)
{
	const char *end = text[0] == '[' ? strstr(text, "]:") : NULL;

	return end && columns_of(end) < room ? end : "";
}

/* No wider than its column, so that the others stay where they are. */
static void put_cell(struct line *l, int width, const char *text)
{
	int room = abs(width) > 1 ? abs(width) : INT_MAX;
	int length = columns_of(text), pad = abs(width) - length;
	const char *end = length > room ? end_to_keep(text, room) : "";

	room -= columns_of(end);

	put_spaces(l, l->at > l->start);
	if (width > 0)
		put_spaces(l, pad);
	for (int i = 0; *text && i < room && l->at < l->end; i++) {
		*l->at = next_char(&text);
		if (i == room - 1 && length > room)
			*l->at = '~';
		l->at++;
	}
	while (*end && l->at < l->end)
		*l->at++ = next_char(&end);
	if (width < 0)
		put_spaces(l, pad);
}

/* A number that is too long for its column ends with k, M, G. */
static const char *cell_text(const struct column *c, const struct value *v, char *buf,
			     size_t size)
{
	const char *text = value_text(v, buf, size);

	if (abs(c->width) <= 1 || (int)strlen(text) <= abs(c->width))
		return text;
	return v->kind == VALUE_INT && v->num > 0 ? format_count(buf, v->num) : text;
}

static void trim(struct line *l)
{
	while (l->at > l->start && l->at[-1] == ' ')
		l->at--;
	*l->at = 0;
}

/* With a mark where it has only a bound and there is room to say so. */
static const char *heading(const struct sheet *s, const struct column *c, char *buf,
			   size_t size)
{
	const char *mark = bound_mark(s->limits, c->needs);

	if (!*mark || (int)strlen(c->title) >= abs(c->width))
		return c->title;
	return snprintf(buf, size, "%s%s", mark, c->title) < (int)size ? buf : c->title;
}

void sheet_header(const struct sheet *s, char *line, size_t size)
{
	struct line l = { line, line, line + size - 1 };
	char cell[32];

	for (int i = 0; i < s->text.nr; i++)
		put_cell(&l, s->text.of[i].width,
			 heading(s, &s->text.of[i], cell, sizeof(cell)));
	trim(&l);
}

static void put_columns(const struct sheet *s, const struct column_list *columns,
			const void *row, char *line, size_t size)
{
	struct line l = { line, line, line + size - 1 };
	char cell[256];

	for (int i = 0; i < columns->nr; i++) {
		const struct column *c = &columns->of[i];
		struct value v = column_value(s, c, row);

		put_cell(&l, c->width, cell_text(c, &v, cell, sizeof(cell)));
	}
	trim(&l);
}

void sheet_line(const struct sheet *s, const void *row, char *line, size_t size)
{
	put_columns(s, &s->text, row, line, size);
}

void sheet_line_below(const struct sheet *s, const void *row, char *line, size_t size)
{
	put_columns(s, &s->below, row, line, size);
}

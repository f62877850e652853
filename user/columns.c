// SPDX-License-Identifier: GPL-2.0-only
#include "columns.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "util.h"

static struct value get_at_most(const void *row)
{
	(void)row;
	return (struct value){ .kind = VALUE_LIST, .num = at_most_phases,
			       .names = phase_names };
}

static struct value get_at_least(const void *row)
{
	(void)row;
	return (struct value){ .kind = VALUE_LIST, .num = at_least_phases,
			       .names = phase_names };
}

const struct column bound_columns[NR_BOUND_COLUMNS] = {
	{ "at_most", NULL, 0, get_at_most },
	{ "at_least", NULL, 0, get_at_least },
};

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

static void put_int(char *to, int64_t n)
{
	uint64_t u = n;

	if (n < 0) {
		*to++ = '-';
		u = -u;
	}
	put_number(to, u);
}

const char *column_text(const struct column *c, const void *row, char *buf,
			size_t size)
{
	struct value v = c->get(row);

	switch (v.kind) {
	case VALUE_NONE:
		break;
	case VALUE_INT:
		put_int(buf, v.num);
		return buf;
	case VALUE_COUNT:
		return format_count(buf, v.num);
	case VALUE_NS:
		return format_ns(buf, v.num);
	case VALUE_STRING:
		return v.str;
	case VALUE_LIST:
		return list_text(&v, buf, size);
	}
	return "-";
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

/* Terminals must not see control characters of a comm. */
static void put_cell(struct line *l, int width, const char *text)
{
	int pad = abs(width) - (int)strlen(text);

	put_spaces(l, l->at > l->start);
	if (width > 0)
		put_spaces(l, pad);
	for (; *text && l->at < l->end; text++)
		*l->at++ = (unsigned char)*text < ' ' || *text == 127 ? '?' : *text;
	if (width < 0)
		put_spaces(l, pad);
}

static void trim(struct line *l)
{
	while (l->at > l->start && l->at[-1] == ' ')
		l->at--;
	*l->at = 0;
}

void columns_header(const struct column *cols, int nr, char *line, size_t size)
{
	struct line l = { line, line, line + size - 1 };

	for (int i = 0; i < nr; i++)
		if (cols[i].title)
			put_cell(&l, cols[i].width, cols[i].title);
	trim(&l);
}

void columns_line(const struct column *cols, int nr, const void *row,
		  char *line, size_t size)
{
	struct line l = { line, line, line + size - 1 };
	char cell[256];

	for (int i = 0; i < nr; i++)
		if (cols[i].title)
			put_cell(&l, cols[i].width,
				 column_text(&cols[i], row, cell, sizeof(cell)));
	trim(&l);
}

/* How much of s is ASCII that stands for itself in a JSON string. */
static int plain_len(const unsigned char *s)
{
	int n = 0;

	while (s[n] >= ' ' && s[n] < 127 && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

/* Length of the UTF-8 sequence of several bytes at s, or 0 if it is none. */
static int utf8_len(const unsigned char *s)
{
	int n = *s >= 0xc2 && *s < 0xe0	    ? 2 :
		*s >= 0xe0 && *s < 0xf0	    ? 3 :
		*s >= 0xf0 && *s < 0xf5	    ? 4 :
					      0;

	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void json_string(FILE *f, const char *str)
{
	const unsigned char *s = (const unsigned char *)str;

	fputc('"', f);
	while (*s) {
		int n = plain_len(s);

		if (!n)
			n = utf8_len(s);
		if (n) {
			fwrite(s, 1, n, f);
			s += n;
			continue;
		}
		if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if (*s < ' ' || *s == 127)
			fprintf(f, "\\u%04x", *s);
		else
			fputs("\\ufffd", f);
		s++;
	}
	fputc('"', f);
}

static void json_list(FILE *f, const struct value *v)
{
	const char *sep = "";

	fputc('[', f);
	for (int bit = 0; v->num >> bit; bit++)
		if (v->num >> bit & 1) {
			fprintf(f, "%s\"%s\"", sep, v->names[bit]);
			sep = ",";
		}
	fputc(']', f);
}

void columns_json(const struct column *cols, int nr, const void *row, FILE *f)
{
	const char *sep = "{\"";
	char text[128], *p;

	for (int i = 0; i < nr; i++) {
		struct value v;

		if (!cols[i].key)
			continue;
		v = cols[i].get(row);
		p = stpcpy(stpcpy(stpcpy(text, sep), cols[i].key), "\":");
		sep = ",\"";
		if (v.kind == VALUE_NONE)
			stpcpy(p, "null");
		else if (v.kind != VALUE_STRING && v.kind != VALUE_LIST)
			put_int(p, v.num);
		fputs_unlocked(text, f);
		if (v.kind == VALUE_STRING)
			json_string(f, v.str);
		else if (v.kind == VALUE_LIST)
			json_list(f, &v);
	}
	fputs("}\n", f);
}

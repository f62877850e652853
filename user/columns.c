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

const char *column_text(const struct column *c, const void *row, char *buf,
			size_t size)
{
	struct value v = c->get(row);
	char tmp[16];

	switch (v.kind) {
	case VALUE_NONE:
		snprintf(buf, size, "-");
		break;
	case VALUE_INT:
		snprintf(buf, size, "%lld", (long long)v.num);
		break;
	case VALUE_COUNT:
		snprintf(buf, size, "%s", format_count(tmp, v.num));
		break;
	case VALUE_NS:
		snprintf(buf, size, "%s", format_ns(tmp, v.num));
		break;
	case VALUE_STRING:
		snprintf(buf, size, "%s", v.str);
		break;
	case VALUE_LIST:
		return list_text(&v, buf, size);
	}
	return buf;
}

/* Appends a cell; terminals must not see control characters of a comm. */
static size_t put_cell(char *line, size_t size, size_t at, int width,
		       const char *text, bool first)
{
	size_t start = at + !first;

	if (at >= size)
		return at;
	at += snprintf(line + at, size - at, "%s%*s", first ? "" : " ", width,
		       text);
	if (at >= size)
		at = size - 1;
	for (size_t i = start; i < at; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 127)
			line[i] = '?';
	return at;
}

static void trim(char *line, size_t n)
{
	while (n && line[n - 1] == ' ')
		line[--n] = 0;
}

void columns_header(const struct column *cols, int nr, char *line, size_t size)
{
	bool first = true;
	size_t at = 0;

	line[0] = 0;
	for (int i = 0; i < nr; i++) {
		if (!cols[i].title)
			continue;
		at = put_cell(line, size, at, cols[i].width, cols[i].title,
			      first);
		first = false;
	}
	trim(line, at);
}

void columns_line(const struct column *cols, int nr, const void *row,
		  char *line, size_t size)
{
	bool first = true;
	char cell[256];
	size_t at = 0;

	line[0] = 0;
	for (int i = 0; i < nr; i++) {
		if (!cols[i].title)
			continue;
		column_text(&cols[i], row, cell, sizeof(cell));
		at = put_cell(line, size, at, cols[i].width, cell, first);
		first = false;
	}
	trim(line, at);
}

/* Length of the UTF-8 sequence at s, or 0 if it is none. */
static int utf8_len(const unsigned char *s)
{
	int n = *s < 0x80		    ? 1 :
		*s >= 0xc2 && *s < 0xe0	    ? 2 :
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
		int n = utf8_len(s);

		if (!n) {
			fputs("\\ufffd", f);
			s++;
			continue;
		}
		if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if (*s < ' ' || *s == 127)
			fprintf(f, "\\u%04x", *s);
		else
			fwrite(s, 1, n, f);
		s += n;
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
	const char *sep = "{";

	for (int i = 0; i < nr; i++) {
		struct value v;

		if (!cols[i].key)
			continue;
		v = cols[i].get(row);
		fprintf(f, "%s\"%s\":", sep, cols[i].key);
		sep = ",";
		if (v.kind == VALUE_STRING)
			json_string(f, v.str);
		else if (v.kind == VALUE_LIST)
			json_list(f, &v);
		else if (v.kind == VALUE_NONE)
			fputs("null", f);
		else
			fprintf(f, "%lld", (long long)v.num);
	}
	fputs("}\n", f);
}

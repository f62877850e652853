// SPDX-License-Identifier: GPL-2.0-only
#include "columns.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

struct value value_proto(const struct iop_ends *ends)
{
	if (!ends->family)
		return (struct value){ .kind = VALUE_NONE };
	return value_str(proto_name(ends));
}

struct value value_end(char buf[64], const struct iop_ends *ends, bool peer)
{
	bool internet = ends->family == AF_INET || ends->family == AF_INET6;

	if (!ends->family || (peer && internet && !has_peer(ends)))
		return (struct value){ .kind = VALUE_NONE };
	return value_str(format_end(buf, ends, peer));
}

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

/* Length of the UTF-8 sequence at s (RFC 3629), or 0 if it is none. */
static int utf8_len(const unsigned char *s)
{
	int n = *s < 0x80 ? 1 :
		*s < 0xc2 ? 0 :
		*s < 0xe0 ? 2 :
		*s < 0xf0 ? 3 :
		*s < 0xf5 ? 4 :
			    0;

	/* no longer than needed, no surrogates, nothing above U+10FFFF */
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] >= 0xa0) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] >= 0x90))
		return 0;
	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
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

/* No wider than its column, so that the others stay where they are. */
static void put_cell(struct line *l, int width, const char *text)
{
	int room = abs(width) > 1 ? abs(width) : INT_MAX;
	int length = columns_of(text), pad = abs(width) - length;

	put_spaces(l, l->at > l->start);
	if (width > 0)
		put_spaces(l, pad);
	for (int i = 0; *text && i < room && l->at < l->end; i++) {
		*l->at = next_char(&text);
		if (i == room - 1 && length > room)
			*l->at = '~';
		l->at++;
	}
	if (width < 0)
		put_spaces(l, pad);
}

/* A number that is too long for its column ends with k, M, G. */
static const char *cell_text(const struct column *c, const void *row, char *buf,
			     size_t size)
{
	const char *text = column_text(c, row, buf, size);
	struct value v;

	if (abs(c->width) <= 1 || (int)strlen(text) <= abs(c->width))
		return text;
	v = c->get(row);
	return v.kind == VALUE_INT && v.num > 0 ? format_count(buf, v.num) : text;
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
				 cell_text(&cols[i], row, cell, sizeof(cell)));
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

/* U+0080 to U+009F, which a terminal may obey; in JSON they are escaped. */
static bool is_c1(const unsigned char *s)
{
	return s[0] == 0xc2 && s[1] < 0xa0;
}

void json_string(FILE *f, const char *str)
{
	const unsigned char *s = (const unsigned char *)str;

	fputc('"', f);
	while (*s) {
		int n = plain_len(s);

		if (!n && *s >= 0x80 && !is_c1(s))
			n = utf8_len(s);
		if (n) {
			fwrite(s, 1, n, f);
			s += n;
			continue;
		}
		if (is_c1(s) && utf8_len(s)) {
			fprintf(f, "\\u%04x", s[1]);
			s += 2;
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

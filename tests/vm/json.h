/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON lines as iophase and the lab write them: an object a line, its members as text. */
#ifndef TESTS_VM_JSON_H
#define TESTS_VM_JSON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MEMBERS 128

struct member {
	const char *key, *value; /* of a text without its quotes */
	int key_len, value_len;
	char kind; /* its first character: " [ { t f n, or of a number */
};

struct object {
	struct member members[MAX_MEMBERS];
	int nr;
};

/* What follows a value that begins here, or 0. */
static const char *json_skip(const char *p)
{
	int depth = 0, quoted = 0;

	for (; *p; p++) {
		if (quoted) {
			if (*p == '\\' && p[1])
				p++;
			else if (*p == '"')
				quoted = 0;
		} else if (*p == '"') {
			quoted = 1;
		} else if (*p == '[' || *p == '{') {
			depth++;
		} else if (!depth && (*p == ',' || *p == '}')) {
			return p;
		} else if (*p == ']' || *p == '}') {
			depth--;
		}
	}
	return NULL;
}

/* Returns 0, or -1 where the line is no object. It refers to the line. */
static int json_parse(const char *line, struct object *o)
{
	const char *p = line + 1, *end;

	o->nr = 0;
	if (*line != '{')
		return -1;
	while (*p != '}') {
		struct member *m = &o->members[o->nr++];

		if (o->nr == MAX_MEMBERS || *p != '"' || !(end = strchr(p + 1, '"')) ||
		    end[1] != ':')
			return -1;
		*m = (struct member){ .key = p + 1,
				      .key_len = end - p - 1,
				      .value = end + 2,
				      .kind = end[2] };
		end = json_skip(m->value);
		if (!end)
			return -1;
		m->value_len = end - m->value;
		if (m->kind == '"') {
			m->value++;
			m->value_len -= 2;
		}
		if (!m->kind || m->value_len < 0)
			return -1;
		p = *end == ',' ? end + 1 : end;
	}
	return p[1] == '\n' || !p[1] ? 0 : -1;
}

static const struct member *json_find(const struct object *o, const char *key)
{
	int len = strlen(key);

	for (int i = 0; o && i < o->nr; i++)
		if (o->members[i].key_len == len && !memcmp(o->members[i].key, key, len))
			return &o->members[i];
	return NULL;
}

/* The next object of a type in a file; what is no object is passed by. */
static int json_next(FILE *f, const char *type, char **line, size_t *size,
		     struct object *o)
{
	const struct member *m;

	while (getline(line, size, f) > 0) {
		if (**line != '{')
			continue;
		if (json_parse(*line, o)) {
			printf("check: this is no JSON: %s", *line);
			exit(2);
		}
		m = json_find(o, "type");
		if (m && m->value_len == (int)strlen(type) &&
		    !memcmp(m->value, type, m->value_len))
			return 1;
	}
	return 0;
}

#endif

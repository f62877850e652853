// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include <inttypes.h>
#include <string.h>

#include "../bpf/hist.h"
#include "utf8.h"
#include "util.h"

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

/* A string with its quotes; bytes that are not UTF-8 become U+FFFD. */
static void json_string(FILE *f, const char *str)
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

static void json_strings(FILE *f, const struct value *v)
{
	fputc('[', f);
	for (int i = 0; i < v->num; i++) {
		if (i)
			fputc(',', f);
		json_string(f, v->names[i]);
	}
	fputc(']', f);
}

/* [from, to, reads], from <= time < to; the last has no to. */
static void json_buckets(FILE *f, const __u64 *buckets)
{
	const char *sep = "";

	fputc('[', f);
	for (int i = 0; i < IOP_HIST_BUCKETS; i++) {
		if (!buckets[i])
			continue;
		fprintf(f, "%s[%llu,", sep, (unsigned long long)hist_floor(i));
		if (i < IOP_HIST_BUCKETS - 1)
			fprintf(f, "%llu,", (unsigned long long)hist_floor(i + 1));
		else
			fputs("null,", f);
		fprintf(f, "%llu]", (unsigned long long)buckets[i]);
		sep = ",";
	}
	fputc(']', f);
}

/* What is more than the text of a number. */
static void json_long(FILE *f, const struct value *v)
{
	switch (v->kind) {
	case VALUE_STRING:
		json_string(f, v->str);
		break;
	case VALUE_LIST:
		json_list(f, v);
		break;
	case VALUE_STRINGS:
		json_strings(f, v);
		break;
	case VALUE_BUCKETS:
		json_buckets(f, v->buckets);
		break;
	case VALUE_HUNDREDTHS:
		fprintf(f, "%g", v->num / 100.0);
		break;
	case VALUE_SHARE:
		fprintf(f, "%g", v->num / 10000.0);
		break;
	case VALUE_ADDRESS:
		fprintf(f, "\"0x%" PRIx64 "\"", v->num);
		break;
	default:
		break;
	}
}

void sheet_json(const struct sheet *s, const void *row, FILE *f)
{
	const char *sep = "{\"";
	char text[128], *p;

	if (s->schema->type) {
		fputs_unlocked("{\"v\":1,\"type\":\"", f);
		fputs_unlocked(s->schema->type, f);
		sep = "\",\"";
	}
	for (int i = 0; i < s->data.nr; i++) {
		const struct column *c = &s->data.of[i];
		struct value v = column_value(s, c, row);

		p = stpcpy(stpcpy(stpcpy(text, sep), c->key), "\":");
		sep = ",\"";
		if (v.kind == VALUE_NONE)
			stpcpy(p, "null");
		else if (v.kind <= VALUE_NS)
			put_signed(p, v.num);
		fputs_unlocked(text, f);
		if (v.kind > VALUE_NS)
			json_long(f, &v);
	}
	fputs("}\n", f);
}

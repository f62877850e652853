// SPDX-License-Identifier: GPL-2.0-only
#include "columns.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "names.h"
#include "util.h"

static struct value list_of_phases(__u32 phases)
{
	return (struct value){ .kind = VALUE_LIST, .num = phases, .names = phase_names };
}

struct value get_at_most(const struct column *c, const void *row,
			 const struct phase_limits *limits)
{
	(void)c;
	(void)row;
	return list_of_phases(limits->at_most);
}

struct value get_at_least(const struct column *c, const void *row,
			  const struct phase_limits *limits)
{
	(void)c;
	(void)row;
	return list_of_phases(limits->at_least);
}

struct value value_proto(const struct iop_endpoints *ends)
{
	if (!ends->family)
		return value_none();
	return value_str(proto_name(ends));
}

struct value value_end(char buf[64], const struct iop_endpoints *ends, bool peer)
{
	bool internet = ends->family == AF_INET || ends->family == AF_INET6;

	if (!ends->family || (peer && internet && !has_peer(ends)))
		return value_none();
	return value_str(format_end(buf, ends, peer));
}

/* --- values --------------------------------------------------------------------- */

uint64_t column_number(const struct column *c, const void *row)
{
	const char *at = (const char *)row + c->offset;

	switch (c->size) {
	case sizeof(__u64):
		return *(const __u64 *)at;
	case sizeof(__u32):
		return *(const __u32 *)at;
	case sizeof(__u16):
		return *(const __u16 *)at;
	default:
		return *(const __u8 *)at;
	}
}

static bool is_known(const struct sheet *s, const struct column *c, const void *row)
{
	const char *model = (const char *)row + s->schema->model;

	if (c->known && !c->known(row))
		return false;
	return !(c->needs && s->limits->lost[*(const __u32 *)model] & c->needs);
}

static struct value number_value(const struct column *c, const void *row)
{
	struct value v = { .num = column_number(c, row) };

	switch (c->kind) {
	case COLUMN_ID:
		v.kind = v.num ? VALUE_INT : VALUE_NONE;
		break;
	case COLUMN_FD:
		v.kind = v.num != IOP_ANY ? VALUE_INT : VALUE_NONE;
		break;
	case COLUMN_COUNT:
		v.kind = VALUE_COUNT;
		break;
	case COLUMN_NS:
		v.kind = VALUE_NS;
		break;
	case COLUMN_ADDRESS:
		v.kind = VALUE_ADDRESS;
		break;
	case COLUMN_LIST:
		v.kind = VALUE_LIST;
		v.names = c->names;
		break;
	case COLUMN_NAME:
		return value_str(c->names[v.num]);
	default:
		v.kind = VALUE_INT;
	}
	return v;
}

struct value column_value(const struct sheet *s, const struct column *c, const void *row)
{
	const char *at = (const char *)row + c->offset, *str;

	if (!is_known(s, c, row))
		return value_none();
	switch (c->kind) {
	case COLUMN_COMPUTED:
		return c->get(c, row, s->limits);
	case COLUMN_TEXT:
		return value_str(at);
	case COLUMN_STRING:
		str = *(const char *const *)at;
		return str ? value_str(str) : value_none();
	case COLUMN_LABEL:
		return value_str(c->names[0]);
	default:
		return number_value(c, row);
	}
}

/* --- sheets --------------------------------------------------------------------- */

void column_list_add(struct column_list *l, const struct column *c)
{
	l->of = xrealloc(l->of, l->nr + 1, sizeof(*l->of));
	l->of[l->nr++] = *c;
}

void column_list_free(struct column_list *l)
{
	free(l->of);
	*l = (struct column_list){};
}

void sheet_make(struct sheet *s, const struct schema *schema, __u32 when,
		const struct phase_limits *limits)
{
	static const struct phase_limits none;

	*s = (struct sheet){ .schema = schema, .limits = limits ? limits : &none };
	when &= ~WHEN_BOUNDS;
	if (bounds_only(s->limits))
		when |= WHEN_BOUNDS;
	for (int i = 0; i < schema->nr; i++) {
		const struct column *c = &schema->columns[i];

		if (c->when && !(c->when & when))
			continue;
		if (c->key)
			column_list_add(&s->data, c);
		if (c->title)
			column_list_add(&s->text, c);
	}
}

void sheet_free(struct sheet *s)
{
	column_list_free(&s->data);
	column_list_free(&s->text);
	column_list_free(&s->below);
}

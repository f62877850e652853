// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include <stdarg.h>
#include <stdlib.h>

#include "util.h"

struct out out_open_on(const struct out_format *format, FILE *f)
{
	return (struct out){
		.format = format,
		.f = f,
		.state = format->state_bytes ? xcalloc(1, format->state_bytes) : NULL,
	};
}

struct out out_open(const struct out_format *format)
{
	return out_open_on(format, stdout);
}

void out_begin(const struct out *o, const struct run_start *s)
{
	if (o->format->begin)
		o->format->begin(o, s);
}

void out_head(const struct out *o, const struct sheet *s)
{
	if (o->format->head)
		o->format->head(o, s);
}

void out_record(const struct out *o, const struct sheet *s, const void *row)
{
	if (o->format->record)
		o->format->record(o, s, row);
}

void out_hist(const struct out *o, const struct run_hist *h)
{
	if (o->format->hist)
		o->format->hist(o, h);
}

void out_counters(const struct out *o, const struct totals *t)
{
	if (o->format->counters)
		o->format->counters(o, t);
}

void out_end(const struct out *o)
{
	if (o->format->end)
		o->format->end(o);
	free(o->state);
}

void out_words(const struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (!o->format->for_people)
		return;
	va_start(ap, fmt);
	vfprintf(o->f, fmt, ap);
	va_end(ap);
	fputc('\n', o->f);
}

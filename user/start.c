// SPDX-License-Identifier: GPL-2.0-only
#include "start.h"

#include <stdio.h>
#include <sys/utsname.h>

#include "columns.h"
#include "output.h"
#include "util.h"

static void tell_text(FILE *f, const struct options *o, const char *backend,
		      const char *kernel)
{
	fprintf(f, "iophase: tracing by %s on %s", backend, kernel);
	for (int i = 0; i < o->nr_filters; i++) {
		fputs(i ? " " : ": ", f);
		put_text(f, o->filters[i]);
	}
	fputc('\n', f);
}

static void tell_json(FILE *f, const struct options *o, const char *backend,
		      const char *kernel, uint64_t now)
{
	fprintf(f, "{\"v\":1,\"type\":\"start\",\"ts_ns\":%llu,\"backend\":\"%s\","
		"\"kernel\":", (unsigned long long)now, backend);
	json_string(f, kernel);
	fputs(",\"filters\":[", f);
	for (int i = 0; i < o->nr_filters; i++) {
		if (i)
			fputc(',', f);
		json_string(f, o->filters[i]);
	}
	fprintf(f, "],\"sample\":%u,\"program\":", o->sample);
	if (o->program)
		json_string(f, o->program[0]);
	else
		fputs("null", f);
	fputs("}\n", f);
}

void start_tell(const struct options *o, const char *backend, uint64_t now)
{
	struct utsname u;

	uname(&u);
	if (o->json)
		tell_json(stdout, o, backend, u.release, now);
	else
		tell_text(output_notes(), o, backend, u.release);
	flush_output();
}

// SPDX-License-Identifier: GPL-2.0-only
/* iophase record: what reaches the engine, into a file. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "recording.h"
#include "tracing.h"
#include "util.h"

#define LOOK_EVERY_MS 20

static void on_record(void *ctx, const void *record, size_t size)
{
	(void)size;
	if (*(const __u32 *)record == IOP_REC_INPUT)
		recorder_add(ctx, record);
}

static void record(struct session *s, const struct options *o, struct recorder *r,
		   struct totals *t)
{
	recorder_begin(r, session_limits(s), session_backend(s));
	while (session_wait(s, LOOK_EVERY_MS))
		session_drain(s);
	session_detach(s);
	session_drain(s);
	*t = tracing_totals(s, o);
	recorder_end(r, t->kernel.inputs_lost);
}

/*
 * FILE is emptied once the session is there: one that does not start leaves
 * the recording of the last one alone. A pipe cannot be emptied.
 */
static int run(const struct options *o)
{
	struct out out = out_open(o->format);
	struct recorder r = { .f = fopen(o->file, "ae") };
	struct totals t = {};
	struct session *s;
	bool ok;

	if (!r.f)
		return fail("cannot write %s: %s", o->file, strerror(errno));
	s = tracing_begin(o, SESSION_RECORD, on_record, &r, &out);
	if (!s) {
		fclose(r.f);
		return EXIT_FAILED;
	}
	ok = !ftruncate(fileno(r.f), 0) || errno == EINVAL;
	if (ok)
		record(s, o, &r, &t);
	session_close(s);
	ok = ok && !ferror(r.f);
	if (fclose(r.f) || !ok)
		return fail("cannot write %s: %s", o->file, strerror(errno));
	out_counters(&out, &t);
	out_end(&out);
	return EXIT_DONE;
}

static const struct option_row *const options[] = {
	OPTIONS_TASKS,	&option_duration, &option_wake_detail,
	&option_buffer, OPTIONS_BACKEND,  NULL,
};

const struct command cmd_record = {
	.name = "record",
	.help = "what the hooks see, into a file",
	.takes = TAKES_FILE | TAKES_PROGRAM,
	.options = options,
	.run = run,
};

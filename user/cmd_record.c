// SPDX-License-Identifier: GPL-2.0-only
/* iophase record: what reaches the engine, into a file; replay: the way back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "reads.h"
#include "recording.h"
#include "replay.h"
#include "session.h"
#include "util.h"

#define LOOK_EVERY_MS 20

static void on_record(void *ctx, const void *record, size_t size)
{
	(void)size;
	if (*(const __u32 *)record == IOP_REC_INPUT)
		recorder_add(ctx, record);
}

static void run(struct session *s, struct recorder *r, struct totals *t)
{
	recorder_begin(r);
	while (session_wait(s, LOOK_EVERY_MS))
		session_drain(s);
	session_detach(s);
	session_drain(s);
	session_counters(s, &t->kernel);
	t->missed = session_missed(s);
	recorder_end(r, t->kernel.inputs_lost);
}

/*
 * FILE is emptied once the session is there: one that does not start leaves
 * the recording of the last one alone. A pipe cannot be emptied.
 */
int cmd_record(const struct options *o)
{
	struct recorder r = { .f = fopen(o->file, "ae") };
	struct totals t = {};
	struct session *s;
	bool ok;

	if (!r.f)
		return fail("cannot write %s: %s", o->file, strerror(errno));
	s = session_open(o, SESSION_RECORD, on_record, &r, false);
	if (!s) {
		fclose(r.f);
		return EXIT_FAILED;
	}
	ok = !ftruncate(fileno(r.f), 0) || errno == EINVAL;
	if (ok)
		run(s, &r, &t);
	session_close(s);
	ok = ok && !ferror(r.f);
	if (fclose(r.f) || !ok)
		return fail("cannot write %s: %s", o->file, strerror(errno));
	totals_text(&t);
	return EXIT_DONE;
}

struct replayed {
	bool json;
	struct column columns[MAX_READ_COLUMNS];
	int nr_columns;
};

static void on_read(void *ctx, const struct iop_read_record *read)
{
	const struct replayed *to = ctx;
	char line[512];

	if (to->json) {
		columns_json(to->columns, to->nr_columns, read, stdout);
		return;
	}
	columns_line(to->columns, to->nr_columns, read, line, sizeof(line));
	puts(line);
}

int cmd_replay(const struct options *o)
{
	struct replayed to = { .json = o->json };
	struct totals t = {};
	struct recording rec;
	struct replay *r;
	char line[256];
	int err = recording_load(o->file, &rec);

	if (err)
		return err;
	to.nr_columns = read_columns(to.columns, false, 1);
	if (!o->json) {
		columns_header(to.columns, to.nr_columns, line, sizeof(line));
		puts(line);
	}
	r = replay_new(on_read, &to);
	for (size_t i = 0; i < rec.nr; i++)
		replay_input(r, &rec.inputs[i]);
	t.kernel = *replay_counters(r);
	t.kernel.inputs_lost = rec.lost;
	if (o->json)
		totals_json(&t, stdout);
	else
		totals_text(&t);
	replay_free(r);
	recording_free(&rec);
	return EXIT_DONE;
}

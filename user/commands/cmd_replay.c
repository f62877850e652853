// SPDX-License-Identifier: GPL-2.0-only
/* iophase replay: the reads of a recording, with their phases. */
#include "command.h"
#include "out.h"
#include "read_columns.h"
#include "recording.h"
#include "replay.h"
#include "util.h"

struct replayed {
	struct out out;
	struct sheet sheet;
};

static void on_read(void *ctx, const struct iop_read_record *read)
{
	const struct replayed *to = ctx;

	out_record(&to->out, &to->sheet, read);
}

static int run(const struct options *o)
{
	struct replayed to = { .out = out_open(o->format) };
	struct totals t = {};
	struct recording rec;
	struct replay *r;
	int err = recording_load(o->file, &rec);

	if (err)
		return err;
	sheet_make(&to.sheet, &read_schema, 0, NULL);
	out_head(&to.out, &to.sheet);
	r = replay_new(on_read, &to);
	for (size_t i = 0; i < rec.nr; i++)
		replay_input(r, &rec.inputs[i]);
	t.kernel = *replay_counters(r);
	t.kernel.inputs_lost = rec.lost;
	out_counters(&to.out, &t);
	out_end(&to.out);
	replay_free(r);
	recording_free(&rec);
	sheet_free(&to.sheet);
	return EXIT_DONE;
}

static const struct option_row *const options[] = {
	OPTIONS_PRINT, NULL,
};

static const struct schema *const schemas[] = {
	&read_schema, &totals_schema, NULL,
};

const struct command cmd_replay = {
	.name = "replay",
	.help = "the reads of a recording, with their phases",
	.takes = TAKES_FILE,
	.options = options,
	.schemas = schemas,
	.run = run,
};

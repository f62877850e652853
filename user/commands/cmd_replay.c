// SPDX-License-Identifier: GPL-2.0-only
/* iophase replay: the reads of a recording, with their phases. */
#include "command.h"
#include "interrupt.h"
#include "read_columns.h"
#include "read_output.h"
#include "recording.h"
#include "replay.h"
#include "util.h"

/* Between two looks at whether what there is could be written. */
#define INPUTS_AT_ONCE 4096

struct progress {
	struct read_output *to;
	struct totals totals;
};

static void on_read(void *ctx, const struct iop_read_record *read)
{
	read_output_put(((struct progress *)ctx)->to, read);
}

static bool on_input(void *ctx, size_t nr, const struct iop_input *in)
{
	struct progress *p = ctx;

	p->totals.ts_ns = in->ts_ns;
	if (nr % INPUTS_AT_ONCE == 0 && !read_output_flush(p->to))
		return false;
	return !is_interrupted();
}

/* Parts of wake are known where the scheduler was watched. */
static bool has_wake_detail(const struct recording *rec)
{
	for (size_t i = 0; i < rec->nr; i++)
		if (rec->inputs[i].kind == IOP_IN_ON_CPU)
			return true;
	return false;
}

static int replay(struct recording *rec, struct read_output *to)
{
	struct progress p = {
		.to = to,
		.totals = { .ts_ns = rec->nr ? rec->inputs[0].ts_ns : 0 },
	};

	read_output_begin(to, has_wake_detail(rec) ? READS_WAKE_DETAIL : 0, &rec->limits);
	read_output_sample(to, &p.totals);
	replay_run(rec, on_read, on_input, &p, &p.totals.kernel);
	return read_output_close(to, &p.totals);
}

static int run(const struct options *o)
{
	struct read_output to;
	struct recording rec;
	int err = read_output_open(&to, o, NULL);

	if (err)
		return err;
	err = recording_load(o->file, &rec);
	if (err) {
		read_output_close(&to, NULL);
		return err;
	}
	if (to.writes)
		catch_interrupts(); /* so that the file is whole */
	err = replay(&rec, &to);
	recording_free(&rec);
	return err;
}

static const struct option_row *const options[] = {
	OPTIONS_PRINT,
	&option_perfetto,
	NULL,
};

static const struct schema *const schemas[] = {
	&read_schema,
	&totals_schema,
	NULL,
};

const struct command cmd_replay = {
	.name = "replay",
	.help = "the reads of a recording, with their phases",
	.takes = TAKES_FILE,
	.options = options,
	.schemas = schemas,
	.run = run,
};

// SPDX-License-Identifier: GPL-2.0-only
#include "read_output.h"

#include "read_columns.h"
#include "util.h"

int read_output_open(struct read_output *to, const struct options *o,
		     process_name_fn process_name)
{
	int err;

	*to = (struct read_output){
		.out = out_open(o->format),
		.prints = !o->perfetto || !o->format->for_people,
		.writes = o->perfetto,
	};
	if (!to->writes)
		return EXIT_DONE;
	err = out_file_open(&to->file, &out_perfetto, o->perfetto);
	to->file.out.process_name = process_name;
	return err;
}

void read_output_begin(struct read_output *to, __u32 when,
		       const struct phase_limits *limits)
{
	sheet_make(&to->sheet, &read_schema, when, limits);
	if (to->prints)
		out_head(&to->out, &to->sheet);
	if (!to->writes)
		return;
	out_file_begin(&to->file);
	out_head(&to->file.out, &to->sheet);
}

void read_output_put(const struct read_output *to, const struct iop_read_record *read)
{
	if (to->prints)
		out_record(&to->out, &to->sheet, read);
	if (to->writes)
		out_record(&to->file.out, &to->sheet, read);
}

void read_output_sample(const struct read_output *to, const struct totals *t)
{
	if (to->writes)
		out_counters(&to->file.out, t);
}

bool read_output_flush(struct read_output *to)
{
	bool ok = flush_output();

	return (!to->writes || out_file_flush(&to->file)) && ok;
}

int read_output_close(struct read_output *to, const struct totals *t)
{
	int err = EXIT_DONE;

	if (t)
		read_output_sample(to, t);
	if (to->writes)
		err = out_file_close(&to->file);
	if (t && !err)
		out_counters(&to->out, t);
	out_end(&to->out);
	sheet_free(&to->sheet);
	return err;
}

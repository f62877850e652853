// SPDX-License-Identifier: GPL-2.0-only
/* iophase split: the address space as a picture, from the module. */
#include "addrsplit.h"
#include "command.h"
#include "out.h"
#include "split_draw.h"
#include "util.h"

/* --- data -------------------------------------------------------------------------------- */

#define ROW(type, member) MEMBER(struct type, member)

struct layout_row {
	struct address_space as;
	unsigned int pid;
};

static const struct column layout_columns[] = {
	{ "arch", NULL, 0, COLUMN_TEXT, ROW(layout_row, as.arch), "architecture" },
	{ "bits", NULL, 0, COLUMN_INT, ROW(layout_row, as.bits), "32 or 64" },
	{ "page_table_levels", NULL, 0, COLUMN_INT, ROW(layout_row, as.levels), "2 to 5" },
	{ "pti", NULL, 0, COLUMN_TEXT, ROW(layout_row, as.pti),
	  "page table isolation: on, off or unknown" },
	{ "kaslr", NULL, 0, COLUMN_TEXT, ROW(layout_row, as.kaslr),
	  "is the kernel's place random: on, off or unknown" },
	{ "split", NULL, 0, COLUMN_ADDRESS, ROW(layout_row, as.split),
	  "the kernel's first address" },
	{ "user_last", NULL, 0, COLUMN_ADDRESS, ROW(layout_row, as.user_last),
	  "a process's last address" },
	{ "pid", NULL, 0, COLUMN_INT, ROW(layout_row, pid),
	  "whose user half; 0: nobody's" },
};

static const struct schema layout_schema = {
	.type = "layout",
	.about = "iophase split: the address space",
	.columns = layout_columns,
	.nr = ARRAY_SIZE(layout_columns),
};

struct area_row {
	const char *half;
	struct area area;
};

static bool is_shown(const void *row)
{
	return !((const struct area_row *)row)->area.hidden;
}

static bool is_sized(const void *row)
{
	return ((const struct area_row *)row)->area.sized;
}

static const struct column area_columns[] = {
	{ "half", NULL, 0, COLUMN_STRING, ROW(area_row, half), "user or kernel" },
	{ "name", NULL, 0, COLUMN_TEXT, ROW(area_row, area.name), "what is there" },
	{ "first", NULL, 0, COLUMN_ADDRESS, ROW(area_row, area.first),
	  "its first address; null: not told to who may not know", .known = is_shown },
	{ "last", NULL, 0, COLUMN_ADDRESS, ROW(area_row, area.last), "its last",
	  .known = is_shown },
	{ "bytes", NULL, 0, COLUMN_INT, ROW(area_row, area.bytes),
	  "how much of it is mapped; null: not known", .known = is_sized },
};

static const struct schema area_schema = {
	.type = "area",
	.about = "iophase split: a part of the address space, lowest first",
	.columns = area_columns,
	.nr = ARRAY_SIZE(area_columns),
};

static void put_records(const struct out *out, const struct address_space *as,
			unsigned int pid)
{
	struct layout_row layout = { .as = *as, .pid = pid };
	struct area_row row;
	int user = address_space_nr_user(as);
	struct sheet s;

	sheet_make(&s, &layout_schema, 0, NULL);
	out_record(out, &s, &layout);
	sheet_free(&s);
	sheet_make(&s, &area_schema, 0, NULL);
	for (int i = 0; i < as->nr; i++) {
		row.half = i < user ? "user" : "kernel";
		row.area = as->areas[i];
		out_record(out, &s, &row);
	}
	sheet_free(&s);
}

static int run(const struct options *o)
{
	unsigned int pid = o->pids.nr ? o->pids.ids[0] : 0;
	struct out out = out_open(o->format);
	struct address_space as;
	int err;

	if (o->pids.nr > 1)
		return usage_error("split shows one process");
	err = address_space_load(&as);
	if (!err && pid)
		err = address_space_add_process(&as, pid);
	if (err)
		return err;
	if (!out.format->for_people) {
		put_records(&out, &as, pid);
		return EXIT_DONE;
	}
	split_draw_head(&as, pid);
	if (as.bits == 32)
		split_draw_linear(&as);
	else
		split_draw_compressed(&as);
	return EXIT_DONE;
}

static const struct option_row *const options[] = {
	&option_pid,
	OPTIONS_PRINT,
	NULL,
};

static const struct schema *const schemas[] = {
	&layout_schema,
	&area_schema,
	NULL,
};

const struct command cmd_split = {
	.name = "split",
	.help = "the user/kernel address split as a picture, from the module",
	.options = options,
	.schemas = schemas,
	.run = run,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/* A command: one file cmd_NAME.c has one of these, and main.c a row. */
#ifndef IOPHASE_COMMAND_H
#define IOPHASE_COMMAND_H

#include "columns.h"
#include "option_rows.h"

/* What may follow the options. */
enum {
	TAKES_FILE = 1 << 0,	/* and needs it */
	TAKES_PROGRAM = 1 << 1, /* to trace */
};

struct key_help;

struct command {
	const char *name;
	const char *help;
	int takes;
	const char *word; /* one that may follow the options, as --help has it */
	const struct key_help *(*keys)(int i); /* of its live screen; NULL: it has none */
	const struct option_row *const *options; /* ends with NULL */
	const struct schema *const *schemas;	 /* of what it prints; likewise */
	int (*run)(const struct options *o);	 /* returns an exit status */
};

#endif

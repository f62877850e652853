// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and what they have in common: --help, --version. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "keys.h"
#include "output.h"
#include "reference.h"
#include "util.h"

/* In the order of --help; the first is the default. A row has its file cmd_*.c. */
#define COMMANDS(row)                                                                \
	row(trace) row(top) row(hist) row(loops) row(zerocopy) row(figure) row(heat) \
		row(record) row(replay) row(split) row(doctor)

#define DECLARE(name) extern const struct command cmd_##name;
COMMANDS(DECLARE)

#define ADDRESS(name) &cmd_##name,
static const struct command *const commands[] = { COMMANDS(ADDRESS) };

static const char units[] =
	"\nIn text times end with their unit: n, u, m, s are nano-, micro-, milli-"
	"seconds\nand seconds; counts and bytes with k, M, G, T, P, a thousand each. "
	"JSON has\nnanoseconds and bytes.";

static const char whom[] =
	"\nWhat -p, -t and PROGRAM name is joined; -c beside them, and all else, narrows "
	"it\ndown. -c is a name, or a pattern: * stands for any characters, ? for one.\n"
	"A process has the name of its first thread.";

static int version(void)
{
	puts("iophase " IOPHASE_VERSION);
	return EXIT_DONE;
}

static void help_all(FILE *f)
{
	fputs("iophase: when a process reads from the network, where does the "
	      "time go?\n\n"
	      "Usage: iophase [COMMAND] [OPTIONS] [-- PROGRAM ARGS...]\n\n"
	      "Commands (default: trace):\n",
	      f);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-8s %s\n", commands[i]->name, commands[i]->help);
	fputs("\n'iophase COMMAND --help' shows a command's options.\n"
	      "Exit status: 0 done, 1 failed, 2 wrong usage.\n",
	      f);
}

/* What may follow a command's options, indexed by TAKES_*. */
static const char *operands(const struct command *c)
{
	static const char *const words[] = {
		"",
		" FILE",
		" [-- PROGRAM ARGS...]",
		" FILE [-- PROGRAM ARGS...]",
	};

	return words[c->takes];
}

static int help_command(const struct command *c)
{
	printf("iophase %s: %s\n\nUsage: iophase %s [OPTIONS]%s%s%s%s\n\n", c->name,
	       c->help, c->name, c->word ? " [" : "", c->word ? c->word : "",
	       c->word ? "]" : "", operands(c));
	options_help(stdout, c);
	if (c->keys)
		key_help_text(stdout, c->keys);
	if (c->takes & TAKES_PROGRAM)
		puts(whom);
	puts(units);
	return EXIT_DONE;
}

static int man_all(void)
{
	printf(".TH IOPHASE 8 \"\" \"iophase %s\" \"System administration\"\n"
	       ".SH NAME\niophase \\- where the time goes when a process reads "
	       "from the network\n.SH SYNOPSIS\n.B iophase\n"
	       "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR] [\\-\\- \\fIPROGRAM\\fR "
	       "\\fIARGS\\fR...]\n.SH COMMANDS\n",
	       IOPHASE_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = commands[i];

		printf(".SS %s\n%s%s%s%s\n", c->name, c->help, c->word ? ": \\fI" : "",
		       c->word ? c->word : "", c->word ? "\\fR" : "");
		options_man(stdout, c);
		if (c->keys)
			key_help_man(stdout, c->keys);
	}
	printf(".SH WHOM TO TRACE%s\n.SH UNITS%s\n", whom, units);
	reference_man(commands, ARRAY_SIZE(commands));
	puts(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage.");
	return EXIT_DONE;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/* The words after the command's name, argv[0]. */
static int run(const struct command *c, int argc, char **argv)
{
	enum options_asked asked = ASKED_NOTHING;
	struct options o = {};
	int err = options_parse(&o, c, argc, argv, &asked);

	if (err)
		return err;
	switch (asked) {
	case ASKED_HELP:
		return help_command(c);
	case ASKED_VERSION:
		return version();
	case ASKED_NOTHING:
		break;
	}
	if (o.output)
		err = output_to(o.output);
	if (!err)
		err = c->run(&o);
	options_free(&o);
	return err;
}

static int dispatch(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help_all(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_USAGE : EXIT_DONE;
	}
	if (!strcmp(argv[1], "--man"))
		return man_all();
	if (!strcmp(argv[1], "--json-reference")) {
		reference_json(commands, ARRAY_SIZE(commands));
		return EXIT_DONE;
	}
	if (argv[1][0] == '-')
		return run(commands[0], argc, argv);
	c = find(argv[1]);
	if (!c)
		return usage_error("no command '%s'", argv[1]);
	return run(c, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status;

	output_begin();
	status = output_status(dispatch(argc, argv));
	output_end();
	return status;
}

// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and what they have in common: --help, --version. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "util.h"

static const struct command {
	const char *name;
	int bit;
	const char *operands;
	int (*run)(const struct options *o);
	const char *help;
} commands[] = {
	{ "trace", FOR_TRACE, "[-- PROGRAM ARGS...]", cmd_trace,
	  "one line a read, with its phases" },
	{ "top", FOR_TOP, "[-- PROGRAM ARGS...]", cmd_top,
	  "who reads, how, and where the time goes, live" },
	{ "record", FOR_RECORD, "FILE [-- PROGRAM ARGS...]", cmd_record,
	  "what the hooks see, into a file" },
	{ "replay", FOR_REPLAY, "FILE", cmd_replay,
	  "the reads of a recording, with their phases" },
	{ "split", FOR_SPLIT, NULL, cmd_split,
	  "the user/kernel address split as a picture, from the module" },
	{ "doctor", FOR_DOCTOR, NULL, cmd_doctor,
	  "what this kernel offers and what is missing" },
};

static void version(void)
{
	puts("iophase " IOPHASE_VERSION);
}

static void help_all(FILE *f)
{
	fputs("iophase: when a process reads from the network, where does the "
	      "time go?\n\n"
	      "Usage: iophase [COMMAND] [OPTIONS] [-- PROGRAM ARGS...]\n\n"
	      "Commands (default: trace):\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n'iophase COMMAND --help' shows a command's options.\n"
	      "Exit status: 0 done, 1 failed, 2 wrong usage.\n", f);
}

static void help_command(FILE *f, const struct command *c)
{
	fprintf(f, "iophase %s: %s\n\nUsage: iophase %s [OPTIONS]%s%s\n\n",
		c->name, c->help, c->name, c->operands ? " " : "",
		c->operands ? c->operands : "");
	options_help(f, c->bit);
}

static void man_all(void)
{
	printf(".TH IOPHASE 8 \"\" \"iophase %s\" \"System administration\"\n"
	       ".SH NAME\niophase \\- where the time goes when a process reads "
	       "from the network\n.SH SYNOPSIS\n.B iophase\n"
	       "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR] [\\-\\- \\fIPROGRAM\\fR "
	       "\\fIARGS\\fR...]\n.SH COMMANDS\n", IOPHASE_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		printf(".SS %s\n%s\n", commands[i].name, commands[i].help);
		options_man(stdout, commands[i].bit);
	}
	puts(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage.");
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *c = &commands[0];
	struct options o = {};
	bool done = false;
	int err;

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help_all(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_USAGE : EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		version();
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--man")) {
		man_all();
		return EXIT_DONE;
	}
	if (argv[1][0] != '-') {
		c = find(argv[1]);
		if (!c)
			return usage_error("no command '%s'", argv[1]);
		argc--;
		argv++;
	}
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--version")) {
			version();
			return EXIT_DONE;
		}
	err = options_parse(&o, c->name, c->bit, c->operands, argc, argv, &done);
	if (err)
		return err;
	if (done) {
		help_command(stdout, c);
		return EXIT_DONE;
	}
	return c->run(&o);
}

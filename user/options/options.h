/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the command line says. An option is a row, which serves parsing, --help
 * and the man page; each command lists the rows that it takes (command.h).
 */
#ifndef IOPHASE_OPTIONS_H
#define IOPHASE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "abi.h"

struct command;
struct out_format;

#define MAX_IDS 64

struct id_list {
	uint32_t ids[MAX_IDS];
	int nr;
};

#define MAX_COMMS 16

struct options {
	/* whose reads */
	struct id_list pids;
	struct id_list tids;
	bool follow; /* their children, too */
	const char *comms[MAX_COMMS];
	int nr_comms;
	const char *cgroup;
	char **program; /* NULL-terminated, or NULL */
	/* which reads */
	uint32_t port;
	uint32_t model;
	uint32_t family;
	uint32_t protocol;
	bool by_min;
	uint64_t min_ns[IOP_NR_PHASES];
	uint32_t sample; /* one in so many */
	char **filters;	 /* all of the above as "--pid=12", but for the program */
	int nr_filters;
	/* how long, how often */
	uint64_t duration_ns; /* 0: until stopped */
	uint64_t interval_ns; /* 0: the command's default */
	uint64_t iterations;  /* 0: no limit */
	/* how it looks */
	bool by; /* the group was asked for */
	enum iop_group group;
	const char *sort;
	const struct out_format *format;
	bool channels;	  /* loops: a line for each */
	uint64_t slow_ns; /* loops: turns that take as long are shown; 0: none */
	bool cost;	  /* what iophase itself spends */
	bool wake_detail;
	bool polls;
	const char *backend;
	const char *btf;
	const char *file;
	const char *word;     /* what else stands after the options; NULL: nothing */
	const char *output;   /* instead of standard output */
	const char *perfetto; /* where reads go instead, too */
	const char *from;     /* a recording, instead of this kernel */
	const char *svg;
	bool ascii;
	/* how much of the kernel's memory */
	uint32_t ring_bytes;
	uint32_t max_rows;
};

/* What an option asked for instead of a run. */
enum options_asked {
	ASKED_NOTHING,
	ASKED_HELP,
	ASKED_VERSION,
};

struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* NULL: takes none */
	int (*set)(struct options *o, const char *arg);
	size_t at; /* of the member that it fills if there is no set: a bool, or arg */
	const char *needs; /* what an empty argument is not; NULL: it may be empty */
	const char *help;
	bool is_filter; /* what it says is told when tracing begins */
};

/*
 * Parses the words after the command's name, argv[0]. Returns EXIT_DONE, or
 * EXIT_USAGE after saying what is wrong.
 */
int options_parse(struct options *o, const struct command *c, int argc, char **argv,
		  enum options_asked *asked);

/* Gives back what parsing has taken. */
void options_free(struct options *o);

/* The options of a command, two columns, for --help. */
void options_help(FILE *f, const struct command *c);

/* The same as man page source. */
void options_man(FILE *f, const struct command *c);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One table of options serves parsing, --help and the man page; which command
 * takes which option is a bit mask in it.
 */
#ifndef IOPHASE_OPTIONS_H
#define IOPHASE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "abi.h"

/* Commands, as bits of an option's row. */
enum {
	FOR_TRACE = 1 << 0,
	FOR_TOP = 1 << 1,
	FOR_DOCTOR = 1 << 2,
	FOR_RECORD = 1 << 3,
	FOR_REPLAY = 1 << 4,
	FOR_SPLIT = 1 << 5,
	FOR_HIST = 1 << 6,
	FOR_HISTS = FOR_TOP | FOR_HIST, /* of the kernel's histograms */
	FOR_READS = FOR_TRACE | FOR_HISTS, /* of finished reads */
	FOR_TRACING = FOR_READS | FOR_RECORD,
	FOR_PRINTING = FOR_READS | FOR_DOCTOR | FOR_REPLAY | FOR_SPLIT,
	/* not a command: what it says is told when tracing begins */
	IS_FILTER = 1 << 30,
};

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
	char **filters; /* all of the above as "--pid=12", but for the program */
	int nr_filters;
	/* how long, how often */
	uint64_t duration_ns; /* 0: until stopped */
	uint64_t interval_ns; /* 0: the command's default */
	uint64_t iterations; /* 0: no limit */
	/* how it looks */
	enum iop_group group;
	const char *sort;
	bool json;
	bool cost; /* what iophase itself spends */
	bool wake_detail;
	bool polls;
	const char *backend;
	const char *btf;
	const char *file;
	const char *output; /* instead of standard output */
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

/*
 * Parses the words after the command. Returns EXIT_DONE, or EXIT_USAGE after
 * saying what is wrong.
 */
int options_parse(struct options *o, const char *command, int for_command,
		  const char *operands, int argc, char **argv,
		  enum options_asked *asked);

/* Gives back what parsing has taken. */
void options_free(struct options *o);

/* The options of a command, two columns, for --help. */
void options_help(FILE *f, int for_command);

/* The same as man page source. */
void options_man(FILE *f, int for_command);

#endif

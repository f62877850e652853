// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "comm.h"
#include "names.h"
#include "util.h"

#define NS_PER_S 1000000000ull

struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* NULL: takes none */
	int for_commands;
	int (*set)(struct options *o, const char *arg);
	const char *help;
};

static int add_id(struct id_list *list, const char *what, const char *arg)
{
	uint64_t id;

	if (!parse_number(arg, 1, INT32_MAX, &id))
		return usage_error("%s is a positive number, not '%s'", what,
				   arg);
	if (list->nr == MAX_IDS)
		return usage_error("at most %d of %s", MAX_IDS, what);
	list->ids[list->nr++] = id;
	return EXIT_DONE;
}

static int set_pid(struct options *o, const char *arg)
{
	return add_id(&o->pids, "-p PID", arg);
}

static int set_tid(struct options *o, const char *arg)
{
	return add_id(&o->tids, "-t TID", arg);
}

static int set_follow(struct options *o, const char *arg)
{
	(void)arg;
	o->follow = true;
	return EXIT_DONE;
}

static int set_comm(struct options *o, const char *arg)
{
	struct iop_comm_pattern p;

	if (!*arg)
		return usage_error("-c COMM is a name or a pattern, not ''");
	if (o->nr_comms == MAX_COMMS)
		return usage_error("at most %d of -c COMM", MAX_COMMS);
	switch (comm_compile(&p, arg)) {
	case COMM_NEVER:
		return usage_error("no name is as long as '%s': -c COMM has %d "
				   "characters at most, beside *", arg,
				   IOP_COMM_LEN - 1);
	case COMM_CUT:
		warn("names have %d characters: -c '%s' is cut to '%.*s', as the "
		     "kernel does", IOP_COMM_LEN - 1, arg, comm_cut_length(arg),
		     arg);
		break;
	case COMM_FITS:
		break;
	}
	o->comms[o->nr_comms++] = arg;
	return EXIT_DONE;
}

static int set_cgroup(struct options *o, const char *arg)
{
	o->cgroup = arg;
	return EXIT_DONE;
}

static int set_port(struct options *o, const char *arg)
{
	uint64_t port;

	if (!parse_number(arg, 1, 65535, &port))
		return usage_error("--port is 1 to 65535, not '%s'", arg);
	o->port = port;
	return EXIT_DONE;
}

static int set_model(struct options *o, const char *arg)
{
	int model = name_index(model_names, IOP_NR_MODELS, arg);

	if (model < 0)
		return usage_error("no model '%s': one of %s", arg,
				   name_list(model_names, IOP_NR_MODELS));
	o->model = model;
	return EXIT_DONE;
}

static int set_proto(struct options *o, const char *arg)
{
	if (proto_parse(arg, &o->family, &o->protocol))
		return usage_error("no protocol '%s': one of %s", arg,
				   proto_choices);
	return EXIT_DONE;
}

static int set_min(struct options *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	char name[16];
	int phase = -1;

	if (eq && (size_t)(eq - arg) < sizeof(name)) {
		snprintf(name, sizeof(name), "%.*s", (int)(eq - arg), arg);
		phase = name_index(phase_names, IOP_NR_PHASES, name);
	}
	if (phase < 0 || !parse_duration_ns(eq + 1, &o->min_ns[phase]))
		return usage_error("--min is PHASE=TIME like dispatch=1ms, not "
				   "'%s'; phases: %s", arg,
				   name_list(phase_names, IOP_NR_PHASES));
	o->by_min = true;
	return EXIT_DONE;
}

static int set_sample(struct options *o, const char *arg)
{
	uint64_t n;

	if (!parse_number(arg, 1, 1000000, &n))
		return usage_error("--sample is 1 to 1000000, not '%s'", arg);
	o->sample = n;
	return EXIT_DONE;
}

/* Plain numbers are seconds here; units are taken too. */
static int set_seconds(uint64_t *ns, const char *what, const char *arg)
{
	const char *unit = strpbrk(arg, "nums") ? "" : "s";
	char text[32];

	if (snprintf(text, sizeof(text), "%s%s", arg, unit) >= (int)sizeof(text) ||
	    !parse_duration_ns(text, ns) || *ns < NS_PER_S / 100)
		return usage_error("%s takes seconds, or a time like 500ms, "
				   "10ms at least, not '%s'", what, arg);
	return EXIT_DONE;
}

static int set_duration(struct options *o, const char *arg)
{
	return set_seconds(&o->duration_ns, "-d", arg);
}

static int set_interval(struct options *o, const char *arg)
{
	return set_seconds(&o->interval_ns, "-i", arg);
}

static int set_iterations(struct options *o, const char *arg)
{
	if (!parse_number(arg, 1, UINT32_MAX, &o->iterations))
		return usage_error("-n is a positive number, not '%s'", arg);
	return EXIT_DONE;
}

static int set_group(struct options *o, const char *arg)
{
	static const char *const groups[] = { "process", "thread", "socket" };
	int group = name_index(groups, ARRAY_SIZE(groups), arg);

	if (group < 0)
		return usage_error("no grouping '%s': one of %s", arg,
				   name_list(groups, ARRAY_SIZE(groups)));
	o->group = group;
	return EXIT_DONE;
}

static int set_sort(struct options *o, const char *arg)
{
	o->sort = arg;
	return EXIT_DONE;
}

static int set_output(struct options *o, const char *arg)
{
	if (!*arg)
		return usage_error("-o needs the name of a file");
	o->output = arg;
	return EXIT_DONE;
}

static int set_json(struct options *o, const char *arg)
{
	(void)arg;
	o->json = true;
	return EXIT_DONE;
}

static int set_cost(struct options *o, const char *arg)
{
	(void)arg;
	o->cost = true;
	return EXIT_DONE;
}

static int set_wake_detail(struct options *o, const char *arg)
{
	(void)arg;
	o->wake_detail = true;
	return EXIT_DONE;
}

static int set_polls(struct options *o, const char *arg)
{
	(void)arg;
	o->polls = true;
	return EXIT_DONE;
}

static int set_backend(struct options *o, const char *arg)
{
	o->backend = arg;
	return EXIT_DONE;
}

static int set_btf(struct options *o, const char *arg)
{
	o->btf = arg;
	return EXIT_DONE;
}

/* The kernel wants a power of two of whole pages. */
static int set_buffer(struct options *o, const char *arg)
{
	uint64_t kib;

	if (!parse_number(arg, 4, 1 << 20, &kib) || (kib & (kib - 1)))
		return usage_error("--buffer is a power of two of KiB from 4 to "
				   "1048576, not '%s'", arg);
	o->ring_bytes = kib << 10;
	return EXIT_DONE;
}

static int set_max_rows(struct options *o, const char *arg)
{
	uint64_t rows;

	if (!parse_number(arg, 1, 1 << 20, &rows))
		return usage_error("--max-rows is 1 to 1048576, not '%s'", arg);
	o->max_rows = rows;
	return EXIT_DONE;
}

static const struct option_row rows[] = {
	{ 'p', "pid", "PID", FOR_TRACING | FOR_SPLIT | IS_FILTER, set_pid,
	  "this process, all its threads (repeatable)" },
	{ 't', "tid", "TID", FOR_TRACING | IS_FILTER, set_tid,
	  "this thread, beside those of -p (repeatable)" },
	{ 'f', "follow", NULL, FOR_TRACING | IS_FILTER, set_follow,
	  "children, too: those there are and those to come" },
	{ 'c', "comm", "COMM", FOR_TRACING | IS_FILTER, set_comm,
	  "by name: a process's or thread's, like 'nio*'" },
	{ 0, "cgroup", "PATH", FOR_TRACING | IS_FILTER, set_cgroup,
	  "only tasks in or below this cgroup (v2)" },
	{ 0, "port", "N", FOR_READS | IS_FILTER, set_port,
	  "only sockets with this local or peer port" },
	{ 0, "model", "M", FOR_READS | IS_FILTER, set_model,
	  "only reads of this model" },
	{ 0, "proto", "P", FOR_READS | IS_FILTER, set_proto,
	  "only this protocol: tcp, udp, unix, ..." },
	{ 0, "min", "PHASE=TIME", FOR_READS | IS_FILTER, set_min,
	  "only reads with at least that, e.g. dispatch=1ms" },
	{ 0, "sample", "N", FOR_READS, set_sample,
	  "measure one in N reads, by chance; rates are scaled" },
	{ 'd', "duration", "SECONDS", FOR_TRACING, set_duration,
	  "stop after this time" },
	{ 'i', "interval", "SECONDS", FOR_HISTS, set_interval,
	  "top: refresh, hist: begin anew this often" },
	{ 'n', "iterations", "N", FOR_READS, set_iterations,
	  "stop after N reads (trace) or intervals" },
	{ 0, "by", "GROUP", FOR_TOP, set_group,
	  "a row per process, thread or socket" },
	{ 0, "sort", "COLUMN", FOR_TOP, set_sort,
	  "sort by this column's heading (default RD/s)" },
	{ 'j', "json", NULL, FOR_PRINTING, set_json,
	  "one JSON object a line" },
	{ 'o', "output", "FILE", FOR_PRINTING, set_output,
	  "all that iophase prints, but for errors, to FILE" },
	{ 0, "cost", NULL, FOR_TOP, set_cost,
	  "what iophase's programs spend; to know costs, too" },
	{ 0, "wake-detail", NULL, FOR_TRACE, set_wake_detail,
	  "wake in parts: to waking, to the CPU, to told" },
	{ 0, "polls", NULL, FOR_TRACE, set_polls,
	  "a line for every EAGAIN, too" },
	{ 0, "buffer", "KIB", FOR_TRACE | FOR_RECORD, set_buffer,
	  "ring between kernel and iophase (default 4096)" },
	{ 0, "max-rows", "N", FOR_HISTS, set_max_rows,
	  "rows the kernel holds (default 2048, 6 kB each)" },
	{ 0, "backend", "NAME", FOR_TRACING | FOR_DOCTOR, set_backend,
	  "hooks instead of the best: btf, kprobe, tracepoint" },
	{ 0, "btf", "FILE", FOR_TRACING | FOR_DOCTOR, set_btf,
	  "the kernel's types from a file (tools/min-btf)" },
};

void options_help(FILE *f, int for_command)
{
	char left[40];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *r = &rows[i];

		if (!(r->for_commands & for_command))
			continue;
		snprintf(left, sizeof(left), "%s%c%s --%s%s%s",
			 r->letter ? "-" : " ", r->letter ? r->letter : ' ',
			 r->letter ? "," : " ", r->name, r->arg ? "=" : "",
			 r->arg ? r->arg : "");
		fprintf(f, "  %-26s %s\n", left, r->help);
	}
	fprintf(f, "  %-26s %s\n", "-h, --help", "show this and exit");
	fprintf(f, "  %-26s %s\n", "-V, --version", "show the version and exit");
}

void options_man(FILE *f, int for_command)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *r = &rows[i];

		if (!(r->for_commands & for_command))
			continue;
		fputs(".TP\n", f);
		if (r->letter)
			fprintf(f, "\\fB\\-%c\\fR, ", r->letter);
		fprintf(f, "\\fB\\-\\-%s\\fR", r->name);
		if (r->arg)
			fprintf(f, "=\\fI%s\\fR", r->arg);
		fprintf(f, "\n%s\n", r->help);
	}
}

/* What getopt returns for the row i's long name is LONG_ROW + i. */
enum {
	LONG_HELP = 256,
	LONG_VERSION,
	LONG_ROW,
};

/* getopt's tables, from ours. */
static void build_getopt(int for_command, char *letters, struct option *longs)
{
	*letters++ = ':';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *r = &rows[i];

		if (!(r->for_commands & for_command))
			continue;
		if (r->letter) {
			*letters++ = r->letter;
			if (r->arg)
				*letters++ = ':';
		}
		*longs++ = (struct option){
			.name = r->name,
			.has_arg = r->arg ? required_argument : no_argument,
			.val = LONG_ROW + i,
		};
	}
	strcpy(letters, "hV");
	*longs++ = (struct option){ .name = "help", .val = LONG_HELP };
	*longs++ = (struct option){ .name = "version", .val = LONG_VERSION };
	*longs = (struct option){};
}

static const struct option_row *row_of(int val)
{
	size_t i = 0;

	if (val >= LONG_ROW)
		return &rows[val - LONG_ROW];
	while (rows[i].letter != val)
		i++;
	return &rows[i];
}

/* Why getopt stopped: ':' a value is missing, '?' anything else. */
static int bad_option(const char *command, int why, const char *word)
{
	char letter[] = { '-', optopt, 0 };
	bool is_long = !optopt || optopt >= LONG_HELP;

	if (!is_long)
		word = letter; /* it may stand among others in its word */
	if (why == ':')
		return usage_error("%s needs a value", word);
	if (is_long && optopt)
		return usage_error("%.*s takes no value",
				   (int)strcspn(word, "="), word);
	return usage_error("%s has no option '%s'", command, word);
}

static void note_filter(struct options *o, const struct option_row *r,
			const char *arg)
{
	char *text;

	if (!(r->for_commands & IS_FILTER))
		return;
	if (asprintf(&text, "--%s%s%s", r->name, arg ? "=" : "", arg ? arg : "") < 0)
		text = xcalloc(1, 1);
	o->filters = xrealloc(o->filters, o->nr_filters + 1, sizeof(*o->filters));
	o->filters[o->nr_filters++] = text;
}

void options_free(struct options *o)
{
	while (o->nr_filters)
		free(o->filters[--o->nr_filters]);
	free(o->filters);
	o->filters = NULL;
}

static void set_defaults(struct options *o)
{
	o->model = o->family = o->protocol = IOP_ANY;
	o->sample = 1;
	o->ring_bytes = 4 << 20;
	o->max_rows = 2048;
}

/* What is no option: FILE, for the commands that have one. */
static int take_operands(struct options *o, const char *command,
			 const char *operands, char **argv)
{
	if (operands && *operands == 'F') {
		if (!*argv || !**argv)
			return usage_error("%s needs a FILE", command);
		o->file = *argv++;
	}
	if (*argv)
		return usage_error("%s does not know what to do with '%s'%s",
				   command, *argv,
				   operands && strstr(operands, "PROGRAM") ?
					   "; a program goes after --" : "");
	return EXIT_DONE;
}

/* Cuts argv at "--"; what follows is the program. */
static int take_program(struct options *o, const char *command,
			const char *operands, int *argc, char **argv)
{
	int at = 1;

	while (at < *argc && strcmp(argv[at], "--"))
		at++;
	if (at == *argc)
		return EXIT_DONE;
	if (!operands || !strstr(operands, "PROGRAM"))
		return usage_error("%s runs no program", command);
	if (at + 1 == *argc)
		return usage_error("no program after --");
	o->program = argv + at + 1;
	argv[at] = NULL;
	*argc = at;
	return EXIT_DONE;
}

int options_parse(struct options *o, const char *command, int for_command,
		  const char *operands, int argc, char **argv,
		  enum options_asked *asked)
{
	struct option longs[ARRAY_SIZE(rows) + 3];
	char letters[2 * ARRAY_SIZE(rows) + 4];
	int c, err;

	set_defaults(o);
	err = take_program(o, command, operands, &argc, argv);
	build_getopt(for_command, letters, longs);
	opterr = 0;
	optind = 0; /* begin anew, whatever was parsed before */
	while (!err && (c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == ':' || c == '?')
			return bad_option(command, c, argv[optind - 1]);
		if (c == 'h' || c == LONG_HELP)
			*asked = ASKED_HELP;
		else if (c == 'V' || c == LONG_VERSION)
			*asked = ASKED_VERSION;
		else
			err = row_of(c)->set(o, row_of(c)->arg ? optarg : NULL);
		if (!err && !*asked)
			note_filter(o, row_of(c), row_of(c)->arg ? optarg : NULL);
		if (*asked)
			return EXIT_DONE;
	}
	if (err)
		return err;
	if (o->follow && !o->pids.nr && !o->tids.nr && !o->nr_comms && !o->program)
		return usage_error("-f follows children, but whose? -p, -t or -c "
				   "say that");
	return take_operands(o, command, operands, argv + optind);
}

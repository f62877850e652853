// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "comm.h"
#include "command.h"
#include "names.h"
#include "out.h"
#include "util.h"

#define NS_PER_S 1000000000ull

static int add_id(struct id_list *list, const char *what, const char *arg)
{
	uint64_t id;

	if (!parse_number(arg, 1, INT32_MAX, &id))
		return usage_error("%s is a positive number, not '%s'", what, arg);
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
				   "characters at most, beside *",
				   arg, IOP_COMM_LEN - 1);
	case COMM_CUT:
		warn("names have %d characters: -c '%s' is cut to '%.*s', as the "
		     "kernel does",
		     IOP_COMM_LEN - 1, arg, comm_cut_length(arg), arg);
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
		return usage_error("no protocol '%s': one of %s", arg, proto_choices);
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
				   "'%s'; phases: %s",
				   arg, name_list(phase_names, IOP_NR_PHASES));
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
				   "10ms at least, not '%s'",
				   what, arg);
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
	static const char *const groups[] = { "process", "thread", "socket", "service" };
	int group = name_index(groups, ARRAY_SIZE(groups), arg);

	if (group < 0)
		return usage_error("no grouping '%s': one of %s", arg,
				   name_list(groups, ARRAY_SIZE(groups)));
	o->by = true;
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

static int set_perfetto(struct options *o, const char *arg)
{
	if (!*arg)
		return usage_error("--perfetto needs the name of a file");
	o->perfetto = arg;
	return EXIT_DONE;
}

static int set_json(struct options *o, const char *arg)
{
	(void)arg;
	o->format = &out_json;
	return EXIT_DONE;
}

static int set_from(struct options *o, const char *arg)
{
	if (!*arg)
		return usage_error("--from needs the name of a recording");
	o->from = arg;
	return EXIT_DONE;
}

static int set_svg(struct options *o, const char *arg)
{
	if (!*arg)
		return usage_error("--svg needs the name of a file");
	o->svg = arg;
	return EXIT_DONE;
}

static int set_ascii(struct options *o, const char *arg)
{
	(void)arg;
	o->ascii = true;
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
				   "1048576, not '%s'",
				   arg);
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

const struct option_row option_pid = {
	.letter = 'p',
	.name = "pid",
	.arg = "PID",
	.set = set_pid,
	.is_filter = true,
	.help = "this process, all its threads (repeatable)",
};

const struct option_row option_tid = {
	.letter = 't',
	.name = "tid",
	.arg = "TID",
	.set = set_tid,
	.is_filter = true,
	.help = "this thread, beside those of -p (repeatable)",
};

const struct option_row option_follow = {
	.letter = 'f',
	.name = "follow",
	.set = set_follow,
	.is_filter = true,
	.help = "children, too: those there are and those to come",
};

const struct option_row option_comm = {
	.letter = 'c',
	.name = "comm",
	.arg = "COMM",
	.set = set_comm,
	.is_filter = true,
	.help = "by name: a process's or thread's, like 'nio*'",
};

const struct option_row option_cgroup = {
	.name = "cgroup",
	.arg = "PATH",
	.set = set_cgroup,
	.is_filter = true,
	.help = "only tasks in or below this cgroup (v2)",
};

const struct option_row option_port = {
	.name = "port",
	.arg = "N",
	.set = set_port,
	.is_filter = true,
	.help = "only sockets with this local or peer port",
};

const struct option_row option_model = {
	.name = "model",
	.arg = "M",
	.set = set_model,
	.is_filter = true,
	.help = "only reads of this model",
};

const struct option_row option_proto = {
	.name = "proto",
	.arg = "P",
	.set = set_proto,
	.is_filter = true,
	.help = "only this protocol: tcp, udp, unix, ...",
};

const struct option_row option_min = {
	.name = "min",
	.arg = "PHASE=TIME",
	.set = set_min,
	.is_filter = true,
	.help = "only reads with at least that, e.g. dispatch=1ms",
};

const struct option_row option_sample = {
	.name = "sample",
	.arg = "N",
	.set = set_sample,
	.help = "measure one in N reads, by chance; rates are scaled",
};

const struct option_row option_duration = {
	.letter = 'd',
	.name = "duration",
	.arg = "SECONDS",
	.set = set_duration,
	.help = "stop after this time",
};

const struct option_row option_interval = {
	.letter = 'i',
	.name = "interval",
	.arg = "SECONDS",
	.set = set_interval,
	.help = "refresh, begin anew (hist), a column (heat)",
};

const struct option_row option_iterations = {
	.letter = 'n',
	.name = "iterations",
	.arg = "N",
	.set = set_iterations,
	.help = "stop after N reads (trace) or intervals",
};

const struct option_row option_by = {
	.name = "by",
	.arg = "GROUP",
	.set = set_group,
	.help = "a row per process, thread, socket or service",
};

const struct option_row option_sort = {
	.name = "sort",
	.arg = "COLUMN",
	.set = set_sort,
	.help = "sort by this column's heading (default RD/s)",
};

const struct option_row option_json = {
	.letter = 'j',
	.name = "json",
	.set = set_json,
	.help = "one JSON object a line",
};

const struct option_row option_output = {
	.letter = 'o',
	.name = "output",
	.arg = "FILE",
	.set = set_output,
	.help = "all that iophase prints, but for errors, to FILE",
};

const struct option_row option_perfetto = {
	.name = "perfetto",
	.arg = "FILE",
	.set = set_perfetto,
	.help = "reads to FILE for ui.perfetto.dev; lines with -j",
};

const struct option_row option_from = {
	.name = "from",
	.arg = "RECORDING",
	.set = set_from,
	.help = "the reads of a recording (iophase record)",
};

const struct option_row option_svg = {
	.name = "svg",
	.arg = "FILE",
	.set = set_svg,
	.help = "the picture as a file, too",
};

const struct option_row option_ascii = {
	.name = "ascii",
	.set = set_ascii,
	.help = "no characters but ASCII",
};

const struct option_row option_cost = {
	.name = "cost",
	.set = set_cost,
	.help = "what iophase's programs spend; to know costs, too",
};

const struct option_row option_wake_detail = {
	.name = "wake-detail",
	.set = set_wake_detail,
	.help = "wake in parts: to waking, to the CPU, to told",
};

const struct option_row option_polls = {
	.name = "polls",
	.set = set_polls,
	.help = "a line for every EAGAIN, too",
};

const struct option_row option_buffer = {
	.name = "buffer",
	.arg = "KIB",
	.set = set_buffer,
	.help = "ring between kernel and iophase (default 4096)",
};

const struct option_row option_max_rows = {
	.name = "max-rows",
	.arg = "N",
	.set = set_max_rows,
	.help = "rows the kernel holds (default 2048, 6 kB each)",
};

const struct option_row option_backend = {
	.name = "backend",
	.arg = "NAME",
	.set = set_backend,
	.help = "hooks instead of the best: btf, kprobe, tracepoint",
};

const struct option_row option_btf = {
	.name = "btf",
	.arg = "FILE",
	.set = set_btf,
	.help = "the kernel's types from a file (tools/min-btf)",
};

void options_help(FILE *f, const struct command *c)
{
	char left[40];

	for (int i = 0; c->options[i]; i++) {
		const struct option_row *r = c->options[i];

		snprintf(left, sizeof(left), "%s%c%s --%s%s%s", r->letter ? "-" : " ",
			 r->letter ? r->letter : ' ', r->letter ? "," : " ", r->name,
			 r->arg ? "=" : "", r->arg ? r->arg : "");
		fprintf(f, "  %-26s %s\n", left, r->help);
	}
	fprintf(f, "  %-26s %s\n", "-h, --help", "show this and exit");
	fprintf(f, "  %-26s %s\n", "-V, --version", "show the version and exit");
}

void options_man(FILE *f, const struct command *c)
{
	for (int i = 0; c->options[i]; i++) {
		const struct option_row *r = c->options[i];

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

/* getopt's tables, from a command's. */
struct getopt_tables {
	char *letters;
	struct option *longs;
};

static int nr_options(const struct command *c)
{
	int nr = 0;

	while (c->options[nr])
		nr++;
	return nr;
}

static struct getopt_tables build_getopt(const struct command *c)
{
	int nr = nr_options(c);
	struct getopt_tables t = {
		.letters = xcalloc(2 * nr + sizeof(":hV"), 1),
		.longs = xcalloc(nr + 3, sizeof(*t.longs)),
	};
	char *letter = t.letters;

	*letter++ = ':';
	for (int i = 0; i < nr; i++) {
		const struct option_row *r = c->options[i];

		if (r->letter) {
			*letter++ = r->letter;
			if (r->arg)
				*letter++ = ':';
		}
		t.longs[i] = (struct option){
			.name = r->name,
			.has_arg = r->arg ? required_argument : no_argument,
			.val = LONG_ROW + i,
		};
	}
	strcpy(letter, "hV");
	t.longs[nr] = (struct option){ .name = "help", .val = LONG_HELP };
	t.longs[nr + 1] = (struct option){ .name = "version", .val = LONG_VERSION };
	return t;
}

static const struct option_row *row_of(const struct command *c, int val)
{
	int i = 0;

	if (val >= LONG_ROW)
		return c->options[val - LONG_ROW];
	while (c->options[i]->letter != val)
		i++;
	return c->options[i];
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
		return usage_error("%.*s takes no value", (int)strcspn(word, "="), word);
	return usage_error("%s has no option '%s'", command, word);
}

static void note_filter(struct options *o, const struct option_row *r, const char *arg)
{
	char *text;

	if (!r->is_filter)
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
	o->format = &out_text;
	o->sample = 1;
	o->ring_bytes = 4 << 20;
	o->max_rows = 2048;
}

/*
 * A recording has its reads, whatever runs here. Other options only say how tracing
 * is done.
 */
static int check_from(const struct options *o)
{
	const char *live = o->nr_filters  ? o->filters[0] :
			   o->program	  ? "PROGRAM" :
			   o->duration_ns ? "-d" :
			   o->iterations  ? "-n" :
			   o->sample > 1  ? "--sample" :
					    NULL;

	if (!o->from || !live)
		return EXIT_DONE;
	return usage_error("--from has all the reads of a recording: no %s", live);
}

/* What is no option: FILE, or a word, for the commands that have one. */
static int take_operands(struct options *o, const struct command *c, char **argv)
{
	if (c->takes & TAKES_FILE) {
		if (!*argv || !**argv)
			return usage_error("%s needs a FILE", c->name);
		o->file = *argv++;
	}
	if (c->word && *argv)
		o->word = *argv++;
	if (*argv)
		return usage_error("%s does not know what to do with '%s'%s", c->name,
				   *argv,
				   c->takes & TAKES_PROGRAM ? "; a program goes after --" :
							      "");
	return EXIT_DONE;
}

/* Cuts argv at "--"; what follows is the program. */
static int take_program(struct options *o, const struct command *c, int *argc, char **argv)
{
	int at = 1;

	while (at < *argc && strcmp(argv[at], "--"))
		at++;
	if (at == *argc)
		return EXIT_DONE;
	if (!(c->takes & TAKES_PROGRAM))
		return usage_error("%s runs no program", c->name);
	if (at + 1 == *argc)
		return usage_error("no program after --");
	o->program = argv + at + 1;
	argv[at] = NULL;
	*argc = at;
	return EXIT_DONE;
}

static int take_options(struct options *o, const struct command *c, int argc, char **argv,
			const struct getopt_tables *t, enum options_asked *asked)
{
	const struct option_row *r;
	int letter, err;

	opterr = 0;
	optind = 0; /* begin anew, whatever was parsed before */
	while ((letter = getopt_long(argc, argv, t->letters, t->longs, NULL)) != -1) {
		if (letter == ':' || letter == '?')
			return bad_option(c->name, letter, argv[optind - 1]);
		if (letter == 'h' || letter == LONG_HELP)
			*asked = ASKED_HELP;
		else if (letter == 'V' || letter == LONG_VERSION)
			*asked = ASKED_VERSION;
		if (*asked)
			return EXIT_DONE;
		r = row_of(c, letter);
		err = r->set(o, r->arg ? optarg : NULL);
		if (err)
			return err;
		note_filter(o, r, r->arg ? optarg : NULL);
	}
	return EXIT_DONE;
}

int options_parse(struct options *o, const struct command *c, int argc, char **argv,
		  enum options_asked *asked)
{
	struct getopt_tables t = build_getopt(c);
	int err;

	set_defaults(o);
	err = take_program(o, c, &argc, argv);
	if (!err)
		err = take_options(o, c, argc, argv, &t, asked);
	free(t.letters);
	free(t.longs);
	if (err || *asked)
		return err;
	if (o->follow && !o->pids.nr && !o->tids.nr && !o->nr_comms && !o->program)
		return usage_error("-f follows children, but whose? -p, -t or -c "
				   "say that");
	err = check_from(o);
	if (err)
		return err;
	return take_operands(o, c, argv + optind);
}

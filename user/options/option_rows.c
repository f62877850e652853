// SPDX-License-Identifier: GPL-2.0-only
#include "option_rows.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "comm.h"
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

static int set_json(struct options *o, const char *arg)
{
	(void)arg;
	o->format = &out_json;
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
	.at = offsetof(struct options, follow),
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
	.at = offsetof(struct options, cgroup),
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
	.at = offsetof(struct options, sort),
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
	.at = offsetof(struct options, output),
	.needs = "the name of a file",
	.help = "all that iophase prints, but for errors, to FILE",
};

const struct option_row option_perfetto = {
	.name = "perfetto",
	.arg = "FILE",
	.at = offsetof(struct options, perfetto),
	.needs = "the name of a file",
	.help = "reads to FILE for ui.perfetto.dev; lines with -j",
};

const struct option_row option_from = {
	.name = "from",
	.arg = "RECORDING",
	.at = offsetof(struct options, from),
	.needs = "the name of a recording",
	.help = "the reads of a recording (iophase record)",
};

const struct option_row option_svg = {
	.name = "svg",
	.arg = "FILE",
	.at = offsetof(struct options, svg),
	.needs = "the name of a file",
	.help = "the picture as a file, too",
};

const struct option_row option_ascii = {
	.name = "ascii",
	.at = offsetof(struct options, ascii),
	.help = "no characters but ASCII",
};

const struct option_row option_cost = {
	.name = "cost",
	.at = offsetof(struct options, cost),
	.help = "what iophase's programs spend; to know costs, too",
};

const struct option_row option_wake_detail = {
	.name = "wake-detail",
	.at = offsetof(struct options, wake_detail),
	.help = "wake in parts: to waking, to the CPU, to told",
};

const struct option_row option_polls = {
	.name = "polls",
	.at = offsetof(struct options, polls),
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
	.at = offsetof(struct options, backend),
	.help = "hooks instead of the best: btf, kprobe, tracepoint",
};

const struct option_row option_btf = {
	.name = "btf",
	.arg = "FILE",
	.at = offsetof(struct options, btf),
	.help = "the kernel's types from a file (tools/min-btf)",
};

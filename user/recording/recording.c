// SPDX-License-Identifier: GPL-2.0-only
#include "recording.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "names.h"
#include "util.h"

#define HEAD "iophase-recording "
#define HEAD_LINE HEAD "1"

static const char *const kinds[IOP_NR_INPUTS] = {
	[IOP_IN_READ_ENTER] = "read-enter",
	[IOP_IN_READ_EXIT] = "read-exit",
	[IOP_IN_READY] = "ready",
	[IOP_IN_SLEEP_ENTER] = "sleep-enter",
	[IOP_IN_SLEEP_EXIT] = "sleep-exit",
	[IOP_IN_COPY_ENTER] = "copy-enter",
	[IOP_IN_COPY_EXIT] = "copy-exit",
	[IOP_IN_WAIT_ENTER] = "wait-enter",
	[IOP_IN_WAIT_REPORT] = "wait-report",
	[IOP_IN_WAIT_EXIT] = "wait-exit",
	[IOP_IN_SIGNAL_ARM] = "signal-arm",
	[IOP_IN_SIGNAL_SEND] = "signal-send",
	[IOP_IN_SIGNAL_DELIVER] = "signal-deliver",
	[IOP_IN_URING_SUBMIT] = "uring-submit",
	[IOP_IN_URING_ISSUE] = "uring-issue",
	[IOP_IN_URING_COMPLETE] = "uring-complete",
	[IOP_IN_URING_RETURN] = "uring-return",
	[IOP_IN_SOCK_FREE] = "sock-free",
	[IOP_IN_THREAD_EXIT] = "thread-exit",
	[IOP_IN_COPY_CANCEL] = "copy-cancel",
	[IOP_IN_URING_ENTER] = "uring-enter",
	[IOP_IN_URING_REPORT] = "uring-report",
	[IOP_IN_WAKING] = "waking",
	[IOP_IN_ON_CPU] = "on-cpu",
};

/* Words of lines that say what the kernel's hooks could not. */
#define UNKNOWN "unknown"
#define AT_MOST "at-most"
#define AT_LEAST "at-least"

struct number {
	__u64 sock;
	__u64 nr;
};

static int by_sock(const void *a, const void *b)
{
	const struct number *x = a, *y = b;

	return x->sock < y->sock ? -1 : x->sock > y->sock;
}

static __u64 number_of(struct recorder *r, __u64 sock)
{
	struct number key = { .sock = sock }, *n, **found;

	if (!sock)
		return 0;
	found = tfind(&key, &r->numbers, by_sock);
	if (found)
		return (*found)->nr;
	n = xcalloc(1, sizeof(*n));
	n->sock = sock;
	n->nr = ++r->nr_socks;
	tsearch(n, &r->numbers, by_sock);
	return n->nr;
}

static void write_bounds(FILE *f, const char *word, __u32 phases)
{
	for (int p = 0; p < IOP_NR_PHASES; p++)
		if (phases & PHASE(p))
			fprintf(f, "%s %s\n", word, phase_names[p]);
}

static void write_limits(FILE *f, const struct phase_limits *l)
{
	for (int m = 0; m < IOP_NR_MODELS; m++)
		for (int p = 0; p < IOP_NR_PHASES; p++)
			if (phase_is_lost(l, m, p))
				fprintf(f, UNKNOWN " %s %s\n", model_names[m],
					phase_names[p]);
	write_bounds(f, AT_MOST, l->at_most);
	write_bounds(f, AT_LEAST, l->at_least);
}

void recorder_begin(struct recorder *r, const struct phase_limits *limits,
		    const char *backend)
{
	struct utsname here = {};

	uname(&here);
	fprintf(r->f, HEAD_LINE "\n# %s %s %s, %s\n", here.sysname, here.release,
		here.machine, backend);
	write_limits(r->f, limits);
}

void recorder_add(struct recorder *r, const struct iop_input *in)
{
	fprintf(r->f, "%s %llu %u %llu %lld %u %u %u\n", kinds[in->kind],
		(unsigned long long)in->ts_ns, in->tid,
		(unsigned long long)number_of(r, in->sock), (long long)in->arg,
		in->head, in->tail, in->packets);
	r->count++;
}

void recorder_end(struct recorder *r, __u64 lost)
{
	fprintf(r->f, "end %llu %llu\n", (unsigned long long)r->count,
		(unsigned long long)lost);
	tdestroy(r->numbers, free);
}

/* The next word of a line as a number of at most max. */
static bool next_number(char **at, __u64 max, __u64 *n)
{
	const char *word = strsep(at, " ");
	uint64_t value;

	if (!word || !parse_number(word, 0, max, &value))
		return false;
	*n = value;
	return true;
}

static bool next_signed(char **at, __s64 *n)
{
	bool minus = *at && **at == '-';
	__u64 size;

	*at += minus;
	if (!next_number(at, INT64_MAX, &size))
		return false;
	*n = minus ? -(__s64)size : (__s64)size;
	return true;
}

static bool parse_input(char *line, struct iop_input *in)
{
	__u64 tid, head, tail, packets;
	int kind = name_index(kinds, IOP_NR_INPUTS, strsep(&line, " "));

	if (kind < 0 || !next_number(&line, UINT64_MAX, &in->ts_ns) ||
	    !next_number(&line, UINT32_MAX, &tid) ||
	    !next_number(&line, UINT64_MAX, &in->sock) ||
	    !next_signed(&line, &in->arg) || !next_number(&line, UINT32_MAX, &head) ||
	    !next_number(&line, UINT32_MAX, &tail) ||
	    !next_number(&line, 7, &packets) || line)
		return false;
	in->type = IOP_REC_INPUT;
	in->kind = kind;
	in->tid = tid;
	in->head = head;
	in->tail = tail;
	in->packets = packets;
	return true;
}

/* A word of a line as a bit of the phase with that name; 0: none has it. */
static __u32 next_phase(char **at)
{
	const char *word = strsep(at, " ");
	int phase = word ? name_index(phase_names, IOP_NR_PHASES, word) : -1;

	return phase < 0 ? 0 : PHASE(phase);
}

/* Returns false if the line is none of these, or not as it should be. */
static bool parse_limit(char *line, struct phase_limits *l)
{
	const char *word = strsep(&line, " "), *name;
	__u32 *phases = NULL, phase;
	int model;

	if (!strcmp(word, AT_MOST)) {
		phases = &l->at_most;
	} else if (!strcmp(word, AT_LEAST)) {
		phases = &l->at_least;
	} else if (!strcmp(word, UNKNOWN)) {
		name = strsep(&line, " ");
		model = name ? name_index(model_names, IOP_NR_MODELS, name) : -1;
		if (model >= 0)
			phases = &l->lost[model];
	}
	phase = next_phase(&line);
	if (!phases || !phase || line)
		return false;
	*phases |= phase;
	return true;
}

static bool is_limit(const char *line)
{
	static const char *const words[] = { UNKNOWN " ", AT_MOST " ", AT_LEAST " " };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strncmp(line, words[i], strlen(words[i])))
			return true;
	return false;
}

static void append(struct recording *r, const struct iop_input *in)
{
	if (!(r->nr & (r->nr - 1)))
		r->inputs = xrealloc(r->inputs, r->nr ? 2 * r->nr : 1, sizeof(*in));
	r->inputs[r->nr++] = *in;
}

/* Two neighbouring runs, each in order of time, as one; of equals the first first. */
static void merge(struct iop_input *to, const struct iop_input *from, size_t middle,
		  size_t end)
{
	size_t a = 0, b = middle;

	while (a < middle || b < end)
		*to++ = b == end || (a < middle && from[a].ts_ns <= from[b].ts_ns) ?
				from[a++] :
				from[b++];
}

/*
 * In order of time: CPUs race for the ring, so some come a bit late. A merge sort
 * keeps the order of what came at one time, and takes no longer for any input.
 */
static void sort_inputs(struct recording *r)
{
	struct iop_input *from = r->inputs, *to, *spare;
	size_t i = 1;

	while (i < r->nr && from[i - 1].ts_ns <= from[i].ts_ns)
		i++;
	if (i >= r->nr)
		return;
	spare = to = xrealloc(NULL, r->nr, sizeof(*to));
	for (size_t run = 1; run < r->nr; run *= 2) {
		for (i = 0; i < r->nr; i += 2 * run) {
			size_t left = r->nr - i;

			merge(to + i, from + i, run < left ? run : left,
			      2 * run < left ? 2 * run : left);
		}
		spare = from;
		from = to;
		to = spare;
	}
	r->inputs = from;
	free(spare);
}

struct reader {
	const char *path;
	FILE *f;
	char *line; /* without its newline */
	size_t size;
	int nr; /* of the line */
};

/*
 * Returns false at the end; a line without its newline is cut, so it is the
 * end, too. A NUL makes a line shorter than it is: so it will not parse.
 */
static bool next_line(struct reader *r)
{
	ssize_t len = getline(&r->line, &r->size, r->f);

	r->nr += len > 0;
	if (len <= 0 || r->line[len - 1] != '\n')
		return false;
	r->line[len - 1] = 0;
	return true;
}

static int parse_head(struct reader *r)
{
	char head[sizeof(HEAD_LINE) + 1] = ""; /* not getline(): it may be anything */

	r->nr = 1;
	if (fgets(head, sizeof(head), r->f) && !strcmp(head, HEAD_LINE "\n"))
		return EXIT_DONE;
	if (ferror(r->f))
		return fail("cannot read %s: %s", r->path, strerror(errno));
	if (!strncmp(head, HEAD, strlen(HEAD)))
		return fail("%s is a recording of another version: it does not start "
			    "with '" HEAD_LINE "'",
			    r->path);
	return fail("%s is no recording: it does not start with '" HEAD_LINE "'",
		    r->path);
}

/* "COUNT LOST", and nothing after it. */
static int parse_end(struct reader *r, char *words, struct recording *rec)
{
	__u64 count;

	if (!next_number(&words, UINT64_MAX, &count) ||
	    !next_number(&words, UINT64_MAX, &rec->lost) || words)
		return fail("%s:%d: not an end line: end COUNT LOST", r->path, r->nr);
	if (count != rec->nr)
		return fail("%s:%d: %zu inputs, but the end line says %llu: "
			    "the recording is damaged",
			    r->path, r->nr, rec->nr, (unsigned long long)count);
	if (fgetc(r->f) != EOF)
		return fail("%s:%d: more after the end line", r->path, r->nr + 1);
	sort_inputs(rec);
	return EXIT_DONE;
}

static int parse(struct reader *r, struct recording *rec)
{
	struct iop_input in = {};
	int err = parse_head(r);

	if (err)
		return err;
	while (next_line(r)) {
		if (r->line[0] == '#' || !r->line[0])
			continue;
		if (!strncmp(r->line, "end ", 4))
			return parse_end(r, r->line + 4, rec);
		if (is_limit(r->line)) {
			if (!parse_limit(r->line, &rec->limits))
				return fail("%s:%d: not a limit: " UNKNOWN
					    " MODEL PHASE, " AT_MOST " or " AT_LEAST
					    " PHASE",
					    r->path, r->nr);
			continue;
		}
		if (!parse_input(r->line, &in))
			return fail("%s:%d: not an input: KIND TS_NS TID SOCK "
				    "ARG HEAD TAIL QUEUE",
				    r->path, r->nr);
		append(rec, &in);
	}
	if (ferror(r->f))
		return fail("cannot read %s: %s", r->path, strerror(errno));
	return fail("%s:%d: no end line: the recording is cut short", r->path, r->nr);
}

int recording_load(const char *path, struct recording *r)
{
	struct reader reader = { .path = path, .f = fopen(path, "re") };
	int err;

	memset(r, 0, sizeof(*r));
	if (!reader.f)
		return fail("cannot open %s: %s", path, strerror(errno));
	err = parse(&reader, r);
	fclose(reader.f);
	free(reader.line);
	if (err)
		recording_free(r);
	return err;
}

void recording_free(struct recording *r)
{
	free(r->inputs);
	r->inputs = NULL;
}

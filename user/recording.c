// SPDX-License-Identifier: GPL-2.0-only
#include "recording.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "util.h"

static const char head_line[] = "iophase-recording 1";

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
};

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
	struct number key = { .sock = sock }, *n, **slot;

	if (!sock)
		return 0;
	slot = tfind(&key, &r->numbers, by_sock);
	if (slot)
		return (*slot)->nr;
	n = xcalloc(1, sizeof(*n));
	n->sock = sock;
	n->nr = ++r->nr_socks;
	tsearch(n, &r->numbers, by_sock);
	return n->nr;
}

void recorder_begin(struct recorder *r)
{
	fprintf(r->f, "%s\n", head_line);
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

static bool parse_input(const char *line, struct iop_input *in)
{
	unsigned long long ts, sock;
	char kind[32];
	long long arg;
	int index, end = 0;

	if (sscanf(line, "%31s %llu %u %llu %lld %u %u %u %n", kind, &ts,
		   &in->tid, &sock, &arg, &in->head, &in->tail, &in->packets,
		   &end) != 8 || line[end])
		return false;
	index = name_index(kinds, IOP_NR_INPUTS, kind);
	if (index < 0 || in->packets > 3)
		return false;
	in->type = IOP_REC_INPUT;
	in->kind = index;
	in->ts_ns = ts;
	in->sock = sock;
	in->arg = arg;
	return true;
}

/* Kept in order of time: CPUs race for the ring, so some come a bit late. */
static void append(struct recording *r, const struct iop_input *in)
{
	size_t i;

	if (!(r->nr & (r->nr - 1)))
		r->inputs = xrealloc(r->inputs, r->nr ? 2 * r->nr : 1,
				     sizeof(*in));
	for (i = r->nr++; i && r->inputs[i - 1].ts_ns > in->ts_ns; i--)
		r->inputs[i] = r->inputs[i - 1];
	r->inputs[i] = *in;
}

/* Returns 0 at the end line, or an exit status. */
static int parse(const char *path, FILE *f, struct recording *r)
{
	unsigned long long count, lost;
	struct iop_input in = {};
	char *line = NULL;
	size_t size = 0;
	int nr = 1, err = -1;

	if (getline(&line, &size, f) < 0 ||
	    strncmp(line, head_line, strlen(head_line)))
		err = fail("%s is no recording: it does not start with '%s'",
			   path, head_line);
	while (err < 0 && getline(&line, &size, f) > 0) {
		nr++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "end %llu %llu", &count, &lost) == 2)
			err = count == r->nr ? EXIT_DONE :
				fail("%s:%d: %zu inputs, but the end line says "
				     "%llu: the recording is damaged", path, nr,
				     r->nr, count);
		else if (parse_input(line, &in))
			append(r, &in);
		else
			err = fail("%s:%d: not an input: KIND TS_NS TID SOCK "
				   "ARG HEAD TAIL QUEUE", path, nr);
	}
	if (err < 0)
		err = fail("%s:%d: no end line: the recording is cut short",
			   path, nr);
	if (!err)
		r->lost = lost;
	free(line);
	return err;
}

int recording_load(const char *path, struct recording *r)
{
	FILE *f = fopen(path, "re");
	int err;

	memset(r, 0, sizeof(*r));
	if (!f)
		return fail("cannot open %s: %s", path, strerror(errno));
	err = parse(path, f, r);
	fclose(f);
	if (err)
		recording_free(r);
	return err;
}

void recording_free(struct recording *r)
{
	free(r->inputs);
	r->inputs = NULL;
}

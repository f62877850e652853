// SPDX-License-Identifier: GPL-2.0-only
/* What the lab knows to be true, after the fact. */
#include <stdio.h>
#include <unistd.h>

#include "lab.h"

static void read_json(const struct lab *lab, const struct lab_read *r, uint64_t seq,
		      uint64_t begin, uint64_t end)
{
	printf("{\"v\":1,\"type\":\"read\",\"model\":\"%s\",\"pid\":%d,"
	       "\"tid\":%d,\"fd\":%d,\"call\":\"%s\",\"proto\":\"%s\","
	       "\"seq\":%llu,\"asked_ns\":%llu,\"send_begin_ns\":%llu,"
	       "\"send_end_ns\":%llu,\"told_ns\":%llu,\"called_ns\":%llu,"
	       "\"returned_ns\":%llu,\"bytes\":%lld,\"errno\":0,"
	       "\"polls\":%u}\n",
	       lab->options.model->name, getpid(), getpid(), lab->fd,
	       lab->options.model->recv ? "" : "recvfrom", lab->options.proto,
	       (unsigned long long)seq, (unsigned long long)r->asked_ns,
	       (unsigned long long)begin, (unsigned long long)end,
	       (unsigned long long)r->told_ns, (unsigned long long)r->called_ns,
	       (unsigned long long)r->returned_ns, (long long)r->bytes, r->polls);
}

static double us(uint64_t from, uint64_t to)
{
	return ((double)to - (double)from) / 1000;
}

/* The end of the stream is not sent: begin is 0. */
static void read_text(const struct lab_read *r, uint64_t seq, uint64_t begin)
{
	printf("%5llu %8lld %7u ", (unsigned long long)seq, (long long)r->bytes,
	       r->polls);
	if (begin)
		printf("%14.1f %14.1f", us(r->asked_ns, begin),
		       us(begin, r->returned_ns));
	else
		printf("%14s %14s", "-", "-");
	printf(" %14.1f\n", us(r->called_ns, r->returned_ns));
}

void report(const struct lab *lab, struct peer *p)
{
	uint64_t bytes = 0, eofs = 0;

	if (lab->options.quiet)
		return;
	if (!lab->options.json)
		printf("%5s %8s %7s %14s %14s %14s\n", "READ", "BYTES", "POLLS",
		       "ASKED-SENT us", "SENT-READ us", "CALL us");
	for (size_t i = 0; i < lab->nr_reads; i++) {
		const struct lab_read *r = &lab->reads[i];
		uint64_t begin = 0, end = 0;

		if (r->message < lab->options.count)
			peer_times(p, r->message, &begin, &end);
		bytes += r->bytes;
		eofs += !r->bytes;
		if (lab->options.json)
			read_json(lab, r, i, begin, end);
		else
			read_text(r, i, begin);
	}
	if (lab->options.json)
		printf("{\"v\":1,\"type\":\"summary\",\"reads\":%zu,"
		       "\"bytes\":%llu,\"polls\":%llu,\"eofs\":%llu,"
		       "\"cpu_ns\":%llu}\n",
		       lab->nr_reads, (unsigned long long)bytes,
		       (unsigned long long)lab->nr_polls, (unsigned long long)eofs,
		       (unsigned long long)lab->cpu_ns);
	else
		printf("%zu reads, %llu bytes, %llu polls\n", lab->nr_reads,
		       (unsigned long long)bytes, (unsigned long long)lab->nr_polls);
}

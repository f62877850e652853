// SPDX-License-Identifier: GPL-2.0-only
/* hist as text: a model's phases, percentiles and bars. */
#include "run_hist.h"

#include "../bpf/hist.h"
#include "names.h"
#include "util.h"

#define BAR 36
#define LAST_SLOT (IOP_HIST_BUCKETS - 1)

struct bars bars_of(const __u64 buckets[IOP_HIST_BUCKETS])
{
	struct bars b = { .step = 1 };
	int last = LAST_SLOT;

	while (b.first < last && !buckets[b.first])
		b.first++;
	while (last > b.first && !buckets[last])
		last--;
	while (last / b.step - b.first / b.step >= MAX_BARS)
		b.step *= 2;
	b.nr = last / b.step - b.first / b.step + 1;
	b.first -= b.first % b.step;
	return b;
}

__u64 reads_in(const __u64 buckets[IOP_HIST_BUCKETS], int first, int step)
{
	__u64 sum = 0;

	for (int i = first; i < first + step && i < IOP_HIST_BUCKETS; i++)
		sum += buckets[i];
	return sum;
}

static void print_bar(FILE *f, const struct bars *b, int i, __u64 n, __u64 most)
{
	int first = b->first + i * b->step, end = first + b->step;
	int full = (n * BAR + most - 1) / most;
	char from[16], to[16], count[16];

	format_ns(from, hist_floor(first));
	if (end < IOP_HIST_BUCKETS)
		format_ns(to, hist_floor(end));
	else
		snprintf(to, sizeof(to), "...");
	fprintf(f, "    %5s to %5s %6s |%.*s%*s|\n", from, to, format_count(count, n),
		full, "####################################", BAR - full, "");
}

static void print_phase(FILE *f, const struct dist *d, enum iop_model model,
			enum iop_phase phase, const struct phase_limits *l)
{
	const __u64 *buckets = d->buckets[phase];
	struct bars b = bars_of(buckets);
	__u64 most = 1, n;
	char text[16];

	snprintf(text, sizeof(text), "%s%s", bound_mark(l, PHASE(phase)),
		 phase_names[phase]);
	fprintf(f, "  %-9s", text);
	if (phase_is_lost(l, model, phase) || !sums_timed(&d->sums)) {
		fputs(" -\n", f);
		return;
	}
	for (size_t i = 0; i < NR_PERCENTILES; i++)
		fprintf(f, "%s %s %-5s", i ? " " : "", hist_percentiles[i].title,
			format_ns(text, dist_percentile(d, phase,
							hist_percentiles[i].per_mille)));
	fprintf(f, "  max %s\n", format_ns(text, d->max_ns[phase]));
	for (int i = 0; i < b.nr; i++) {
		n = reads_in(buckets, b.first + i * b.step, b.step);
		most = n > most ? n : most;
	}
	for (int i = 0; i < b.nr; i++)
		print_bar(f, &b, i, reads_in(buckets, b.first + i * b.step, b.step),
			  most);
}

/* What the times below are not of. */
static void print_left_out(FILE *f, const struct dist *d)
{
	const struct {
		__u64 reads;
		const char *why;
	} left_out[] = {
		{ d->sums.eof, "end of file" },
		{ d->sums.errors, "errors" },
		{ d->sums.errqueue, "error queue" },
		{ d->sums.unseen, "unseen" },
	};
	const char *sep = "  left out: ";
	char count[16];

	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++) {
		if (!left_out[i].reads)
			continue;
		fprintf(f, "%s%s %s", sep, format_count(count, left_out[i].reads),
			left_out[i].why);
		sep = ", ";
	}
	fputc('\n', f);
}

void hist_text(FILE *f, const struct run_hist *h)
{
	const struct dist *d = h->dist;
	char reads[16], bytes[16], polls[16];

	if (h->is_service)
		fprintf(f, "%s %s, ", h->proto ? h->proto : "-",
			h->service ? h->service : "-");
	fprintf(f, "%s: %s reads, %sB, %s EAGAIN polls\n", model_names[h->model],
		format_count(reads, d->sums.reads), format_count(bytes, d->sums.bytes),
		format_count(polls, d->sums.polls));
	if (sums_timed(&d->sums) != d->sums.reads)
		print_left_out(f, d);
	for (int i = 0; i < IOP_NR_PHASES; i++)
		print_phase(f, d, h->model, i, h->limits);
}

// SPDX-License-Identifier: GPL-2.0-only
/* iophase hist: how the times of each phase are spread, model by model. */
#include <stdio.h>

#include "commands.h"
#include "names.h"
#include "reads.h"
#include "session.h"
#include "ticker.h"
#include "util.h"

#include "../bpf/hist.h"

#define BAR 36
#define MAX_BARS 16 /* of a phase; narrower slots share one */
#define LAST_SLOT (IOP_HIST_SLOTS - 1)

static const struct percentile {
	const char *title;
	const char *key;
	unsigned int per_mille;
} percentiles[] = {
	{ "p50", "p50_ns", 500 },
	{ "p90", "p90_ns", 900 },
	{ "p99", "p99_ns", 990 },
	{ "p99.9", "p999_ns", 999 },
};

/* --- text -------------------------------------------------------------------------- */

/* The slots from first on, step of them, as one bar. */
struct bars {
	int first;
	int step;
	int nr;
};

/* Which slots have reads, as few bars as it takes, aligned to their step. */
static struct bars bars_of(const __u64 slots[IOP_HIST_SLOTS])
{
	struct bars b = { .step = 1 };
	int last = LAST_SLOT;

	while (b.first < last && !slots[b.first])
		b.first++;
	while (last > b.first && !slots[last])
		last--;
	while (last / b.step - b.first / b.step >= MAX_BARS)
		b.step *= 2;
	b.nr = last / b.step - b.first / b.step + 1;
	b.first -= b.first % b.step;
	return b;
}

static __u64 reads_in(const __u64 slots[IOP_HIST_SLOTS], int first, int step)
{
	__u64 sum = 0;

	for (int i = first; i < first + step && i < IOP_HIST_SLOTS; i++)
		sum += slots[i];
	return sum;
}

static void print_bar(FILE *f, const struct bars *b, int i, __u64 n, __u64 most)
{
	int first = b->first + i * b->step, end = first + b->step;
	int full = (n * BAR + most - 1) / most;
	char from[16], to[16], count[16];

	format_ns(from, hist_floor(first));
	if (end < IOP_HIST_SLOTS)
		format_ns(to, hist_floor(end));
	else
		snprintf(to, sizeof(to), "...");
	fprintf(f, "    %5s to %5s %6s |%.*s%*s|\n", from, to,
		format_count(count, n), full,
		"####################################", BAR - full, "");
}

static void print_phase(FILE *f, const struct dist *d, enum iop_model model,
			enum iop_phase phase)
{
	const __u64 *slots = d->slots[phase];
	struct bars b = bars_of(slots);
	__u64 most = 1, n;
	char text[16];

	snprintf(text, sizeof(text), "%s%s", bound_mark(phase),
		 phase_names[phase]);
	fprintf(f, "  %-9s", text);
	if (phase_is_lost(model, phase)) {
		fputs(" -\n", f);
		return;
	}
	if (!dist_timed(d)) {
		fputs(" -\n", f);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		fprintf(f, "%s %s %-5s", i ? " " : "", percentiles[i].title,
			format_ns(text, dist_percentile(d, phase,
							percentiles[i].per_mille)));
	fprintf(f, "  max %s\n", format_ns(text, d->max_ns[phase]));
	for (int i = 0; i < b.nr; i++) {
		n = reads_in(slots, b.first + i * b.step, b.step);
		most = n > most ? n : most;
	}
	for (int i = 0; i < b.nr; i++)
		print_bar(f, &b, i,
			  reads_in(slots, b.first + i * b.step, b.step), most);
}

/* What the times below are not of. */
static void print_left_out(FILE *f, const struct dist *d)
{
	const struct {
		__u64 reads;
		const char *why;
	} left_out[] = {
		{ d->eof, "end of file" },
		{ d->errors, "errors" },
		{ d->errqueue, "error queue" },
		{ d->unseen, "unseen" },
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

static void print_model(FILE *f, const struct dist *d, enum iop_model model)
{
	char reads[16], bytes[16], polls[16];

	fprintf(f, "%s: %s reads, %sB, %s EAGAIN polls\n", model_names[model],
		format_count(reads, d->reads), format_count(bytes, d->bytes),
		format_count(polls, d->polls));
	if (dist_timed(d) != d->reads)
		print_left_out(f, d);
	for (int i = 0; i < IOP_NR_PHASES; i++)
		print_phase(f, d, model, i);
}

/* --- JSON ---------------------------------------------------------------------------- */

/* Buckets: [from, to, reads], from <= time < to; the last has no to. */
static void put_buckets(FILE *f, const __u64 slots[IOP_HIST_SLOTS])
{
	const char *sep = "";

	fputs("\"buckets\":[", f);
	for (int i = 0; i < IOP_HIST_SLOTS; i++) {
		if (!slots[i])
			continue;
		fprintf(f, "%s[%llu,", sep, (unsigned long long)hist_floor(i));
		if (i < LAST_SLOT)
			fprintf(f, "%llu,", (unsigned long long)hist_floor(i + 1));
		else
			fputs("null,", f);
		fprintf(f, "%llu]", (unsigned long long)slots[i]);
		sep = ",";
	}
	fputc(']', f);
}

/* The rest of a phase that this kernel cannot tell. */
static void put_unknown(FILE *f)
{
	fputs("\"sum_ns\":null,", f);
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		fprintf(f, "\"%s\":null,", percentiles[i].key);
	fputs("\"max_ns\":null,\"error_percent\":null,\"buckets\":null}\n", f);
}

static void put_phase(FILE *f, const struct table *t, enum iop_model model,
		      enum iop_phase phase, __u64 since_ns)
{
	const struct dist *d = &t->models[model];

	fprintf(f, "{\"v\":1,\"type\":\"hist\",\"ts_ns\":%llu,"
		"\"interval_ns\":%llu,\"sample\":%u,\"model\":\"%s\","
		"\"phase\":\"%s\",\"reads\":%llu,\"timed\":%llu,"
		"\"eof\":%llu,\"errors\":%llu,\"errqueue\":%llu,"
		"\"unseen\":%llu,\"polls\":%llu,",
		(unsigned long long)t->ts_ns,
		(unsigned long long)(t->ts_ns - since_ns), t->sample,
		model_names[model], phase_names[phase],
		(unsigned long long)d->reads,
		(unsigned long long)dist_timed(d), (unsigned long long)d->eof,
		(unsigned long long)d->errors, (unsigned long long)d->errqueue,
		(unsigned long long)d->unseen, (unsigned long long)d->polls);
	if (*bound_mark(phase))
		fprintf(f, "\"bound\":\"%s\",",
			*bound_mark(phase) == '<' ? "at_most" : "at_least");
	if (phase_is_lost(model, phase)) {
		put_unknown(f);
		return;
	}
	fprintf(f, "\"sum_ns\":%llu,", (unsigned long long)d->sum_ns[phase]);
	for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
		fprintf(f, "\"%s\":%llu,", percentiles[i].key,
			(unsigned long long)dist_percentile(
				d, phase, percentiles[i].per_mille));
	fprintf(f, "\"max_ns\":%llu,\"error_percent\":6.25,",
		(unsigned long long)d->max_ns[phase]);
	put_buckets(f, d->slots[phase]);
	fputs("}\n", f);
}

/* --- the run -------------------------------------------------------------------------- */

/* What was read since since_ns: all of the table's models. */
static void print_table(FILE *f, const struct table *t, __u64 since_ns, bool json)
{
	bool any = false;

	if (!json)
		fprintf(f, "%.1f s%s\n", (t->ts_ns - since_ns) / 1e9,
			sample_text(t->sample));
	for (int m = 0; m < IOP_NR_MODELS; m++) {
		if (!t->models[m].reads && !t->models[m].polls)
			continue;
		any = true;
		for (int i = 0; json && i < IOP_NR_PHASES; i++)
			put_phase(f, t, m, i, since_ns);
		if (!json)
			print_model(f, &t->models[m], m);
	}
	if (!json)
		fputs(any ? "Percentiles are off by 6.25 % at the most.\n\n" :
			    "No reads.\n\n", f);
}

static void print_totals(struct session *s, const struct options *o)
{
	struct totals totals = { .sample = o->sample };

	session_counters(s, &totals.kernel);
	totals.missed = session_missed(s);
	if (o->json)
		totals_json(&totals, stdout);
	else
		totals_text(&totals);
}

int cmd_hist(const struct options *o)
{
	struct session *s = session_open(o, SESSION_HIST, NULL, NULL, false);
	bool each = o->interval_ns || o->iterations, more;
	struct ticker t;
	__u64 since_ns;

	if (!s)
		return EXIT_FAILED;
	ticker_start(&t, o, s);
	since_ns = t.table->ts_ns;
	do {
		more = ticker_next(&t);
		if (more && !each)
			continue; /* it only looked who is gone */
		print_table(stdout, t.table, since_ns, o->json);
		table_forget_models(t.table);
		since_ns = t.table->ts_ns;
	} while (flush_output() && more);
	print_totals(s, o);
	ticker_end(&t);
	return EXIT_DONE;
}

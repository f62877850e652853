// SPDX-License-Identifier: GPL-2.0-only
#include "totals.h"

#include "util.h"

#define ROW(member) COLUMN_INT, MEMBER(struct totals, member)

/* title: in text, too. */
static const struct column columns[] = {
	{ "seen", "seen", 0, ROW(kernel.seen),
	  "finished reads: each is shown, filtered, lost, rejected or unsampled" },
	{ "shown", "shown", 0, ROW(kernel.shown), "as a record or in a row" },
	{ "filtered", "filtered", 0, ROW(kernel.filtered), "not asked for" },
	{ "lost", "lost", 0, ROW(kernel.lost),
	  "no room in the ring, or in the table of rows" },
	{ "rejected", "rejected", 0, ROW(kernel.rejected),
	  "times that contradict each other" },
	{ "unmatched", "unmatched", 0, ROW(kernel.unmatched),
	  "ends of calls whose beginning was not seen; not among seen" },
	{ "polls", "EAGAIN polls", 0, ROW(kernel.polls),
	  "reads that got EAGAIN; not among seen" },
	{ "seen_bytes", NULL, 0, ROW(kernel.seen_bytes), "bytes of these reads" },
	{ "shown_bytes", NULL, 0, ROW(kernel.shown_bytes), "likewise" },
	{ "filtered_bytes", NULL, 0, ROW(kernel.filtered_bytes), "likewise" },
	{ "lost_bytes", NULL, 0, ROW(kernel.lost_bytes), "likewise" },
	{ "rejected_bytes", NULL, 0, ROW(kernel.rejected_bytes), "likewise" },
	{ "missed", NULL, 0, ROW(missed), "runs of hooks that the kernel skipped" },
	{ "threads_full", NULL, 0, ROW(kernel.threads_full),
	  "thread states that found no room" },
	{ "socks_full", NULL, 0, ROW(kernel.socks_full),
	  "socket states that found no room" },
	{ "inputs_lost", NULL, 0, ROW(kernel.inputs_lost),
	  "inputs of a recording that found no room in the ring" },
	{ "reports_full", NULL, 0, ROW(kernel.reports_full),
	  "threads told of a socket that remembers no more of them" },
	{ "targets_full", NULL, 0, ROW(kernel.targets_full),
	  "threads or children that found no room to be selected" },
	{ "loops_full", NULL, 0, ROW(kernel.loops_full),
	  "loops, or what they wait on, that found no room (loops)",
	  .when = TOTALS_LOOPS },
	{ "channels_full", NULL, 0, ROW(kernel.channels_full),
	  "sockets of loops that found no room (loops)", .when = TOTALS_LOOPS },
	{ "notes_full", NULL, 0, ROW(kernel.notes_full),
	  "zero-copy sends that found no room until the kernel says how they went, or for "
	  "the time of their copy (zerocopy)",
	  .when = TOTALS_ZEROCOPY },
	{ "turns_lost", NULL, 0, ROW(kernel.turns_lost),
	  "slow turns that found no room (loops)", .when = TOTALS_LOOPS },
	{ "sample", NULL, 0, ROW(sample), "one in so many reads is measured (--sample)",
	  .when = TOTALS_SAMPLED },
	{ "unsampled", NULL, 0, ROW(kernel.unsampled), "reads that were not measured",
	  .when = TOTALS_SAMPLED },
	{ "unsampled_bytes", NULL, 0, ROW(kernel.unsampled_bytes),
	  "bytes of these reads", .when = TOTALS_SAMPLED },
};

const struct schema totals_schema = {
	.type = "counters",
	.about = "the last of every run: what became of every read",
	.columns = columns,
	.nr = ARRAY_SIZE(columns),
};

/* Losses that are worth a line of their own when they happen. */
static const struct {
	size_t offset;
	const char *words;
} troubles[] = {
	{ offsetof(struct totals, missed), "hook runs skipped by the kernel" },
	{ offsetof(struct totals, kernel.threads_full), "thread states did not fit" },
	{ offsetof(struct totals, kernel.socks_full), "socket states did not fit" },
	{ offsetof(struct totals, kernel.inputs_lost), "inputs did not fit in the ring" },
	{ offsetof(struct totals, kernel.reports_full),
	  "threads were told of a socket that remembers no more" },
	{ offsetof(struct totals, kernel.targets_full),
	  "threads or children found no room to be selected" },
	{ offsetof(struct totals, kernel.loops_full), "event loops found no room" },
	{ offsetof(struct totals, kernel.channels_full),
	  "sockets of event loops found no room" },
	{ offsetof(struct totals, kernel.notes_full), "zero-copy sends found no room" },
	{ offsetof(struct totals, kernel.turns_lost), "slow turns found no room" },
};

const char *sample_text(__u32 sample)
{
	static char text[48];

	if (sample <= 1)
		return "";
	snprintf(text, sizeof(text), " (one in %u reads measured)", sample);
	return text;
}

void totals_text(const struct totals *t, FILE *f)
{
	const char *sep = t->zerocopy ? "calls: " : "reads: ";

	flush_output();
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!columns[i].title)
			continue;
		fprintf(f, "%s%llu %s", sep,
			(unsigned long long)column_number(&columns[i], t),
			columns[i].title);
		sep = ", ";
	}
	if (t->sample > 1)
		fprintf(f, ", %llu not sampled%s",
			(unsigned long long)t->kernel.unsampled, sample_text(t->sample));
	fputc('\n', f);
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++) {
		__u64 n = *(const __u64 *)((const char *)t + troubles[i].offset);

		if (n)
			fprintf(stderr, "iophase: %llu %s\n", (unsigned long long)n,
				troubles[i].words);
	}
}

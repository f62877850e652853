// SPDX-License-Identifier: GPL-2.0-only
#include "figure_phase.h"

#include <string.h>

#include "util.h"

const char *const phase_words[IOP_NR_PHASES] = {
	[IOP_WAIT] = "wait for data", [IOP_WAKE] = "wake",
	[IOP_DISPATCH] = "dispatch",  [IOP_COPY] = "copy data",
	[IOP_REST] = "rest of call",
};

const char *phase_time(char buf[16], const struct figure *f, enum iop_model model,
		       enum iop_phase phase, unsigned int per_mille)
{
	const struct dist *d = &f->models[model].dist;
	char time[16];

	if (!sums_timed(&d->sums) || phase_is_lost(f->limits, model, phase))
		return "-";
	format_ns(time, dist_percentile(d, phase, per_mille));
	snprintf(buf, 16, "%s%.13s", bound_mark(f->limits, PHASE(phase)), time);
	return buf;
}

/* "redis-server, nginx", as many as fit. */
static const char *names(char *buf, size_t size, const struct tally *t)
{
	size_t n = 0;
	int i = 0;

	buf[0] = 0;
	for (; i < t->nr && n + IOP_COMM_LEN + 8 < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i ? ", " : "", t->of[i].name);
	if (i < t->nr || t->others)
		snprintf(buf + n, size - n, ", ...");
	return buf;
}

struct note {
	__u64 count;
	const char *words;
};

int figure_notes(struct picture *p, int y, const struct figure_model *m)
{
	const struct iop_sums *s = &m->dist.sums;
	const struct note notes[] = {
		{ s->polls, "EAGAINs before them" },
		{ m->handoffs, "by another thread than was told" },
		{ m->unwaited, "completed while nobody waited" },
		{ s->eof, "at the end of file: no times" },
		{ s->errors, "failed: no times" },
		{ s->errqueue, "of the error queue: no times" },
		{ s->unseen, "of data whose arrival was not seen: no times" },
	};
	char reads[16], bytes[16], who[48];

	picture_words(p, 0, y++, ALIGN_LEFT, INK_TEXT, "%s read%s%s%s, %sB",
		      format_count(reads, s->reads), s->reads == 1 ? "" : "s",
		      m->comms.nr ? " by " : "", names(who, sizeof(who), &m->comms),
		      format_count(bytes, s->bytes));
	if (m->waits.nr > 1)
		picture_words(p, 2, y++, ALIGN_LEFT, INK_FAINT, "wait calls: %s",
			      names(who, sizeof(who), &m->waits));
	if (m->reads.nr > 1)
		picture_words(p, 2, y++, ALIGN_LEFT, INK_FAINT, "read calls: %s",
			      names(who, sizeof(who), &m->reads));
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		if (notes[i].count)
			picture_words(p, 2, y++, ALIGN_LEFT, INK_FAINT, "%s %s",
				      format_count(reads, notes[i].count),
				      notes[i].words);
	return y;
}

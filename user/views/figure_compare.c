// SPDX-License-Identifier: GPL-2.0-only
/* UNP's figure 6.6: the five models beside each other. */
#include "figure_draw.h"
#include "figure_phase.h"
#include "names.h"
#include "util.h"

#define HEAD_END 12
#define FIRST 15
#define STEP 13
#define PHASE_LINES 4

enum state {
	BLOCKED,
	ASKS,
	FREE,
	AT_WORK, /* at work: the data waits for it */
	NOBODY,	 /* is told in this model */
};

static const struct {
	const char *word;
	int level;
} states[] = {
	[BLOCKED] = { "blocked", MAX_LEVEL },
	[ASKS] = { "asks", 3 },
	[FREE] = { "free", 0 },
	[AT_WORK] = { "elsewhere", 0 },
	[NOBODY] = { "nobody", 0 },
};

/* What the application does in each phase. */
static const enum state who[IOP_NR_MODELS][IOP_NR_PHASES] = {
	[IOP_BLOCKING] = { BLOCKED, BLOCKED, AT_WORK, BLOCKED, BLOCKED },
	[IOP_NONBLOCKING] = { ASKS, NOBODY, AT_WORK, BLOCKED, BLOCKED },
	[IOP_MULTIPLEXED] = { BLOCKED, BLOCKED, AT_WORK, BLOCKED, BLOCKED },
	[IOP_SIGNAL] = { FREE, FREE, AT_WORK, BLOCKED, BLOCKED },
	[IOP_ASYNC] = { FREE, FREE, AT_WORK, FREE, FREE },
};

static void compare_phase(struct picture *p, int y, const struct figure *f,
			  enum iop_model model, enum iop_phase phase)
{
	int x = FIRST + model * STEP;
	enum state state = who[model][phase];
	char text[16];

	if (!figure_reads(f, model)) {
		picture_words(p, x + 2, y, ALIGN_LEFT, INK_FAINT, "-");
		return;
	}
	for (int i = 0; i < 3; i++)
		picture_cell(p, x, y + i, states[state].level, INK_WAIT + phase);
	picture_words(p, x + 2, y, ALIGN_LEFT, INK_TEXT, "%s", states[state].word);
	picture_words(p, x + 2, y + 1, ALIGN_LEFT, INK_TEXT, "%s",
		      phase_time(text, f, model, phase, 500));
	picture_words(p, x + 2, y + 2, ALIGN_LEFT, INK_TEXT, "%s",
		      phase_time(text, f, model, phase, 990));
}

int figure_compare(struct picture *p, int y, const struct figure *f)
{
	char count[16];

	picture_words(p, 0, y, ALIGN_LEFT, INK_TITLE,
		      "Figure 6.6: comparison of the five, measured");
	y += 2;
	picture_words(p, 0, y + 1, ALIGN_LEFT, INK_TEXT, "reads");
	for (int m = 0; m < IOP_NR_MODELS; m++) {
		picture_words(p, FIRST + m * STEP + 2, y, ALIGN_LEFT, INK_TITLE, "%s",
			      model_names[m]);
		picture_words(p, FIRST + m * STEP + 2, y + 1, ALIGN_LEFT, INK_TEXT,
			      "%s", format_count(count, figure_reads(f, m)));
	}
	y += 3;
	for (int phase = 0; phase < IOP_NR_PHASES; phase++, y += PHASE_LINES) {
		picture_words(p, 0, y, ALIGN_LEFT, INK_WAIT + phase, "%s",
			      phase_words[phase]);
		picture_words(p, HEAD_END, y + 1, ALIGN_RIGHT, INK_FAINT, "p50");
		picture_words(p, HEAD_END, y + 2, ALIGN_RIGHT, INK_FAINT, "p99");
		for (int m = 0; m < IOP_NR_MODELS; m++)
			compare_phase(p, y, f, m, phase);
	}
	return y - 1;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "phase_bar.h"

#include "tui.h"

const char phase_letters[IOP_NR_PHASES + 1] = "wkdcr";

/* The longest gives up what the short ones are given. */
static int longest(const int cells[IOP_NR_PHASES])
{
	int most = 0;

	for (int i = 1; i < IOP_NR_PHASES; i++)
		if (cells[i] > cells[most])
			most = i;
	return most;
}

int phase_bar(const struct row *r, const struct phase_limits *limits, int width,
	      enum iop_phase bar[BAR_MOST])
{
	int cells[IOP_NR_PHASES], sum = 0, n = 0;
	__u64 all = 0;

	if (width > BAR_MOST)
		width = BAR_MOST;
	for (int i = 0; i < IOP_NR_PHASES; i++)
		all += r->phases[i].sum_ns;
	if (!all || width < BAR_LEAST ||
	    (limits && (limits->lost[r->key.model] || bounds_only(limits))))
		return 0;
	for (int i = 0; i < IOP_NR_PHASES; i++) {
		__u64 ns = r->phases[i].sum_ns;

		cells[i] = (double)ns * width / all + 0.5;
		if (ns && !cells[i])
			cells[i] = 1;
		sum += cells[i];
	}
	cells[longest(cells)] += width - sum;
	for (int i = 0; i < IOP_NR_PHASES; i++)
		for (int k = 0; k < cells[i]; k++)
			bar[n++] = i;
	return n;
}

void phase_bar_draw(const struct row *r, const struct phase_limits *limits, int y,
		    int x, int width)
{
	enum iop_phase bar[BAR_MOST];
	int n = phase_bar(r, limits, width, bar);

	for (int i = 0; i < n; i++)
		tui_phase(y, x + i, phase_letters[bar[i]], bar[i]);
}

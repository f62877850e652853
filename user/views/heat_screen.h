/* SPDX-License-Identifier: GPL-2.0-only */
/* The live screen of heat: a map that scrolls, and a cursor that asks whose a cell is. */
#ifndef IOPHASE_HEAT_SCREEN_H
#define IOPHASE_HEAT_SCREEN_H

#include "heat_draw.h"
#include "keys.h"

/* What a key asks of the loop. */
enum {
	HEAT_DRAW = 1 << 0,
	HEAT_QUIT = 1 << 1,
};

struct heat_screen {
	/* set by the loop */
	const struct heat *heat;
	enum iop_phase phase;
	const struct phase_limits *limits;
	/* set by keys: the cursor, as intervals back from now, and as a row */
	int back;
	int row;
	bool help;
};

const struct key_help *heat_screen_keys(int i);

/* Returns HEAT_* flags. */
int heat_screen_key(struct heat_screen *s, int key);
void heat_screen_draw(struct heat_screen *s);

/* What stands in a cell, on its level's colour if there are colours. */
char heat_character(struct heat_cell cell);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live screen of loops: processes, their groups and loops, and the channels of
 * loops that are open. A key only changes this and says what is to be done.
 */
#ifndef IOPHASE_LOOP_SCREEN_H
#define IOPHASE_LOOP_SCREEN_H

#include "keys.h"
#include "loop_table.h"
#include "text.h"

/* What a key asks of the loop that waits for them. */
enum {
	LOOP_DRAW = 1 << 0,
	LOOP_QUIT = 1 << 1,
};

/* What a line of the screen shows. */
enum loop_line_kind {
	LINE_PROCESS,
	LINE_GROUP,
	LINE_LOOP,
	LINE_HEAD, /* of the channels that follow */
	LINE_CHANNEL,
	LINE_NONE, /* a loop that is open and has none */
};

struct loop_line {
	enum loop_line_kind kind;
	int index; /* of the table's rows, groups or channels */
	__u64 id;  /* what it shows, whatever its index is the next time */
};

struct loop_screen {
	/* set by whoever has it */
	const struct loop_table *table;
	const char *backend;
	__u64 start_ns;
	struct iop_counters counters;
	/* set by keys */
	__u64 *open; /* pollers whose channels are shown */
	int nr_open;
	bool paused;
	bool help;
	int selected;
	int top; /* first line shown */
	/* the frame */
	struct loop_line *lines;
	int nr;
};

const struct key_help *loop_screen_keys(int i);

/* Returns LOOP_* flags. */
int loop_screen_key(struct loop_screen *s, int key);

/* What there is to show; after each look and each key. */
void loop_screen_update(struct loop_screen *s);

void loop_screen_draw(struct loop_screen *s);
void loop_screen_free(struct loop_screen *s);

#endif

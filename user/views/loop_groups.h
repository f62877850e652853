/* SPDX-License-Identifier: GPL-2.0-only */
/* Which event loops belong together: those that hand connections over, of one role. */
#ifndef IOPHASE_LOOP_GROUPS_H
#define IOPHASE_LOOP_GROUPS_H

#include "loop_pollers.h"
#include "loop_table.h"

/* What hand-over has tied together, from look to look. */
struct ties {
	struct pollers *pollers;
	struct tied *of; /* by id */
	int nr;
};

/* Gives the table's rows their groups and their order, and the table its groups. */
void loop_groups_make(struct loop_table *t, struct ties *ties);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The columns of loops, groups and channels; their rows are those of loop_table.h. */
#ifndef IOPHASE_LOOP_COLUMNS_H
#define IOPHASE_LOOP_COLUMNS_H

#include "columns.h"
#include "loop_table.h"

/* There is room for more than 80 columns. */
#define LOOPS_WIDE 1u

/* What all columns take. */
#define LOOPS_WIDTH 128

extern const struct schema loop_schema, group_schema, channel_schema;

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The columns of what is copied and moved; their rows are those of zerocopy_table.h. */
#ifndef IOPHASE_ZEROCOPY_COLUMNS_H
#define IOPHASE_ZEROCOPY_COLUMNS_H

#include "columns.h"
#include "zerocopy_table.h"

extern const struct schema zerocopy_schema;

#endif

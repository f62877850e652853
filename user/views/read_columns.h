/* SPDX-License-Identifier: GPL-2.0-only */
/* How one read looks: the columns of trace and replay. */
#ifndef IOPHASE_READ_COLUMNS_H
#define IOPHASE_READ_COLUMNS_H

#include "columns.h"

/* Rows are struct iop_read_record. */
extern const struct schema read_schema;

/* Its sheets. */
enum {
	READS_SAMPLED = 1 << 0,
	READS_WAKE_DETAIL = 1 << 1,
};

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a run of top: models and their phases. */
#ifndef IOPHASE_SUMMARY_H
#define IOPHASE_SUMMARY_H

#include "out.h"
#include "top_table.h"

void summary_print(const struct out *out, const struct table *t,
		   const struct phase_limits *limits);

#endif

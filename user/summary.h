/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a run of top: models and their phases, then the counters. */
#ifndef IOPHASE_SUMMARY_H
#define IOPHASE_SUMMARY_H

#include <stdbool.h>

#include "table.h"

void summary_print(const struct table *t, struct session *s, bool json);

#endif

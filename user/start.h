/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said when tracing has begun: one line, or a JSON object. */
#ifndef IOPHASE_START_H
#define IOPHASE_START_H

#include "options.h"

void start_tell(const struct options *o, const char *backend, uint64_t now);

#endif

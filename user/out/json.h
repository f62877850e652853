/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows as JSON, strictly UTF-8. */
#ifndef IOPHASE_JSON_H
#define IOPHASE_JSON_H

#include <stdio.h>

#include "columns.h"

/* One object and a newline. */
void sheet_json(const struct sheet *s, const void *row, FILE *f);

#endif

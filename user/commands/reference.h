/* SPDX-License-Identifier: GPL-2.0-only */
/* What the columns of every command say of themselves. */
#ifndef IOPHASE_REFERENCE_H
#define IOPHASE_REFERENCE_H

#include "command.h"

/* As Markdown, which is docs/json.md. */
void reference_json(const struct command *const *commands, int nr);

/* As man page source. */
void reference_man(const struct command *const *commands, int nr);

#endif

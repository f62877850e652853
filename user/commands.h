/* SPDX-License-Identifier: GPL-2.0-only */
/* One file a command, one row each in main.c. They return an exit status. */
#ifndef IOPHASE_COMMANDS_H
#define IOPHASE_COMMANDS_H

#include "options.h"

int cmd_trace(const struct options *o);
int cmd_top(const struct options *o);
int cmd_hist(const struct options *o);
int cmd_doctor(const struct options *o);
int cmd_record(const struct options *o);
int cmd_replay(const struct options *o);
int cmd_split(const struct options *o);

#endif

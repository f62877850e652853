/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose reads are wanted, as the options say it: told to the kernel, which keeps
 * it right from then on (bpf/targets.bpf.h). Functions that return int return
 * EXIT_DONE, or EXIT_FAILED after saying what is wrong.
 */
#ifndef IOPHASE_SELECTION_H
#define IOPHASE_SELECTION_H

#include <sys/types.h>

#include "object.h"
#include "options.h"

/* Before the object is loaded. */
int selection_configure(struct iop_config *c, const struct options *o);

/* Before it is attached: what is named by id. program: 0 if there is none. */
int selection_begin(const struct object *object, const struct options *o, pid_t program);

/* Once it is attached, so that nothing slips through: what has to be looked for. */
int selection_find(const struct object *object, const struct options *o);

/* Is any task left whose reads are wanted, of those that were named by id? */
bool selection_alive(const struct object *object, const struct options *o);

/*
 * What the user may want to know if nothing is shown; NULL if nothing. Valid until
 * the next call.
 */
const char *selection_hint(const struct options *o, const struct iop_counters *c);

#endif

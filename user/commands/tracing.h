/* SPDX-License-Identifier: GPL-2.0-only */
/* How the commands that trace begin and end. */
#ifndef IOPHASE_TRACING_H
#define IOPHASE_TRACING_H

#include "options.h"
#include "out.h"
#include "session.h"

/*
 * Opens a session, says so, and starts the program if there is one. Returns NULL
 * after saying what is wrong. out: NULL if nothing is to be said.
 */
struct session *tracing_begin(const struct options *o, enum session_mode mode,
			      record_fn fn, void *ctx, const struct out *out);

/*
 * The same below a live screen: a program started there gets neither its keys nor its
 * lines; what it says on standard error is painted over.
 */
struct session *tracing_begin_unseen(const struct options *o, enum session_mode mode);

/* What became of every read, so far. */
struct totals tracing_totals(struct session *s, const struct options *o);

#endif

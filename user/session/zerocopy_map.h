/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's map of what is copied and moved: bpf/zerocopy.bpf.h. */
#ifndef IOPHASE_ZEROCOPY_MAP_H
#define IOPHASE_ZEROCOPY_MAP_H

#include "elements.h"
#include "session.h"

/* struct iop_zc_key → struct iop_zc_row. */
void each_zerocopy_row(struct session *s, element_fn fn, void *ctx);

/* Forgets a row, of a process that is gone. */
void drop_zerocopy_row(struct session *s, const struct iop_zc_key *key);

#endif

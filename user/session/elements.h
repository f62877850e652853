/* SPDX-License-Identifier: GPL-2.0-only */
/* All elements of one of the kernel's hashes. */
#ifndef IOPHASE_ELEMENTS_H
#define IOPHASE_ELEMENTS_H

#include <stddef.h>

#include "abi.h"

/* A walk of a changing map may meet a key twice, and miss what is new. */
typedef void (*element_fn)(void *ctx, const void *key, const void *value);

/* fd: the map; sizes of its keys and values. Should it not be possible, that is said. */
void each_element(int fd, size_t key, size_t value, element_fn fn, void *ctx);

#endif

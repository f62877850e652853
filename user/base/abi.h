/* SPDX-License-Identifier: GPL-2.0-only */
/* The shared header, with the types user space has. */
#ifndef IOPHASE_ABI_H
#define IOPHASE_ABI_H

#include <linux/types.h>

#include "../bpf/iophase.h"

#endif

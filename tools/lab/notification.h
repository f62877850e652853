/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IOPHASE_LAB_NOTIFICATION_H
#define IOPHASE_LAB_NOTIFICATION_H

#include <stdint.h>

/*
 * Of how many sends with MSG_ZEROCOPY a notification speaks: their numbers are from
 * ee_info to ee_data, and after 2^32 of them they begin again at 0.
 */
static inline uint32_t nr_notified(uint32_t first, uint32_t last)
{
	return last - first + 1;
}

#endif

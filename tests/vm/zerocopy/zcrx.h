/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io_uring's zero-copy receive, as of Linux 7.3 (include/uapi/linux/io_uring/zcrx.h and
 * io_uring.h), for machines whose headers are older.
 */
#ifndef IOPHASE_TESTS_ZCRX_H
#define IOPHASE_TESTS_ZCRX_H

#include <stdint.h>

#define IORING_OP_RECV_ZC 58
#define IORING_REGISTER_ZCRX_IFQ 32
#define IORING_MEM_REGION_TYPE_USER 1
#define ZCRX_REG_NODEV 2	     /* no network device: all is copied */
#define ZCRX_EVENT_DESC_FLAG_STATS 1 /* stats_offset is one */

struct zcrx_region { /* struct io_uring_region_desc */
	uint64_t user_addr;
	uint64_t size;
	uint32_t flags;
	uint32_t id;
	uint64_t mmap_offset;
	uint64_t reserved[4];
};

struct zcrx_area_reg {
	uint64_t addr;
	uint64_t len;
	uint64_t rq_area_token;
	uint32_t flags;
	uint32_t dmabuf_fd;
	uint64_t reserved[2];
};

struct zcrx_stats {
	uint64_t copy_count;
	uint64_t copy_bytes;
};

struct zcrx_event_desc {
	uint64_t user_data;
	uint32_t type_mask;
	uint32_t flags;
	uint64_t stats_offset; /* from the refill ring's beginning */
	uint64_t reserved[9];
};

struct zcrx_ifq_reg {
	uint32_t if_idx;
	uint32_t if_rxq;
	uint32_t rq_entries;
	uint32_t flags;
	uint64_t area_ptr;
	uint64_t region_ptr;
	uint32_t offsets[4]; /* head, tail, entries */
	uint64_t offsets_reserved[2];
	uint32_t zcrx_id;
	uint32_t rx_buf_len;
	uint64_t event_desc;
	uint64_t reserved[2];
};

#endif

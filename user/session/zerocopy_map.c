// SPDX-License-Identifier: GPL-2.0-only
#include "zerocopy_map.h"

#include <bpf/bpf.h>

void each_zerocopy_row(struct session *s, element_fn fn, void *ctx)
{
	each_element(session_map(s, "zc_rows"), sizeof(struct iop_zc_key),
		     sizeof(struct iop_zc_row), fn, ctx);
}

void drop_zerocopy_row(struct session *s, const struct iop_zc_key *key)
{
	bpf_map_delete_elem(session_map(s, "zc_rows"), key);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "loop_maps.h"

#include <bpf/bpf.h>

void each_loop(struct session *s, element_fn fn, void *ctx)
{
	each_element(session_map(s, "loops"), sizeof(struct iop_loop_key),
		     sizeof(struct iop_loop), fn, ctx);
}

void each_poller(struct session *s, element_fn fn, void *ctx)
{
	each_element(session_map(s, "pollers"), sizeof(__u64),
		     sizeof(struct iop_poller), fn, ctx);
}

void each_channel(struct session *s, element_fn fn, void *ctx)
{
	each_element(session_map(s, "channels"), sizeof(__u64),
		     sizeof(struct iop_channel), fn, ctx);
}

void each_turn(struct session *s, element_fn fn, void *ctx)
{
	each_element(session_map(s, "turns"), sizeof(__u32), sizeof(struct iop_turn),
		     fn, ctx);
}

bool channel_lags(struct session *s, __u64 sk, struct iop_times *lags)
{
	return !bpf_map_lookup_elem(session_map(s, "channel_lags"), &sk, lags);
}

bool poller_is_there(struct session *s, __u64 poller)
{
	struct iop_poller p;

	return !bpf_map_lookup_elem(session_map(s, "pollers"), &poller, &p);
}

bool loop_now(struct session *s, const struct iop_loop_key *key, struct iop_loop *l)
{
	return !bpf_map_lookup_elem(session_map(s, "loops"), key, l);
}

void drop_loop(struct session *s, const struct iop_loop_key *key)
{
	bpf_map_delete_elem(session_map(s, "loops"), key);
}

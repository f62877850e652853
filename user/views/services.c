// SPDX-License-Identifier: GPL-2.0-only
#include "services.h"

#include <string.h>

#include "columns.h"
#include "names.h"
#include "util.h"

const char *row_service(const struct row *r)
{
	static char buf[64];

	if (r->ends.role == IOP_SERVER) {
		buf[0] = ':';
		put_number(buf + 1, r->ends.local_port);
	} else {
		*buf = 0;
		value_end(buf, &r->ends, true);
	}
	return *buf ? buf : NULL;
}

const char *row_role(const struct row *r)
{
	static const char *const names[IOP_NR_ROLES] = { NULL, "client", "server" };

	return names[r->ends.role % IOP_NR_ROLES];
}

const char *row_proto(const struct row *r)
{
	return r->ends.family ? proto_name(&r->ends) : NULL;
}

struct iop_endpoints service_ends(const struct iop_endpoints *ends)
{
	struct iop_endpoints e = *ends;

	memset(e.local, 0, sizeof(e.local));
	if (e.role == IOP_SERVER) {
		memset(e.peer, 0, sizeof(e.peer));
		e.peer_port = 0;
	} else {
		e.local_port = 0;
	}
	return e;
}

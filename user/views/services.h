/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows by service, in words. NULL: not known. Valid until the next call. */
#ifndef IOPHASE_SERVICES_H
#define IOPHASE_SERVICES_H

#include "top_table.h"

/* Whom the clients are connected to, or :PORT of a server. */
const char *row_service(const struct row *r);

/* "client" or "server": what the processes are. */
const char *row_role(const struct row *r);
const char *row_proto(const struct row *r);

/* What of a socket's ends is its service's, as the kernel has it of rows by service. */
struct iop_endpoints service_ends(const struct iop_endpoints *ends);

#endif

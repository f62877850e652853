// SPDX-License-Identifier: GPL-2.0-only
#include "comm.h"

#include <string.h>

#define MAX_TOKENS (IOP_COMM_LEN - 1)

/* One token at *glob, or a star; moves *glob behind it. */
struct token {
	bool star;
	bool any;
	unsigned char byte;
};

static struct token next_token(const char **glob)
{
	unsigned char c = *(*glob)++;

	if (c == '\\' && **glob)
		return (struct token){ .byte = *(*glob)++ };
	return (struct token){ .star = c == '*', .any = c == '?', .byte = c };
}

static void add_token(struct iop_comm_pattern *p, int n, const struct token *t)
{
	if (!t->any) {
		p->takes[t->byte] |= 1 << n;
		return;
	}
	for (int byte = 1; byte < 256; byte++)
		p->takes[byte] |= 1 << n;
}

enum comm_fit comm_compile(struct iop_comm_pattern *p, const char *glob)
{
	int n = 0;

	memset(p, 0, sizeof(*p));
	while (*glob) {
		struct token t = next_token(&glob);

		if (t.star) {
			p->stars |= 1 << n;
			continue;
		}
		if (n == MAX_TOKENS) {
			p->accepts = 1 << n;
			return p->stars ? COMM_NEVER : COMM_CUT;
		}
		add_token(p, n++, &t);
	}
	p->accepts = 1 << n;
	return COMM_FITS;
}

int comm_cut_length(const char *glob)
{
	const char *at = glob;

	for (int n = 0; n < MAX_TOKENS && *at; n++)
		next_token(&at);
	return at - glob;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of threads, and what else comes from outside, may be any bytes. */
#ifndef IOPHASE_UTF8_H
#define IOPHASE_UTF8_H

/* Length of the UTF-8 sequence at s (RFC 3629), or 0 if it is none. */
static inline int utf8_len(const unsigned char *s)
{
	int n = *s < 0x80 ? 1 :
		*s < 0xc2 ? 0 :
		*s < 0xe0 ? 2 :
		*s < 0xf0 ? 3 :
		*s < 0xf5 ? 4 :
			    0;

	/* no longer than needed, no surrogates, nothing above U+10FFFF */
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] >= 0xa0) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] >= 0x90))
		return 0;
	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

#endif

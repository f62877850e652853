/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the keys of a live screen do: said once, in its table of keys, for its help and
 * its last line, for --help and for the man page.
 */
#ifndef IOPHASE_KEYS_H
#define IOPHASE_KEYS_H

#include <stdio.h>

struct key_help {
	int key;	   /* a character, or TUI_* */
	const char *names; /* NULL: nothing is said, or where another one is */
	const char *does;
	const char *hint; /* in the last line, behind the first of names; NULL: not there */
};

/* A screen's keys, one after the other; NULL after the last. */
typedef const struct key_help *(*key_help_fn)(int i);

/* In the lines of the screen from y on, above bottom. */
void key_help_draw(key_help_fn keys, int y, int bottom);

/* "h help": what the last line says of a key. Returns buf. */
const char *key_hint(key_help_fn keys, int key, char buf[32]);

void key_help_text(FILE *f, key_help_fn keys);
void key_help_man(FILE *f, key_help_fn keys);

#endif

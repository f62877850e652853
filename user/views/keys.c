// SPDX-License-Identifier: GPL-2.0-only
#include "keys.h"

#include <string.h>

#include "tui.h"

void key_help_draw(key_help_fn keys, int y, int bottom)
{
	const struct key_help *k;
	char line[96];

	for (int i = 0; y < bottom && (k = keys(i)); i++) {
		if (!k->names)
			continue;
		snprintf(line, sizeof(line), "%-9s %s", k->names, k->does);
		tui_line(y++, line, TUI_PLAIN);
	}
}

const char *key_hint(key_help_fn keys, int key, char buf[32])
{
	const struct key_help *k;

	*buf = 0;
	for (int i = 0; (k = keys(i)); i++)
		if (k->key == key && k->hint)
			snprintf(buf, 32, "%.*s %s", (int)strcspn(k->names, " "),
				 k->names, k->hint);
	return buf;
}

void key_help_text(FILE *f, key_help_fn keys)
{
	const struct key_help *k;

	fputs("\nKeys, where it is live on a terminal:\n", f);
	for (int i = 0; (k = keys(i)); i++)
		if (k->names)
			fprintf(f, "  %-26s %s\n", k->names, k->does);
}

void key_help_man(FILE *f, key_help_fn keys)
{
	const struct key_help *k;

	fputs(".PP\nKeys, where it is live on a terminal:\n", f);
	for (int i = 0; (k = keys(i)); i++)
		if (k->names)
			fprintf(f, ".TP\n\\fB%s\\fR\n%s\n", k->names, k->does);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "reference.h"

#include <stdio.h>

#define MAX_SCHEMAS 64

/* The schemas of all commands, each once. */
struct schemas {
	const struct schema *of[MAX_SCHEMAS];
	int nr;
};

static void add(struct schemas *all, const struct schema *s)
{
	for (int i = 0; i < all->nr; i++)
		if (all->of[i] == s)
			return;
	if (all->nr < MAX_SCHEMAS)
		all->of[all->nr++] = s;
}

static struct schemas schemas_of(const struct command *const *commands, int nr)
{
	struct schemas all = {};

	for (int i = 0; i < nr; i++)
		for (int j = 0; commands[i]->schemas && commands[i]->schemas[j]; j++)
			add(&all, commands[i]->schemas[j]);
	return all;
}

static const char *type_of(const struct schema *s)
{
	return s->type ? s->type : "check, hook, phase, model, backend";
}

void reference_json(const struct command *const *commands, int nr)
{
	struct schemas all = schemas_of(commands, nr);

	puts("<!-- SPDX-License-Identifier: GPL-2.0-only -->\n"
	     "<!-- iophase --json-reference > docs/json.md -->\n"
	     "# Every key of --json\n\n"
	     "One object a line. `v` is 1 as long as keys only come, never go or change;\n"
	     "`type` says which of these it is. Times are nanoseconds, null is not known.");
	for (int i = 0; i < all.nr; i++) {
		const struct schema *s = all.of[i];

		printf("\n## %s\n\n%s\n\n| key | what |\n|---|---|\n", type_of(s),
		       s->about);
		for (int c = 0; c < s->nr; c++)
			if (s->columns[c].key)
				printf("| `%s` | %s |\n", s->columns[c].key,
				       s->columns[c].description);
	}
}

void reference_man(const struct command *const *commands, int nr)
{
	struct schemas all = schemas_of(commands, nr);

	puts(".SH JSON\nOne object a line, whose type says which of these it is.");
	for (int i = 0; i < all.nr; i++) {
		const struct schema *s = all.of[i];

		printf(".SS %s\n%s\n", type_of(s), s->about);
		for (int c = 0; c < s->nr; c++)
			if (s->columns[c].key)
				printf(".TP\n\\fB%s\\fR\n%s\n", s->columns[c].key,
				       s->columns[c].description);
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares what iophase says with what is known, for test scripts (expression.h):
 *
 *	check values 'TYPE[ by KEY][: CONDITION]' EXPRESSION... < JSON
 *		A line for each object that meets the condition. With sums among the
 *		expressions a line for all, or for each value of KEY; what is no sum is
 *		of the last object then.
 *	check pairs KEY LAB TRACE RULE...
 *		Are the lab's reads those of the trace that have its first one's KEY (tid,
 *		pid), one to one and in order, with all rules true? Prints what is not.
 *
 * A key that none of these objects has is an error, not a value.
 */
#include "expression.h"

#define MAX_EXPRESSIONS 32

struct group {
	char *key, *last;
	struct sum *sums;
	struct group *next;
};

struct question {
	char type[32];
	struct node *by, *condition;
	struct node *expressions[MAX_EXPRESSIONS];
	int nr;
	struct group *groups;
};

static void parse_question(struct question *q, char **words)
{
	char *what = strdup(words[0]), *condition = strchr(what, ':'), by[32] = "";

	if (condition) {
		*condition = '\0';
		q->condition = parse(condition + 1);
		if (nr_sums)
			wrong("a sum in a condition", condition + 1);
	}
	if (sscanf(what, "%31s by %31s", q->type, by) < 1)
		wrong("a type is missing", what);
	if (*by)
		q->by = parse(by);
	for (words++; *words && q->nr < MAX_EXPRESSIONS; words++)
		q->expressions[q->nr++] = parse(*words);
}

static void print_line(const struct question *q, const struct scope *in)
{
	for (int i = 0; i < q->nr; i++) {
		struct value v = eval(q->expressions[i], in);

		print_value(&v);
		putchar(i < q->nr - 1 ? ' ' : '\n');
	}
}

/* The group of this key, made if it is not there: after those that were before it. */
static struct group *group_of(struct question *q, const struct scope *in)
{
	struct value key = q->by ? eval(q->by, in) : (struct value){};
	const char *text = key.text ? key.text : "";
	struct group **at = &q->groups;
	int len = key.len;

	while (*at && ((int)strlen((*at)->key) != len || memcmp((*at)->key, text, len)))
		at = &(*at)->next;
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		(*at)->key = strndup(text, len);
		(*at)->sums = calloc(nr_sums, sizeof(struct sum));
	}
	return *at;
}

/* A key that was asked for, and that no object has. */
static int check_names(void)
{
	for (int i = 0; i < nr_names; i++)
		if (names[i]->asked && !names[i]->found) {
			printf("check: nothing has '%s'\n", names[i]->word);
			return 2;
		}
	return 0;
}

static int check_values(char **words)
{
	struct question q = {};
	struct object o;
	size_t size = 0;
	char *line = NULL;

	parse_question(&q, words);
	if (nr_sums && !q.by)
		group_of(&q, NULL);
	while (json_next(stdin, q.type, &line, &size, &o)) {
		struct scope in = { .object = &o };
		struct group *g;

		if (q.condition) {
			struct value v = eval(q.condition, &in);

			if (!is_true(&v))
				continue;
		}
		if (!nr_sums) {
			print_line(&q, &in);
			continue;
		}
		g = group_of(&q, &in);
		in.sums = g->sums;
		for (int i = 0; i < q.nr; i++)
			add_to_sums(q.expressions[i], &in);
		free(g->last);
		g->last = strdup(line);
	}
	for (struct group *g = q.groups; g; g = g->next) {
		if (g->last)
			json_parse(g->last, &o);
		print_line(&q, &(struct scope){ .object = g->last ? &o : NULL,
						.sums = g->sums });
	}
	return check_names();
}

/* What a rule was about, as numbers. */
static void print_names(struct node *n, const struct scope *in)
{
	struct value v;

	if (!n)
		return;
	if (n->kind == N_NAME) {
		v = eval(n, in);
		printf(", %s%s ", n->is_lab ? "lab." : "", n->word);
		print_value(&v);
	}
	print_names(n->left, in);
	print_names(n->right, in);
}

static FILE *open_file(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f)
		wrong("cannot open", path);
	return f;
}

/* The next read whose key has this value; of any if it is 0, and then it is told. */
static int next_read(FILE *f, struct node *key, char **line, size_t *size,
		     struct object *o, double *id)
{
	while (json_next(f, "read", line, size, o)) {
		struct value v = eval(key, &(struct scope){ .object = o });

		if (!*id)
			*id = v.number;
		if (v.number == *id)
			return 1;
	}
	return 0;
}

static int check_pairs(char **words)
{
	FILE *lab = open_file(words[1]), *trace = open_file(words[2]);
	struct node *key = parse(words[0]);
	char *lab_line = NULL, *trace_line = NULL;
	size_t lab_size = 0, trace_size = 0;
	struct node *rules[MAX_EXPRESSIONS];
	struct object made, seen;
	int nr = 0, reads[2] = {}, bad = 0, more[2];
	double id = 0;

	for (; words[3 + nr] && nr < MAX_EXPRESSIONS; nr++)
		rules[nr] = parse(words[3 + nr]);
	for (;;) {
		struct scope in = { .lab = &made, .object = &seen };

		more[0] = next_read(lab, key, &lab_line, &lab_size, &made, &id);
		more[1] = id &&
			  next_read(trace, key, &trace_line, &trace_size, &seen, &id);
		if (!more[0] && !more[1])
			break;
		reads[0] += more[0];
		reads[1] += more[1];
		for (int i = 0; more[0] && more[1] && i < nr; i++) {
			struct value v = eval(rules[i], &in);

			if (is_true(&v))
				continue;
			printf("read %d: not %s", reads[0] - 1, words[3 + i]);
			print_names(rules[i], &in);
			putchar('\n');
			bad = 1;
		}
	}
	if (reads[0] != reads[1] || !reads[0]) {
		printf("the lab read %d times, the trace has %d\n", reads[0], reads[1]);
		bad = 1;
	}
	return bad ? 1 : check_names();
}

int main(int argc, char **argv)
{
	if (argc > 3 && !strcmp(argv[1], "values"))
		return check_values(argv + 2);
	if (argc > 5 && !strcmp(argv[1], "pairs"))
		return check_pairs(argv + 2);
	fprintf(stderr, "usage: check values 'TYPE[ by KEY][: CONDITION]' EXPRESSION...\n"
			"       check pairs KEY LAB TRACE RULE...\n");
	return 2;
}

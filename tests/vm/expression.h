/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conditions and sums over objects, as in C:
 *
 *	model == "epoll" && wait_ns > 45ms && !(flags has "unseen")
 *	abs(wait_ns - (lab.send_begin_ns - lab.asked_ns)) <= 300us
 *	count(errno == 11)   sum(bytes)   round(median(copy_ns) / 1ms)
 *	flags == "handoff,eof"   nulls == "copy_ns,rest_ns"
 *
 * What is null, or is not there, is not equal, above or below anything but null.
 */
#ifndef TESTS_VM_EXPRESSION_H
#define TESTS_VM_EXPRESSION_H

#include <ctype.h>

#include "json.h"

struct value {
	const char *text; /* of a number as well, where it is a member's own */
	int len;
	double number;
	char kind; /* '0' number, '"' text, '[' list, 'n' null */
};

/* What count(), sum(), ... have taken so far, of one group. */
struct sum {
	double *values;
	size_t nr;
};

enum node_kind { N_VALUE, N_NAME, N_BINARY, N_NOT, N_MINUS, N_CALL, N_SUM };

struct node {
	enum node_kind kind;
	char word[32]; /* a name, an operator, a function */
	struct value value;
	struct node *left, *right;
	int is_lab;
	int sum;	     /* which of the expression's */
	size_t asked, found; /* how often was it looked for, how often there? */
};

/* What an expression is about: an object, and the lab's beside it; of a group its sums. */
struct scope {
	const struct object *lab, *object;
	struct sum *sums;
};

static const char *source; /* what is yet to be parsed */
static int nr_sums;
static struct node *names[256];
static int nr_names;

static void wrong(const char *what, const char *about)
{
	printf("check: %s: %s\n", what, about);
	exit(2);
}

static struct node *node(enum node_kind kind, const char *word, struct node *left,
			 struct node *right)
{
	struct node *n = calloc(1, sizeof(*n));

	n->kind = kind;
	snprintf(n->word, sizeof(n->word), "%s", word);
	n->left = left;
	n->right = right;
	return n;
}

/* Takes one of these operators, if it comes next: the longer before the shorter. */
static const char *take(const char *const *operators)
{
	while (isspace(*source))
		source++;
	for (; *operators; operators++) {
		size_t len = strlen(*operators);

		if (!strncmp(source, *operators, len) &&
		    !(isalpha(**operators) && isalnum(source[len]))) {
			source += len;
			return *operators;
		}
	}
	return NULL;
}

static int take_one(const char *what)
{
	return take((const char *const[]){ what, NULL }) != NULL;
}

static struct node *parse_level(int level);

static struct node *parse_number(void)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	struct node *n = node(N_VALUE, "", NULL, NULL);
	char *end;

	n->value = (struct value){ .kind = '0', .number = strtod(source, &end) };
	source = end;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (take_one(units[i].unit)) {
			n->value.number *= units[i].ns;
			break;
		}
	return n;
}

static struct node *parse_text(void)
{
	struct node *n = node(N_VALUE, "", NULL, NULL);
	const char *end = strchr(++source, '"');

	if (!end)
		wrong("a text does not end", source);
	n->value = (struct value){ .kind = '"', .text = source, .len = end - source };
	source = end + 1;
	return n;
}

static struct node *parse_call(const char *word)
{
	static const char *const sums[] = { "count", "sum", "min", "max", "median", NULL };
	struct node *n = node(N_CALL, word, parse_level(0), NULL);

	if (take_one(","))
		n->right = parse_level(0);
	if (!take_one(")"))
		wrong("a ) is missing", source);
	if (!strcmp(word, "abs") || !strcmp(word, "round") || n->right)
		return n;
	for (int i = 0; sums[i]; i++)
		if (!strcmp(word, sums[i])) {
			n->kind = N_SUM;
			n->sum = nr_sums++;
			return n;
		}
	wrong("there is no function", word);
	return NULL;
}

static struct node *parse_word(void)
{
	struct node *n;
	char word[32];
	size_t len = 0;

	while ((isalnum(source[len]) || source[len] == '_') && len < sizeof(word) - 1)
		len++;
	if (!len)
		wrong("a value is missing", source);
	snprintf(word, sizeof(word), "%.*s", (int)len, source);
	source += len;
	if (take_one("("))
		return parse_call(word);
	n = node(N_NAME, word, NULL, NULL);
	if (!strcmp(word, "null")) {
		n->kind = N_VALUE;
		n->value.kind = 'n';
	} else if (!strcmp(word, "lab") && *source == '.') {
		source++;
		n = parse_word();
		n->is_lab = 1;
	} else if (nr_names < 256) {
		names[nr_names++] = n;
	}
	return n;
}

static struct node *parse_value(void)
{
	struct node *n;

	if (take_one("!"))
		return node(N_NOT, "!", parse_value(), NULL);
	if (take_one("-"))
		return node(N_MINUS, "-", parse_value(), NULL);
	if (take_one("(")) {
		n = parse_level(0);
		if (!take_one(")"))
			wrong("a ) is missing", source);
		return n;
	}
	if (isdigit(*source))
		return parse_number();
	return *source == '"' ? parse_text() : parse_word();
}

static struct node *parse_level(int level)
{
	static const char *const operators[][8] = {
		{ "||" },     { "&&" },	    { "==", "!=", "<=", ">=", "<", ">", "has" },
		{ "+", "-" }, { "*", "/" },
	};
	const char *operator;
	struct node *n;

	if (level == sizeof(operators) / sizeof(*operators))
		return parse_value();
	n = parse_level(level + 1);
	while ((operator= take(operators[level])))
		n = node(N_BINARY, operator, n, parse_level(level + 1));
	return n;
}

static struct node *parse(const char *text)
{
	struct node *n;

	source = text;
	n = parse_level(0);
	while (isspace(*source))
		source++;
	if (*source)
		wrong("this is one too many", source);
	return n;
}

static struct value number(double n)
{
	return (struct value){ .kind = '0', .number = n };
}

static int is_true(const struct value *v)
{
	return v->kind == '0' ? v->number != 0 : v->kind != 'n';
}

/* What of an object is null: its keys, with commas between them. */
static struct value nulls_of(const struct object *o)
{
	static char keys[MAX_MEMBERS * 32];
	size_t len = 0;

	for (int i = 0; i < o->nr && len < sizeof(keys); i++)
		if (o->members[i].kind == 'n')
			len += snprintf(keys + len, sizeof(keys) - len, "%s%.*s",
					len ? "," : "", o->members[i].key_len,
					o->members[i].key);
	return (struct value){ .kind = '"', .text = keys, .len = len };
}

static struct value member(struct node *n, const struct scope *in)
{
	const struct object *o = n->is_lab ? in->lab : in->object;
	const struct member *m = json_find(o, n->word);
	struct value v = { .kind = 'n' };

	n->asked += o != NULL;
	if (o && !strcmp(n->word, "nulls")) {
		n->found++;
		return nulls_of(o);
	}
	n->found += m != NULL;
	if (!m)
		return v;
	v.text = m->value;
	v.len = m->value_len;
	if (strchr("\"[{n", m->kind)) {
		v.kind = m->kind;
	} else {
		v.kind = '0';
		v.number = m->kind == 't' ? 1 :
			   m->kind == 'f' ? 0 :
					    strtod(m->value, NULL);
	}
	return v;
}

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Of an even number of values the median is the upper of the two in the middle. */
static struct value total(const struct node *n, struct sum *s)
{
	double sum = 0;

	if (!strcmp(n->word, "count") || !strcmp(n->word, "sum")) {
		for (size_t i = 0; i < s->nr; i++)
			sum += *n->word == 'c' ? s->values[i] != 0 : s->values[i];
		return number(sum);
	}
	if (!s->nr)
		return (struct value){ .kind = 'n' };
	qsort(s->values, s->nr, sizeof(*s->values), by_number);
	if (!strcmp(n->word, "min"))
		return number(s->values[0]);
	return number(s->values[!strcmp(n->word, "max") ? s->nr - 1 : s->nr / 2]);
}

/* A list is equal to a text that has commas between its items. */
static int equal_list(const struct value *list, const struct value *text)
{
	int at = 0;

	for (int i = 0; i < list->len; i++)
		if (!strchr("\"[]", list->text[i]) &&
		    (at == text->len || text->text[at++] != list->text[i]))
			return 0;
	return at == text->len;
}

static int equal(const struct value *a, const struct value *b)
{
	if (a->kind == '[' && b->kind == '"')
		return equal_list(a, b);
	if (a->kind != b->kind)
		return 0;
	if (a->kind == '0')
		return a->number == b->number;
	return a->kind == 'n' || (a->len == b->len && !memcmp(a->text, b->text, a->len));
}

/* Is the text one of the list's, or a part of the text? */
static int has(const struct value *a, const struct value *b)
{
	int margin = a->kind == '[';

	if ((a->kind != '[' && a->kind != '"') || b->kind != '"')
		return 0;
	for (int i = margin; i + b->len + margin <= a->len; i++)
		if (!memcmp(a->text + i, b->text, b->len) &&
		    (!margin || (a->text[i - 1] == '"' && a->text[i + b->len] == '"')))
			return 1;
	return 0;
}

static struct value binary(const char *op, const struct value *a, const struct value *b)
{
	double x = a->number, y = b->number;

	if (!strcmp(op, "=="))
		return number(equal(a, b));
	if (!strcmp(op, "!="))
		return number(!equal(a, b));
	if (!strcmp(op, "has"))
		return number(has(a, b));
	if (a->kind != '0' || b->kind != '0')
		return (struct value){ .kind = 'n' };
	switch (*op) {
	case '<':
		return number(op[1] ? x <= y : x < y);
	case '>':
		return number(op[1] ? x >= y : x > y);
	case '+':
		return number(x + y);
	case '-':
		return number(x - y);
	case '*':
		return number(x * y);
	}
	return y != 0 ? number(x / y) : (struct value){ .kind = 'n' };
}

static struct value eval(struct node *n, const struct scope *in)
{
	struct value a, b;

	if (n->kind == N_VALUE)
		return n->value;
	if (n->kind == N_NAME)
		return member(n, in);
	if (n->kind == N_SUM)
		return total(n, &in->sums[n->sum]);
	a = eval(n->left, in);
	if (n->kind == N_NOT)
		return number(!is_true(&a));
	if (!strcmp(n->word, "&&") || !strcmp(n->word, "||")) {
		if (is_true(&a) == (*n->word == '|'))
			return number(is_true(&a));
		b = eval(n->right, in);
		return number(is_true(&b));
	}
	if (n->right)
		b = eval(n->right, in);
	if (n->kind == N_BINARY)
		return binary(n->word, &a, &b);
	if (a.kind != '0' || (n->right && b.kind != '0'))
		return (struct value){ .kind = 'n' };
	if (n->kind == N_MINUS)
		return number(-a.number);
	if (n->right) /* min(), max() of two */
		return (a.number < b.number) == !strcmp(n->word, "min") ? a : b;
	if (!strcmp(n->word, "round"))
		return number((long long)(a.number + (a.number < 0 ? -0.5 : 0.5)));
	return number(a.number < 0 ? -a.number : a.number);
}

/* Has an object's part in an expression's sums. */
static void add_to_sums(struct node *n, const struct scope *in)
{
	struct value v;
	struct sum *s;

	if (!n)
		return;
	if (n->kind != N_SUM) {
		add_to_sums(n->left, in);
		add_to_sums(n->right, in);
		return;
	}
	v = eval(n->left, in);
	if (v.kind != '0' && strcmp(n->word, "count"))
		return;
	s = &in->sums[n->sum];
	if (!(s->nr & (s->nr - 1)))
		s->values = realloc(s->values,
				    (s->nr ? s->nr * 2 : 1) * sizeof(*s->values));
	s->values[s->nr++] = v.kind == '0' ? v.number : is_true(&v);
}

/* As a word: what is empty is "-", a list's items have commas between them. */
static void print_value(const struct value *v)
{
	int printed = 0;

	if (!v->text) {
		if (v->kind == 'n')
			printf("null");
		else if (v->number == (long long)v->number)
			printf("%lld", (long long)v->number);
		else
			printf("%.3f", v->number);
		return;
	}
	for (int i = 0; i < v->len; i++)
		if (v->kind != '[' || !strchr("\"[]", v->text[i]))
			printed += putchar(v->text[i]) != EOF;
	if (!printed)
		putchar('-');
}

#endif

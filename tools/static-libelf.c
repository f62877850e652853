// SPDX-License-Identifier: GPL-2.0-only
/*
 * For static programs: the libelf.a of elfutils 0.192, Debian 13's, calls four
 * functions that no archive has. They are the C library's trees; the tree is the
 * first member of what they are given, behind it is a lock for several threads.
 */
#include <search.h>

typedef int compare(const void *, const void *);

void eu_search_tree_init(void **tree);
void eu_search_tree_fini(void **tree, void (*free_node)(void *));
void *eu_tsearch(const void *key, void **tree, compare *compare);
void *eu_tdelete(const void *key, void **tree, compare *compare);

#pragma weak eu_search_tree_init
#pragma weak eu_search_tree_fini
#pragma weak eu_tsearch
#pragma weak eu_tdelete

void eu_search_tree_init(void **tree)
{
	*tree = 0;
}

void eu_search_tree_fini(void **tree, void (*free_node)(void *))
{
	tdestroy(*tree, free_node);
}

void *eu_tsearch(const void *key, void **tree, compare *compare)
{
	return tsearch(key, tree, compare);
}

void *eu_tdelete(const void *key, void **tree, compare *compare)
{
	return tdelete(key, tree, compare);
}

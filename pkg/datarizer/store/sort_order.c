/* store/sort_order.c - "day desc, name nulls first": read, made the sorting columns of Parquet, and held to the rows as
 * they are written, since readers leave out what the order lets them. Called by table_writer.c.
 * Spec: parquet.thrift, SortingColumn. */
#include "store/internal.h"

#include "frame/internal.h"

#include <strings.h>

enum { MAX_COLUMNS = 64 };

struct dzr__sort_order {
    const dzr_allocator *alloc;
    dzr_parquet_sorting sorting[MAX_COLUMNS];
    int32_t fields[MAX_COLUMNS]; /* of the schema */
    int32_t n;
    dzr_batch *last; /* the row before the next batch, NULL: there is none */
    int64_t n_rows;  /* before the next batch */
    char file[];
};

/* ---- the text ---- */

typedef struct cursor {
    const char *text;
    size_t at;
} cursor;

static dzr_status fail_text(const dzr__sort_order *order, const cursor *c, const char *what, dzr_error *err)
{
    return dzr_fail(err, DZR_ERR_SYNTAX, "%s: sort order \"%.200s\", byte %zu: %s", order->file, c->text, c->at, what);
}

static void skip_blanks(cursor *c)
{
    c->at += strspn(c->text + c->at, " \t\n");
}

/* The next word, when it is that one. */
static bool take_word(cursor *c, const char *word)
{
    const size_t n = strlen(word);
    skip_blanks(c);
    const char *const at = c->text + c->at;
    if (strncasecmp(at, word, n) != 0 || (at[n] != '\0' && strchr(" \t\n,", at[n]) == NULL))
        return false;
    c->at += n;
    return true;
}

static dzr_status take_name(const dzr__sort_order *order, cursor *c, dzr_bytebuf *name, dzr_error *err)
{
    skip_blanks(c);
    name->len = 0;
    if (c->text[c->at] != '"') {
        const size_t n = strcspn(c->text + c->at, " \t\n,\"");
        if (n == 0)
            return fail_text(order, c, "a column is missing", err);
        DZR_TRY(dzr__bytebuf_append(name, c->text + c->at, n, err));
        c->at += n;
        return dzr__bytebuf_append(name, "", 1, err);
    }
    const size_t start = c->at++;
    for (;; c->at++) {
        const char byte = c->text[c->at];
        if (byte == '\0') {
            c->at = start;
            return fail_text(order, c, "the \" has no end", err);
        }
        if (byte == '"' && c->text[++c->at] != '"')
            return dzr__bytebuf_append(name, "", 1, err);
        DZR_TRY(dzr__bytebuf_append(name, &byte, 1, err));
    }
}

/* Leaves of a field in Parquet. */
static int32_t n_leaves(const dzr_field *field)
{
    if (field->n_children == 0 || field->type.id == DZR_TYPE_DICTIONARY)
        return 1;
    int32_t n = 0;
    for (int32_t i = 0; i < field->n_children; i++)
        n += n_leaves(&field->children[i]);
    return n;
}

static bool has_order(dzr_type_id id)
{
    return id != DZR_TYPE_NULL && id != DZR_TYPE_LIST && id != DZR_TYPE_STRUCT && id != DZR_TYPE_MAP;
}

static dzr_status take_column(dzr__sort_order *order, const dzr_schema *schema, const char *name, dzr_error *err)
{
    const int32_t field = dzr_schema_find(schema, name);
    if (field < 0)
        return dzr_fail(err, DZR_ERR_ARG, "%s: sort order: there is no column \"%.200s\"", order->file, name);
    const dzr_field *const of = dzr_schema_field(schema, field);
    const dzr_type_id id = of->type.id == DZR_TYPE_DICTIONARY ? of->children[0].type.id : of->type.id;
    if (!has_order(id))
        return dzr_fail(err, DZR_ERR_ARG, "%s: sort order: column \"%.200s\" is a %s, which has none", order->file,
                name, dzr_type_name(of->type));
    if (order->n == MAX_COLUMNS)
        return dzr_fail(err, DZR_ERR_LIMIT, "%s: sort order: more than %d columns", order->file, (int)MAX_COLUMNS);
    int32_t leaf = 0;
    for (int32_t i = 0; i < field; i++)
        leaf += n_leaves(dzr_schema_field(schema, i));
    order->fields[order->n] = field;
    order->sorting[order->n++] = (dzr_parquet_sorting){.column = leaf};
    return DZR_OK;
}

static dzr_status parse(
        dzr__sort_order *order, const char *text, const dzr_schema *schema, dzr_bytebuf *name, dzr_error *err)
{
    cursor c = {.text = text};
    do {
        DZR_TRY(take_name(order, &c, name, err));
        DZR_TRY(take_column(order, schema, (const char *)name->at, err));
        dzr_parquet_sorting *const by = &order->sorting[order->n - 1];
        by->descending = take_word(&c, "desc");
        if (!by->descending)
            (void)take_word(&c, "asc");
        if (take_word(&c, "nulls")) {
            by->nulls_first = take_word(&c, "first");
            if (!by->nulls_first && !take_word(&c, "last"))
                return fail_text(order, &c, "\"first\" or \"last\" is missing", err);
        }
        skip_blanks(&c);
    } while (c.text[c.at] == ',' && ++c.at > 0);
    return c.text[c.at] == '\0' ? DZR_OK
                                : fail_text(order, &c, "expected \",\", asc, desc, nulls first or nulls last", err);
}

dzr_status dzr__sort_order_new(const char *file, const char *text, const dzr_schema *schema, const dzr_allocator *alloc,
        dzr__sort_order **out, dzr_error *err)
{
    dzr__sort_order *const order = dzr_alloc_zeroed(alloc, 1, sizeof *order + strlen(file) + 1, err);
    if (order == NULL)
        return DZR_ERR_NOMEM;
    order->alloc = alloc;
    strcpy(order->file, file);
    dzr_bytebuf name = {.alloc = alloc};
    const dzr_status st = parse(order, text, schema, &name, err);
    dzr__bytebuf_fini(&name);
    if (st == DZR_OK)
        *out = order;
    else
        dzr__sort_order_free(order);
    return st;
}

const dzr_parquet_sorting *dzr__sort_order_columns(const dzr__sort_order *order, int32_t *n)
{
    *n = order->n;
    return order->sorting;
}

/* ---- the rows ---- */

/* Of two rows, in columns of the order: below 0 where i stands before k. */
static int rows_order(
        const dzr__sort_order *order, const dzr_batch *a, int64_t row_a, const dzr_batch *b, int64_t row_b)
{
    for (int32_t c = 0; c < order->n; c++) {
        const dzr_parquet_sorting *const by = &order->sorting[c];
        const dzr_column *left = dzr_batch_column(a, order->fields[c]), *right = dzr_batch_column(b, order->fields[c]);
        const bool null_left = dzr_column_is_null(left, row_a), null_right = dzr_column_is_null(right, row_b);
        int64_t i = row_a, k = row_b;
        if (null_left && null_right)
            continue;
        if (null_left || null_right)
            return null_left == by->nulls_first ? -1 : 1;
        left = dzr_column_resolve(left, &i);
        right = dzr_column_resolve(right, &k);
        const int is = dzr__values_order(left, i, right, k);
        if (is != 0)
            return by->descending ? -is : is;
    }
    return 0;
}

dzr_status dzr__sort_order_check(dzr__sort_order *order, const dzr_batch *batch, dzr_error *err)
{
    const int64_t n = dzr_batch_n_rows(batch);
    if (n == 0)
        return DZR_OK;
    bool fits = order->last == NULL || rows_order(order, order->last, 0, batch, 0) <= 0;
    int64_t row = 1;
    for (; fits && row < n; row++)
        fits = rows_order(order, batch, row - 1, batch, row) <= 0;
    if (!fits)
        return dzr_fail(err, DZR_ERR_ARG,
                "%s: row %lld is not in the sort order claimed: it comes before the one ahead", order->file,
                (long long)(order->n_rows + row - 1));
    dzr_batch *last = NULL;
    DZR_TRY(dzr__batch_slice(batch, n - 1, 1, order->alloc, &last, err));
    dzr_batch_free(order->last);
    order->last = last;
    order->n_rows += n;
    return DZR_OK;
}

void dzr__sort_order_free(dzr__sort_order *order)
{
    if (order == NULL)
        return;
    dzr_batch_free(order->last);
    dzr_release(order->alloc, order);
}

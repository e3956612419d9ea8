/* store/merge.c - all rows of several files, one after the other, in one. Called by `datarizer merge`.
 * The files have the same columns, or by name each gets those of all, null where it has none. */
#include "store/internal.h"

#include "frame/internal.h"

typedef struct merge {
    const char *const *names;
    int32_t n_files;
    dzr_table_read_options read;
    dzr_arena arena;
    dzr_schema *schema; /* of the new file */
    dzr_convert_result done;
} merge;

/* ---- columns ---- */

static bool same_values(const dzr_field *a, const dzr_field *b)
{
    if (!dzr_type_equal(a->type, b->type) || a->n_children != b->n_children)
        return false;
    for (int32_t i = 0; i < a->n_children; i++)
        if (strcmp(a->children[i].name, b->children[i].name) != 0 || !same_values(&a->children[i], &b->children[i]))
            return false;
    return true;
}

static dzr_status fail_type(
        const merge *m, int32_t file, const dzr_field *here, const dzr_field *before, dzr_error *err)
{
    char a[DZR_TYPE_TEXT], b[DZR_TYPE_TEXT];
    if (!dzr_type_equal(here->type, before->type))
        return dzr_fail(err, DZR_ERR_TYPE, "%s: column \"%.200s\" is %s, and %s in a file before", m->names[file],
                here->name, dzr_type_print(here->type, a), dzr_type_print(before->type, b));
    return dzr_fail(err, DZR_ERR_TYPE, "%s: column \"%.200s\" is a %s of other fields than in a file before",
            m->names[file], here->name, dzr_type_print(here->type, a));
}

/* What may be null in one file may be in all. */
static dzr_status join_nullable(dzr_field *to, const dzr_field *from, dzr_arena *arena, dzr_error *err)
{
    to->nullable = to->nullable || from->nullable;
    if (to->n_children == 0)
        return DZR_OK;
    dzr_field *const children = dzr__arena_zeroed(arena, (size_t)to->n_children, sizeof *children, err);
    if (children == NULL)
        return DZR_ERR_NOMEM;
    memcpy(children, to->children, (size_t)to->n_children * sizeof *children);
    for (int32_t i = 0; i < to->n_children; i++)
        DZR_TRY(join_nullable(&children[i], &from->children[i], arena, err));
    to->children = children;
    return DZR_OK;
}

static int32_t find_field(const dzr_field *fields, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(fields[i].name, name) == 0)
            return i;
    return -1;
}

/* The schema so far with the file's: the same columns in the same places, or by_name their union. */
static dzr_status join_schema(merge *m, int32_t file, const dzr_schema *schema, bool by_name, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(m->schema), n_here = dzr_schema_n_fields(schema);
    dzr_field *const fields = dzr__arena_zeroed(&m->arena, (size_t)n + (size_t)n_here, sizeof *fields, err);
    if (fields == NULL)
        return DZR_ERR_NOMEM;
    if (!by_name && n != n_here)
        return dzr_fail(err, DZR_ERR_TYPE, "%s: has %d columns, and a file before %d: --by-name takes those of all",
                m->names[file], (int)n_here, (int)n);
    for (int32_t i = 0; i < n; i++)
        fields[i] = *dzr_schema_field(m->schema, i);
    int32_t n_all = n;
    for (int32_t i = 0; i < n_here; i++) {
        const dzr_field *const here = dzr_schema_field(schema, i);
        const int32_t at = by_name ? find_field(fields, n_all, here->name) : i;
        if (at < 0) {
            fields[n_all] = *here;
            fields[n_all++].nullable = true;
            continue;
        }
        if (strcmp(fields[at].name, here->name) != 0)
            return dzr_fail(err, DZR_ERR_TYPE,
                    "%s: column %d is \"%.200s\", and \"%.200s\" in a file before: --by-name takes those of all",
                    m->names[file], (int)i + 1, here->name, fields[at].name);
        if (!same_values(&fields[at], here))
            return fail_type(m, file, here, &fields[at], err);
        DZR_TRY(join_nullable(&fields[at], here, &m->arena, err));
    }
    for (int32_t i = 0; i < n; i++)
        if (dzr_schema_find(schema, fields[i].name) < 0)
            fields[i].nullable = true;
    dzr_schema *all = NULL;
    DZR_TRY(dzr_schema_new(fields, n_all, m->read.alloc, &all, err));
    dzr_schema_free(m->schema);
    m->schema = all;
    return DZR_OK;
}

static dzr_status join_schemas(merge *m, bool by_name, dzr_error *err)
{
    for (int32_t i = 0; i < m->n_files; i++) {
        dzr_table_reader *reader = NULL;
        DZR_TRY(dzr_table_reader_open(m->names[i], &m->read, &reader, err));
        dzr_status st = DZR_OK;
        if (m->schema == NULL)
            m->schema = dzr_schema_hold(dzr_table_reader_schema(reader));
        else
            st = join_schema(m, i, dzr_table_reader_schema(reader), by_name, err);
        dzr_table_reader_close(reader);
        DZR_TRY(st);
    }
    return DZR_OK;
}

/* ---- rows ---- */

/* For each node of the new file the file's own, -1 where it has none. */
static dzr_status match_nodes(const merge *m, const dzr_schema *from, int32_t *nodes, dzr_error *err)
{
    for (int32_t i = 0; i < dzr_schema_n_fields(m->schema); i++) {
        const int32_t field = dzr_schema_find(from, dzr_schema_field(m->schema, i)->name);
        const int32_t node = dzr_schema_field_node(m->schema, i), end = dzr_schema_node_end(m->schema, node);
        for (int32_t k = node; k < end; k++)
            nodes[k] = field >= 0 ? dzr_schema_field_node(from, field) + (k - node) : -1;
        const bool fits = field < 0 || same_values(dzr_schema_field(m->schema, i), dzr_schema_field(from, field));
        if (!fits) /* it was another file when its columns were looked at */
            return dzr_fail(err, DZR_ERR_TYPE, "column \"%.200s\" has changed while the files were read",
                    dzr_schema_field(m->schema, i)->name);
    }
    return DZR_OK;
}

static dzr_status copy_rows(
        merge *m, dzr_table_reader *reader, dzr_table_writer *writer, int32_t *nodes, dzr_error *err)
{
    DZR_TRY(match_nodes(m, dzr_table_reader_schema(reader), nodes, err));
    for (;;) {
        dzr_batch *batch = NULL, *wide = NULL;
        DZR_TRY(dzr_table_reader_next(reader, &batch, err));
        if (batch == NULL)
            return DZR_OK;
        dzr_status st = dzr__batch_project(batch, m->schema, nodes, m->read.alloc, &wide, err);
        if (st == DZR_OK)
            st = dzr_table_writer_append(writer, wide, err);
        m->done.n_rows += dzr_batch_n_rows(batch);
        dzr_batch_free(wide);
        dzr_batch_free(batch);
        DZR_TRY(st);
    }
}

static dzr_status copy_all(merge *m, const char *out, const dzr_table_write_options *write, dzr_error *err)
{
    dzr_table_writer *writer = NULL;
    int32_t *const nodes = dzr__arena_zeroed(&m->arena, (size_t)dzr_schema_n_nodes(m->schema), sizeof *nodes, err);
    if (nodes == NULL)
        return DZR_ERR_NOMEM;
    dzr_status st = dzr_table_writer_open(out, m->schema, write, &writer, err);
    for (int32_t i = 0; st == DZR_OK && i < m->n_files; i++) {
        dzr_table_reader *reader = NULL;
        st = dzr_table_reader_open(m->names[i], &m->read, &reader, err);
        if (st == DZR_OK)
            st = copy_rows(m, reader, writer, nodes, err);
        dzr_table_reader_close(reader);
    }
    if (st == DZR_OK)
        st = dzr_table_writer_commit(writer, err);
    m->done.n_bytes = st == DZR_OK ? dzr_table_writer_n_bytes(writer) : 0;
    dzr_table_writer_close(writer);
    return st;
}

dzr_status dzr_merge(const char *const *names, int32_t n_files, bool by_name,
        const dzr_table_read_options *read_options, const char *out, const dzr_table_write_options *write_options,
        dzr_convert_result *result, dzr_error *err)
{
    merge m = {.names = names, .n_files = n_files};
    const dzr_table_write_options write =
            write_options != NULL ? *write_options : (dzr_table_write_options){.parquet = DZR_PARQUET_WRITE_DEFAULTS};
    if (read_options != NULL)
        m.read = *read_options;
    if (n_files < 1)
        return dzr_fail(err, DZR_ERR_ARG, "%s: no files to merge", out);
    dzr__arena_init(&m.arena, m.read.alloc, 0);
    dzr_status st = join_schemas(&m, by_name, err);
    if (st == DZR_OK)
        st = copy_all(&m, out, &write, err);
    if (st == DZR_OK && result != NULL)
        *result = m.done;
    dzr_schema_free(m.schema);
    dzr__arena_fini(&m.arena);
    return st;
}

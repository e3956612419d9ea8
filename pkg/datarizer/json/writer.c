/* json/writer.c - batches as JSON lines or as one indented array. Called by ingest and by convert.c of the store;
 * writer_rows.c lays out rows, with what writer_value.c has for a value, and writer_ahead.c has several threads do so.
 * Rows are laid out in a buffer that goes to the sink when it is full; what stands around the values is prepared once.
 * Layout: Go's encoding/json (Encoder with SetIndent("", "  ")). */
#include "json/writer.h"

enum { BUFFER_BYTES = 1 << 17 };

/* ---- what stands around the values ---- */

/* What stands before the value of the struct member, or column, `node`. */
static dzr_status prepare_member(dzr_json_writer *writer, int32_t node, bool is_first, dzr_error *err)
{
    const char *const name = dzr_schema_node(writer->schema, node)->name;
    const size_t len = strlen(name);
    const size_t indent = writer->indented ? 1 + 2 * (size_t)writer->level[node] : 0;
    const size_t room = len * 6 + 16 + indent + sizeof "{\"\": " + DZR__JSON_COPY;
    uint8_t *const text = dzr__arena_zeroed(&writer->arena, 1, room, err);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    uint8_t *to = text;
    *to++ = is_first ? '{' : ',';
    to = mempcpy(to, writer->line_break, indent);
    *to++ = '"';
    to += dzr__json_escape((dzr_bytes){(const uint8_t *)name, len}, writer->html, to);
    to = mempcpy(to, "\": ", writer->indented ? 3 : 2);
    writer->before[node] = (dzr_bytes){.at = text, .len = (size_t)(to - text)};
    return DZR_OK;
}

/* The members of struct `node`, or with -1 of a row, and all below them; they end before node `end`. */
static dzr_status prepare_members(
        dzr_json_writer *writer, int32_t node, int32_t end, bool named, uint8_t level, dzr_error *err)
{
    for (int32_t child = node + 1; child < end; child = dzr_schema_node_end(writer->schema, child)) {
        const dzr_type_id id = dzr_schema_node(writer->schema, child)->type.id;
        const bool is_entry = node >= 0 && dzr_schema_node(writer->schema, node)->type.id == DZR_TYPE_MAP;
        writer->level[child] = level;
        if (named)
            DZR_TRY(prepare_member(writer, child, child == node + 1, err));
        /* a map's entries are no level of their own in the text, and key and value no members */
        DZR_TRY(prepare_members(writer, child, dzr_schema_node_end(writer->schema, child),
                id == DZR_TYPE_STRUCT && !is_entry, (uint8_t)(level + !is_entry), err));
    }
    return DZR_OK;
}

static dzr_status prepare(dzr_json_writer *writer, dzr_json_style style, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(writer->schema), n_nodes = dzr_schema_n_nodes(writer->schema);
    const bool indented = writer->indented = style == DZR_JSON_ARRAY_INDENTED;
    const bool array = style == DZR_JSON_ARRAY_LINES;
    writer->before_all = indented ? "[\n  " : array ? "[\n" : "";
    writer->between = indented ? ",\n  " : array ? ",\n" : "";
    writer->after_row = indented ? (n > 0 ? "\n  }" : "{}") : array ? (n > 0 ? "}" : "{}") : (n > 0 ? "}\n" : "{}\n");
    writer->after_all = indented || array ? "\n]\n" : "";
    writer->nothing = indented || array ? "[]\n" : "";
    memset(writer->line_break, ' ', sizeof writer->line_break);
    writer->line_break[0] = '\n';
    writer->before = dzr__arena_zeroed(&writer->arena, (size_t)n_nodes, sizeof *writer->before, err);
    writer->level = dzr__arena_zeroed(&writer->arena, (size_t)n_nodes, sizeof *writer->level, err);
    writer->cells = dzr__arena_zeroed(&writer->arena, (size_t)n, sizeof *writer->cells, err);
    if (writer->before == NULL || writer->level == NULL || writer->cells == NULL)
        return DZR_ERR_NOMEM;
    DZR_TRY(prepare_members(writer, -1, n_nodes, true, DZR__JSON_ROW_LEVEL, err));
    return dzr__bytebuf_reserve(&writer->buf, BUFFER_BYTES, err);
}

dzr_status dzr_json_writer_open(dzr_sink *sink, const dzr_schema *schema, const dzr_json_write_options *options,
        dzr_json_writer **out, dzr_error *err)
{
    static const dzr_json_write_options defaults = {.style = DZR_JSON_LINES};
    if (options == NULL)
        options = &defaults;
    DZR_TRY(dzr__json_check_keys(schema, err));
    dzr_json_writer *const writer = dzr_alloc_zeroed(options->alloc, 1, sizeof *writer, err);
    if (writer == NULL)
        return DZR_ERR_NOMEM;
    writer->alloc = writer->buf.alloc = options->alloc;
    writer->sink = sink;
    writer->schema = dzr_schema_hold(schema);
    writer->html = options->escape_html;
    dzr__arena_init(&writer->arena, options->alloc, 0);
    dzr_status st = prepare(writer, options->style, err);
    if (st == DZR_OK)
        st = dzr__json_writer_threads(writer, options->threads, err);
    if (st != DZR_OK) {
        dzr_json_writer_close(writer);
        return st;
    }
    *out = writer;
    return DZR_OK;
}

void dzr_json_writer_close(dzr_json_writer *writer)
{
    if (writer == NULL)
        return;
    dzr__json_ahead_free(writer->ahead);
    dzr__bytebuf_fini(&writer->buf);
    dzr__arena_fini(&writer->arena);
    dzr_schema_free(writer->schema);
    dzr_release(writer->alloc, writer);
}

/* ---- rows ---- */

dzr_status dzr_json_writer_append(dzr_json_writer *writer, const dzr_batch *batch, dzr_error *err)
{
    if (writer->finished)
        return dzr_fail(err, DZR_ERR_ARG, "%s: the JSON text is finished", writer->sink->name);
    if (!dzr_schema_equal(dzr_batch_schema(batch), writer->schema))
        return dzr_fail(err, DZR_ERR_ARG, "%s: the batch has another schema", writer->sink->name);
    if (writer->ahead != NULL)
        return dzr__json_ahead_append(writer->ahead, batch, err);
    int64_t row = 0;
    return dzr__json_put_rows(writer, batch, &row, dzr_batch_n_rows(batch), err);
}

dzr_status dzr_json_writer_finish(dzr_json_writer *writer, dzr_error *err)
{
    if (writer->finished)
        return DZR_OK;
    const char *const end = writer->n_rows == 0 ? writer->nothing : writer->after_all;
    DZR_TRY(dzr__json_put(writer, end, strlen(end), err));
    writer->finished = true;
    return dzr__json_writer_flush(writer, err);
}

dzr_status dzr_json_write_value(dzr_sink *sink, const dzr_batch *batch, int32_t field, int64_t row, dzr_error *err)
{
    dzr_json_writer *writer = NULL;
    const dzr_schema *const schema = dzr_batch_schema(batch);
    DZR_TRY(dzr_json_writer_open(sink, schema, NULL, &writer, err));
    const int32_t node = dzr_schema_field_node(schema, field);
    dzr_status st = dzr__json_write_value(writer, node, dzr_batch_column(batch, field), row, err);
    if (st == DZR_OK)
        st = dzr__json_writer_flush(writer, err);
    dzr_json_writer_close(writer);
    return st;
}

/* json/array.c - pages of records, each a JSON array of objects, into a builder. Called by ingest for every page it
 * fetches, in two steps: index.c's tokens are found and counted, then record.c converts them. */
#include "frame/internal.h"
#include "json/internal.h"

struct dzr_json_parser {
    const dzr_allocator *alloc;
    dzr_schema *schema;
    dzr__json_index index;
    dzr__json_record record;
    dzr__json_walk walk; /* over the page that was indexed and is not yet appended */
    bool has_page;
};

dzr_status dzr_json_parser_new(const dzr_schema *schema, const dzr_json_rules *rules, const dzr_json_limits *limits,
        const dzr_allocator *alloc, dzr_json_parser **out, dzr_error *err)
{
    DZR_TRY(dzr__json_check_keys(schema, err));
    dzr_json_parser *const parser = dzr_alloc_zeroed(alloc, 1, sizeof *parser, err);
    if (parser == NULL)
        return DZR_ERR_NOMEM;
    parser->alloc = alloc;
    parser->schema = dzr_schema_hold(schema);
    dzr_status st = dzr__json_index_init(&parser->index, alloc, err);
    if (st == DZR_OK)
        st = dzr__json_record_init(&parser->record, schema, rules, limits, alloc, err);
    if (st != DZR_OK) {
        dzr_json_parser_free(parser);
        return st;
    }
    *out = parser;
    return DZR_OK;
}

void dzr_json_parser_free(dzr_json_parser *parser)
{
    if (parser == NULL)
        return;
    dzr__json_record_fini(&parser->record);
    dzr__json_index_fini(&parser->index);
    dzr_schema_free(parser->schema);
    dzr_release(parser->alloc, parser);
}

/* The items of the array whose '[' is at walk->next: one more than the commas at its level. */
static int64_t count_items(const dzr__json_walk *walk)
{
    if (walk->next + 1 < walk->end && walk->text[walk->next[1]] == ']')
        return 0;
    int64_t n = 1;
    int64_t level = 0;
    for (const uint32_t *at = walk->next; at < walk->end; at++) {
        const uint8_t byte = walk->text[*at];
        if (byte == '{' || byte == '[')
            level++;
        else if (byte == '}' || byte == ']')
            level--;
        else if (byte == ',' && level == 1)
            n++;
    }
    return n;
}

dzr_status dzr_json_parser_index(dzr_json_parser *parser, dzr_bytes text, int64_t *n_records, dzr_error *err)
{
    parser->has_page = false;
    DZR_TRY(dzr__json_index_text(&parser->index, text, err));
    const dzr__json_index *const index = &parser->index;
    dzr__json_walk walk = {.text = index->text,
            .len = index->len,
            .next = index->at,
            .end = index->at + index->n,
            .clean = index->clean};
    const uint8_t first = dzr__json_peek(&walk);
    if (first != '[' && first != 'n') { /* a syntax error inside goes first, and something behind is one too */
        const uint32_t *const start = walk.next;
        dzr__json_record *const record = &parser->record;
        DZR_TRY(dzr__json_skip(&walk, record->stack, record->depth, &record->scratch, err));
        if (walk.next < walk.end)
            return dzr__json_unexpected(&walk, *walk.next, "the end of the text", err);
        return dzr__json_not_a(&walk, start, "an array", err);
    }
    parser->walk = walk;
    parser->has_page = true;
    *n_records = first == '[' ? count_items(&walk) : 0;
    return DZR_OK;
}

/* Puts the record before a message about something in it. */
static dzr_status in_record(int64_t record, dzr_status st, dzr_error *err)
{
    if (err != NULL)
        err->record = record;
    return dzr_fail_at(err, st, "record %lld: ", (long long)record);
}

static dzr_status take_records(dzr__json_record *record, dzr__json_walk *walk, dzr_builder *builder, dzr_error *err)
{
    if (dzr__json_peek(walk) == 'n')
        return dzr__json_take_literal(walk, "null", 4, err);
    walk->next++; /* '[' */
    if (dzr__json_peek(walk) == ']') {
        walk->next++;
        return DZR_OK;
    }
    for (int64_t i = 0;; i++) {
        const bool fitted = record->misfit.status == DZR_OK;
        const uint32_t *after = NULL;
        const bool is_quick =
                dzr__json_quick_take(record, walk, builder, &after) && dzr__json_quick_keep(record, walk, builder);
        if (is_quick)
            walk->next = after;
        const dzr_status st = is_quick ? DZR_OK : dzr__json_take_record(record, walk, builder, err);
        if (st != DZR_OK)
            return st == DZR_ERR_NOMEM ? st : in_record(i, st, err);
        if (fitted && record->misfit.status != DZR_OK)
            (void)in_record(i, DZR_ERR_TYPE, &record->misfit);
        const uint8_t byte = dzr__json_peek(walk);
        if (byte != ',' && byte != ']')
            return in_record(i, dzr__json_unexpected(walk, *walk->next, "',' or ']' after the object", err), err);
        walk->next++;
        if (byte == ']')
            return DZR_OK;
    }
}

dzr_status dzr_json_parser_append(dzr_json_parser *parser, dzr_builder *builder, dzr_error *err)
{
    if (!parser->has_page)
        return dzr_fail(err, DZR_ERR_ARG, "no page was indexed");
    if (!dzr_schema_equal(dzr_builder_schema(builder), parser->schema))
        return dzr_fail(err, DZR_ERR_ARG, "the builder has another schema than the parser");
    parser->has_page = false;
    parser->record.misfit.status = DZR_OK;
    const int64_t before = dzr_schema_n_fields(parser->schema) > 0 ? dzr_builder_n_rows(builder, 0) : 0;
    dzr__json_walk *const walk = &parser->walk;
    dzr_status st = take_records(&parser->record, walk, builder, err);
    if (st == DZR_OK && walk->next < walk->end)
        st = dzr__json_unexpected(walk, *walk->next, "the end of the text", err);
    if (st == DZR_OK && parser->record.misfit.status != DZR_OK) {
        st = parser->record.misfit.status;
        if (err != NULL)
            *err = parser->record.misfit;
    }
    if (st != DZR_OK)
        dzr_builder_truncate(builder, before);
    return st;
}

dzr_status dzr_json_parse_array(dzr_bytes text, const dzr_json_rules *rules, const dzr_json_limits *limits,
        dzr_builder *builder, int64_t *n_records, dzr_error *err)
{
    dzr_json_parser *parser = NULL;
    int64_t n = 0;
    DZR_TRY(dzr_json_parser_new(dzr_builder_schema(builder), rules, limits, NULL, &parser, err));
    dzr_status st = dzr_json_parser_index(parser, text, &n, err);
    if (st == DZR_OK)
        st = dzr_json_parser_append(parser, builder, err);
    dzr_json_parser_free(parser);
    if (st == DZR_OK)
        *n_records = n;
    return st;
}

/* fuzz/json_array.c - a page of records. The first byte holds the rules and whether columns are nullable.
 * Holds: a page that is refused leaves the builder as it was, with a message and its place; one that is taken has as
 * many rows as were counted before, and written and read again it is the same; tokens found by simdjson and one by one
 * lead to the same record or the same complaint; no memory is left. */
#include "json_shared.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static dzr_batch *finish(dzr_builder *builder)
{
    dzr_batch *batch = NULL;
    REQUIRE(dzr_builder_finish(builder, &batch, NULL) == DZR_OK);
    return batch;
}

/* Written as an array and read by strict rules, the rows are the same: their text is. */
static void check_way_back(const dzr_batch *batch, bool html, const dzr_allocator *alloc)
{
    const dzr_json_rules strict = {.refuse_unknown = true};
    dzr_builder *builder = NULL;
    int64_t n = 0;
    dzr_sink *const text = json_fuzz_write(batch, DZR_JSON_ARRAY_INDENTED, html, alloc);
    REQUIRE(dzr_builder_new(dzr_batch_schema(batch), alloc, &builder, NULL) == DZR_OK);
    REQUIRE(dzr_json_parse_array(dzr_sink_memory_bytes(text), &strict, NULL, builder, &n, NULL) == DZR_OK);
    REQUIRE(n == dzr_batch_n_rows(batch));
    dzr_batch *const back = finish(builder);
    dzr_sink *const again = json_fuzz_write(back, DZR_JSON_ARRAY_INDENTED, html, alloc);
    json_fuzz_require_same(text, again);
    dzr_sink_close(again);
    dzr_sink_close(text);
    dzr_batch_free(back);
    dzr_builder_free(builder);
}

static void check_page(
        dzr_bytes text, const dzr_json_rules *rules, const dzr_schema *schema, const dzr_allocator *alloc)
{
    dzr_json_parser *parser = NULL;
    dzr_builder *builder = NULL;
    dzr_error err = {.message = ""};
    int64_t n = -1;
    REQUIRE(dzr_json_parser_new(schema, rules, &(dzr_json_limits){.depth = 9}, alloc, &parser, NULL) == DZR_OK);
    REQUIRE(dzr_builder_new(schema, alloc, &builder, NULL) == DZR_OK);
    dzr_status st = dzr_json_parser_index(parser, text, &n, &err);
    if (st == DZR_OK)
        st = dzr_json_parser_append(parser, builder, &err);
    if (st == DZR_OK) {
        REQUIRE(dzr_builder_n_rows(builder, 0) == n);
        dzr_batch *const batch = finish(builder);
        check_way_back(batch, rules->fold_case, alloc);
        dzr_batch_free(batch);
    } else {
        REQUIRE(st == DZR_ERR_SYNTAX || st == DZR_ERR_TYPE || st == DZR_ERR_LIMIT);
        REQUIRE(err.status == st && err.message[0] != '\0' && dzr__utf8_valid(err.message, strlen(err.message)));
        REQUIRE(err.offset <= (int64_t)text.len);
        for (int32_t i = 0; i < dzr_schema_n_nodes(schema); i++)
            REQUIRE(dzr_builder_n_rows(builder, i) == 0);
    }
    dzr_builder_free(builder);
    dzr_json_parser_free(parser);
}

/* The first record of the text, by one of two indexes. */
static dzr_status first_record(const dzr__json_index *index, const dzr_json_rules *rules, const dzr_schema *schema,
        const dzr_allocator *alloc, dzr_sink **out, dzr_error *err)
{
    dzr__json_record record;
    dzr_builder *builder = NULL;
    dzr__json_walk walk = {index->text, index->len, index->at, index->at + index->n, index->clean, 0, NULL};
    REQUIRE(dzr__json_record_init(&record, schema, rules, &(dzr_json_limits){.depth = 9}, alloc, NULL) == DZR_OK);
    REQUIRE(dzr_builder_new(schema, alloc, &builder, NULL) == DZR_OK);
    dzr_status st = dzr__json_take_record(&record, &walk, builder, err);
    if (st == DZR_OK && record.misfit.status != DZR_OK) {
        st = record.misfit.status;
        *err = record.misfit;
    }
    if (st == DZR_OK) {
        dzr_batch *const batch = finish(builder);
        *out = json_fuzz_write(batch, DZR_JSON_LINES, false, alloc);
        dzr_batch_free(batch);
    }
    dzr_builder_free(builder);
    dzr__json_record_fini(&record);
    return st;
}

static void check_both_indexes(
        dzr_bytes text, const dzr_json_rules *rules, const dzr_schema *schema, const dzr_allocator *alloc)
{
    dzr__json_index fast, slow;
    REQUIRE(dzr__json_index_init(&fast, alloc, NULL) == DZR_OK);
    REQUIRE(dzr__json_index_init(&slow, alloc, NULL) == DZR_OK);
    REQUIRE(dzr__json_index_text(&fast, text, NULL) == DZR_OK);
    REQUIRE(dzr__json_index_slowly(&slow, text, NULL) == DZR_OK);
    dzr_sink *by_fast = NULL, *by_slow = NULL;
    dzr_error fast_err = {.message = ""}, slow_err = {.message = ""};
    const dzr_status fast_st = first_record(&fast, rules, schema, alloc, &by_fast, &fast_err);
    const dzr_status slow_st = first_record(&slow, rules, schema, alloc, &by_slow, &slow_err);
    REQUIRE(fast_st == slow_st);
    if (fast_st == DZR_OK) {
        json_fuzz_require_same(by_fast, by_slow);
    } else {
        REQUIRE(fast_err.offset == slow_err.offset);
        REQUIRE(strcmp(fast_err.message, slow_err.message) == 0);
    }
    dzr_sink_close(by_fast);
    dzr_sink_close(by_slow);
    dzr__json_index_fini(&fast);
    dzr__json_index_fini(&slow);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const dzr_json_rules rules = {.fold_case = bytes[0] & 1,
            .null_is_zero = bytes[0] & 2,
            .refuse_unknown = bytes[0] & 4,
            .replace_invalid = bytes[0] & 8};
    dzr_schema *const schema = json_fuzz_schema(&alloc, (bytes[0] & 16) == 0);
    const dzr_bytes text = {.at = bytes + 1, .len = len - 1};
    check_page(text, &rules, schema, &alloc);
    check_both_indexes(text, &rules, schema, &alloc);
    dzr_schema_free(schema);
    REQUIRE(count.now == 0);
    return 0;
}

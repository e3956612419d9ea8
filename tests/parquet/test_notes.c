/* tests/parquet/test_notes.c - what a footer says besides where values are: metadata of file and columns, sorting,
 * field ids, and Arrow's schema, which is taken where it agrees with the file's own. */
#include "support.h"

#include "alloc_nth.h"
#include "parquet/arrow_schema/arrow_schema.h"
#include <datarizer/parquet.h>

#include <stdio.h>

static dzr_bytes text(const char *chars)
{
    return (dzr_bytes){(const uint8_t *)chars, strlen(chars)};
}

static void check_text(dzr_bytes got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.at, want, got.len);
}

/* ---- a file in memory ---- */

typedef struct file {
    dzr_sink *sink;
    dzr_source *source;
    dzr_parquet_reader *reader;
} file;

static void file_close(file *f)
{
    dzr_parquet_reader_close(f->reader);
    dzr_source_close(f->source);
    dzr_sink_close(f->sink);
}

static dzr_status append_zeros(
        dzr_parquet_writer *writer, const dzr_schema *schema, int n_rows, const dzr_allocator *alloc, dzr_error *err)
{
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_status st = dzr_builder_new(schema, alloc, &builder, err);
    for (int i = 0; i < n_rows && st == DZR_OK; i++)
        for (int32_t node = 0; node < dzr_schema_n_nodes(schema) && st == DZR_OK; node++) {
            const dzr_field *const field = dzr_schema_node(schema, node);
            if (field->nullable)
                st = dzr_builder_null(builder, node, err);
            else if (field->type.id == DZR_TYPE_STRUCT)
                st = dzr_builder_struct(builder, node, err);
            else
                st = dzr_builder_int(builder, node, i, err);
        }
    if (st == DZR_OK)
        st = dzr_builder_finish(builder, &batch, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_append(writer, batch, err);
    dzr_batch_free(batch);
    dzr_builder_free(builder);
    return st;
}

/* n_rows rows, of numbers where the schema is flat and not nullable, else of nulls. close is needed after a failure. */
static dzr_status file_make(file *f, const dzr_field *fields, int32_t n_fields, int n_rows,
        const dzr_parquet_write_options *options, dzr_error *err)
{
    dzr_schema *schema = NULL;
    dzr_parquet_writer *writer = NULL;
    const dzr_allocator *const alloc = options->alloc;
    *f = (file){NULL, NULL, NULL};
    dzr_status st = dzr_schema_new(fields, n_fields, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_sink_memory(1 << 20, alloc, &f->sink, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_open(f->sink, schema, options, &writer, err);
    if (st == DZR_OK)
        st = append_zeros(writer, schema, n_rows, alloc, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_finish(writer, err);
    dzr_parquet_writer_close(writer);
    dzr_schema_free(schema);
    if (st == DZR_OK)
        st = dzr_source_memory(dzr_sink_memory_bytes(f->sink), alloc, &f->source, err);
    if (st == DZR_OK)
        st = dzr_parquet_reader_open(f->source, &(dzr_parquet_read_options){.alloc = alloc}, &f->reader, err);
    return st;
}

static const dzr_field *field_of(const file *f, int32_t node)
{
    return dzr_schema_node(dzr_parquet_reader_schema(f->reader), node);
}

/* ---- metadata and sorting ---- */

static const dzr_field two[] = {
        {.name = "a", .type = {.id = DZR_TYPE_INT32}}, {.name = "b", .type = {.id = DZR_TYPE_INT64}}};

static void check_entry(dzr_parquet_metadata got, const dzr_parquet_metadata *want)
{
    assert_int_equal(got.key.len, want->key.len);
    assert_memory_equal(got.key.at, want->key.at, got.key.len);
    assert_int_equal(got.value.at == NULL, want->value.at == NULL);
    assert_int_equal(got.value.len, want->value.len);
    assert_memory_equal(got.value.at, want->value.at, got.value.len);
}

static void metadata_and_sorting_come_back(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    const dzr_parquet_metadata metadata[] = {
            {text("a"), text("1")}, {text("a"), text("")}, {text("\xc3\xbc"), {NULL, 0}}};
    const dzr_parquet_sorting sorting[] = {{.column = 1, .descending = true}, {.column = 0, .nulls_first = true}};
    const dzr_parquet_write_options options = {
            .metadata = metadata, .n_metadata = 3, .sorting = sorting, .n_sorting = 2, .row_group_rows = 5};
    assert_ok(file_make(&f, two, 2, 8, &options, &err));
    assert_int_equal(dzr_parquet_reader_n_metadata(f.reader), 4);
    for (int32_t i = 0; i < 3; i++)
        check_entry(dzr_parquet_reader_metadata(f.reader, i), &metadata[i]);
    check_text(dzr_parquet_reader_metadata(f.reader, 3).key, "ARROW:schema");
    for (int32_t g = 0; g < 2; g++) {
        assert_int_equal(dzr_parquet_reader_n_sorting(f.reader, g), 2);
        const dzr_parquet_sorting first = dzr_parquet_reader_sorting(f.reader, g, 0);
        const dzr_parquet_sorting second = dzr_parquet_reader_sorting(f.reader, g, 1);
        assert_true(first.column == 1 && first.descending && !first.nulls_first);
        assert_true(second.column == 0 && !second.descending && second.nulls_first);
    }
    file_close(&f);
}

static void arrow_schema_is_left_out_on_request(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    const dzr_parquet_metadata own[] = {{text("ARROW:schema"), text("mine")}, {text("b"), text("2")}};
    assert_ok(file_make(&f, two, 2, 1, &(dzr_parquet_write_options){.no_arrow_schema = true}, &err));
    assert_int_equal(dzr_parquet_reader_n_metadata(f.reader), 0);
    file_close(&f);
    dzr_parquet_write_options options = {.no_arrow_schema = true, .metadata = own, .n_metadata = 2};
    assert_ok(file_make(&f, two, 2, 1, &options, &err));
    assert_int_equal(dzr_parquet_reader_n_metadata(f.reader), 2);
    check_entry(dzr_parquet_reader_metadata(f.reader, 0), &own[0]);
    file_close(&f);
    options.no_arrow_schema = false; /* one of another schema would be wrong beside ours */
    assert_ok(file_make(&f, two, 2, 1, &options, &err));
    assert_int_equal(dzr_parquet_reader_n_metadata(f.reader), 2);
    check_entry(dzr_parquet_reader_metadata(f.reader, 0), &own[1]);
    assert_ok(dzr_parquet_reader_check_arrow_schema(f.reader, &err));
    file_close(&f);
}

static void column_metadata_is_in_every_row_group(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    const dzr_parquet_column_metadata metadata[] = {
            {1, {text("unit"), text("kg")}}, {0, {text("id"), {NULL, 0}}}, {1, {text("unit"), text("")}}};
    const dzr_parquet_write_options options = {
            .column_metadata = metadata, .n_column_metadata = 3, .row_group_rows = 5};
    assert_ok(file_make(&f, two, 2, 8, &options, &err));
    for (int32_t g = 0; g < 2; g++) {
        dzr_parquet_chunk a, b;
        assert_ok(dzr_parquet_reader_chunk(f.reader, g, 0, &a, &err));
        assert_ok(dzr_parquet_reader_chunk(f.reader, g, 1, &b, &err));
        assert_int_equal(a.n_metadata, 1);
        assert_int_equal(b.n_metadata, 2);
        check_entry(dzr_parquet_reader_chunk_metadata(f.reader, g, 0, 0), &metadata[1].entry);
        check_entry(dzr_parquet_reader_chunk_metadata(f.reader, g, 1, 0), &metadata[0].entry);
        check_entry(dzr_parquet_reader_chunk_metadata(f.reader, g, 1, 1), &metadata[2].entry);
    }
    file_close(&f);
}

static void the_corpus_has_metadata_of_columns(void **state)
{
    (void)state;
    dzr_error err;
    uint8_t bytes[4096];
    FILE *const in = fopen("../shared/parquet-testing/data/column_chunk_key_value_metadata.parquet", "rb");
    if (in == NULL) {
        printf("skipped: the corpus is not here\n");
        skip();
    }
    const size_t len = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    dzr_parquet_chunk chunk;
    assert_ok(dzr_source_memory((dzr_bytes){bytes, len}, NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    assert_ok(dzr_parquet_reader_chunk(reader, 0, 0, &chunk, &err));
    assert_int_equal(chunk.n_metadata, 2);
    check_entry(dzr_parquet_reader_chunk_metadata(reader, 0, 0, 0), &(dzr_parquet_metadata){text("foo"), text("bar")});
    check_entry(dzr_parquet_reader_chunk_metadata(reader, 0, 0, 1),
            &(dzr_parquet_metadata){text("thisiskeywithoutvalue"), {NULL, 0}});
    assert_ok(dzr_parquet_reader_chunk(reader, 0, 1, &chunk, &err));
    assert_int_equal(chunk.n_metadata, 0);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
}

static void check_refused(const dzr_parquet_write_options *options, const char *why)
{
    dzr_error err;
    file f;
    assert_int_equal(file_make(&f, two, 2, 0, options, &err), DZR_ERR_ARG);
    assert_string_equal(err.message, why);
    file_close(&f);
}

static void notes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    const dzr_parquet_metadata bytes = {text("a"), text("\xff")};
    const dzr_parquet_sorting past_the_end = {.column = 2};
    dzr_parquet_column_metadata column = {-1, {text("a"), text("b")}};
    check_refused(
            &(dzr_parquet_write_options){.metadata = &bytes, .n_metadata = 1}, "option metadata: entry 0 is not UTF-8");
    check_refused(&(dzr_parquet_write_options){.sorting = &past_the_end, .n_sorting = 1},
            "option sorting: entry 0 is column 2 of 2");
    check_refused(&(dzr_parquet_write_options){.column_metadata = &column, .n_column_metadata = 1},
            "option column_metadata: entry 0 is column -1 of 2");
    column = (dzr_parquet_column_metadata){0, {text("\xff"), text("b")}};
    check_refused(&(dzr_parquet_write_options){.column_metadata = &column, .n_column_metadata = 1},
            "option column_metadata: entry 0 is not UTF-8");
    check_refused(&(dzr_parquet_write_options){.n_column_metadata = -1},
            "option n_column_metadata is -1, and must be 0 to 2147483647");
}

/* ---- field ids ---- */

#define ID(value)                                                                                                      \
    (const dzr_key_value[])                                                                                            \
    {                                                                                                                  \
        {                                                                                                              \
            {(const uint8_t *)"PARQUET:field_id", 16},                                                                 \
            {                                                                                                          \
                (const uint8_t *)(value), sizeof(value) - 1                                                            \
            }                                                                                                          \
        }                                                                                                              \
    }

static void field_ids_come_back_without_arrow_schema(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    const dzr_field element = {
            .name = "element", .type = {.id = DZR_TYPE_INT32}, .nullable = true, .metadata = ID("3"), .n_metadata = 1};
    const dzr_field pair[] = {{.name = "key", .type = {.id = DZR_TYPE_STRING}, .metadata = ID("5"), .n_metadata = 1},
            {.name = "value", .type = {.id = DZR_TYPE_INT8}, .nullable = true, .metadata = ID("-6"), .n_metadata = 1}};
    const dzr_field entry = {.name = "key_value", .type = {.id = DZR_TYPE_STRUCT}, .children = pair, .n_children = 2};
    const dzr_field fields[] = {{.name = "list",
                                        .type = {.id = DZR_TYPE_LIST},
                                        .nullable = true,
                                        .children = &element,
                                        .n_children = 1,
                                        .metadata = ID("2"),
                                        .n_metadata = 1},
            {.name = "map",
                    .type = {.id = DZR_TYPE_MAP},
                    .nullable = true,
                    .children = &entry,
                    .n_children = 1,
                    .metadata = ID("2147483647"),
                    .n_metadata = 1},
            {.name = "none", .type = {.id = DZR_TYPE_INT32}, .nullable = true}};
    static const char *const want[] = {"2", "3", "2147483647", NULL, "5", "-6", NULL};
    for (int without = 0; without < 2; without++) {
        const dzr_parquet_write_options options = {.no_arrow_schema = without == 1};
        assert_ok(file_make(&f, fields, 3, 0, &options, &err));
        for (int32_t node = 0; node < 7; node++) {
            const dzr_field *const field = field_of(&f, node);
            assert_int_equal(field->n_metadata, want[node] != NULL);
            if (want[node] != NULL)
                check_text(dzr_field_note(field, DZR_PARQUET_FIELD_ID)->value, want[node]);
        }
        file_close(&f);
    }
}

static void an_id_that_is_no_number_is_no_id(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    const dzr_field fields[] = {{.name = "a", .type = {.id = DZR_TYPE_INT32}, .metadata = ID(""), .n_metadata = 1},
            {.name = "b", .type = {.id = DZR_TYPE_INT32}, .metadata = ID("1x"), .n_metadata = 1},
            {.name = "c", .type = {.id = DZR_TYPE_INT32}, .metadata = ID("2147483648"), .n_metadata = 1},
            {.name = "d", .type = {.id = DZR_TYPE_INT32}, .metadata = ID("1\0"), .n_metadata = 1},
            {.name = "e", .type = {.id = DZR_TYPE_INT32}, .metadata = ID("99999999999999999999"), .n_metadata = 1}};
    assert_ok(file_make(&f, fields, 5, 0, &(dzr_parquet_write_options){.no_arrow_schema = true}, &err));
    for (int32_t i = 0; i < 5; i++)
        assert_int_equal(field_of(&f, i)->n_metadata, 0);
    file_close(&f);
}

/* ---- Arrow's schema ---- */

static const dzr_key_value unit[] = {{{(const uint8_t *)"unit", 4}, {(const uint8_t *)"kg", 2}}};

static const dzr_field inner = {.name = "at",
        .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_MS, .utc = true},
        .nullable = true,
        .zone = "+05:30",
        .metadata = unit,
        .n_metadata = 1};
static const dzr_field list_element = {
        .name = "element", .type = {.id = DZR_TYPE_STRUCT}, .nullable = true, .children = &inner, .n_children = 1};
static const dzr_field noted[] = {{.name = "zoned",
                                          .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_NS, .utc = true},
                                          .zone = "Europe/Berlin",
                                          .metadata = unit,
                                          .n_metadata = 1},
        {.name = "utc", .type = {.id = DZR_TYPE_TIMESTAMP, .utc = true}},
        {.name = "list", .type = {.id = DZR_TYPE_LIST}, .nullable = true, .children = &list_element, .n_children = 1}};

static void check_noted(const file *f, bool with)
{
    const dzr_field *const zoned = field_of(f, 0), *const deep = field_of(f, 4);
    assert_int_equal(zoned->n_metadata, with);
    assert_int_equal(deep->n_metadata, with);
    if (!with) {
        assert_null(zoned->zone);
        assert_null(deep->zone);
        return;
    }
    assert_string_equal(zoned->zone, "Europe/Berlin");
    check_text(dzr_field_note(zoned, "unit")->value, "kg");
    assert_null(field_of(f, 1)->zone);
    assert_string_equal(deep->zone, "+05:30");
    check_text(dzr_field_note(deep, "unit")->value, "kg");
}

static void zones_and_notes_come_back(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    for (int without = 0; without < 2; without++) {
        assert_ok(file_make(&f, noted, 3, 0, &(dzr_parquet_write_options){.no_arrow_schema = without == 1}, &err));
        check_noted(&f, without == 0);
        file_close(&f);
    }
}

/* A file of `field` alone whose ARROW:schema is what `hint` says. */
static void make_hinted(file *f, const dzr_field *field, const struct ArrowSchema *hint)
{
    dzr_error err;
    struct ArrowSchema copy = *hint, *children[] = {&copy};
    const struct ArrowSchema root = {.format = "+s", .name = "", .n_children = 1, .children = children};
    dzr_bytebuf entry = {0};
    assert_ok(dzr__arrow_schema_write(&root, &entry, &err));
    const dzr_parquet_metadata metadata = {text("ARROW:schema"), {entry.at, entry.len}};
    const dzr_parquet_write_options options = {.no_arrow_schema = true, .metadata = &metadata, .n_metadata = 1};
    assert_ok(file_make(f, field, 1, 0, &options, &err));
    assert_ok(dzr_parquet_reader_check_arrow_schema(f->reader, &err));
    dzr__bytebuf_fini(&entry);
}

#define NOTE_KG "\1\0\0\0\4\0\0\0unit\2\0\0\0kg"
#define NOTE_UUID "\1\0\0\0\24\0\0\0ARROW:extension:name\12\0\0\0arrow.uuid"
#define NOTE_JSON "\1\0\0\0\24\0\0\0ARROW:extension:name\12\0\0\0arrow.json"
#define NOTE_ID "\1\0\0\0\20\0\0\0PARQUET:field_id\1\0\0\0009"

static const struct {
    const char *proves;
    dzr_type type; /* of the file's column "c" */
    const char *name, *format, *metadata, *dictionary;
    dzr_type want;
    const char *zone;
    int32_t n_metadata;
} hints[] = {
        {"a_zone", {.id = DZR_TYPE_TIMESTAMP, .utc = true}, "c", "tsm:Asia/Tokyo", NULL, NULL,
                {.id = DZR_TYPE_TIMESTAMP, .utc = true}, "Asia/Tokyo", 0},
        {"a_zone_whatever_the_unit", {.id = DZR_TYPE_TIMESTAMP, .utc = true}, "c", "tss:+01:00", NOTE_KG, NULL,
                {.id = DZR_TYPE_TIMESTAMP, .utc = true}, "+01:00", 1},
        {"utc_by_name_is_none", {.id = DZR_TYPE_TIMESTAMP, .utc = true}, "c", "tsm:UTC", NULL, NULL,
                {.id = DZR_TYPE_TIMESTAMP, .utc = true}, NULL, 0},
        {"a_zone_that_is_not_utf_8_is_none", {.id = DZR_TYPE_TIMESTAMP, .utc = true}, "c", "tsm:\xff", NULL, NULL,
                {.id = DZR_TYPE_TIMESTAMP, .utc = true}, NULL, 0},
        {"a_local_time_has_no_zone", {.id = DZR_TYPE_TIMESTAMP}, "c", "tsm:Asia/Tokyo", NULL, NULL,
                {.id = DZR_TYPE_TIMESTAMP}, NULL, 0},
        {"another_name_is_another_field", {.id = DZR_TYPE_TIMESTAMP, .utc = true}, "d", "tsm:Asia/Tokyo", NOTE_KG, NULL,
                {.id = DZR_TYPE_TIMESTAMP, .utc = true}, NULL, 0},
        {"another_type_is_ignored_with_its_notes", {.id = DZR_TYPE_INT64}, "c", "u", NOTE_KG, NULL,
                {.id = DZR_TYPE_INT64}, NULL, 0},
        {"smaller_integers_contradict", {.id = DZR_TYPE_INT32}, "c", "c", NOTE_KG, NULL, {.id = DZR_TYPE_INT32}, NULL,
                0},
        {"unsigned_contradicts_signed", {.id = DZR_TYPE_INT32}, "c", "I", NOTE_KG, NULL, {.id = DZR_TYPE_INT32}, NULL,
                0},
        {"large_strings_are_strings", {.id = DZR_TYPE_STRING}, "c", "U", NOTE_KG, NULL, {.id = DZR_TYPE_STRING}, NULL,
                1},
        {"text_is_not_made_of_bytes", {.id = DZR_TYPE_BINARY}, "c", "u", NOTE_KG, NULL, {.id = DZR_TYPE_BINARY}, NULL,
                0},
        {"a_dictionary_is_of_its_values", {.id = DZR_TYPE_STRING}, "c", "i", NOTE_KG, "u", {.id = DZR_TYPE_STRING},
                NULL, 1},
        {"bytes_may_be_a_uuid", {.id = DZR_TYPE_FIXED, .width = 16}, "c", "w:16", NOTE_UUID, NULL,
                {.id = DZR_TYPE_UUID}, NULL, 0},
        {"of_sixteen_bytes", {.id = DZR_TYPE_FIXED, .width = 15}, "c", "w:16", NOTE_UUID, NULL,
                {.id = DZR_TYPE_FIXED, .width = 15}, NULL, 0},
        {"a_uuid_has_no_note_of_that", {.id = DZR_TYPE_UUID}, "c", "w:16", NOTE_UUID, NULL, {.id = DZR_TYPE_UUID}, NULL,
                0},
        {"an_extension_of_our_type_is_kept", {.id = DZR_TYPE_STRING}, "c", "u", NOTE_JSON, NULL,
                {.id = DZR_TYPE_STRING}, NULL, 1},
        {"one_of_another_layout_is_not", {.id = DZR_TYPE_STRING}, "c", "i", NOTE_JSON, "u", {.id = DZR_TYPE_STRING},
                NULL, 0},
        {"field_ids_are_parquets_to_say", {.id = DZR_TYPE_INT32}, "c", "i", NOTE_ID, NULL, {.id = DZR_TYPE_INT32}, NULL,
                0},
        {"an_integer_may_be_a_duration", {.id = DZR_TYPE_INT64}, "c", "tDu", NOTE_KG, NULL,
                {.id = DZR_TYPE_DURATION, .unit = DZR_UNIT_US}, NULL, 1},
        {"of_64_bits", {.id = DZR_TYPE_INT32}, "c", "tDu", NOTE_KG, NULL, {.id = DZR_TYPE_INT32}, NULL, 0},
        {"a_duration_in_seconds_is_their_number", {.id = DZR_TYPE_INT64}, "c", "tDs", NOTE_KG, NULL,
                {.id = DZR_TYPE_INT64}, NULL, 1},
        {"decimals_of_any_width", {.id = DZR_TYPE_DECIMAL, .precision = 5, .scale = 2}, "c", "d:5,2,256", NOTE_KG, NULL,
                {.id = DZR_TYPE_DECIMAL, .precision = 5, .scale = 2}, NULL, 1},
        {"decimals_of_another_scale_contradict", {.id = DZR_TYPE_DECIMAL, .precision = 5, .scale = 2}, "c", "d:5,3",
                NOTE_KG, NULL, {.id = DZR_TYPE_DECIMAL, .precision = 5, .scale = 2}, NULL, 0},
        {"dates_in_milliseconds", {.id = DZR_TYPE_DATE}, "c", "tdm", NOTE_KG, NULL, {.id = DZR_TYPE_DATE}, NULL, 1},
};

static void a_hint_counts_where_it_agrees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        file f;
        const dzr_field field = {.name = "c", .type = hints[i].type, .nullable = true};
        struct ArrowSchema values = {.format = hints[i].dictionary, .name = ""};
        const struct ArrowSchema hint = {.format = hints[i].format,
                .name = hints[i].name,
                .metadata = hints[i].metadata,
                .dictionary = hints[i].dictionary != NULL ? &values : NULL};
        make_hinted(&f, &field, &hint);
        const dzr_field *const got = field_of(&f, 0);
        const bool same_zone =
                hints[i].zone == NULL ? got->zone == NULL : got->zone != NULL && strcmp(got->zone, hints[i].zone) == 0;
        if (!dzr_type_equal(got->type, hints[i].want) || !same_zone || got->n_metadata != hints[i].n_metadata ||
                !got->nullable)
            fail_msg(
                    "%s: %s, zone %s, %d notes", hints[i].proves, dzr_type_name(got->type), got->zone, got->n_metadata);
        file_close(&f);
    }
}

static void a_schema_of_another_shape_is_ignored(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    struct ArrowSchema one = {.format = "i", .name = "a", .metadata = NOTE_KG}, other = {.format = "l", .name = "b"};
    struct ArrowSchema *children[] = {&one, &other, &other};
    for (int64_t n = 0; n <= 3; n++) {
        const struct ArrowSchema root = {.format = "+s", .name = "", .n_children = n, .children = children};
        dzr_bytebuf entry = {0};
        assert_ok(dzr__arrow_schema_write(&root, &entry, &err));
        const dzr_parquet_metadata metadata = {text("ARROW:schema"), {entry.at, entry.len}};
        const dzr_parquet_write_options options = {.no_arrow_schema = true, .metadata = &metadata, .n_metadata = 1};
        assert_ok(file_make(&f, two, 2, 3, &options, &err));
        assert_int_equal(field_of(&f, 0)->n_metadata, n == 2);
        dzr__bytebuf_fini(&entry);
        file_close(&f);
    }
}

static void a_damaged_one_costs_nothing_but_itself(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *why;
        dzr_status st;
    } damaged[] = {{"!!!!", "memory: ARROW:schema: no base64", DZR_ERR_CORRUPT},
            {"", "memory: ARROW:schema: ", DZR_ERR_TRUNCATED},
            {"/////xAAAAA=", "memory: ARROW:schema: ", DZR_ERR_TRUNCATED},
            {"/////wAAAAA=", "memory: ARROW:schema: byte 0: a message of nothing", DZR_ERR_CORRUPT}};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        dzr_error err;
        file f;
        dzr_batch *batch = NULL;
        const dzr_parquet_metadata metadata = {text("ARROW:schema"), text(damaged[i].entry)};
        const dzr_parquet_write_options options = {.no_arrow_schema = true, .metadata = &metadata, .n_metadata = 1};
        assert_ok(file_make(&f, two, 2, 3, &options, &err));
        assert_fails(dzr_parquet_reader_check_arrow_schema(f.reader, &err), damaged[i].st, damaged[i].why);
        assert_ok(dzr_parquet_read_row_group(f.reader, 0, NULL, 0, &batch, &err));
        assert_int_equal(((const int64_t *)dzr_batch_column(batch, 1)->values)[2], 2);
        dzr_batch_free(batch);
        file_close(&f);
    }
}

static void a_uuid_that_parquet_calls_bytes_is_read_as_one(void **state)
{
    (void)state;
    dzr_error err;
    file f;
    dzr_batch *batch = NULL;
    const dzr_field field = {.name = "c", .type = {.id = DZR_TYPE_FIXED, .width = 16}, .nullable = true};
    struct ArrowSchema hint = {.format = "w:16", .name = "c", .metadata = NOTE_UUID}, *children[] = {&hint};
    const struct ArrowSchema root = {.format = "+s", .name = "", .n_children = 1, .children = children};
    dzr_bytebuf entry = {0};
    assert_ok(dzr__arrow_schema_write(&root, &entry, &err));
    const dzr_parquet_metadata metadata = {text("ARROW:schema"), {entry.at, entry.len}};
    assert_ok(file_make(&f, &field, 1, 3,
            &(dzr_parquet_write_options){.no_arrow_schema = true, .metadata = &metadata, .n_metadata = 1}, &err));
    assert_ok(dzr_parquet_read_row_group(f.reader, 0, NULL, 0, &batch, &err));
    assert_int_equal(dzr_batch_column(batch, 0)->type.id, DZR_TYPE_UUID);
    assert_int_equal(dzr_batch_column(batch, 0)->n_nulls, 3);
    dzr_batch_free(batch);
    dzr__bytebuf_fini(&entry);
    file_close(&f);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const dzr_parquet_metadata metadata = {text("a"), text("1")};
    const dzr_parquet_column_metadata column = {0, {text("a"), text("1")}};
    bool reached = true;
    for (int64_t n = 1; reached; n++) {
        dzr_error err;
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        file f;
        const dzr_parquet_write_options options = {.alloc = &nth.allocator,
                .metadata = &metadata,
                .n_metadata = 1,
                .column_metadata = &column,
                .n_column_metadata = 1};
        const dzr_status st = file_make(&f, noted, 3, 0, &options, &err);
        reached = nth.n_requests >= n;
        assert_int_equal(st, reached ? DZR_ERR_NOMEM : DZR_OK);
        if (st == DZR_OK)
            check_noted(&f, true);
        file_close(&f);
        assert_int_equal(nth.n_out, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(metadata_and_sorting_come_back),
            cmocka_unit_test(arrow_schema_is_left_out_on_request),
            cmocka_unit_test(column_metadata_is_in_every_row_group),
            cmocka_unit_test(the_corpus_has_metadata_of_columns),
            cmocka_unit_test(notes_that_make_no_sense_are_refused),
            cmocka_unit_test(field_ids_come_back_without_arrow_schema),
            cmocka_unit_test(an_id_that_is_no_number_is_no_id),
            cmocka_unit_test(zones_and_notes_come_back),
            cmocka_unit_test(a_hint_counts_where_it_agrees),
            cmocka_unit_test(a_schema_of_another_shape_is_ignored),
            cmocka_unit_test(a_damaged_one_costs_nothing_but_itself),
            cmocka_unit_test(a_uuid_that_parquet_calls_bytes_is_read_as_one),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

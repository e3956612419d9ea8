/* tests/parquet/test_geo.c - GEOMETRY and GEOGRAPHY become notes that other engines know, and come back from them; the
 * little JSON this takes. Spec: parquet-format LogicalTypes.md; geoarrow.org, extension types. */
#include "support.h"

#include "alloc_nth.h"
#include "parquet/metadata/geo.h"
#include "parquet/metadata/json_text.h"

#include <stdlib.h>

static dzr_bytes text(const char *at)
{
    return (dzr_bytes){(const uint8_t *)at, strlen(at)};
}

/* crs NULL: none in the file. algorithm -1: GEOMETRY, -2: GEOGRAPHY without one. json NULL: no notes. */
static const struct {
    const char *proves;
    const char *crs;
    int32_t algorithm;
    const char *json;
    const char *back; /* crs that is written for the notes, where it differs */
} annotations[] = {
        {"no_system_is_the_default_one", NULL, -1, "{\"crs\":\"OGC:CRS84\",\"crs_type\":\"authority_code\"}", NULL},
        {"an_empty_system_is_the_default_one", "", -1, "{\"crs\":\"OGC:CRS84\",\"crs_type\":\"authority_code\"}", NULL},
        {"the_default_by_its_name_is_left_out", "OGC:CRS84", -1,
                "{\"crs\":\"OGC:CRS84\",\"crs_type\":\"authority_code\"}", ""},
        {"a_number_is_a_srid", "srid:5070", -1, "{\"crs\":\"5070\",\"crs_type\":\"srid\"}", NULL},
        {"srid_without_a_number_is_a_name", "srid:", -1, "{\"crs\":\"srid:\"}", NULL},
        {"projjson_stays_as_it_is", "{\"type\": \"GeographicCRS\", \"x\": [1, -2.5e+3, true, null]}", -1,
                "{\"crs\":{\"type\": \"GeographicCRS\", \"x\": [1, -2.5e+3, true, null]},\"crs_type\":\"projjson\"}",
                NULL},
        {"what_only_begins_like_json_is_a_name", "{\"type\":", -1, "{\"crs\":\"{\\\"type\\\":\"}", NULL},
        {"space_around_it_is_part_of_a_name", " {}\n", -1, "{\"crs\":\" {}\\u000a\"}", NULL},
        {"a_key_of_the_files_metadata_is_a_name", "projjson:here", -1, "{\"crs\":\"projjson:here\"}", NULL},
        {"names_are_escaped", "a\"b\\c\n\x7fé", -1, "{\"crs\":\"a\\\"b\\\\c\\u000a\x7fé\"}", NULL},
        {"edges_on_the_globe_are_spherical_by_default", NULL, -2,
                "{\"crs\":\"OGC:CRS84\",\"crs_type\":\"authority_code\",\"edges\":\"spherical\"}", NULL},
        {"edges_have_their_algorithm", "srid:4326", 4, "{\"crs\":\"4326\",\"crs_type\":\"srid\",\"edges\":\"karney\"}",
                NULL},
        {"an_unknown_algorithm_leaves_bytes", NULL, 5, NULL, NULL},
        {"a_system_that_is_not_utf8_leaves_bytes", "\xff", -1, NULL, NULL},
};

static dzr_meta_element element_of(const char *crs, int32_t algorithm)
{
    dzr_meta_element element = {
            .has = 1u << DZR_ELEMENT_TYPE | 1u << DZR_ELEMENT_LOGICAL, .type = DZR_PHYSICAL_BYTE_ARRAY};
    const dzr_meta_geo geo = {
            .has = (crs != NULL ? 1u << DZR_GEO_CRS : 0) | (algorithm >= 0 ? 1u << DZR_GEO_ALGORITHM : 0),
            .crs = crs != NULL ? text(crs) : (dzr_bytes){0},
            .algorithm = algorithm};
    element.logical.has = 1u << (algorithm == -1 ? DZR_LOGICAL_GEOMETRY : DZR_LOGICAL_GEOGRAPHY);
    *(algorithm == -1 ? &element.logical.geometry : &element.logical.geography) = geo;
    return element;
}

static void annotations_become_notes_and_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof annotations / sizeof *annotations; i++) {
        dzr_error err;
        dzr_arena arena;
        dzr__arena_init(&arena, NULL, 0);
        const dzr_meta_element element = element_of(annotations[i].crs, annotations[i].algorithm);
        const dzr_key_value note = {text("here"), text("before")};
        dzr_field field = {.name = "g", .type = {.id = DZR_TYPE_BINARY}, .metadata = &note, .n_metadata = 1};
        assert_ok(dzr__geo_add_notes(&element, &arena, &field, &err));
        assert_int_equal(field.n_metadata, annotations[i].json != NULL ? 3 : 1);
        assert_non_null(dzr_field_note(&field, "here"));
        dzr_meta_element back;
        dzr__element_from_field(&field, &back);
        if (field.n_metadata == 1) {
            dzr__arena_fini(&arena);
            continue;
        }
        const dzr_bytes json = dzr_field_note(&field, "ARROW:extension:metadata")->value;
        if (json.len != strlen(annotations[i].json) || memcmp(json.at, annotations[i].json, json.len) != 0)
            fail_msg("%s: %.*s", annotations[i].proves, (int)json.len, (const char *)json.at);
        assert_true(dzr__json_text_valid(json, true));
        assert_string_equal(dzr_field_note(&field, "ARROW:extension:name")->value.at, "geoarrow.wkb");
        assert_ok(dzr__geo_annotate(&field, &arena, &back, &err));
        assert_int_equal(back.logical.has, element.logical.has);
        const dzr_meta_geo *const geo =
                annotations[i].algorithm == -1 ? &back.logical.geometry : &back.logical.geography;
        const char *const crs = annotations[i].back != NULL  ? annotations[i].back
                                : annotations[i].crs != NULL ? annotations[i].crs
                                                             : "";
        assert_int_equal(geo->crs.len, strlen(crs));
        if (geo->crs.len > 0)
            assert_memory_equal(geo->crs.at, crs, geo->crs.len);
        if (annotations[i].algorithm != -1)
            assert_int_equal(geo->algorithm, annotations[i].algorithm < 0 ? 0 : annotations[i].algorithm);
        dzr__arena_fini(&arena);
    }
}

/* Notes that others write. logical 0: the column stays plain bytes. */
static const struct {
    const char *proves;
    const char *json; /* NULL: no such note */
    int logical;
    const char *crs;
} notes_of_others[] = {
        {"no_note_is_the_default", NULL, DZR_LOGICAL_GEOMETRY, ""},
        {"an_empty_note_is_the_default", "", DZR_LOGICAL_GEOMETRY, ""},
        {"an_empty_object_is_the_default", " { } ", DZR_LOGICAL_GEOMETRY, ""},
        {"null_is_the_default", "{\"crs\": null, \"edges\": null}", DZR_LOGICAL_GEOMETRY, ""},
        {"planar_edges_are_geometry", "{\"edges\" : \"planar\" , \"crs\":\"EPSG:3857\"}", DZR_LOGICAL_GEOMETRY,
                "EPSG:3857"},
        {"escapes_are_resolved", "{\"crs\":\"a\\u00e9\\ud83d\\ude00\\n\\/\\ud800\"}", DZR_LOGICAL_GEOMETRY,
                "aé😀\n/\xef\xbf\xbd"},
        {"an_object_keeps_its_spaces", "{\"crs\":{ \"a\" : {} } ,\"edges\":\"thomas\"}", DZR_LOGICAL_GEOGRAPHY,
                "{ \"a\" : {} }"},
        {"other_members_are_passed_over", "{\"x\":[[],\"]\",{\"crs\":\"no\"}],\"crs\":\"yes\"}", DZR_LOGICAL_GEOMETRY,
                "yes"},
        {"an_unknown_edge_is_not_guessed", "{\"edges\":\"rhumb\"}", 0, ""},
        {"a_number_is_no_system", "{\"crs\":4326}", 0, ""},
        {"what_is_no_json_is_not_guessed", "{\"crs\":\"x\"", 0, ""},
        {"nor_is_an_array", "[]", 0, ""},
        {"nor_is_what_goes_on", "{} {}", 0, ""},
};

static void notes_of_others_are_annotations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof notes_of_others / sizeof *notes_of_others; i++) {
        dzr_error err;
        dzr_arena arena;
        dzr__arena_init(&arena, NULL, 0);
        dzr_key_value notes[2] = {{text("ARROW:extension:name"), text("geoarrow.wkb")}};
        const bool has_json = notes_of_others[i].json != NULL;
        if (has_json)
            notes[1] = (dzr_key_value){text("ARROW:extension:metadata"), text(notes_of_others[i].json)};
        dzr_field field = {
                .name = "g", .type = {.id = DZR_TYPE_BINARY}, .metadata = notes, .n_metadata = has_json ? 2 : 1};
        dzr_meta_element element;
        dzr__element_from_field(&field, &element);
        assert_ok(dzr__geo_annotate(&field, &arena, &element, &err));
        if (element.logical.has != (notes_of_others[i].logical == 0 ? 0 : 1u << notes_of_others[i].logical))
            fail_msg("%s: logical type 0x%x", notes_of_others[i].proves, element.logical.has);
        bool is_geography = false;
        dzr_bytes crs;
        assert_int_equal(dzr__geo_known(&element, &is_geography, &crs, NULL), notes_of_others[i].logical != 0);
        if (notes_of_others[i].logical != 0) {
            const char *const want = notes_of_others[i].crs[0] != '\0' ? notes_of_others[i].crs : "OGC:CRS84";
            assert_int_equal(crs.len, strlen(want));
            assert_memory_equal(crs.at, want, crs.len);
        }
        field.type.id = DZR_TYPE_STRING; /* only bytes are WKB */
        dzr__element_from_field(&field, &element);
        assert_ok(dzr__geo_annotate(&field, &arena, &element, &err));
        assert_int_equal(element.logical.has, 1u << DZR_LOGICAL_STRING);
        dzr__arena_fini(&arena);
    }
}

static const struct {
    const char *json;
    bool valid;
} texts[] = {
        {"0", true},
        {"-0.5E-10", true},
        {" [ 1 , 2 ] ", true},
        {"{\"a\":{\"b\":[]}}", true},
        {"\"\\u00fF\\b\"", true},
        {"", false},
        {" ", false},
        {"01", false},
        {"1.", false},
        {"-", false},
        {"1e", false},
        {".5", false},
        {"+1", false},
        {"tru", false},
        {"nul", false},
        {"\"", false},
        {"\"\\", false},
        {"\"\\x\"", false},
        {"\"\\u12g4\"", false},
        {"\"\\u12", false},
        {"\"\n\"", false},
        {"\"\xff\"", false},
        {"[", false},
        {"[1", false},
        {"[1,]", false},
        {"[1 2]", false},
        {"{", false},
        {"{\"a\"}", false},
        {"{\"a\":}", false},
        {"{a:1}", false},
        {"{\"a\":1,}", false},
        {"[]]", false},
        {"{\"a\" 1}", false},
        {"{\"a\"", false},
        {"{\"a\":1", false},
};

static void json_is_what_the_grammar_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const size_t n = strlen(texts[i].json);
        uint8_t *const copy = malloc(n > 0 ? n : 1); /* so that a sanitizer sees a read past it */
        assert_non_null(copy);
        memcpy(copy, texts[i].json, n);
        if (dzr__json_text_valid((dzr_bytes){copy, n}, false) != texts[i].valid)
            fail_msg("%s", texts[i].json);
        free(copy);
    }
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    assert_true(dzr__json_text_valid((dzr_bytes){(uint8_t *)deep + 36, 128}, false));
    assert_false(dzr__json_text_valid((dzr_bytes){(uint8_t *)deep + 35, 130}, false));
}

/* ---- through a file ---- */

#define LONG_NAME "a coordinate system whose name takes more than what a small buffer has at first"

/* Writes a file of geographies in lists and reads its schema. */
static dzr_status write_and_open(const dzr_allocator *alloc, void *ctx, dzr_error *err)
{
    (void)ctx;
    const dzr_key_value notes[] = {{text("ARROW:extension:name"), text("geoarrow.wkb")},
            {text("ARROW:extension:metadata"), text("{\"crs\":\"" LONG_NAME "\",\"edges\":\"vincenty\"}")}};
    const dzr_field element = {
            .name = "element", .type = {.id = DZR_TYPE_BINARY}, .nullable = true, .metadata = notes, .n_metadata = 2};
    const dzr_field field = {.name = "g", .type = {.id = DZR_TYPE_LIST}, .children = &element, .n_children = 1};
    const dzr_parquet_write_options write = {.alloc = alloc};
    const dzr_parquet_read_options read = {.alloc = alloc};
    dzr_schema *schema = NULL;
    dzr_sink *sink = NULL;
    dzr_source *source = NULL;
    dzr_parquet_writer *writer = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_int_equal(dzr_schema_new(&field, 1, NULL, &schema, err), DZR_OK);
    assert_int_equal(dzr_sink_memory(1 << 20, NULL, &sink, err), DZR_OK);
    dzr_status st = dzr_parquet_writer_open(sink, schema, &write, &writer, err);
    if (st == DZR_OK)
        st = dzr_parquet_writer_finish(writer, err);
    if (st == DZR_OK) {
        assert_int_equal(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, err), DZR_OK);
        st = dzr_parquet_reader_open(source, &read, &reader, err);
    }
    if (st == DZR_OK) {
        dzr_parquet_geo geo;
        assert_true(dzr_parquet_reader_geo(reader, 0, &geo));
        assert_true(geo.is_geography);
        assert_string_equal(geo.algorithm, "vincenty");
        assert_int_equal(geo.crs.len, strlen(LONG_NAME));
        assert_memory_equal(geo.crs.at, LONG_NAME, geo.crs.len);
        assert_false(dzr_parquet_reader_geo(reader, 1, &geo) || dzr_parquet_reader_geo(reader, -1, &geo));
        const dzr_field *const back = &dzr_schema_field(dzr_parquet_reader_schema(reader), 0)->children[0];
        assert_non_null(dzr_field_note(back, "ARROW:extension:metadata"));
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_parquet_writer_close(writer);
    dzr_sink_close(sink);
    dzr_schema_free(schema);
    return st;
}

static void a_file_keeps_it_and_every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(every_request_fails(write_and_open, NULL) > 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(annotations_become_notes_and_come_back),
            cmocka_unit_test(notes_of_others_are_annotations),
            cmocka_unit_test(json_is_what_the_grammar_says),
            cmocka_unit_test(a_file_keeps_it_and_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tests/frame/test_notes.c - what is said of a field besides its type: zones and metadata, in a schema and through the
 * C Data Interface. */
#include "support.h"

#include "alloc_nth.h"
#include "frame/arrow.h"

#define TEXT(text) ((dzr_bytes){(const uint8_t *)(text), sizeof(text) - 1})

static const dzr_key_value notes[] = {
        {TEXT("unit"), TEXT("kg")},
        {TEXT("unit"), TEXT("lb")},
        {TEXT("empty"), TEXT("")},
        {.key = TEXT("\xff\0\xfe")},
};
static const dzr_field element = {
        .name = "element", .type = {.id = DZR_TYPE_UUID}, .nullable = true, .metadata = notes, .n_metadata = 1};
static const dzr_field fields[] = {
        {.name = "weight", .type = {.id = DZR_TYPE_DOUBLE}, .metadata = notes, .n_metadata = 4},
        {.name = "at", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US, .utc = true}, .zone = "Europe/Berlin"},
        {.name = "utc", .type = {.id = DZR_TYPE_TIMESTAMP, .unit = DZR_UNIT_US, .utc = true}},
        {.name = "ids", .type = {.id = DZR_TYPE_LIST}, .children = &element, .n_children = 1},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static void check_bytes(dzr_bytes got, dzr_bytes want)
{
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.at, want.at, want.len);
}

static void check_schema(const dzr_schema *schema)
{
    const dzr_field *const weight = dzr_schema_field(schema, 0);
    assert_int_equal(weight->n_metadata, 4);
    for (int i = 0; i < 4; i++) {
        check_bytes(weight->metadata[i].key, notes[i].key);
        check_bytes(weight->metadata[i].value, notes[i].value);
    }
    assert_string_equal(dzr_schema_field(schema, 1)->zone, "Europe/Berlin");
    assert_null(dzr_schema_field(schema, 2)->zone);
    const dzr_field *const id = dzr_schema_field(schema, 3)->children;
    assert_int_equal(id->type.id, DZR_TYPE_UUID);
    assert_int_equal(id->n_metadata, 1);
    check_bytes(id->metadata[0].value, TEXT("kg"));
}

static void a_schema_has_copies_of_its_own(void **state)
{
    (void)state;
    dzr_error err;
    char zone[] = "+02:00", value[] = "kg";
    const dzr_key_value note = {TEXT("unit"), {(const uint8_t *)value, 2}};
    const dzr_field own = {.name = "at",
            .type = {.id = DZR_TYPE_TIMESTAMP, .utc = true},
            .zone = zone,
            .metadata = &note,
            .n_metadata = 1};
    dzr_schema *schema = NULL;
    assert_ok(dzr_schema_new(&own, 1, NULL, &schema, &err));
    zone[0] = value[0] = 'x';
    const dzr_field *const field = dzr_schema_field(schema, 0);
    assert_string_equal(field->zone, "+02:00");
    check_bytes(field->metadata[0].value, TEXT("kg"));
    dzr_schema_free(schema);
}

static void a_note_is_found_by_its_key(void **state)
{
    (void)state;
    check_bytes(dzr_field_note(&fields[0], "unit")->value, TEXT("kg"));
    assert_int_equal(dzr_field_note(&fields[0], "empty")->value.len, 0);
    assert_null(dzr_field_note(&fields[0], "uni"));
    assert_null(dzr_field_note(&fields[0], "units"));
    assert_null(dzr_field_note(&fields[1], "unit"));
}

static void schemas_are_equal_whatever_their_notes(void **state)
{
    (void)state;
    dzr_error err;
    dzr_field plain[N_FIELDS];
    memcpy(plain, fields, sizeof fields);
    plain[0].n_metadata = 0;
    plain[1].zone = NULL;
    dzr_schema *a = NULL, *b = NULL;
    assert_ok(dzr_schema_new(fields, N_FIELDS, NULL, &a, &err));
    assert_ok(dzr_schema_new(plain, N_FIELDS, NULL, &b, &err));
    assert_true(dzr_schema_equal(a, b));
    dzr_schema_free(a);
    dzr_schema_free(b);
}

static void a_zone_needs_an_instant(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    dzr_field bad = {.name = "at", .type = {.id = DZR_TYPE_TIMESTAMP}, .zone = "Europe/Berlin"};
    assert_fails(dzr_schema_new(&bad, 1, NULL, &schema, &err), DZR_ERR_ARG,
            "field \"at\": a time zone, and it is no timestamp in UTC");
    bad.type = (dzr_type){.id = DZR_TYPE_TIME, .utc = true};
    assert_fails(dzr_schema_new(&bad, 1, NULL, &schema, &err), DZR_ERR_ARG, "it is no timestamp in UTC");
    bad.type = (dzr_type){.id = DZR_TYPE_TIMESTAMP, .utc = true};
    bad.zone = "";
    assert_fails(dzr_schema_new(&bad, 1, NULL, &schema, &err), DZR_ERR_ARG, "its time zone is empty or not UTF-8");
    bad.zone = "\xff";
    assert_fails(dzr_schema_new(&bad, 1, NULL, &schema, &err), DZR_ERR_ARG, "its time zone is empty or not UTF-8");
    bad = (dzr_field){.name = "x", .n_metadata = -1};
    assert_fails(dzr_schema_new(&bad, 1, NULL, &schema, &err), DZR_ERR_ARG, "field \"x\": a number of notes below 0");
    assert_null(schema);
}

static dzr_status there_and_back(const dzr_allocator *alloc, dzr_schema **out, dzr_error *err)
{
    dzr_schema *schema = NULL;
    struct ArrowSchema arrow = {.release = NULL};
    dzr_status st = dzr_schema_new(fields, N_FIELDS, alloc, &schema, err);
    if (st == DZR_OK)
        st = dzr_arrow_export_schema(schema, alloc, &arrow, err);
    if (st == DZR_OK)
        st = dzr_arrow_import_schema(&arrow, alloc, out, err);
    if (arrow.release != NULL)
        arrow.release(&arrow);
    dzr_schema_free(schema);
    return st;
}

static void notes_and_zones_go_out_and_come_in(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *back = NULL;
    assert_ok(there_and_back(NULL, &back, &err));
    check_schema(back);
    dzr_schema_free(back);
}

static void arrow_metadata_is_as_the_interface_lays_it_down(void **state)
{
    (void)state;
    static const char want[] = "\2\0\0\0"
                               "\24\0\0\0ARROW:extension:name\12\0\0\0arrow.uuid"
                               "\4\0\0\0unit\2\0\0\0kg";
    dzr_error err;
    dzr_schema *schema = NULL;
    struct ArrowSchema arrow;
    assert_ok(dzr_schema_new(fields, N_FIELDS, NULL, &schema, &err));
    assert_ok(dzr_arrow_export_schema(schema, NULL, &arrow, &err));
    assert_memory_equal(arrow.children[3]->children[0]->metadata, want, sizeof want - 1);
    assert_string_equal(arrow.children[1]->format, "tsu:Europe/Berlin");
    assert_string_equal(arrow.children[2]->format, "tsu:UTC");
    assert_null(arrow.children[2]->metadata);
    arrow.release(&arrow);
    dzr_schema_free(schema);
}

static void keep(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void metadata_below_nothing_is_refused(void **state)
{
    (void)state;
    static const char no_count[] = "\377\377\377\377", no_length[] = "\1\0\0\0\377\377\377\377";
    dzr_error err;
    dzr_schema *schema = NULL;
    struct ArrowSchema child = {.format = "i", .name = "c", .metadata = no_count, .release = keep};
    struct ArrowSchema *children[] = {&child};
    const struct ArrowSchema root = {.format = "+s", .n_children = 1, .children = children, .release = keep};
    assert_fails(dzr_arrow_import_schema(&root, NULL, &schema, &err), DZR_ERR_ARG, "Arrow metadata of -1 entries");
    child.metadata = no_length;
    assert_fails(dzr_arrow_import_schema(&root, NULL, &schema, &err), DZR_ERR_ARG, "with a length of -1");
    assert_null(schema);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    bool reached = true;
    for (int64_t n = 1; reached; n++) {
        dzr_error err;
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        dzr_schema *back = NULL;
        const dzr_status st = there_and_back(&nth.allocator, &back, &err);
        dzr_schema_free(back);
        reached = nth.n_requests >= n;
        assert_int_equal(st, reached ? DZR_ERR_NOMEM : DZR_OK);
        assert_int_equal(nth.n_out, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_schema_has_copies_of_its_own),
            cmocka_unit_test(a_note_is_found_by_its_key),
            cmocka_unit_test(schemas_are_equal_whatever_their_notes),
            cmocka_unit_test(a_zone_needs_an_instant),
            cmocka_unit_test(notes_and_zones_go_out_and_come_in),
            cmocka_unit_test(arrow_metadata_is_as_the_interface_lays_it_down),
            cmocka_unit_test(metadata_below_nothing_is_refused),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

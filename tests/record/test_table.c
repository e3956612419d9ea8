/* tests/record/test_table.c - tables that make sense, and those that do not. */
#include "support.h"

#include "everything.h"
#include "student.h"

static void tables_that_make_sense_are_taken(void **state)
{
    (void)state;
    dzr_error err;
    assert_ok(dzr_record_type_check(&everything_type, &err));
    assert_ok(dzr_record_type_check(&student_type, &err));
    assert_ok(dzr_record_type_check(&dzr_record_info_type, &err));
}

static void the_schema_is_that_of_the_table(void **state)
{
    (void)state;
    dzr_error err;
    dzr_schema *schema = NULL;
    assert_ok(dzr_record_schema(&student_type, NULL, &schema, &err));
    static const struct {
        const char *name, *type;
        bool nullable;
    } want[] = {{"name", "string", false}, {"age", "int32", false}, {"id", "int64", false}, {"weight", "float", false},
            {"sex", "bool", false}, {"day", "date", false}, {"ignored", "int32", true},
            {"_recordinfo", "struct", false}, {"_raw_data", "string", false}, {"_row_hash", "string", false},
            {"_ingest_timestamp", "timestamp[ms, UTC]", false}, {"_source_info", "string", false}};
    assert_int_equal(dzr_schema_n_nodes(schema), sizeof want / sizeof *want);
    for (int32_t i = 0; i < dzr_schema_n_nodes(schema); i++) {
        assert_string_equal(dzr_schema_node(schema, i)->name, want[i].name);
        assert_string_equal(dzr_type_name(dzr_schema_node(schema, i)->type), want[i].type);
        assert_int_equal(dzr_schema_node(schema, i)->nullable, want[i].nullable);
    }
    dzr_schema_free(schema);
}

typedef struct thing {
    int32_t a;
    int32_t b;
    bool has_a, has_b;
    double d;
    dzr_bytes text;
    dzr_list list;
} thing;

/* A table of the lines given, all that is said of it in one message. */
static void refuse(const dzr_record_field *fields, int32_t n, const char *message)
{
    const dzr_record_type type = {.name = "thing", .size = sizeof(thing), .fields = fields, .n_fields = n};
    dzr_error err;
    dzr_dataframe *frame = NULL;
    dzr_record_parser *parser = NULL;
    dzr_schema *schema = NULL;
    assert_fails(dzr_dataframe_new(&type, NULL, &frame, &err), DZR_ERR_ARG, message);
    assert_fails(dzr_record_parser_new(&type, NULL, &parser, &err), DZR_ERR_ARG, message);
    assert_fails(dzr_record_schema(&type, NULL, &schema, &err), DZR_ERR_ARG, message);
    assert_null(frame);
    assert_null(parser);
    assert_null(schema);
}
#define REFUSE(message, ...)                                                                                           \
    do {                                                                                                               \
        const dzr_record_field refused_[] = {__VA_ARGS__};                                                             \
        refuse(refused_, sizeof refused_ / sizeof *refused_, message);                                                 \
    } while (0)

static void a_member_of_another_type_is_refused(void **state)
{
    (void)state;
    REFUSE("the table of thing.a: the member is a signed integer, and can't hold float",
            DZR_FIELD(thing, a, DZR_FLOAT));
    REFUSE("the table of thing.a: the member is a signed integer, and can't hold uint32",
            DZR_FIELD(thing, a, DZR_UINT32));
    REFUSE("the table of thing.d: the member is a float or double, and can't hold int64",
            DZR_FIELD(thing, d, DZR_INT64));
    REFUSE("the table of thing.text: the member is a dzr_bytes, and can't hold list",
            DZR_FIELD(thing, text, DZR_LIST(&number)));
    REFUSE("the table of thing.list: the member is a dzr_list, and can't hold string",
            DZR_FIELD(thing, list, DZR_STRING));
    REFUSE("the table of thing.has_a: the member is a bool, and can't hold int8", DZR_FIELD(thing, has_a, DZR_INT8));
    REFUSE("the table of thing.a: the member has 4 bytes, int64 takes 8", DZR_FIELD(thing, a, DZR_INT64));
    REFUSE("the table of thing.a: the member has 4 bytes, int64 takes 8",
            {.name = "a", .size = 4, .type = {.id = DZR_TYPE_INT64}});
    REFUSE("the table of thing.a: a member can't be of this type", DZR_FIELD(thing, a, .type = {.id = DZR_TYPE_MAP}));
    REFUSE("the table of thing.d: json_number is for dates and timestamps",
            DZR_FIELD(thing, d, DZR_DOUBLE, .json_number = true));
}

static void members_that_share_bytes_are_refused(void **state)
{
    (void)state;
    REFUSE("the table of thing.c: lies on \"a\"", DZR_FIELD(thing, a, DZR_INT32),
            DZR_FIELD_AS("c", thing, a, DZR_INT32));
    REFUSE("the table of thing.b: has the flag of \"a\"", DZR_OPTIONAL(thing, a, has_a, DZR_INT32),
            DZR_OPTIONAL(thing, b, has_a, DZR_INT32));
    REFUSE("the table of thing.a: its flag lies on \"has_a\"", DZR_FIELD(thing, has_a, DZR_BOOL),
            DZR_OPTIONAL(thing, a, has_a, DZR_INT32));
    REFUSE("the table of thing.has_a: lies on the flag of \"a\"", DZR_OPTIONAL(thing, a, has_a, DZR_INT32),
            DZR_FIELD(thing, has_a, DZR_BOOL));
    REFUSE("the table of thing.a: its flag lies outside the struct or inside the member",
            {.name = "a", .size = 4, .is_optional = true, .present = sizeof(thing), DZR_INT32});
    REFUSE("the table of thing.a: its flag lies outside the struct or inside the member",
            {.name = "a", .size = 4, .is_optional = true, .present = 3, DZR_INT32});
    REFUSE("the table of thing.a: lies outside the struct",
            {.name = "a", .size = 4, .offset = sizeof(thing) - 3, DZR_INT32});
    REFUSE("the table of thing.a: lies outside the struct",
            {.name = "a", .size = 4, .offset = SIZE_MAX - 1, DZR_INT32});
}

static void names_that_repeat_are_refused(void **state)
{
    (void)state;
    REFUSE("the table of thing.a: two members have this name", DZR_FIELD(thing, a, DZR_INT32),
            DZR_FIELD_AS("a", thing, b, DZR_INT32));
    REFUSE("the table of thing.b: two members have this name", DZR_FIELD(thing, a, DZR_INT32, .json_name = "X"),
            DZR_FIELD(thing, b, DZR_INT32, .json_name = "X"));
    REFUSE("the table of thing.b: two members have this name", DZR_FIELD(thing, a, DZR_INT32, .json_name = "b"),
            DZR_FIELD(thing, b, DZR_INT32));
    REFUSE("the table of thing.?: a member has no name", DZR_FIELD_AS(NULL, thing, a, DZR_INT32));
    REFUSE("the name is not UTF-8", DZR_FIELD_AS("\xff", thing, a, DZR_INT32));
}

static void structs_and_lists_need_their_inside(void **state)
{
    (void)state;
    static const dzr_record_field wide = {.name = "element", .size = 4, .offset = 4, .type = {.id = DZR_TYPE_INT32}};
    static const dzr_record_field flagged = DZR_ELEMENT(int32_t, DZR_INT32, .is_optional = true);
    static const dzr_record_field wrong = DZR_ELEMENT(int32_t, DZR_FLOAT);
    static const dzr_record_field far =
            DZR_ELEMENT(hole, DZR_STRUCT(&hole_type), .is_optional = true, .present = sizeof(hole));
    REFUSE("the table of thing.list: a list needs its element", DZR_FIELD(thing, list, DZR_LIST(NULL)));
    REFUSE("the table of thing.a: a list needs its element, and nothing else has one",
            DZR_FIELD(thing, a, DZR_INT32, .element = &number));
    REFUSE("the table of thing.a: a struct needs its table", DZR_FIELD(thing, a, DZR_STRUCT(NULL)));
    REFUSE("the table of thing.a: a struct needs its table", DZR_FIELD(thing, a, DZR_INT32, .record = &hole_type));
    REFUSE("the table of thing.list.[]: an element is at offset 0", DZR_FIELD(thing, list, DZR_LIST(&wide)));
    REFUSE("the table of thing.list.[]: an optional element is a struct", DZR_FIELD(thing, list, DZR_LIST(&flagged)));
    REFUSE("the table of thing.list.[]: an optional element is a struct", DZR_FIELD(thing, list, DZR_LIST(&far)));
    REFUSE("the table of thing.list.[]: the member is a signed integer, and can't hold float",
            DZR_FIELD(thing, list, DZR_LIST(&wrong)));
    static const dzr_record_type empty = {.name = "empty", .size = sizeof(double)};
    static const dzr_record_type nameless = {.size = sizeof(double), .fields = hole_fields, .n_fields = 1};
    REFUSE("the table of thing.d: has no members", {.name = "d", .size = sizeof(double), DZR_STRUCT(&empty)});
    REFUSE("the table of thing.d: the struct has no name",
            {.name = "d", .size = sizeof(double), DZR_STRUCT(&nameless)});
}

typedef struct node {
    dzr_list nodes;
} node;
static const dzr_record_type node_type;
static const dzr_record_field a_node = DZR_ELEMENT(node, DZR_STRUCT(&node_type));
static const dzr_record_field node_fields[] = {DZR_FIELD(node, nodes, DZR_LIST(&a_node))};
static const dzr_record_type node_type = DZR_RECORD(node, node_fields);

static void a_struct_inside_itself_is_refused(void **state)
{
    (void)state;
    dzr_error err;
    assert_fails(dzr_record_type_check(&node_type, &err), DZR_ERR_ARG, "the table of node.nodes.[].nodes.[].nodes");
    assert_non_null(strstr(err.message, "nests too deep, or a struct is inside itself"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(tables_that_make_sense_are_taken),
            cmocka_unit_test(the_schema_is_that_of_the_table),
            cmocka_unit_test(a_member_of_another_type_is_refused),
            cmocka_unit_test(members_that_share_bytes_are_refused),
            cmocka_unit_test(names_that_repeat_are_refused),
            cmocka_unit_test(structs_and_lists_need_their_inside),
            cmocka_unit_test(a_struct_inside_itself_is_refused),
    };
    return cmocka_run_group_tests_name("record: tables", tests, NULL, NULL);
}

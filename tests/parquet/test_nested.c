/* tests/parquet/test_nested.c - nested columns are read: every form of list and map that writers have used, levels made
 * by hand that must be read and levels that must be refused, and the writer's own files. */
#include "nested.h"

#include "parquet/encoding/encoding.h"
#include "parquet/metadata/metadata.h"

#include <stdlib.h>

/* ---- schemas by hand ---- */

#define NODE(name_, repetition_, n_)                                                                                   \
    {                                                                                                                  \
        .has = 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_NUM_CHILDREN,                                          \
        .repetition = DZR_REPETITION_##repetition_, .name = {(const uint8_t *)name_, sizeof name_ - 1},                \
        .num_children = n_                                                                                             \
    }
#define CONVERTED(name_, repetition_, n_, converted_)                                                                  \
    {                                                                                                                  \
        .has = 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_NUM_CHILDREN | 1u << DZR_ELEMENT_CONVERTED,            \
        .repetition = DZR_REPETITION_##repetition_, .name = {(const uint8_t *)name_, sizeof name_ - 1},                \
        .num_children = n_, .converted = DZR_CONVERTED_##converted_                                                    \
    }
#define LOGICAL(name_, repetition_, n_, logical_)                                                                      \
    {                                                                                                                  \
        .has = 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_NUM_CHILDREN | 1u << DZR_ELEMENT_LOGICAL,              \
        .repetition = DZR_REPETITION_##repetition_, .name = {(const uint8_t *)name_, sizeof name_ - 1},                \
        .num_children = n_, .logical.has = 1u << DZR_LOGICAL_##logical_                                                \
    }
#define VALUE(name_, repetition_)                                                                                      \
    {                                                                                                                  \
        .has = 1u << DZR_ELEMENT_REPETITION | 1u << DZR_ELEMENT_TYPE, .type = DZR_PHYSICAL_INT32,                      \
        .repetition = DZR_REPETITION_##repetition_, .name = {                                                          \
            (const uint8_t *)name_,                                                                                    \
            sizeof name_ - 1                                                                                           \
        }                                                                                                              \
    }
#define ROOT(n_)                                                                                                       \
    {                                                                                                                  \
        .has = 1u << DZR_ELEMENT_NUM_CHILDREN, .name = {(const uint8_t *)"root", 4}, .num_children = n_                \
    }

enum { MOST_ELEMENTS = 12, MOST_LEVELS = 16 };

/* ---- files by hand: INT32 columns of values 0, 1, 2 ... ---- */

typedef struct file {
    dzr_bytebuf bytes;
    dzr_meta_chunk chunks[4];
    int32_t n_chunks;
} file;

static void file_init(file *out)
{
    dzr_error err;
    *out = (file){.bytes = {.max_bytes = 1 << 20}};
    assert_ok(dzr__bytebuf_append(&out->bytes, "PAR1", 4, &err));
}

typedef struct levels {
    uint32_t max_rep, max_def;
    int32_t n;
    uint32_t reps[MOST_LEVELS], defs[MOST_LEVELS];
} levels;

static void append_levels(dzr_bytebuf *body, const uint32_t *values, int32_t n, uint32_t max, bool with_length)
{
    dzr_error err;
    if (max == 0)
        return;
    const size_t start = body->len;
    const uint32_t zero = 0;
    if (with_length)
        assert_ok(dzr__bytebuf_append(body, &zero, 4, &err));
    assert_ok(dzr__rle_write(body, dzr__bit_width(max), values, n, &err));
    if (with_length)
        dzr__store_u32(body->at + start, (uint32_t)(body->len - start - 4));
}

/* Levels [first, first + n) as a page. *value is the next one. */
static void add_page(file *out, const levels *column, int32_t first, int32_t n, bool v2, int32_t *value)
{
    dzr_error err;
    dzr_bytebuf body = {0};
    append_levels(&body, column->reps + first, n, column->max_rep, !v2);
    const int32_t rep_bytes = (int32_t)body.len;
    append_levels(&body, column->defs + first, n, column->max_def, !v2);
    const int32_t def_bytes = (int32_t)body.len - rep_bytes;
    int32_t n_set = 0, n_rows = 0;
    for (int32_t i = first; i < first + n; i++) {
        n_rows += column->reps[i] == 0;
        if (column->defs[i] != column->max_def)
            continue;
        assert_ok(dzr__bytebuf_append(&body, value, sizeof *value, &err));
        ++*value;
        n_set++;
    }
    dzr_meta_page page = {.compressed_size = (int32_t)body.len, .uncompressed_size = (int32_t)body.len};
    if (v2) {
        page.type = DZR_PAGE_DATA_V2;
        page.has = 1u << DZR_PAGE_HAS_DATA_V2;
        page.data_v2 = (dzr_meta_data_page_v2){.num_values = n,
                .num_nulls = n - n_set,
                .num_rows = n_rows,
                .rep_bytes = rep_bytes,
                .def_bytes = def_bytes};
    } else {
        page.has = 1u << DZR_PAGE_HAS_DATA;
        page.data = (dzr_meta_data_page){
                .num_values = n, .def_encoding = DZR_ENCODING_RLE, .rep_encoding = DZR_ENCODING_RLE};
    }
    assert_ok(dzr__thrift_write(&out->bytes, &dzr__shape_page, &page, &err));
    assert_ok(dzr__bytebuf_append(&out->bytes, body.at, body.len, &err));
    dzr__bytebuf_fini(&body);
}

/* A chunk of pages of page_levels each. */
static void add_chunk(file *out, const levels *column, int32_t page_levels, bool v2)
{
    dzr_meta_chunk *const chunk = &out->chunks[out->n_chunks++];
    int32_t value = 0;
    chunk->has = 1u << DZR_CHUNK_META;
    chunk->meta.type = DZR_PHYSICAL_INT32;
    chunk->meta.data_page_offset = (int64_t)out->bytes.len;
    chunk->meta.num_values = column->n;
    for (int32_t first = 0; first < column->n; first += page_levels)
        add_page(out, column, first, DZR_MIN(page_levels, column->n - first), v2, &value);
    chunk->meta.compressed_size = (int64_t)out->bytes.len - chunk->meta.data_page_offset;
}

static void file_finish(file *out, const dzr_meta_element *elements, int64_t n_rows)
{
    dzr_error err;
    dzr_meta_element copy[MOST_ELEMENTS];
    int32_t n = 0;
    while (n < MOST_ELEMENTS && elements[n].name.len > 0) {
        copy[n] = elements[n];
        n++;
    }
    dzr_meta_row_group group = {.columns = {out->chunks, out->n_chunks}, .num_rows = n_rows};
    const dzr_meta_file meta = {
            .version = 1, .schema = {copy, n}, .num_rows = n_rows, .row_groups = {&group, out->n_chunks > 0 ? 1 : 0}};
    const size_t start = out->bytes.len;
    assert_ok(dzr__thrift_write(&out->bytes, &dzr__shape_file, &meta, &err));
    const uint32_t len = (uint32_t)(out->bytes.len - start);
    assert_ok(dzr__bytebuf_append(&out->bytes, &len, 4, &err));
    assert_ok(dzr__bytebuf_append(&out->bytes, "PAR1", 4, &err));
}

static dzr_parquet_reader *open_file(const file *made, const dzr_parquet_read_options *options, dzr_source **source)
{
    dzr_error err;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory((dzr_bytes){made->bytes.at, made->bytes.len}, NULL, source, &err));
    assert_ok(dzr_parquet_reader_open(*source, options, &reader, &err));
    return reader;
}

/* ---- what is read, as text ---- */

static void print_field(const dzr_field *field, char *text, size_t cap)
{
    snprintf(text + strlen(text), cap - strlen(text), "%s:%s%s", field->name, dzr_type_name(field->type),
            field->nullable ? "?" : "");
    for (int32_t i = 0; i < field->n_children; i++) {
        snprintf(text + strlen(text), cap - strlen(text), "%s", i == 0 ? "(" : " ");
        print_field(&field->children[i], text, cap);
    }
    if (field->n_children > 0)
        snprintf(text + strlen(text), cap - strlen(text), ")");
}

/* "-" is null, [ ] a list or map, { } a struct. */
static void print_value(const dzr_column *column, int64_t row, char *text, size_t cap)
{
    if (dzr_column_is_null(column, row)) {
        snprintf(text + strlen(text), cap - strlen(text), "-");
        return;
    }
    int64_t first = row, n = 1;
    switch (column->type.id) {
    case DZR_TYPE_STRUCT:
        snprintf(text + strlen(text), cap - strlen(text), "{");
        for (int32_t i = 0; i < column->n_children; i++) {
            snprintf(text + strlen(text), cap - strlen(text), "%s", i > 0 ? " " : "");
            print_value(column->children[i], row, text, cap);
        }
        snprintf(text + strlen(text), cap - strlen(text), "}");
        return;
    case DZR_TYPE_LIST:
    case DZR_TYPE_MAP:
        n = dzr_column_list(column, row, &first);
        snprintf(text + strlen(text), cap - strlen(text), "[");
        for (int64_t i = 0; i < n; i++) {
            snprintf(text + strlen(text), cap - strlen(text), "%s", i > 0 ? " " : "");
            print_value(column->children[0], first + i, text, cap);
        }
        snprintf(text + strlen(text), cap - strlen(text), "]");
        return;
    default:
        snprintf(text + strlen(text), cap - strlen(text), "%d", ((const int32_t *)column->values)[row]);
    }
}

static void print_rows(const dzr_batch *batch, char *text, size_t cap)
{
    text[0] = '\0';
    for (int64_t row = 0; row < dzr_batch_n_rows(batch); row++)
        for (int32_t i = 0; i < dzr_schema_n_fields(dzr_batch_schema(batch)); i++) {
            snprintf(text + strlen(text), cap - strlen(text), "%s", i > 0 ? "," : row > 0 ? " | " : "");
            print_value(dzr_batch_column(batch, i), row, text, cap);
        }
}

/* ---- forms of lists and maps ---- */

static const struct {
    const char *proves;
    dzr_meta_element elements[MOST_ELEMENTS];
    const char *schema;
} forms[] = {
        {"a standard list has three levels",
                {ROOT(1), LOGICAL("a", OPTIONAL, 1, LIST), NODE("list", REPEATED, 1), VALUE("element", OPTIONAL)},
                "a:list?(element:int32?)"},
        {"names do not matter",
                {ROOT(1), CONVERTED("a", REQUIRED, 1, LIST), NODE("bag", REPEATED, 1),
                        VALUE("array_element", REQUIRED)},
                "a:list(array_element:int32)"},
        {"rule 1: a repeated value is the element",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), VALUE("element", REPEATED)}, "a:list?(element:int32)"},
        {"rule 2: so is a repeated group of several fields",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), NODE("element", REPEATED, 2), VALUE("x", REQUIRED),
                        VALUE("y", OPTIONAL)},
                "a:list?(element:struct(x:int32 y:int32?))"},
        {"rule 3: and one whose field is repeated",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), NODE("b", REPEATED, 1), VALUE("c", REPEATED)},
                "a:list?(b:struct(c:list(c:int32)))"},
        {"rule 3: which may be a list itself",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), CONVERTED("array", REPEATED, 1, LIST),
                        VALUE("array", REPEATED)},
                "a:list?(array:list(array:int32))"},
        {"rule 4: and one that is named array",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), NODE("array", REPEATED, 1), VALUE("str", REQUIRED)},
                "a:list?(array:struct(str:int32))"},
        {"rule 4: or like the list, with _tuple",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), NODE("a_tuple", REPEATED, 1), VALUE("str", REQUIRED)},
                "a:list?(a_tuple:struct(str:int32))"},
        {"but not like another list",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), NODE("b_tuple", REPEATED, 1), VALUE("str", REQUIRED)},
                "a:list?(str:int32)"},
        {"a repeated field by itself is a list", {ROOT(1), VALUE("a", REPEATED)}, "a:list(a:int32)"},
        {"a repeated group too", {ROOT(1), NODE("a", REPEATED, 1), VALUE("x", OPTIONAL)}, "a:list(a:struct(x:int32?))"},
        {"a standard map",
                {ROOT(1), LOGICAL("m", OPTIONAL, 1, MAP), NODE("key_value", REPEATED, 2), VALUE("key", REQUIRED),
                        VALUE("value", OPTIONAL)},
                "m:map?(key_value:struct(key:int32 value:int32?))"},
        {"MAP_KEY_VALUE may stand for MAP",
                {ROOT(1), CONVERTED("m", OPTIONAL, 1, MAP_KEY_VALUE), NODE("map", REPEATED, 2), VALUE("k", REQUIRED),
                        VALUE("v", REQUIRED)},
                "m:map?(map:struct(k:int32 v:int32))"},
        {"or mark the group in the middle",
                {ROOT(1), CONVERTED("m", OPTIONAL, 1, MAP), CONVERTED("map", REPEATED, 2, MAP_KEY_VALUE),
                        VALUE("k", REQUIRED), VALUE("v", REQUIRED)},
                "m:map?(map:struct(k:int32 v:int32))"},
        {"a key is never null, whatever the file says",
                {ROOT(1), CONVERTED("m", OPTIONAL, 1, MAP), NODE("map", REPEATED, 2), VALUE("k", OPTIONAL),
                        VALUE("v", OPTIONAL)},
                "m:map?(map:struct(k:int32 v:int32?))"},
        {"a map without values is a list of keys",
                {ROOT(1), CONVERTED("m", OPTIONAL, 1, MAP), NODE("map", REPEATED, 1), VALUE("k", REQUIRED)},
                "m:list?(k:int32)"},
        {"an annotation on another shape says nothing",
                {ROOT(1), CONVERTED("a", OPTIONAL, 2, LIST), VALUE("x", REQUIRED), VALUE("y", REQUIRED)},
                "a:struct?(x:int32 y:int32)"},
        {"nor does one on a group that is not repeated",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), NODE("list", OPTIONAL, 1), VALUE("element", REQUIRED)},
                "a:struct?(list:struct?(element:int32))"},
        {"groups nest, and columns go on after them",
                {ROOT(2), NODE("a", OPTIONAL, 2), NODE("b", REQUIRED, 1), VALUE("c", OPTIONAL), VALUE("d", REPEATED),
                        VALUE("e", REQUIRED)},
                "a:struct?(b:struct(c:int32?) d:list(d:int32)) e:int32"},
};

static void every_form_of_list_and_map_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        file made;
        dzr_source *source = NULL;
        char text[500] = "";
        file_init(&made);
        file_finish(&made, forms[i].elements, 0);
        dzr_parquet_reader *const reader = open_file(&made, NULL, &source);
        const dzr_schema *const schema = dzr_parquet_reader_schema(reader);
        for (int32_t k = 0; k < dzr_schema_n_fields(schema); k++) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s", k > 0 ? " " : "");
            print_field(dzr_schema_field(schema, k), text, sizeof text);
        }
        if (strcmp(text, forms[i].schema) != 0)
            fail_msg("%s: %s, not %s", forms[i].proves, text, forms[i].schema);
        dzr_parquet_reader_close(reader);
        dzr_source_close(source);
        dzr__bytebuf_fini(&made.bytes);
    }
}

/* ---- levels ---- */

static const struct {
    const char *proves;
    dzr_meta_element elements[MOST_ELEMENTS];
    levels columns[2];
    int64_t n_rows;
    const char *rows;
} good[] = {
        {"nulls of structs", {ROOT(1), NODE("a", OPTIONAL, 1), NODE("b", OPTIONAL, 1), VALUE("c", OPTIONAL)},
                {{0, 3, 5, {0}, {0, 1, 2, 3, 3}}}, 5, "- | {-} | {{-}} | {{0}} | {{1}}"},
        {"a required value in a struct that may be null", {ROOT(1), NODE("a", OPTIONAL, 1), VALUE("c", REQUIRED)},
                {{0, 1, 3, {0}, {1, 0, 1}}}, 3, "{0} | - | {1}"},
        {"no levels at all", {ROOT(1), NODE("a", REQUIRED, 1), VALUE("c", REQUIRED)}, {{0, 0, 2, {0}, {0}}}, 2,
                "{0} | {1}"},
        {"null and empty lists, null elements",
                {ROOT(1), LOGICAL("a", OPTIONAL, 1, LIST), NODE("list", REPEATED, 1), VALUE("element", OPTIONAL)},
                {{1, 3, 6, {0, 0, 0, 0, 1, 1}, {0, 1, 2, 3, 2, 3}}}, 4, "- | [] | [-] | [0 - 1]"},
        {"lists of lists",
                {ROOT(1), CONVERTED("a", OPTIONAL, 1, LIST), CONVERTED("array", REPEATED, 1, LIST),
                        VALUE("array", REPEATED)},
                {{2, 3, 8, {0, 2, 1, 1, 0, 0, 0, 1}, {3, 3, 2, 3, 0, 1, 2, 3}}}, 4,
                "[[0 1] [] [2]] | - | [] | [[] [3]]"},
        {"a list in a null struct in a list",
                {ROOT(1), NODE("a", REPEATED, 1), NODE("s", OPTIONAL, 1), VALUE("x", REPEATED)},
                {{2, 3, 6, {0, 1, 1, 2, 0, 0}, {1, 2, 3, 3, 0, 2}}}, 3, "[{-} {{[]}} {{[0 1]}}] | [] | [{{[]}}]"},
        {"two columns of a list", {ROOT(1), NODE("a", REPEATED, 2), VALUE("x", REQUIRED), VALUE("y", OPTIONAL)},
                {{1, 1, 4, {0, 1, 0, 0}, {1, 1, 0, 1}}, {1, 2, 4, {0, 1, 0, 0}, {2, 1, 0, 2}}}, 3,
                "[{0 0} {1 -}] | [] | [{2 1}]"},
        {"a map",
                {ROOT(1), CONVERTED("m", OPTIONAL, 1, MAP), NODE("map", REPEATED, 2), VALUE("k", OPTIONAL),
                        VALUE("v", OPTIONAL)},
                {{1, 3, 4, {0, 1, 0, 0}, {3, 3, 0, 1}}, {1, 3, 4, {0, 1, 0, 0}, {2, 3, 0, 1}}}, 3,
                "[{0 -} {1 0}] | - | []"},
};

static void levels_become_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (int32_t page_levels = 1; page_levels <= MOST_LEVELS; page_levels++)
            for (int v2 = 0; v2 <= 1; v2++) {
                file made;
                dzr_error err;
                dzr_source *source = NULL;
                dzr_batch *batch = NULL;
                char text[500];
                file_init(&made);
                for (int32_t c = 0; c < 2 && good[i].columns[c].n > 0; c++)
                    add_chunk(&made, &good[i].columns[c], page_levels, v2 != 0);
                file_finish(&made, good[i].elements, good[i].n_rows);
                dzr_parquet_reader *const reader = open_file(&made, NULL, &source);
                const dzr_status st = dzr_parquet_read_row_group(reader, 0, NULL, 0, &batch, &err);
                if (st != DZR_OK)
                    fail_msg("%s: %s", good[i].proves, err.message);
                print_rows(batch, text, sizeof text);
                if (strcmp(text, good[i].rows) != 0)
                    fail_msg("%s: %s, not %s", good[i].proves, text, good[i].rows);
                dzr_batch_free(batch);
                dzr_parquet_reader_close(reader);
                dzr_source_close(source);
                dzr__bytebuf_fini(&made.bytes);
            }
}

#define LIST_OF_INT                                                                                                    \
    {                                                                                                                  \
        ROOT(1), LOGICAL("a", OPTIONAL, 1, LIST), NODE("list", REPEATED, 1), VALUE("element", OPTIONAL)                \
    }
#define WHERE "memory: row group 0, column \"a.list.element\""

static const struct {
    const char *proves;
    dzr_meta_element elements[MOST_ELEMENTS];
    levels columns[2];
    int64_t n_rows;
    dzr_status want;
    const char *message;
} bad[] = {
        {"a row begins with 0", LIST_OF_INT, {{1, 3, 2, {1, 0}, {3, 3}}}, 1, DZR_ERR_CORRUPT,
                WHERE ", byte 4: its first repetition level is 1, and a row begins with 0"},
        {"a null list does not go on", LIST_OF_INT, {{1, 3, 2, {0, 1}, {0, 3}}}, 1, DZR_ERR_CORRUPT,
                "repetition level 1 goes on with a list that is null or empty"},
        {"nor does an empty one", LIST_OF_INT, {{1, 3, 2, {0, 1}, {1, 3}}}, 1, DZR_ERR_CORRUPT,
                "repetition level 1 goes on with a list that is null or empty"},
        {"nor does a list become empty", LIST_OF_INT, {{1, 3, 2, {0, 1}, {3, 1}}}, 1, DZR_ERR_CORRUPT,
                "repetition level 1 goes on with a list that is null or empty"},
        {"rows are as many as the row group has", LIST_OF_INT, {{1, 3, 2, {0, 0}, {3, 3}}}, 1, DZR_ERR_CORRUPT,
                "its levels make more than the 1 rows of the row group"},
        {"and not fewer", LIST_OF_INT, {{1, 3, 3, {0, 1, 1}, {3, 3, 3}}}, 2, DZR_ERR_CORRUPT,
                WHERE ": its levels make 1 rows, the row group has 2"},
        {"nor can there be fewer levels", LIST_OF_INT, {{1, 3, 2, {0, 1}, {3, 3}}}, 3, DZR_ERR_CORRUPT,
                WHERE ": it has 2 values, the row group 3 rows"},
        {"a level has its maximum", /* two bits hold 3, too */
                {ROOT(1), NODE("a", REPEATED, 1), VALUE("element", REPEATED)}, {{2, 2, 2, {0, 3}, {2, 2}}}, 1,
                DZR_ERR_CORRUPT, "a level is 3, the highest of this column is 2"},
        {"columns of a list agree about its length",
                {ROOT(1), NODE("a", REPEATED, 2), VALUE("x", REQUIRED), VALUE("y", REQUIRED)},
                {{1, 1, 3, {0, 1, 0}, {1, 1, 1}}, {1, 1, 3, {0, 0, 1}, {1, 1, 1}}}, 2, DZR_ERR_CORRUPT,
                "column \"a.y\": its lists and nulls are not those of the columns beside it"},
        {"about how many values there are",
                {ROOT(1), NODE("a", REPEATED, 2), VALUE("x", REQUIRED), VALUE("y", REQUIRED)},
                {{1, 1, 3, {0, 1, 1}, {1, 1, 1}}, {1, 1, 2, {0, 1}, {1, 1}}}, 1, DZR_ERR_CORRUPT,
                "its lists and nulls are not those of the columns beside it"},
        {"and about which are null", {ROOT(1), NODE("a", OPTIONAL, 2), VALUE("x", REQUIRED), VALUE("y", OPTIONAL)},
                {{0, 1, 2, {0}, {0, 1}}, {0, 2, 2, {0}, {1, 0}}}, 2, DZR_ERR_CORRUPT,
                "column \"a.y\": its lists and nulls are not those of the columns beside it"},
        {"a key is not null",
                {ROOT(1), CONVERTED("m", OPTIONAL, 1, MAP), NODE("map", REPEATED, 2), VALUE("k", OPTIONAL),
                        VALUE("v", OPTIONAL)},
                {{1, 3, 1, {0}, {2}}, {1, 3, 1, {0}, {2}}}, 1, DZR_ERR_CORRUPT, "a map has a key that is null"},
};

static void contradicting_levels_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        file made;
        dzr_error err = {0};
        dzr_source *source = NULL;
        dzr_batch *batch = NULL;
        file_init(&made);
        for (int32_t c = 0; c < 2 && bad[i].columns[c].n > 0; c++)
            add_chunk(&made, &bad[i].columns[c], MOST_LEVELS, false);
        file_finish(&made, bad[i].elements, bad[i].n_rows);
        dzr_parquet_reader *const reader = open_file(&made, NULL, &source);
        const dzr_status st = dzr_parquet_read_row_group(reader, 0, NULL, 0, &batch, &err);
        if (st != bad[i].want || strstr(err.message, bad[i].message) == NULL)
            fail_msg("%s: %s, \"%s\"", bad[i].proves, dzr_status_name(st), err.message);
        assert_null(batch);
        dzr_parquet_reader_close(reader);
        dzr_source_close(source);
        dzr__bytebuf_fini(&made.bytes);
    }
}

/* Levels of two bits may say 3 where the highest is 2; and bit-packed levels, most significant bit first, are read. */
static void levels_of_other_encodings_and_above_their_maximum(void **state)
{
    (void)state;
    static const dzr_meta_element elements[MOST_ELEMENTS] = {ROOT(1), VALUE("a", REPEATED)};
    static const struct {
        uint8_t body[16];
        int32_t n_bytes, encoding;
        dzr_status want;
        const char *text; /* or of the message */
    } pages[] = {{{0x20, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0}, 14, DZR_ENCODING_BIT_PACKED, DZR_OK, "[0] | [1 2]"},
            {{0x20}, 1, DZR_ENCODING_BIT_PACKED, DZR_ERR_TRUNCATED, "3 bit-packed levels of 1 bits in 0 bytes"},
            {{2, 0, 0, 0, 6, 0, 2, 0, 0, 0, 4, 1}, 12, DZR_ENCODING_RLE, DZR_ERR_TRUNCATED, "values are missing"},
            {{0}, 1, DZR_ENCODING_PLAIN, DZR_ERR_UNSUPPORTED, "levels in encoding PLAIN (0)"}};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        file made;
        dzr_error err = {0};
        dzr_source *source = NULL;
        dzr_batch *batch = NULL;
        char text[100];
        file_init(&made);
        made.chunks[made.n_chunks++] = (dzr_meta_chunk){.has = 1u << DZR_CHUNK_META,
                .meta = {.type = DZR_PHYSICAL_INT32, .data_page_offset = 4, .num_values = 3}};
        const dzr_meta_page page = {.has = 1u << DZR_PAGE_HAS_DATA,
                .compressed_size = pages[i].n_bytes,
                .uncompressed_size = pages[i].n_bytes,
                .data = {.num_values = 3, .def_encoding = pages[i].encoding, .rep_encoding = pages[i].encoding}};
        assert_ok(dzr__thrift_write(&made.bytes, &dzr__shape_page, &page, &err));
        assert_ok(dzr__bytebuf_append(&made.bytes, pages[i].body, (size_t)pages[i].n_bytes, &err));
        made.chunks[0].meta.compressed_size = (int64_t)made.bytes.len - 4;
        file_finish(&made, elements, 2);
        dzr_parquet_reader *const reader = open_file(&made, NULL, &source);
        const dzr_status st = dzr_parquet_read_row_group(reader, 0, NULL, 0, &batch, &err);
        if (st == DZR_OK)
            print_rows(batch, text, sizeof text);
        if (st != pages[i].want || strstr(st == DZR_OK ? text : err.message, pages[i].text) == NULL)
            fail_msg("page %zu: %s, \"%s\"", i, dzr_status_name(st), st == DZR_OK ? text : err.message);
        dzr_batch_free(batch);
        dzr_parquet_reader_close(reader);
        dzr_source_close(source);
        dzr__bytebuf_fini(&made.bytes);
    }
}

/* ---- what the writer makes ---- */

static const dzr_field all_fields[] = {LEAF("id", INT64, false),
        GROUP("l", LIST, true, GROUP("element", LIST, true, LEAF("element", STRING, true))),
        GROUP("s", STRUCT, true, LEAF("a", DOUBLE, true), LEAF("b", BOOL, false),
                GROUP("c", LIST, false, LEAF("element", INT16, true))),
        GROUP("m", MAP, true,
                GROUP("key_value", STRUCT, false, LEAF("key", STRING, false),
                        GROUP("value", STRUCT, true, LEAF("x", DATE, true), LEAF("y", BOOL, true))))};
enum { N_ALL_FIELDS = sizeof all_fields / sizeof *all_fields };

static dzr_status read_and_compare(
        dzr_source *source, const dzr_parquet_read_options *options, const dzr_batch *want, dzr_error *err)
{
    dzr_parquet_reader *reader = NULL;
    DZR_TRY(dzr_parquet_reader_open(source, options, &reader, err));
    assert_true(dzr_schema_equal(dzr_parquet_reader_schema(reader), dzr_batch_schema(want)));
    dzr_status st = DZR_OK;
    int64_t first = 0;
    for (int32_t group = 0; group < dzr_parquet_reader_n_row_groups(reader) && st == DZR_OK; group++) {
        dzr_batch *batch = NULL;
        st = dzr_parquet_read_row_group(reader, group, NULL, 0, &batch, err);
        if (st != DZR_OK) {
            assert_null(batch);
            break;
        }
        for (int32_t i = 0; i < N_ALL_FIELDS; i++)
            for (int64_t row = 0; row < dzr_batch_n_rows(batch); row++)
                assert_same_row(dzr_batch_column(want, i), first + row, dzr_batch_column(batch, i), row);
        first += dzr_batch_n_rows(batch);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        assert_int_equal(first, dzr_batch_n_rows(want));
    dzr_parquet_reader_close(reader);
    return st;
}

static void what_was_written_comes_back(void **state)
{
    (void)state;
    static const dzr_parquet_write_options choices[] = {{.codec = DZR_CODEC_SNAPPY},
            {.page_rows = 7, .row_group_rows = 100}, {.page_bytes = 60, .dictionary_bytes = 200},
            {.codec = DZR_CODEC_ZSTD, .dictionary_bytes = -1, .page_bytes = 300}};
    static const int64_t counts[] = {0, 1, 2, 63, 64, 65, 1500};
    dzr_error err;
    dzr_schema *const schema = schema_of(all_fields, N_ALL_FIELDS);
    for (size_t n = 0; n < sizeof counts / sizeof *counts; n++)
        for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
            dzr_batch *batch = NULL;
            dzr_source *source = NULL;
            assert_ok(nested_rows(schema, counts[n], n, NULL, &batch, &err));
            dzr_sink *const sink = write_rows(batch, &choices[i]);
            assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
            assert_ok(read_and_compare(source, NULL, batch, &err));
            dzr_source_close(source);
            dzr_sink_close(sink);
            dzr_batch_free(batch);
        }
    dzr_schema_free(schema);
}

/* ---- which columns, and how much memory ---- */

static void a_read_has_the_fields_around_its_columns(void **state)
{
    (void)state;
    static const struct {
        int32_t columns[6], n;
        const char *schema;
    } reads[] = {
            {{4, 0}, 2, "s:struct?(c:list(element:int16?)) id:int64"},
            {{3, 1, 2, 3}, 4, "s:struct?(a:double? b:bool) l:list?(element:list?(element:string?))"},
            {{0, 5, 0}, 3, "id:int64 m:list?(key_value:struct(key:string)) id:int64"},
            {{7}, 1, "m:list?(key_value:struct(value:struct?(y:bool?)))"},
            {{7, 5}, 2, "m:map?(key_value:struct(key:string value:struct?(y:bool?)))"},
            {{0}, 0, ""},
    };
    dzr_error err;
    dzr_schema *const schema = schema_of(all_fields, N_ALL_FIELDS);
    dzr_batch *batch = NULL;
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_ok(nested_rows(schema, 50, 2, NULL, &batch, &err));
    dzr_sink *const sink = write_rows(batch, NULL);
    assert_ok(dzr_source_memory(dzr_sink_memory_bytes(sink), NULL, &source, &err));
    assert_ok(dzr_parquet_reader_open(source, NULL, &reader, &err));
    assert_int_equal(dzr_parquet_reader_n_columns(reader), 8);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        dzr_batch *part = NULL;
        char text[500] = "";
        assert_ok(dzr_parquet_read_row_group(reader, 0, reads[i].columns, reads[i].n, &part, &err));
        const dzr_schema *const got = dzr_batch_schema(part);
        for (int32_t k = 0; k < dzr_schema_n_fields(got); k++) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s", k > 0 ? " " : "");
            print_field(dzr_schema_field(got, k), text, sizeof text);
        }
        assert_string_equal(text, reads[i].schema);
        assert_int_equal(dzr_batch_n_rows(part), 50);
        dzr_batch_free(part);
    }
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr_sink_close(sink);
    dzr_batch_free(batch);
    dzr_schema_free(schema);
}

/* A page of a few bytes may claim two thousand million levels: memory is what the budget gives, or there is none. */
static void the_budget_holds_for_lists(void **state)
{
    (void)state;
    static const dzr_meta_element elements[MOST_ELEMENTS] = {ROOT(1), VALUE("a", REPEATED)};
    file made;
    dzr_error err = {0};
    dzr_source *source = NULL;
    dzr_batch *batch = NULL;
    levels column = {1, 1, 3, {0, 1, 1}, {1, 1, 1}};
    file_init(&made);
    add_chunk(&made, &column, MOST_LEVELS, false);
    made.chunks[0].meta.num_values = INT64_C(1) << 40;
    file_finish(&made, elements, 1);
    const dzr_parquet_read_options options = {.limits = {.row_group_bytes = 1 << 20}};
    dzr_parquet_reader *const reader = open_file(&made, &options, &source);
    assert_fails(dzr_parquet_read_row_group(reader, 0, NULL, 0, &batch, &err), DZR_ERR_LIMIT,
            "4398046511104 bytes more are needed, 0 of the 1048576 allowed");
    assert_null(batch);
    dzr_parquet_reader_close(reader);
    dzr_source_close(source);
    dzr__bytebuf_fini(&made.bytes);
}

static void deeper_than_a_frame_is_refused(void **state)
{
    (void)state;
    enum { N = 100 };
    dzr_error err = {0};
    dzr_meta_element elements[N] = {ROOT(1)};
    const dzr_meta_element group = NODE("g", OPTIONAL, 1), value = VALUE("v", OPTIONAL);
    for (int i = 1; i < N - 1; i++)
        elements[i] = group;
    elements[N - 1] = value;
    file made;
    file_init(&made);
    const dzr_meta_file meta = {.version = 1, .schema = {elements, N}};
    const size_t start = made.bytes.len;
    assert_ok(dzr__thrift_write(&made.bytes, &dzr__shape_file, &meta, &err));
    const uint32_t len = (uint32_t)(made.bytes.len - start);
    assert_ok(dzr__bytebuf_append(&made.bytes, &len, 4, &err));
    assert_ok(dzr__bytebuf_append(&made.bytes, "PAR1", 4, &err));
    dzr_source *source = NULL;
    dzr_parquet_reader *reader = NULL;
    assert_ok(dzr_source_memory((dzr_bytes){made.bytes.at, made.bytes.len}, NULL, &source, &err));
    assert_fails(dzr_parquet_reader_open(source, NULL, &reader, &err), DZR_ERR_LIMIT,
            "memory: field \"g\" is nested deeper than 64");
    assert_null(reader);
    dzr_source_close(source);
    dzr__bytebuf_fini(&made.bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_form_of_list_and_map_is_known),
            cmocka_unit_test(levels_become_rows),
            cmocka_unit_test(contradicting_levels_are_refused),
            cmocka_unit_test(levels_of_other_encodings_and_above_their_maximum),
            cmocka_unit_test(what_was_written_comes_back),
            cmocka_unit_test(a_read_has_the_fields_around_its_columns),
            cmocka_unit_test(the_budget_holds_for_lists),
            cmocka_unit_test(deeper_than_a_frame_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

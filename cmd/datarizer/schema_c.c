/* cmd/datarizer/schema_c.c - `datarizer schema --as c`: structs for a file's rows, with the tables that record.h wants
 * of them. Names become identifiers; a column whose name does not survive that keeps it in its table. */
#include "cmd/datarizer/schema_as.h"

#include "cmd/common/try.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* All that is made of a file's schema has names of its own at the top of a file. */
typedef struct making {
    name_set top;
} making;

/* A struct on the way: what its members are called. */
typedef struct member {
    char *name, *flag; /* NULL: none */
    char *type;        /* of a struct, or of what a list has: its struct, or its element's table */
    char *element;
} member;

static dzr_status put_struct(making *m, const char *type, const dzr_field *fields, int32_t n, dzr_error *err);

/* A name at the top: of `first`, or of both with "_" between them. */
static dzr_status top_name(making *m, const char *first, const char *second, char **out, dzr_error *err)
{
    char wanted[NAME_BYTES], name[NAME_BYTES], both[2 * NAME_BYTES];
    snprintf(both, sizeof both, second != NULL ? "%s_%s" : "%s", first, second);
    both[NAME_BYTES - 24] = '\0';
    c_identifier(both, wanted);
    TRY(names_take(&m->top, wanted, NAME_BYTES, name, err));
    *out = strdup(name);
    return *out != NULL ? DZR_OK : dzr_fail(err, DZR_ERR_NOMEM, "out of memory");
}

/* ---- types ---- */

/* Whether records have it; and whether the whole of it. */
static bool has_type(const dzr_field *field)
{
    if (field->type.id == DZR_TYPE_LIST || field->type.id == DZR_TYPE_DICTIONARY)
        return has_type(&field->children[0]);
    return field->type.id != DZR_TYPE_MAP && field->type.id != DZR_TYPE_NULL && field->type.id != DZR_TYPE_DURATION &&
           (field->type.id != DZR_TYPE_STRUCT || field->n_children > 0);
}

static const char *c_type(const dzr_field *field, const member *of)
{
    static const char *const words[] = {[DZR_TYPE_BOOL] = "bool",
            [DZR_TYPE_INT8] = "int8_t",
            [DZR_TYPE_INT16] = "int16_t",
            [DZR_TYPE_INT32] = "int32_t",
            [DZR_TYPE_INT64] = "int64_t",
            [DZR_TYPE_UINT8] = "uint8_t",
            [DZR_TYPE_UINT16] = "uint16_t",
            [DZR_TYPE_UINT32] = "uint32_t",
            [DZR_TYPE_UINT64] = "uint64_t",
            [DZR_TYPE_FLOAT] = "float",
            [DZR_TYPE_HALF] = "float",
            [DZR_TYPE_DOUBLE] = "double",
            [DZR_TYPE_STRING] = "dzr_bytes",
            [DZR_TYPE_BINARY] = "dzr_bytes",
            [DZR_TYPE_DATE] = "int32_t",
            [DZR_TYPE_TIMESTAMP] = "int64_t",
            [DZR_TYPE_DECIMAL] = "dzr_decimal",
            [DZR_TYPE_FIXED] = "uint8_t",
            [DZR_TYPE_UUID] = "uint8_t",
            [DZR_TYPE_LIST] = "dzr_list"};
    if (field->type.id == DZR_TYPE_STRUCT)
        return of->type;
    if (field->type.id == DZR_TYPE_TIME)
        return field->type.unit == DZR_UNIT_MS ? "int32_t" : "int64_t";
    assert((size_t)field->type.id < sizeof words / sizeof *words && words[field->type.id] != NULL);
    return words[field->type.id];
}

/* Bytes of a value that is an array; 0: it is none. */
static int32_t array_bytes(const dzr_field *field)
{
    return field->type.id == DZR_TYPE_UUID ? 16 : field->type.id == DZR_TYPE_FIXED ? field->type.width : 0;
}

static void put_type(const dzr_field *field, const member *of)
{
    static const char *const words[] = {[DZR_TYPE_BOOL] = "BOOL",
            [DZR_TYPE_INT8] = "INT8",
            [DZR_TYPE_INT16] = "INT16",
            [DZR_TYPE_INT32] = "INT32",
            [DZR_TYPE_INT64] = "INT64",
            [DZR_TYPE_UINT8] = "UINT8",
            [DZR_TYPE_UINT16] = "UINT16",
            [DZR_TYPE_UINT32] = "UINT32",
            [DZR_TYPE_UINT64] = "UINT64",
            [DZR_TYPE_FLOAT] = "FLOAT",
            [DZR_TYPE_HALF] = "HALF",
            [DZR_TYPE_DOUBLE] = "DOUBLE",
            [DZR_TYPE_STRING] = "STRING",
            [DZR_TYPE_BINARY] = "BINARY",
            [DZR_TYPE_DATE] = "DATE",
            [DZR_TYPE_UUID] = "UUID"};
    static const char *const units[] = {"DZR_UNIT_MS", "DZR_UNIT_US", "DZR_UNIT_NS"};
    const dzr_type type = field->type;
    if (type.id == DZR_TYPE_STRUCT)
        printf("DZR_STRUCT(&%s_type)", of->type);
    else if (type.id == DZR_TYPE_LIST)
        printf("DZR_LIST(&%s)", of->element);
    else if (type.id == DZR_TYPE_TIMESTAMP || type.id == DZR_TYPE_TIME)
        printf("DZR_%s(%s, %s)", type.id == DZR_TYPE_TIME ? "TIME" : "TIMESTAMP", units[type.unit],
                type.utc ? "true" : "false");
    else if (type.id == DZR_TYPE_DECIMAL)
        printf("DZR_DECIMAL(%d, %d)", type.precision, type.scale);
    else if (type.id == DZR_TYPE_FIXED)
        printf("DZR_FIXED(%d)", type.width);
    else
        printf("DZR_%s", words[type.id]);
}

/* The column's name in quotes: what a compiler might take for something else is spelt. */
static void put_string(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if ((uint8_t)*text < 0x20 || (uint8_t)*text == 0x7f || *text == '?' || *text == '"' || *text == '\\')
            printf("\\%03o", (unsigned)(uint8_t)*text);
        else
            putchar(*text);
    }
    putchar('"');
}

/* A name in a comment, which it does not end. */
static void put_comment(const char *text)
{
    for (; *text != '\0'; text++)
        putchar((*text == '*' && text[1] == '/') || (uint8_t)*text < 0x20 || (uint8_t)*text == 0x7f || *text == '\\'
                        ? '_'
                        : *text);
}

/* ---- what stands before a struct ---- */

static const dzr_field *values_of(const dzr_field *field)
{
    return field->type.id == DZR_TYPE_DICTIONARY ? &field->children[0] : field;
}

/* The structs and elements that a member needs. */
static dzr_status put_needed(
        making *m, const char *above, const char *name, const dzr_field *field, member *of, dzr_error *err)
{
    field = values_of(field);
    if (field->type.id == DZR_TYPE_STRUCT) {
        TRY(top_name(m, above, name, &of->type, err));
        return put_struct(m, of->type, field->children, field->n_children, err);
    }
    if (field->type.id != DZR_TYPE_LIST)
        return DZR_OK;
    const dzr_field *const element = values_of(&field->children[0]);
    member item = {.name = NULL};
    char below[NAME_BYTES];
    snprintf(below, sizeof below, "%.900s_element", name);
    dzr_status st = put_needed(m, above, below, element, &item, err);
    if (st == DZR_OK)
        st = top_name(m, above, below, &of->element, err);
    if (st == DZR_OK && array_bytes(element) > 0) {
        printf("static const dzr_record_field %s = {.name = \"element\", .size = %d, .kind = DZR_MEMBER_OTHER, ",
                of->element, array_bytes(element));
        put_type(element, &item);
        puts("};\n");
    } else if (st == DZR_OK) {
        printf("static const dzr_record_field %s = DZR_ELEMENT(%s, ", of->element, c_type(element, &item));
        put_type(element, &item);
        printf(");%s\n\n", field->children[0].nullable ? " /* none of them null */" : "");
    }
    free(item.type);
    free(item.element);
    return st;
}

/* ---- a struct ---- */

static dzr_status name_member(name_set *taken, const dzr_field *field, member *of, dzr_error *err)
{
    char wanted[NAME_BYTES], name[NAME_BYTES], flag[NAME_BYTES + 8];
    c_identifier(field->name, wanted);
    TRY(names_take(taken, wanted, NAME_BYTES, name, err));
    of->name = strdup(name);
    if (of->name != NULL && field->nullable) {
        snprintf(flag, sizeof flag, "has_%s", name);
        flag[NAME_BYTES - 8] = '\0';
        TRY(names_take(taken, flag, NAME_BYTES, name, err));
        of->flag = strdup(name);
    }
    return of->name != NULL && (of->flag != NULL || !field->nullable) ? DZR_OK
                                                                      : dzr_fail(err, DZR_ERR_NOMEM, "out of memory");
}

static void put_members(const char *type, const dzr_field *fields, const member *members, int32_t n)
{
    printf("typedef struct %s {\n", type);
    for (int32_t i = 0; i < n; i++) {
        const dzr_field *const field = values_of(&fields[i]);
        if (members[i].name == NULL) {
            fputs("    /* not here: ", stdout);
            put_comment(fields[i].name);
            printf(", %s, which records do not have */\n", dzr_type_name(fields[i].type));
            continue;
        }
        printf("    %s %s", c_type(field, &members[i]), members[i].name);
        if (array_bytes(field) > 0)
            printf("[%d]", array_bytes(field));
        puts(";");
        if (members[i].flag != NULL)
            printf("    bool %s;\n", members[i].flag);
    }
    printf("} %s;\n\n", type);
}

static void put_table(const char *type, const dzr_field *fields, const member *members, int32_t n)
{
    printf("static const dzr_record_field %s_fields[] = {\n", type);
    for (int32_t i = 0; i < n; i++) {
        if (members[i].name == NULL)
            continue;
        const bool same = strcmp(members[i].name, fields[i].name) == 0;
        printf("    DZR_%s%s(", members[i].flag != NULL ? "OPTIONAL" : "FIELD", same ? "" : "_AS");
        if (!same) {
            put_string(fields[i].name);
            fputs(", ", stdout);
        }
        printf("%s, %s, ", type, members[i].name);
        if (members[i].flag != NULL)
            printf("%s, ", members[i].flag);
        put_type(values_of(&fields[i]), &members[i]);
        puts("),");
    }
    printf("};\nstatic const dzr_record_type %s_type = DZR_RECORD(%s, %s_fields);\n", type, type, type);
}

static dzr_status put_struct(making *m, const char *type, const dzr_field *fields, int32_t n, dzr_error *err)
{
    name_set taken = {.fold_case = false};
    bool any = false;
    char ignored[NAME_BYTES], both[NAME_BYTES + 16];
    member *const members = calloc((size_t)n + 1, sizeof *members);
    dzr_status st = members != NULL ? DZR_OK : dzr_fail(err, DZR_ERR_NOMEM, "out of memory");
    for (int part = 0; st == DZR_OK && part < 2; part++) { /* its tables' names are taken, too */
        snprintf(both, sizeof both, "%.990s%s", type, part == 0 ? "_fields" : "_type");
        st = names_take(&m->top, both, NAME_BYTES, ignored, err);
    }
    for (int32_t i = 0; st == DZR_OK && i < n; i++) {
        if (!has_type(&fields[i]))
            continue;
        any = true;
        st = name_member(&taken, &fields[i], &members[i], err);
        if (st == DZR_OK)
            st = put_needed(m, type, members[i].name, &fields[i], &members[i], err);
    }
    if (st == DZR_OK && !any)
        st = dzr_fail(err, DZR_ERR_UNSUPPORTED, "%s: no column is of a type that records have", type);
    if (st == DZR_OK) {
        put_members(type, fields, members, n);
        put_table(type, fields, members, n);
        putchar('\n');
    }
    for (int32_t i = 0; members != NULL && i < n; i++) {
        free(members[i].name);
        free(members[i].flag);
        free(members[i].type);
        free(members[i].element);
    }
    free(members);
    names_free(&taken);
    return st;
}

dzr_status schema_print_c(const char *file, const char *name, const dzr_schema *schema, dzr_error *err)
{
    making m = {.top = {.fold_case = false}};
    char *type = NULL;
    fputs("/* The rows of ", stdout);
    put_comment(file);
    puts(". */\n#include <datarizer/record.h>\n");
    dzr_status st = top_name(&m, name, NULL, &type, err);
    if (st == DZR_OK && dzr_schema_n_fields(schema) == 0)
        st = dzr_fail(err, DZR_ERR_UNSUPPORTED, "%s: a struct without columns", file);
    if (st == DZR_OK)
        st = put_struct(&m, type, dzr_schema_field(schema, 0), dzr_schema_n_fields(schema), err);
    free(type);
    names_free(&m.top);
    return st;
}

/* cmd/datarizer/schema_sql.c - `datarizer schema --as duckdb` and `--as postgres`: the statement that makes a table for
 * a file's rows. Identifiers are quoted, so that keywords, blanks and capitals are what they are. What DuckDB reads out
 * of the file fits its table; PostgreSQL has no structs and maps, which become jsonb. */
#include "cmd/datarizer/schema_as.h"

#include "cmd/common/try.h"

#include <string.h>

enum { POSTGRES_NAME = 63, DUCKDB_DIGITS = 38 };

static void put_quoted(const char *name)
{
    putchar('"');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            putchar('"');
        putchar(*name);
    }
    putchar('"');
}

/* What a line says of a type that the database has not got. */
typedef struct remark {
    const char *text; /* NULL: nothing */
} remark;

/* ---- types that take no more than a word ---- */

static const char *duckdb_word(dzr_type type)
{
    static const char *const words[] = {[DZR_TYPE_BOOL] = "BOOLEAN",
            [DZR_TYPE_INT8] = "TINYINT",
            [DZR_TYPE_INT16] = "SMALLINT",
            [DZR_TYPE_INT32] = "INTEGER",
            [DZR_TYPE_INT64] = "BIGINT",
            [DZR_TYPE_UINT8] = "UTINYINT",
            [DZR_TYPE_UINT16] = "USMALLINT",
            [DZR_TYPE_UINT32] = "UINTEGER",
            [DZR_TYPE_UINT64] = "UBIGINT",
            [DZR_TYPE_FLOAT] = "FLOAT",
            [DZR_TYPE_HALF] = "FLOAT",
            [DZR_TYPE_DOUBLE] = "DOUBLE",
            [DZR_TYPE_STRING] = "VARCHAR",
            [DZR_TYPE_BINARY] = "BLOB",
            [DZR_TYPE_FIXED] = "BLOB",
            [DZR_TYPE_DATE] = "DATE",
            [DZR_TYPE_UUID] = "UUID",
            [DZR_TYPE_NULL] = "INTEGER",
            [DZR_TYPE_DURATION] = "BIGINT"};
    if (type.id == DZR_TYPE_TIMESTAMP)
        return type.utc ? "TIMESTAMP WITH TIME ZONE" : type.unit == DZR_UNIT_NS ? "TIMESTAMP_NS" : "TIMESTAMP";
    if (type.id == DZR_TYPE_TIME)
        return type.utc ? "TIME WITH TIME ZONE" : "TIME";
    return (size_t)type.id < sizeof words / sizeof *words ? words[type.id] : NULL;
}

static const char *postgres_word(dzr_type type)
{
    static const char *const words[] = {[DZR_TYPE_BOOL] = "boolean",
            [DZR_TYPE_INT8] = "smallint",
            [DZR_TYPE_INT16] = "smallint",
            [DZR_TYPE_INT32] = "integer",
            [DZR_TYPE_INT64] = "bigint",
            [DZR_TYPE_UINT8] = "smallint",
            [DZR_TYPE_UINT16] = "integer",
            [DZR_TYPE_UINT32] = "bigint",
            [DZR_TYPE_UINT64] = "numeric(20, 0)",
            [DZR_TYPE_FLOAT] = "real",
            [DZR_TYPE_HALF] = "real",
            [DZR_TYPE_DOUBLE] = "double precision",
            [DZR_TYPE_STRING] = "text",
            [DZR_TYPE_BINARY] = "bytea",
            [DZR_TYPE_FIXED] = "bytea",
            [DZR_TYPE_DATE] = "date",
            [DZR_TYPE_UUID] = "uuid",
            [DZR_TYPE_NULL] = "text",
            [DZR_TYPE_DURATION] = "bigint"};
    if (type.id == DZR_TYPE_TIMESTAMP)
        return type.utc ? "timestamp with time zone" : "timestamp";
    if (type.id == DZR_TYPE_TIME)
        return "time";
    return (size_t)type.id < sizeof words / sizeof *words ? words[type.id] : NULL;
}

static remark remark_on(dzr_type type, bool postgres)
{
    if (type.id == DZR_TYPE_NULL)
        return (remark){"nothing but nulls"};
    if (type.id == DZR_TYPE_DURATION)
        return (remark){type.unit == DZR_UNIT_MS   ? "a duration in milliseconds"
                        : type.unit == DZR_UNIT_US ? "a duration in microseconds"
                                                   : "a duration in nanoseconds"};
    if (postgres && (type.id == DZR_TYPE_TIMESTAMP || type.id == DZR_TYPE_TIME) && type.unit == DZR_UNIT_NS)
        return (remark){"nanoseconds in the file, microseconds here"};
    if (!postgres && type.id == DZR_TYPE_DECIMAL && type.precision > DUCKDB_DIGITS)
        return (remark){"a decimal of more digits than DECIMAL has"};
    return (remark){NULL};
}

/* ---- DuckDB ---- */

static dzr_status put_duckdb(const dzr_field *field, dzr_error *err);

/* `"a" INTEGER, "b" VARCHAR`; a second "a" gets the name that DuckDB gives it when it reads the file. */
static dzr_status put_members(const dzr_field *field, dzr_error *err)
{
    name_set taken = {.fold_case = true, .from_one = true};
    dzr_status st = DZR_OK;
    for (int32_t i = 0; st == DZR_OK && i < field->n_children; i++) {
        char name[NAME_BYTES];
        st = names_take(
                &taken, *field->children[i].name != '\0' ? field->children[i].name : "_", NAME_BYTES, name, err);
        if (st != DZR_OK)
            break;
        fputs(i > 0 ? ", " : "", stdout);
        put_quoted(name);
        putchar(' ');
        st = put_duckdb(&field->children[i], err);
    }
    names_free(&taken);
    return st;
}

static dzr_status put_duckdb(const dzr_field *field, dzr_error *err)
{
    const dzr_type type = field->type;
    switch (type.id) {
    case DZR_TYPE_STRUCT:
        if (field->n_children == 0) {
            fputs("JSON", stdout);
            return DZR_OK;
        }
        fputs("STRUCT(", stdout);
        TRY(put_members(field, err));
        putchar(')');
        return DZR_OK;
    case DZR_TYPE_LIST:
        TRY(put_duckdb(&field->children[0], err));
        fputs("[]", stdout);
        return DZR_OK;
    case DZR_TYPE_MAP:
        fputs("MAP(", stdout);
        TRY(put_duckdb(&field->children[0].children[0], err));
        fputs(", ", stdout);
        TRY(put_duckdb(&field->children[0].children[1], err));
        putchar(')');
        return DZR_OK;
    case DZR_TYPE_DICTIONARY:
        return put_duckdb(&field->children[0], err);
    case DZR_TYPE_DECIMAL:
        if (type.precision > DUCKDB_DIGITS)
            fputs("DOUBLE", stdout);
        else
            printf("DECIMAL(%d, %d)", type.precision, type.scale);
        return DZR_OK;
    default:
        fputs(duckdb_word(type), stdout);
        return DZR_OK;
    }
}

/* ---- PostgreSQL ---- */

static void put_postgres(const dzr_field *field)
{
    const dzr_field *const element = field->type.id == DZR_TYPE_LIST ? &field->children[0] : NULL;
    if (field->type.id == DZR_TYPE_DICTIONARY) {
        put_postgres(&field->children[0]);
    } else if (field->type.id == DZR_TYPE_DECIMAL) {
        printf("numeric(%d, %d)", field->type.precision, field->type.scale);
    } else if (element != NULL && element->type.id < DZR_TYPE_STRUCT) {
        put_postgres(element);
        fputs("[]", stdout);
    } else if (field->type.id >= DZR_TYPE_STRUCT) {
        fputs("jsonb", stdout);
    } else {
        fputs(postgres_word(field->type), stdout);
    }
}

/* ---- the table ---- */

static dzr_status put_column(const dzr_field *field, bool postgres, bool is_last, name_set *taken, dzr_error *err)
{
    char name[NAME_BYTES];
    const remark of = remark_on(field->type, postgres);
    TRY(names_take(taken, *field->name != '\0' ? field->name : "_", postgres ? POSTGRES_NAME : NAME_BYTES, name, err));
    fputs("    ", stdout);
    put_quoted(name);
    putchar(' ');
    if (postgres)
        put_postgres(field);
    else
        TRY(put_duckdb(field, err));
    fputs(field->nullable ? "" : " NOT NULL", stdout);
    fputs(is_last ? "" : ",", stdout);
    if (of.text != NULL)
        printf(" -- %s", of.text);
    putchar('\n');
    return DZR_OK;
}

dzr_status schema_print_sql(const char *name, bool postgres, const dzr_schema *schema, dzr_error *err)
{
    const int32_t n = dzr_schema_n_fields(schema);
    char table[NAME_BYTES];
    name_set taken = {.fold_case = !postgres, .from_one = !postgres}, tables = {.fold_case = false};
    if (n == 0 && !postgres)
        return dzr_fail(err, DZR_ERR_UNSUPPORTED, "%s: DuckDB has no table without columns", name);
    dzr_status st = names_take(&tables, name, postgres ? POSTGRES_NAME : NAME_BYTES, table, err);
    names_free(&tables);
    if (st != DZR_OK)
        return st;
    fputs("CREATE TABLE ", stdout);
    put_quoted(table);
    puts(" (");
    for (int32_t i = 0; st == DZR_OK && i < n; i++)
        st = put_column(dzr_schema_field(schema, i), postgres, i == n - 1, &taken, err);
    puts(");");
    names_free(&taken);
    return st;
}

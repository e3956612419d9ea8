/* csv/value.c - one field into its column, whatever it is: what convert.c does not find plain comes here. Scalars are
 * read as the keys of a map are in JSON, which are texts of any type, too; what is nested is JSON itself. */
#include "csv/internal.h"

#include <stdio.h>

dzr_status dzr__csv_convert_init(dzr__csv_convert *convert, const dzr_schema *schema, dzr_error *err)
{
    const dzr_json_rules rules = {.refuse_unknown = true};
    DZR_TRY(dzr__json_check_keys(schema, err));
    convert->scratch.alloc = convert->alloc;
    DZR_TRY(dzr_builder_new(schema, convert->alloc, &convert->builder, err));
    convert->has_nested = dzr_schema_n_nodes(schema) > dzr_schema_n_fields(schema);
    for (int32_t i = 0; i < dzr_schema_n_fields(schema); i++) /* a struct without fields is nested, too */
        convert->has_nested |= dzr_schema_field(schema, i)->type.id == DZR_TYPE_STRUCT;
    if (!convert->has_nested)
        return DZR_OK;
    DZR_TRY(dzr__json_index_init(&convert->index, convert->alloc, err));
    return dzr__json_record_init(&convert->record, schema, &rules, NULL, convert->alloc, err);
}

void dzr__csv_convert_fini(dzr__csv_convert *convert)
{
    if (convert->has_nested) {
        dzr__json_record_fini(&convert->record);
        dzr__json_index_fini(&convert->index);
    }
    dzr_builder_free(convert->builder);
    dzr__bytebuf_fini(&convert->scratch);
}

/* ---- nested values ---- */

static dzr_status put_json(dzr__csv_convert *convert, const dzr__csv_column *column, dzr_bytes text, dzr_error *err)
{
    dzr__json_record *const record = &convert->record;
    dzr__json_index *const index = &convert->index;
    DZR_TRY(dzr__json_index_text(index, text, err));
    dzr__json_walk walk = {.text = index->text,
            .len = index->len,
            .next = index->at,
            .end = index->at + index->n,
            .clean = index->clean};
    const uint32_t *const first = walk.next;
    DZR_TRY(dzr__json_skip(&walk, record->stack, record->depth, &record->scratch, err));
    if (walk.next < walk.end)
        return dzr__json_unexpected(&walk, *walk.next, "the end of the field", err);
    walk.next = first;
    if (!dzr__json_opens(dzr__json_peek(&walk), column->field->type.id))
        return dzr__json_not_a(&walk, first, column->field->type.id == DZR_TYPE_LIST ? "an array" : "an object", err);
    record->misfit.status = DZR_OK;
    record->path[0].field = column->field->name;
    record->n_steps = 1;
    record->scratch.len = 0;
    const dzr_status st = dzr__json_put_nested(record, &walk, first, column->node, convert->builder, err);
    record->n_steps = 0;
    DZR_TRY(st);
    if (record->misfit.status != DZR_OK && err != NULL)
        *err = record->misfit;
    return record->misfit.status;
}

/* ---- scalars ---- */

static dzr_status not_of_type(const dzr__csv_column *column, dzr_bytes text, dzr_error *err)
{
    char shown[DZR__JSON_SHOWN], type[DZR_TYPE_TEXT];
    dzr__json_show(text, "", shown, sizeof shown);
    return dzr_fail(err, DZR_ERR_TYPE, "\"%s\" is not %s", shown, dzr_type_print(column->field->type, type));
}

static bool take_bool(dzr_bytes text, bool *out)
{
    *out = text.len == 4;
    return dzr__csv_kind_of(text) == DZR__CSV_BOOL;
}

static dzr_status put_scalar(dzr__csv_convert *convert, const dzr__csv_column *column, dzr_bytes text, dzr_error *err)
{
    const dzr_type type = column->field->type;
    dzr__json_slot slot;
    dzr__json_fit fit = DZR__JSON_BAD_TEXT;
    double real = 0;
    int64_t whole = 0;
    bool truth = false;
    const bool is_real = type.id == DZR_TYPE_DOUBLE || type.id == DZR_TYPE_FLOAT || type.id == DZR_TYPE_HALF;
    if (is_real && dzr__csv_read_special(text, &real))
        return dzr_builder_double(convert->builder, column->node, real, err);
    if (type.id == DZR_TYPE_BOOL)
        return take_bool(text, &truth) ? dzr_builder_bool(convert->builder, column->node, truth, err)
                                       : not_of_type(column, text, err);
    if (type.id == DZR_TYPE_TIMESTAMP)
        return dzr__csv_read_timestamp(text, type, &whole) ? dzr_builder_int(convert->builder, column->node, whole, err)
                                                           : not_of_type(column, text, err);
    if (column->is_kept) {
        dzr__json_number number;
        if (dzr__csv_read_number(text, &number) && !dzr__csv_is_kept(&number)) {
            char shown[DZR__JSON_SHOWN];
            dzr__json_show(text, "", shown, sizeof shown);
            return dzr_fail(err, DZR_ERR_TYPE, "\"%s\" would change as a double", shown);
        }
    }
    convert->scratch.len = 0;
    DZR_TRY(dzr__json_read_key(text, type, &convert->scratch, &slot, &fit, err));
    if (fit == DZR__JSON_FITS)
        return dzr__json_put_value(&slot, column->field, &convert->scratch, convert->builder, column->node, err);
    return not_of_type(column, text, err);
}

dzr_status dzr__csv_put_value(
        dzr__csv_convert *convert, const dzr__csv_column *column, dzr_bytes text, bool is_quoted, dzr_error *err)
{
    const dzr_type_id id = column->field->type.id;
    if (text.len == 0 && !(is_quoted && id == DZR_TYPE_BINARY)) {
        if (column->field->nullable)
            return dzr_builder_null(convert->builder, column->node, err);
        return dzr_fail(err, DZR_ERR_TYPE, "is empty, and the schema allows no null there");
    }
    if (text.len > INT32_MAX)
        return dzr_fail(err, DZR_ERR_TYPE, "a value of %zu bytes, it must be under 2 GiB", text.len);
    if (id == DZR_TYPE_STRUCT || id == DZR_TYPE_LIST || id == DZR_TYPE_MAP)
        return put_json(convert, column, text, err);
    return put_scalar(convert, column, text, err);
}

/* Hands a batch to whoever speaks the Arrow C Data Interface, without a copy: share_frame.py calls make_squares through
 * ctypes, and pyarrow has the table. Build it as a shared object. Valid C11 and C++. */
#include <datarizer/arrow.h>

#include <string.h>

#ifdef __cplusplus
extern "C"
#endif
        int
        make_squares(
                int64_t n, struct ArrowSchema *schema_out, struct ArrowArray *array_out, char *message, size_t room);

static dzr_status fill(dzr_builder *builder, int64_t n, dzr_error *err)
{
    for (int64_t i = 0; i < n; i++) {
        dzr_status status = dzr_builder_int(builder, 0, i, err);
        if (status == DZR_OK)
            status = i % 3 == 2 ? dzr_builder_null(builder, 1, err)
                                : dzr_builder_double(builder, 1, (double)i * (double)i, err);
        if (status != DZR_OK)
            return status;
    }
    return DZR_OK;
}

/* Columns i and square (null for every third); 0, or 1 and a message. The receiver releases both structs. */
int make_squares(int64_t n, struct ArrowSchema *schema_out, struct ArrowArray *array_out, char *message, size_t room)
{
    dzr_field fields[2];
    memset(fields, 0, sizeof fields);
    fields[0].name = "i";
    fields[0].type.id = DZR_TYPE_INT64;
    fields[1].name = "square";
    fields[1].type.id = DZR_TYPE_DOUBLE;
    fields[1].nullable = true;

    dzr_schema *schema = NULL;
    dzr_builder *builder = NULL;
    dzr_batch *batch = NULL;
    dzr_error err;
    bool ok = dzr_schema_new(fields, 2, NULL, &schema, &err) == DZR_OK &&
              dzr_builder_new(schema, NULL, &builder, &err) == DZR_OK && fill(builder, n, &err) == DZR_OK &&
              dzr_builder_finish(builder, &batch, &err) == DZR_OK &&
              dzr_arrow_export_schema(schema, NULL, schema_out, &err) == DZR_OK;
    if (ok && dzr_arrow_export_batch(batch, NULL, array_out, &err) != DZR_OK) {
        schema_out->release(schema_out);
        ok = false;
    }
    if (!ok && room > 0) {
        strncpy(message, err.message, room - 1);
        message[room - 1] = '\0';
    }
    dzr_batch_free(batch); /* what was exported keeps what it needs */
    dzr_builder_free(builder);
    dzr_schema_free(schema);
    return ok ? 0 : 1;
}

/* json/quick.c - an object that looks like the ones before it, straight into its columns. Called by lines_rows.c and
 * array.c for each record; what is not plain goes to record.c, from the record's start.
 * Plain is: nothing between tokens but a space after ',' and ':'; members in the order of the record before, or else
 * looked up; values that quick_value.h takes, or else value.c. A value is written behind the column's last row, where a
 * repeated member overwrites it, and counts once the whole object has turned out well. What is nested waits in its
 * slot until then, as in record.c. */
#include "json/quick_value.h"

#include "frame/builder.h"

typedef enum quick_kind {
    QUICK_INT, /* of any width */
    QUICK_DOUBLE,
    QUICK_FLOAT,
    QUICK_BOOL,
    QUICK_STRING,
    QUICK_DATE,
    QUICK_TIMESTAMP,
    QUICK_OTHER, /* value.c's */
    QUICK_NESTED,
} quick_kind;

typedef struct dzr__json_quick {
    uint64_t name[2], name_mask[2]; /* the first 16 bytes of `"name":`, and which of them there are */
    dzr_bytes quoted;               /* all of it; len 0 where the name would be escaped */
    quick_kind kind;
    bool is_null;  /* the value that was written last */
    uint64_t seen; /* the record it is of */
    const dzr_field *field;
    int32_t node;
    int64_t least, greatest; /* of a QUICK_INT */
} dzr__json_quick;

/* ---- what to expect ---- */

static void set_range(dzr__json_quick *quick, int64_t least, int64_t greatest)
{
    quick->kind = QUICK_INT;
    quick->least = least;
    quick->greatest = greatest;
}

static void set_kind(dzr__json_quick *quick, dzr_type_id id)
{
    switch (id) {
    case DZR_TYPE_INT8:
        set_range(quick, INT8_MIN, INT8_MAX);
        return;
    case DZR_TYPE_INT16:
        set_range(quick, INT16_MIN, INT16_MAX);
        return;
    case DZR_TYPE_INT32:
        set_range(quick, INT32_MIN, INT32_MAX);
        return;
    case DZR_TYPE_INT64:
    case DZR_TYPE_DURATION:
        set_range(quick, INT64_MIN, INT64_MAX);
        return;
    case DZR_TYPE_DOUBLE:
        quick->kind = QUICK_DOUBLE;
        return;
    case DZR_TYPE_FLOAT:
        quick->kind = QUICK_FLOAT;
        return;
    case DZR_TYPE_BOOL:
        quick->kind = QUICK_BOOL;
        return;
    case DZR_TYPE_STRING:
        quick->kind = QUICK_STRING;
        return;
    case DZR_TYPE_DATE:
        quick->kind = QUICK_DATE;
        return;
    case DZR_TYPE_TIMESTAMP:
        quick->kind = QUICK_TIMESTAMP;
        return;
    default:
        quick->kind = id >= DZR_TYPE_STRUCT ? QUICK_NESTED : QUICK_OTHER;
        return;
    }
}

dzr_status dzr__json_quick_init(dzr__json_record *record, dzr_error *err)
{
    const dzr__json_object *const row = &record->row;
    const int32_t n = row->names.n_fields;
    record->quick = dzr_alloc_zeroed(record->alloc, (size_t)n, sizeof *record->quick, err);
    if (record->quick == NULL)
        return DZR_ERR_NOMEM;
    for (int32_t i = 0; i < n; i++) {
        dzr__json_quick *const quick = &record->quick[i];
        const dzr_bytes quoted = row->names.quoted[i];
        quick->field = &row->names.fields[i];
        quick->node = row->nodes[i];
        set_kind(quick, quick->field->type.id);
        record->has_nested |= quick->kind == QUICK_NESTED;
        if (quoted.len == 0)
            continue;
        quick->quoted = (dzr_bytes){.at = quoted.at, .len = quoted.len + 1}; /* the colon, too */
        const size_t first = DZR_MIN(quick->quoted.len, sizeof quick->name);
        memcpy(quick->name, quoted.at, first);
        memset(quick->name_mask, 0xff, first);
        record->quick_margin = DZR_MAX(record->quick_margin, quick->quoted.len);
    }
    record->quick_margin += DZR__QUICK_BEYOND;
    return DZR_OK;
}

/* ---- into a column ---- */

/* What a record is being read with. */
typedef struct quick_row {
    dzr__json_record *record;
    dzr__json_walk *walk;
    dzr_builder *builder;
    dzr_column_builder *columns;
    int64_t index;
} quick_row;

/* Room for the row in the column, and its bit set where there are bits. */
static inline bool make_place(const quick_row *row, dzr_column_builder *column)
{
    if (DZR_UNLIKELY(row->index >= column->cap_rows) && dzr__builder_grow(row->builder->alloc, column, NULL) != DZR_OK)
        return false;
    if (column->validity != NULL)
        dzr__bit_set(column->validity->at, row->index);
    return true;
}

static inline void put_whole(const quick_row *row, dzr_column_builder *column, int64_t value)
{
    uint8_t *const values = column->values->at;
    const size_t i = (size_t)row->index;
    if (column->bits == 64)
        memcpy(values + i * 8, &value, 8);
    else if (column->bits == 32)
        memcpy(values + i * 4, &value, 4);
    else if (column->bits == 16)
        memcpy(values + i * 2, &value, 2);
    else
        memcpy(values + i, &value, 1);
}

static inline void put_bool(const quick_row *row, dzr_column_builder *column, bool value)
{
    uint8_t *const byte = column->values->at + (row->index >> 3);
    const unsigned bit = (unsigned)row->index & 7;
    *byte = (uint8_t)((*byte & ~(1u << bit)) | (unsigned)value << bit);
}

static inline dzr_view short_view(const uint8_t *at, size_t len)
{
    const size_t first = DZR_MIN(len, (size_t)8);
    const uint64_t low = first > 0 ? dzr__load_u64(at) & UINT64_MAX >> (64 - 8 * first) : 0;
    const uint32_t high = len > 8 ? dzr__load_u32(at + 8) & UINT32_MAX >> (32 - 8 * (len - 8)) : 0;
    dzr_view view = {.len = (int32_t)len};
    memcpy(view.as.inlined, &low, 8);
    memcpy(view.as.inlined + 8, &high, 4);
    return view;
}

/* len bytes and up to 31 more, for both of which there is room. */
static inline void copy_over(uint8_t *to, const uint8_t *from, size_t len)
{
    if (len > 256) {
        memcpy(to, from, len);
        return;
    }
    for (size_t i = 0; i < len; i += 32)
        memcpy(to + i, from + i, 32);
}

static inline bool put_string(const quick_row *row, dzr_column_builder *column, const uint8_t *at, size_t len)
{
    dzr_view *const view = (dzr_view *)(void *)column->values->at + row->index;
    if (len <= DZR_VIEW_INLINE) {
        *view = short_view(at, len);
        return true;
    }
    if (len > INT32_MAX - 32)
        return false;
    dzr_buffer *newest = column->n_data > 0 ? column->data[column->n_data - 1] : NULL;
    if (newest == NULL || newest->cap - newest->len < len + 32) {
        if (dzr__builder_bytes_room(row->builder->alloc, column, len + 32, NULL) != DZR_OK)
            return false;
        newest = column->data[column->n_data - 1];
    }
    copy_over(newest->at + newest->len, at, len);
    *view = dzr__view(at, (int32_t)len, column->n_data - 1, (int32_t)newest->len);
    newest->len += len;
    return true;
}

static inline bool put_null(const quick_row *row, dzr_column_builder *column)
{
    if (DZR_LIKELY(column->validity != NULL && row->index < column->cap_rows && column->bits >= 8)) {
        dzr__bit_clear(column->validity->at, row->index);
        if (DZR_LIKELY(column->bits == 64))
            memset(column->values->at + (size_t)row->index * 8, 0, 8);
        else
            memset(column->values->at + (size_t)row->index * (column->bits / 8), 0, column->bits / 8);
        return true;
    }
    const int64_t n_nulls = column->n_nulls;
    if (dzr__builder_mark_null(row->builder->alloc, column, NULL) != DZR_OK)
        return false;
    column->n_rows = row->index;
    column->n_nulls = n_nulls;
    return true;
}

/* ---- a value ---- */

/* Whether the string between start and end has no escapes. */
static inline bool is_unescaped(dzr__json_walk *walk, size_t start, size_t end)
{
    if (DZR_LIKELY(walk->escape >= end))
        return true;
    if (walk->escape < start) {
        const uint8_t *const found = memchr(walk->text + start, '\\', walk->len - start);
        walk->escape = found != NULL ? (size_t)(found - walk->text) : walk->len;
    }
    return walk->escape >= end;
}

static inline bool has_line_feed(const dzr__json_walk *walk, size_t start, size_t end)
{
    return memchr(walk->text + start, '\n', end - start) != NULL;
}

/* By value.c, whatever it is but nested. */
static bool take_other(const quick_row *row, dzr__json_quick *quick, const uint32_t *token)
{
    dzr__json_record *const record = row->record;
    dzr_column_builder *const column = &row->columns[quick->node];
    dzr__json_walk walk = *row->walk;
    dzr__json_slot slot = {.state = DZR__JSON_MISSING};
    dzr__json_fit fit = DZR__JSON_OTHER_KIND;
    walk.next = token;
    record->scratch.len = 0;
    if (dzr__json_take_value(&walk, quick->field, &record->rules, &record->scratch, &slot, &fit, NULL) != DZR_OK ||
            fit != DZR__JSON_FITS || slot.state == DZR__JSON_MISSING || has_line_feed(&walk, token[0], token[1]))
        return false;
    quick->is_null = slot.state == DZR__JSON_NULL;
    if (quick->kind == QUICK_NESTED)
        return quick->is_null;
    if (quick->is_null)
        return put_null(row, column);
    const dzr_status st = dzr__json_put_value(&slot, quick->field, &record->scratch, row->builder, quick->node, NULL);
    column->n_rows = row->index; /* it does not count yet */
    return st == DZR_OK;
}

/* The string at token, where it is plain, between its quotes. */
static inline bool plain_string(dzr__json_walk *walk, const uint32_t *token, dzr_bytes *out)
{
    const size_t start = token[0] + 1u, end = token[1] - 1u;
    *out = (dzr_bytes){.at = walk->text + start, .len = end - start};
    return walk->text[token[0]] == '"' && walk->text[end] == '"' && end >= start && is_unescaped(walk, start, end);
}

/* A scalar, in the way its column likes best. token[1] is what follows it. */
static inline bool take_plain(const quick_row *row, const dzr__json_quick *quick, const uint32_t *token)
{
    dzr_column_builder *const column = &row->columns[quick->node];
    const uint8_t *const at = row->walk->text + token[0];
    const size_t n = token[1] - token[0];
    dzr_bytes string;
    double real = 0;
    float narrow = 0;
    int64_t whole = 0;
    int32_t days = 0;
    bool boolean = false;
    if (!make_place(row, column))
        return false;
    switch (quick->kind) {
    case QUICK_INT:
        if (!dzr__quick_int(at, n, &whole) || whole < quick->least || whole > quick->greatest)
            return false;
        put_whole(row, column, whole);
        return true;
    case QUICK_DOUBLE:
        if (!dzr__quick_double(at, n, &real))
            return false;
        ((double *)(void *)column->values->at)[row->index] = real;
        return true;
    case QUICK_FLOAT:
        if (!dzr__quick_float(at, n, &narrow))
            return false;
        ((float *)(void *)column->values->at)[row->index] = narrow;
        return true;
    case QUICK_BOOL:
        if (!dzr__quick_bool(at, n, &boolean))
            return false;
        put_bool(row, column, boolean);
        return true;
    case QUICK_STRING:
        return plain_string(row->walk, token, &string) && put_string(row, column, string.at, string.len);
    case QUICK_DATE:
        if (!plain_string(row->walk, token, &string) || !dzr__quick_date(string.at, string.len, &days))
            return false;
        put_whole(row, column, days);
        return true;
    case QUICK_TIMESTAMP:
        if (!plain_string(row->walk, token, &string) ||
                !dzr__quick_timestamp(string.at, string.len, quick->field->type, &whole))
            return false;
        put_whole(row, column, whole);
        return true;
    default:
        return false;
    }
}

/* ---- an object ---- */

static inline bool is_near(const uint8_t *text, size_t before, size_t at)
{
    return DZR_LIKELY(at == before + 1) || (at == before + 2 && text[before + 1] == ' ');
}

static inline bool is_name(const dzr__json_quick *quick, const uint8_t *at)
{
    const uint64_t first = (dzr__load_u64(at) ^ quick->name[0]) & quick->name_mask[0];
    const uint64_t second = (dzr__load_u64(at + 8) ^ quick->name[1]) & quick->name_mask[1];
    const size_t len = quick->quoted.len;
    return (first | second) == 0 && len > 0 &&
           (DZR_LIKELY(len <= 16) || memcmp(at + 16, quick->quoted.at + 16, len - 16) == 0);
}

/* The column of the name at token, which is not the one that was expected there; -1 for none. */
static bool find_column(const quick_row *row, const uint32_t *token, int32_t *column)
{
    dzr__json_record *const record = row->record;
    dzr__json_walk walk = *row->walk;
    dzr_bytes name;
    bool replaced = false;
    walk.next = token;
    record->scratch.len = 0;
    return dzr__json_peek(&walk) == '"' &&
           dzr__json_take_string(&walk, &record->scratch, &name, &replaced, NULL) == DZR_OK &&
           dzr__json_peek(&walk) == ':' && walk.text[*walk.next - 1] == '"' &&
           dzr__json_names_find(&record->row.names, name, column, NULL) == DZR_OK &&
           (*column >= 0 || !record->rules.refuse_unknown);
}

/* Past a value of any kind, its grammar checked. */
static bool skip_value(const quick_row *row, const uint32_t **token)
{
    dzr__json_record *const record = row->record;
    dzr__json_walk walk = *row->walk;
    walk.next = *token;
    record->scratch.len = 0;
    if (dzr__json_skip(&walk, record->stack, record->depth, &record->scratch, NULL) != DZR_OK ||
            has_line_feed(&walk, **token, *walk.next))
        return false;
    *token = walk.next;
    return true;
}

/* The value at *token, to the token behind it. */
static inline bool take_value(const quick_row *row, dzr__json_quick *quick, const uint32_t **token)
{
    const uint32_t *const first = *token;
    const uint8_t byte = row->walk->text[*first];
    quick->is_null = false;
    if (DZR_LIKELY(take_plain(row, quick, first)) || (byte != '{' && byte != '[' && take_other(row, quick, first))) {
        *token = first + 1;
        return true;
    }
    if (quick->kind != QUICK_NESTED || !dzr__json_opens(byte, quick->field->type.id) || byte == '"')
        return false;
    row->record->slots[quick - row->record->quick] = (dzr__json_slot){.state = DZR__JSON_SET, .as.nested = first};
    return skip_value(row, token);
}

/* From the opening brace, which *at is, to the closing one. */
static bool take_members(const quick_row *row, const uint32_t **at)
{
    dzr__json_record *const record = row->record;
    const uint8_t *const text = row->walk->text;
    const size_t last = row->walk->len - record->quick_margin; /* a token up to here can be looked at freely */
    const int32_t n = record->row.names.n_fields;
    const uint32_t *token = *at;
    for (int32_t k = 0;; k++) {
        const size_t name = token[1];
        if (name > last || !is_near(text, token[0], name))
            return false;
        int32_t column = k < n ? record->row.order[k] : -1;
        if (column < 0 || !is_name(&record->quick[column], text + name)) {
            if (!find_column(row, token + 1, &column))
                return false;
            if (k < n)
                record->row.order[k] = column;
        }
        const size_t colon = token[2]; /* a token follows any before `last`: of the last one it is the length */
        token += 3;
        if (token[0] > last || token[1] > last || !is_near(text, colon, token[0]))
            return false;
        if (column >= 0) {
            dzr__json_quick *const quick = &record->quick[column];
            if (!take_value(row, quick, &token))
                return false;
            row->record->n_seen += quick->seen != record->n_quick;
            quick->seen = record->n_quick;
        } else if (!skip_value(row, &token)) {
            return false;
        }
        if (*token > last)
            return false;
        if (text[*token] != ',') {
            *at = token;
            return text[*token] == '}';
        }
    }
}

bool dzr__json_quick_take(dzr__json_record *record, dzr__json_walk *walk, dzr_builder *builder, const uint32_t **after)
{
    enum { MOST_PAUSE = 255 };
    if (!walk->clean || record->misfit.status != DZR_OK || walk->len < record->quick_margin ||
            *walk->next > walk->len - record->quick_margin || walk->text[*walk->next] != '{')
        return false;
    if (DZR_UNLIKELY(record->quick_pause > 0)) { /* it did not go well, and each attempt costs time */
        record->quick_pause--;
        return false;
    }
    const quick_row row = {.record = record,
            .walk = walk,
            .builder = builder,
            .columns = builder->columns,
            .index = builder->columns[0].n_rows};
    const uint32_t *at = walk->next;
    record->n_quick++;
    record->n_seen = 0;
    if (!take_members(&row, &at)) {
        record->quick_penalty = DZR_MIN(record->quick_penalty * 2 + 1, (uint32_t)MOST_PAUSE);
        record->quick_pause = record->quick_penalty;
        return false;
    }
    record->quick_penalty = 0;
    *after = at + 1;
    return true;
}

/* ---- a row ---- */

/* What a column without a plain value gets: what is nested, null. */
static bool put_rest(const quick_row *row, dzr__json_quick *quick)
{
    dzr__json_record *const record = row->record;
    const bool is_null = quick->seen != record->n_quick || quick->is_null;
    if (is_null && !quick->field->nullable)
        return false;
    if (quick->kind != QUICK_NESTED) {
        quick->is_null = true;
        return put_null(row, &row->columns[quick->node]);
    }
    if (is_null)
        return dzr_builder_null(row->builder, quick->node, NULL) == DZR_OK;
    record->path[0] = (dzr__json_step){.field = quick->field->name};
    record->n_steps = 1;
    const uint32_t *const first = record->slots[quick - record->quick].as.nested;
    record->scratch.len = 0;
    const dzr_status st = dzr__json_put_nested(record, row->walk, first, quick->node, row->builder, NULL);
    record->n_steps = 0;
    return st == DZR_OK && record->misfit.status == DZR_OK;
}

bool dzr__json_quick_keep(dzr__json_record *record, dzr__json_walk *walk, dzr_builder *builder)
{
    const int32_t n = record->row.names.n_fields;
    dzr_column_builder *const columns = builder->columns;
    const quick_row row = {
            .record = record, .walk = walk, .builder = builder, .columns = columns, .index = columns[0].n_rows};
    bool fits = true;
    for (int32_t i = 0; i < n && fits && (record->n_seen < n || record->has_nested); i++) {
        dzr__json_quick *const quick = &record->quick[i];
        if (quick->seen != record->n_quick || quick->kind == QUICK_NESTED)
            fits = put_rest(&row, quick);
    }
    if (!fits) { /* scalars do not count yet */
        record->misfit.status = DZR_OK;
        dzr_builder_truncate(builder, row.index);
        return false;
    }
    for (int32_t i = 0; i < n; i++) {
        const dzr__json_quick *const quick = &record->quick[i];
        if (quick->kind == QUICK_NESTED)
            continue;
        columns[quick->node].n_rows++;
        columns[quick->node].n_nulls += quick->is_null;
    }
    return true;
}

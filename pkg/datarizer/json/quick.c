/* json/quick.c - an object that looks like the ones before it, straight into its columns. Called by lines_rows.c and
 * array.c for each record; what is not plain goes to record.c, from the record's start.
 * Plain is: members in the order of the record before, or else looked up, and each once; values that quick_value.h
 * takes, or else value.c. A value is written behind the column's last row, and counts once the whole object has turned
 * out well. What is nested waits in its slot until then, as in record.c. Some dozen instructions more or less for a
 * member are what matters here. */
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
    _Alignas(64) uint64_t name[2]; /* the first 16 bytes of `"name":` ... */
    uint64_t name_mask[2];         /* and which of them there are */
    dzr_bytes quoted;              /* all of it; len 0 where the name would be escaped */
    dzr_column_builder *column;    /* of the builder that was used last */
    uint64_t seen;                 /* the last record that had it */
    quick_kind kind;
    int32_t node;
    const dzr_field *field;
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
    record->quick_nulls = dzr_alloc_zeroed(record->alloc, (size_t)n, sizeof *record->quick_nulls, err);
    if (record->quick == NULL || record->quick_nulls == NULL)
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

/* What a record is being read with. Functions that are not inlined get a copy, so that the rest may keep it in
 * registers. */
typedef struct quick_row {
    dzr__json_record *record;
    const dzr__json_walk *walk;
    const uint8_t *text; /* of walk */
    size_t escape;       /* no backslash stands between the record's start and here */
    dzr_builder *builder;
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

static inline void put_short(dzr_view *view, const uint8_t *at, size_t len)
{
    static const uint64_t low[] = {0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff,
            0xffffffffffffff, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    static const uint32_t high[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, UINT32_MAX};
    const uint64_t first = dzr__load_u64(at) & low[len];
    const uint32_t rest = dzr__load_u32(at + 8) & high[len];
    view->len = (int32_t)len;
    memcpy(view->as.inlined, &first, 8);
    memcpy(view->as.inlined + 8, &rest, 4);
}

enum { OVER = 32 };

/* len bytes and less than OVER more, for both of which there is room. */
static inline void copy_over(uint8_t *to, const uint8_t *from, size_t len)
{
    memcpy(to, from, OVER);
    if (DZR_UNLIKELY(len > OVER))
        memcpy(to + OVER, from + OVER, len - OVER);
}

static inline bool put_string(const quick_row *row, dzr_column_builder *column, const uint8_t *at, size_t len)
{
    dzr_view *const view = (dzr_view *)(void *)column->values->at + row->index;
    if (len <= DZR_VIEW_INLINE) {
        put_short(view, at, len);
        return true;
    }
    dzr_buffer *newest = column->n_data > 0 ? column->data[column->n_data - 1] : NULL;
    if (DZR_UNLIKELY(newest == NULL || newest->cap - newest->len < len + OVER)) {
        if (len > INT32_MAX - OVER || dzr__builder_bytes_room(row->builder->alloc, column, len + OVER, NULL) != DZR_OK)
            return false;
        newest = column->data[column->n_data - 1];
    }
    copy_over(newest->at + newest->len, at, len);
    view->len = (int32_t)len;
    memcpy(view->as.ref.prefix, at, sizeof view->as.ref.prefix);
    view->as.ref.buffer = column->n_data - 1;
    view->as.ref.offset = (int32_t)newest->len;
    newest->len += len;
    return true;
}

/* It does not count yet. */
static inline bool put_null(const quick_row *row, dzr_column_builder *column)
{
    dzr__json_record *const record = row->record;
    record->quick_nulls[record->n_quick_nulls++] = column; /* one of each at most */
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

/* By value.c, whatever it is but nested. */
static bool take_other(quick_row row, dzr__json_quick *quick, const uint32_t *token)
{
    dzr__json_record *const record = row.record;
    dzr_column_builder *const column = quick->column;
    dzr__json_walk walk = *row.walk;
    dzr__json_slot slot = {.state = DZR__JSON_MISSING};
    dzr__json_fit fit = DZR__JSON_OTHER_KIND;
    walk.next = token;
    record->scratch.len = 0;
    if (dzr__json_take_value(&walk, quick->field, &record->rules, &record->scratch, &slot, &fit, NULL) != DZR_OK ||
            fit != DZR__JSON_FITS || slot.state == DZR__JSON_MISSING)
        return false;
    if (quick->kind == QUICK_NESTED) {
        record->slots[quick - record->quick] = slot;
        return slot.state == DZR__JSON_NULL;
    }
    if (slot.state == DZR__JSON_NULL)
        return put_null(&row, column);
    const dzr_status st = dzr__json_put_value(&slot, quick->field, &record->scratch, row.builder, quick->node, NULL);
    column->n_rows = row.index; /* it does not count yet */
    return st == DZR_OK;
}

/* The string at token, where it is plain, between its quotes. */
static inline bool plain_string(const quick_row *row, const uint32_t *token, dzr_bytes *out)
{
    const uint8_t *const text = row->text;
    const size_t start = token[0] + 1u, end = token[1] - 1u;
    *out = (dzr_bytes){.at = text + start, .len = end - start};
    return text[token[0]] == '"' && text[end] == '"' && end >= start &&
           (DZR_LIKELY(end <= row->escape) || memchr(text + start, '\\', end - start) == NULL);
}

static inline bool take_real(
        const quick_row *row, dzr_column_builder *column, const uint8_t *at, size_t n, bool is_double)
{
    dzr__quick_number number;
    double real = 0;
    float narrow = 0;
    if (!dzr__quick_number_at(at, n, &number))
        return false;
    if (is_double) {
        if (!dzr__quick_to_double(&number, &real))
            return false;
        ((double *)(void *)column->values->at)[row->index] = real;
    } else {
        if (!dzr__quick_to_float(&number, &narrow))
            return false;
        ((float *)(void *)column->values->at)[row->index] = narrow;
    }
    return true;
}

/* A scalar, in the way its column likes best. token[1] is what follows it. */
static inline bool take_plain(const quick_row *row, const dzr__json_quick *quick, const uint32_t *token)
{
    dzr_column_builder *const column = quick->column;
    const uint8_t *const at = row->text + token[0];
    const size_t n = token[1] - token[0];
    dzr_bytes string;
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
    case QUICK_FLOAT:
        return take_real(row, column, at, n, quick->kind == QUICK_DOUBLE);
    case QUICK_BOOL:
        if (!dzr__quick_bool(at, n, &boolean))
            return false;
        put_bool(row, column, boolean);
        return true;
    case QUICK_STRING:
        return plain_string(row, token, &string) && put_string(row, column, string.at, string.len);
    case QUICK_DATE:
        if (!plain_string(row, token, &string) || !dzr__quick_date(string.at, string.len, &days))
            return false;
        put_whole(row, column, days);
        return true;
    case QUICK_TIMESTAMP:
        if (!plain_string(row, token, &string) ||
                !dzr__quick_timestamp(string.at, string.len, quick->field->type, &whole))
            return false;
        put_whole(row, column, whole);
        return true;
    default:
        return false;
    }
}

/* ---- an object ---- */

static inline bool is_name(const dzr__json_quick *quick, const uint8_t *at)
{
    const uint64_t first = (dzr__load_u64(at) ^ quick->name[0]) & quick->name_mask[0];
    const uint64_t second = (dzr__load_u64(at + 8) ^ quick->name[1]) & quick->name_mask[1];
    const size_t len = quick->quoted.len;
    return (first | second) == 0 && len > 0 &&
           (DZR_LIKELY(len <= 16) || memcmp(at + 16, quick->quoted.at + 16, len - 16) == 0);
}

/* The column of the name at token, which is not the one that was expected there; -1 for none. */
static bool find_column(quick_row row, const uint32_t *token, int32_t *column)
{
    dzr__json_record *const record = row.record;
    dzr__json_walk walk = *row.walk;
    dzr_bytes name;
    bool replaced = false;
    walk.next = token;
    record->scratch.len = 0;
    return dzr__json_peek(&walk) == '"' &&
           dzr__json_take_string(&walk, &record->scratch, &name, &replaced, NULL) == DZR_OK &&
           dzr__json_peek(&walk) == ':' && dzr__json_names_find(&record->row.names, name, column, NULL) == DZR_OK &&
           (*column >= 0 || !record->rules.refuse_unknown);
}

/* Past a value of any kind, its grammar checked; NULL when there is something wrong with it. */
static const uint32_t *skip_value(quick_row row, const uint32_t *token)
{
    dzr__json_record *const record = row.record;
    dzr__json_walk walk = *row.walk;
    walk.next = token;
    record->scratch.len = 0;
    return dzr__json_skip(&walk, record->stack, record->depth, &record->scratch, NULL) == DZR_OK ? walk.next : NULL;
}

/* What is not plain; the token behind it, or NULL. */
static const uint32_t *take_odd(quick_row row, dzr__json_quick *quick, const uint32_t *token)
{
    const uint8_t byte = row.text[*token];
    if (byte != '{' && byte != '[')
        return take_other(row, quick, token) ? token + 1 : NULL;
    if (quick->kind != QUICK_NESTED || !dzr__json_opens(byte, quick->field->type.id))
        return NULL;
    row.record->slots[quick - row.record->quick] = (dzr__json_slot){.state = DZR__JSON_SET, .as.nested = token};
    return skip_value(row, token);
}

static inline bool is_null(const uint8_t *at, size_t n)
{
    return dzr__load_u32(at) == UINT32_C(0x6c6c756e) && n == 4; /* "null" */
}

/* The member in front of which token is, an opening brace or a comma; the token behind it, or NULL. There are four
 * tokens more, and they can be looked at freely. */
static inline const uint32_t *take_member(const quick_row *row, const uint32_t *token, int32_t *order)
{
    dzr__json_record *const record = row->record;
    const uint8_t *const text = row->text;
    int32_t column = order != NULL ? *order : -1;
    if (column < 0 || DZR_UNLIKELY(!is_name(&record->quick[column], text + token[1]))) {
        if (!find_column(*row, token + 1, &column))
            return NULL;
        if (order != NULL)
            *order = column;
    }
    if (DZR_UNLIKELY(column < 0)) {
        record->n_unknown++;
        return skip_value(*row, token + 3);
    }
    dzr__json_quick *const quick = &record->quick[column];
    if (DZR_UNLIKELY(quick->seen == record->n_quick))
        return NULL; /* which one counts is a matter for record.c */
    quick->seen = record->n_quick;
    if (DZR_LIKELY(take_plain(row, quick, token + 3)))
        return token + 4;
    if (is_null(text + token[3], token[4] - token[3]) && quick->field->nullable && quick->kind != QUICK_NESTED)
        return put_null(row, quick->column) ? token + 4 : NULL;
    return take_odd(*row, quick, token + 3);
}

/* From the opening brace at token to the closing one, or NULL. */
static const uint32_t *take_members(const quick_row *row, const uint32_t *token)
{
    dzr__json_record *const record = row->record;
    const uint32_t *const last = row->walk->quick_last;
    const int32_t n = record->row.names.n_fields;
    record->n_unknown = record->n_quick_nulls = 0;
    for (int32_t k = 0;; k++) {
        if (DZR_UNLIKELY(last - token < 4))
            return NULL;
        token = take_member(row, token, k < n ? &record->row.order[k] : NULL);
        if (DZR_UNLIKELY(token == NULL || token > last))
            return NULL;
        if (row->text[*token] != ',') {
            record->n_seen = k + 1 - record->n_unknown;
            return row->text[*token] == '}' ? token : NULL;
        }
    }
}

/* The first backslash behind the record's start, looked for once between one and the next. */
static size_t find_escape(dzr__json_walk *walk)
{
    const size_t start = *walk->next;
    if (walk->escape <= start) {
        const uint8_t *const found = memchr(walk->text + start, '\\', walk->len - start);
        walk->escape = found != NULL ? (size_t)(found - walk->text) : walk->len;
    }
    return walk->escape;
}

/* The last token that is not too close to the end. */
static const uint32_t *find_last(const dzr__json_record *record, const dzr__json_walk *walk)
{
    const uint32_t *last = walk->end;
    while (last > walk->next && walk->len - *last < record->quick_margin)
        last--;
    return last;
}

static void bind_columns(dzr__json_record *record, dzr_builder *builder)
{
    record->quick_columns = builder->columns;
    for (int32_t i = 0; i < record->row.names.n_fields; i++)
        record->quick[i].column = &builder->columns[record->quick[i].node];
}

bool dzr__json_quick_take(dzr__json_record *record, dzr__json_walk *walk, dzr_builder *builder, const uint32_t **after)
{
    enum { MOST_PAUSE = 255 };
    if (!walk->clean || record->misfit.status != DZR_OK)
        return false;
    if (DZR_UNLIKELY(walk->quick_last == NULL))
        walk->quick_last = find_last(record, walk);
    if (walk->next >= walk->quick_last || walk->text[*walk->next] != '{')
        return false;
    if (DZR_UNLIKELY(record->quick_pause > 0)) { /* it did not go well, and each attempt costs time */
        record->quick_pause--;
        return false;
    }
    if (DZR_UNLIKELY(record->quick_columns != builder->columns))
        bind_columns(record, builder);
    const quick_row row = {.record = record,
            .walk = walk,
            .text = walk->text,
            .escape = find_escape(walk),
            .builder = builder,
            .index = builder->columns[0].n_rows};
    record->n_quick++;
    const uint32_t *const end = take_members(&row, walk->next);
    if (end == NULL) {
        record->quick_penalty = DZR_MIN(record->quick_penalty * 2 + 1, (uint32_t)MOST_PAUSE);
        record->quick_pause = record->quick_penalty;
        return false;
    }
    record->quick_penalty = 0;
    *after = end + 1;
    return true;
}

/* ---- a row ---- */

/* What a column without a plain value gets: what is nested, null. */
static bool put_rest(const quick_row *row, dzr__json_quick *quick)
{
    dzr__json_record *const record = row->record;
    const dzr__json_slot *const slot = &record->slots[quick - record->quick]; /* of a nested one that was seen */
    const bool is_set = quick->seen == record->n_quick && slot->state == DZR__JSON_SET;
    if (!is_set && !quick->field->nullable)
        return false;
    if (quick->kind != QUICK_NESTED)
        return put_null(row, quick->column);
    if (!is_set)
        return dzr_builder_null(row->builder, quick->node, NULL) == DZR_OK;
    record->path[0] = (dzr__json_step){.field = quick->field->name};
    record->n_steps = 1;
    record->scratch.len = 0;
    const dzr_status st = dzr__json_put_nested(record, row->walk, slot->as.nested, quick->node, row->builder, NULL);
    record->n_steps = 0;
    return st == DZR_OK && record->misfit.status == DZR_OK;
}

/* Of columns that had no member, and of nested ones. */
static bool put_all_rest(const quick_row *row)
{
    dzr__json_record *const record = row->record;
    for (int32_t i = 0; i < record->row.names.n_fields; i++) {
        dzr__json_quick *const quick = &record->quick[i];
        const bool is_done = quick->seen == record->n_quick && quick->kind != QUICK_NESTED;
        if (!is_done && !put_rest(row, quick))
            return false;
    }
    return true;
}

bool dzr__json_quick_keep(dzr__json_record *record, const dzr__json_walk *walk, dzr_builder *builder)
{
    const int32_t n = record->row.names.n_fields;
    const quick_row row = {.record = record, .walk = walk, .builder = builder, .index = builder->columns[0].n_rows};
    if (DZR_UNLIKELY(record->n_seen < n || record->has_nested) && !put_all_rest(&row)) {
        record->misfit.status = DZR_OK;
        dzr_builder_truncate(builder, row.index); /* scalars do not count yet */
        return false;
    }
    for (int32_t i = 0; i < record->n_quick_nulls; i++)
        record->quick_nulls[i]->n_nulls++;
    for (int32_t i = 0; i < n; i++) /* what is nested has its row already */
        record->quick[i].column->n_rows = row.index + 1;
    return true;
}

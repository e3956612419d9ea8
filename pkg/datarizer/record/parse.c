/* record/parse.c - one record out of a JSON text, by the rules and in the words of Go's encoding/json; RecordInfo.
 * Called by programs through record.h, and by dataframe.c and jsonl.c record by record. Members are set while the
 * grammar is checked (json/go_scan.c), and forgotten when it turns out wrong.
 * Spec: RFC 8259; Go 1.24's json.Unmarshal into a struct. */
#include "record/internal.h"
#include "json/internal.h"

#include <stdio.h>

enum { MAX_PATH = 200, MOST_SHOWN = 500 };

/* A struct of the table, ready for its members' names to be found. */
typedef struct shape {
    const dzr_record_type *type;
    dzr__json_names names;
    struct shape **inner; /* of each field: a STRUCT's own, or that of a LIST's elements; NULL for others */
    int32_t *next_field;  /* at i + 1: which field came after field i the last time; at 0: which came first */
    struct shape *next;   /* all of them */
} shape;

struct dzr_record_parser {
    const dzr_allocator *alloc;
    dzr_arena shapes; /* and what they point at */
    shape *first;     /* of the record */
    shape *all;
    dzr_arena lists;     /* of the record parsed last */
    dzr_bytebuf scratch; /* its strings that are not as they stand in the text */
    char hex[DZR__SHA256_HEX];
    const dzr_record_type *innermost; /* the struct whose members are being read */
    const char *path[DZR_MAX_DEPTH + 1];
    int n_path;
    dzr_error misfit; /* the first value of a wrong type; status DZR_OK while there is none */
    dzr__json_go_scan scan;
};

/* ---- making one ---- */

static dzr_status make_shape(dzr_record_parser *parser, const dzr_record_type *type, shape **out, dzr_error *err);

/* The struct at the bottom of a member, through lists of lists. */
static const dzr_record_type *inner_type(const dzr_record_field *field)
{
    while (field->element != NULL)
        field = field->element;
    return field->record;
}

static dzr_status fill_shape(dzr_record_parser *parser, shape *made, dzr_error *err)
{
    const dzr_record_type *const type = made->type;
    const size_t n = (size_t)type->n_fields;
    dzr_field *const fields = dzr__arena_zeroed(&parser->shapes, n, sizeof *fields, err);
    made->inner = dzr__arena_zeroed(&parser->shapes, n, sizeof *made->inner, err);
    made->next_field = dzr__arena_zeroed(&parser->shapes, n + 1, sizeof *made->next_field, err);
    if (fields == NULL || made->inner == NULL || made->next_field == NULL)
        return DZR_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        fields[i].name = dzr__json_name(&type->fields[i]);
        made->next_field[i] = (int32_t)i;
    }
    DZR_TRY(dzr__json_names_init(&made->names, fields, type->n_fields, true, parser->alloc, err));
    made->next = parser->all; /* from here on free takes care of the names */
    parser->all = made;
    for (size_t i = 0; i < n; i++) {
        const dzr_record_type *const inner = inner_type(&type->fields[i]);
        if (inner != NULL)
            DZR_TRY(make_shape(parser, inner, &made->inner[i], err));
    }
    return DZR_OK;
}

static dzr_status make_shape(dzr_record_parser *parser, const dzr_record_type *type, shape **out, dzr_error *err)
{
    shape *const made = dzr__arena_zeroed(&parser->shapes, 1, sizeof *made, err);
    if (made == NULL)
        return DZR_ERR_NOMEM;
    made->type = type;
    DZR_TRY(fill_shape(parser, made, err));
    *out = made;
    return DZR_OK;
}

dzr_status dzr_record_parser_new(
        const dzr_record_type *type, const dzr_allocator *alloc, dzr_record_parser **out, dzr_error *err)
{
    DZR_TRY(dzr_record_type_check(type, err));
    dzr_record_parser *const parser = dzr_alloc_zeroed(alloc, 1, sizeof *parser, err);
    if (parser == NULL)
        return DZR_ERR_NOMEM;
    parser->alloc = parser->scratch.alloc = alloc;
    dzr__arena_init(&parser->shapes, alloc, 0);
    dzr__arena_init(&parser->lists, alloc, 0);
    const dzr_status st = make_shape(parser, type, &parser->first, err);
    if (st != DZR_OK) {
        dzr_record_parser_free(parser);
        return st;
    }
    *out = parser;
    return DZR_OK;
}

void dzr_record_parser_free(dzr_record_parser *parser)
{
    if (parser == NULL)
        return;
    for (shape *s = parser->all; s != NULL; s = s->next)
        dzr__json_names_fini(&s->names);
    dzr__arena_fini(&parser->shapes);
    dzr__arena_fini(&parser->lists);
    dzr__bytebuf_fini(&parser->scratch);
    dzr_release(parser->alloc, parser);
}

/* ---- what is said of values that do not fit ---- */

static void go_type(const dzr_record_field *field, char *out, size_t room)
{
    static const char *const names[] = {[DZR_TYPE_BOOL] = "bool",
            [DZR_TYPE_INT8] = "int8",
            [DZR_TYPE_INT16] = "int16",
            [DZR_TYPE_INT32] = "int32",
            [DZR_TYPE_INT64] = "int64",
            [DZR_TYPE_UINT8] = "uint8",
            [DZR_TYPE_UINT16] = "uint16",
            [DZR_TYPE_UINT32] = "uint32",
            [DZR_TYPE_UINT64] = "uint64",
            [DZR_TYPE_FLOAT] = "float32",
            [DZR_TYPE_DOUBLE] = "float64",
            [DZR_TYPE_STRING] = "string",
            [DZR_TYPE_BINARY] = "[]uint8",
            [DZR_TYPE_DATE] = "int32",
            [DZR_TYPE_TIMESTAMP] = "int64",
            [DZR_TYPE_TIME] = "time.Time",
            [DZR_TYPE_HALF] = "float16.Float16",
            [DZR_TYPE_FIXED] = "[]uint8",
            [DZR_TYPE_UUID] = "uuid.UUID",
            [DZR_TYPE_DECIMAL] = "decimal.Decimal"};
    size_t n = 0;
    for (; field->element != NULL && n + 3 < room; field = field->element)
        n += (size_t)snprintf(out + n, room - n, "[]%s", field->element->is_optional ? "*" : "");
    const bool is_time = field->type.id == DZR_TYPE_DATE || field->type.id == DZR_TYPE_TIMESTAMP;
    const char *const name = field->record != NULL              ? field->record->name
                             : is_time && !field->json_number   ? "time.Time"
                             : field->type.id < DZR_TYPE_STRUCT ? names[field->type.id]
                                                                : "";
    (void)snprintf(out + n, room - n, "%s", name);
}

/* Notes the first value that does not fit: `json: cannot unmarshal KIND into Go struct field S.a.b of type T`. detail,
 * which may be empty, is the number or what else is wrong, in ASCII or as dzr__json_show has it. */
static void note(dzr_record_parser *parser, const dzr_record_field *field, uint8_t first, dzr_bytes detail)
{
    if (parser->misfit.status != DZR_OK)
        return;
    char type[MAX_PATH], path[MAX_PATH];
    go_type(field, type, sizeof type);
    size_t n = 0;
    path[0] = '\0';
    for (int i = 0; i < parser->n_path && n < sizeof path; i++)
        n += (size_t)snprintf(path + n, sizeof path - n, "%s%s", i > 0 ? "." : "", parser->path[i]);
    const char *const dot = strrchr(parser->innermost->name, '.');
    const size_t shown = DZR_MIN(detail.len, (size_t)MOST_SHOWN);
    (void)dzr_fail(&parser->misfit, DZR_ERR_TYPE,
            "json: cannot unmarshal %s%s%.*s%s into Go struct field %s.%s of type %s", dzr__json_go_kind(first),
            detail.len > 0 ? " " : "", (int)shown, (const char *)detail.at, shown < detail.len ? "..." : "",
            dot != NULL ? dot + 1 : parser->innermost->name, path, type);
}

static void note_text(dzr_record_parser *parser, const dzr_record_field *field, dzr_bytes token)
{
    char shown[DZR__JSON_SHOWN];
    dzr__json_show(token, "", shown, sizeof shown);
    note(parser, field, '"', (dzr_bytes){(const uint8_t *)shown, strlen(shown)});
}

/* ---- values ---- */

static dzr__json_walk walk_of(dzr_bytes token, const uint32_t tokens[2])
{
    return (dzr__json_walk){.text = token.at, .len = token.len, .next = tokens, .end = tokens + 1};
}

/* Room for all strings of the text from `at` on, before scratch holds the first: the views into it stay. A stray byte
 * becomes three, and base64 is decoded behind its text. */
static dzr_status make_room(dzr_record_parser *parser, const uint8_t *at, dzr_error *err)
{
    if (parser->scratch.len > 0)
        return DZR_OK;
    return dzr__bytebuf_reserve(&parser->scratch, 4 * (size_t)(parser->scan.end - at), err);
}

/* token is what was walked over last. */
static dzr_status take_string(dzr_record_parser *parser, dzr_bytes token, dzr_bytes *out, dzr_error *err)
{
    *out = (dzr_bytes){token.at + 1, token.len - 2};
    if (parser->scan.is_plain)
        return DZR_OK;
    DZR_TRY(make_room(parser, token.at, err));
    const uint32_t tokens[] = {0, 0};
    dzr__json_walk walk = walk_of(token, tokens);
    bool replaced = false;
    return dzr__json_take_string(&walk, &parser->scratch, out, &replaced, err);
}

static void store_whole(const dzr_record_field *field, const dzr__json_slot *slot, void *value)
{
    const uint64_t bits = slot->as.natural; /* the same bits as `integer`; little-endian, so the low bytes come first */
    memcpy(value, &bits, field->size);
}

static dzr_status take_number(
        dzr_record_parser *parser, const dzr_record_field *field, dzr_bytes token, void *value, dzr_error *err)
{
    const uint32_t tokens[] = {0, 0};
    dzr__json_walk walk = walk_of(token, tokens);
    dzr__json_number number;
    DZR_TRY(dzr__json_take_number(&walk, &number, err));
    if (field->type.id == DZR_TYPE_DECIMAL) {
        dzr_decimal decimal;
        if (dzr_decimal_parse((const char *)token.at, token.len, field->type.precision, field->type.scale, &decimal,
                    NULL) == DZR_OK)
            memcpy(value, &decimal, field->size);
        else
            note(parser, field, token.at[0], token);
        return DZR_OK;
    }
    const dzr_type_id own = field->type.id;
    const dzr_type_id id = own == DZR_TYPE_DATE ? DZR_TYPE_INT32 : own == DZR_TYPE_TIMESTAMP ? DZR_TYPE_INT64 : own;
    const bool counts = (id >= DZR_TYPE_INT8 && id <= DZR_TYPE_DOUBLE) || id == DZR_TYPE_HALF;
    dzr__json_slot slot = {.state = DZR__JSON_SET};
    if (!counts || dzr__json_fit_number(&number, id, &slot) != DZR__JSON_FITS) {
        note(parser, field, token.at[0], counts ? token : (dzr_bytes){NULL, 0});
        return DZR_OK;
    }
    if (id == DZR_TYPE_HALF) {
        const float narrow = (float)dzr_half_to_double(dzr_half_from_double(slot.as.real));
        memcpy(value, &narrow, sizeof narrow);
    } else if (id == DZR_TYPE_FLOAT) {
        const float narrow = (float)slot.as.real;
        memcpy(value, &narrow, sizeof narrow);
    } else if (id == DZR_TYPE_DOUBLE)
        memcpy(value, &slot.as.real, sizeof slot.as.real);
    else
        store_whole(field, &slot, value);
    return DZR_OK;
}

static dzr_status take_text(
        dzr_record_parser *parser, const dzr_record_field *field, dzr_bytes token, void *value, dzr_error *err)
{
    dzr_bytes text;
    dzr__json_slot slot = {.state = DZR__JSON_SET};
    dzr__json_fit fit = DZR__JSON_OTHER_KIND;
    if (field->type.id == DZR_TYPE_BINARY || field->type.id == DZR_TYPE_FIXED)
        DZR_TRY(make_room(parser, token.at, err));
    if (!field->json_number) {
        DZR_TRY(take_string(parser, token, &text, err));
        DZR_TRY(dzr__json_fit_string(text, field->type, &parser->scratch, &slot, &fit, err));
    }
    if (fit != DZR__JSON_FITS)
        note_text(parser, field, fit == DZR__JSON_BAD_TEXT ? token : (dzr_bytes){NULL, 0});
    else if (field->type.id == DZR_TYPE_STRING || field->type.id == DZR_TYPE_BINARY) {
        const uint8_t *const at =
                slot.as.bytes.at != NULL ? slot.as.bytes.at : parser->scratch.at + slot.as.bytes.offset;
        const dzr_bytes bytes = {at, slot.as.bytes.len};
        memcpy(value, &bytes, sizeof bytes);
    } else if (field->type.id == DZR_TYPE_FIXED)
        memcpy(value, parser->scratch.at + slot.as.bytes.offset, field->size);
    else if (field->type.id == DZR_TYPE_UUID)
        memcpy(value, slot.as.uuid, sizeof slot.as.uuid);
    else
        store_whole(field, &slot, value);
    return DZR_OK;
}

static dzr_status take_value(
        dzr_record_parser *parser, const dzr_record_field *field, shape *inner, void *record, dzr_error *err);

static dzr_status grow_items(
        dzr_record_parser *parser, const dzr_record_field *element, dzr_list *list, size_t *cap, dzr_error *err)
{
    *cap = *cap == 0 ? 4 : 2 * *cap;
    void *const items = dzr__arena_zeroed(&parser->lists, *cap, element->size, err);
    if (items == NULL)
        return DZR_ERR_NOMEM;
    if (list->n_items > 0)
        memcpy(items, list->items, list->n_items * element->size);
    list->items = items;
    return DZR_OK;
}

/* At the opening bracket. */
static dzr_status take_list(
        dzr_record_parser *parser, const dzr_record_field *element, shape *inner, dzr_list *out, dzr_error *err)
{
    dzr_list list = {NULL, 0};
    size_t cap = 0;
    bool more = false;
    if (!dzr__json_go_open(&parser->scan, &more))
        return dzr__json_go_fault(&parser->scan);
    while (more) {
        if (list.n_items == cap)
            DZR_TRY(grow_items(parser, element, &list, &cap, err));
        uint8_t *const items = (uint8_t *)(uintptr_t)list.items;
        DZR_TRY(take_value(parser, element, inner, items + list.n_items * element->size, err));
        list.n_items++;
        if (!dzr__json_go_next(&parser->scan, &more))
            return dzr__json_go_fault(&parser->scan);
    }
    *out = list;
    return DZR_OK;
}

/* The field of the name that was walked over last, of which the field that came next the last time is a guess. */
static dzr_status find_field(dzr_record_parser *parser, shape *of, int32_t before, int32_t *field, dzr_error *err)
{
    const dzr_bytes quoted = parser->scan.name;
    const int32_t guess = of->next_field[before + 1];
    const dzr_bytes expected = of->names.quoted[guess];
    if (expected.len == quoted.len && memcmp(expected.at, quoted.at, quoted.len) == 0) {
        *field = guess;
        return DZR_OK;
    }
    const size_t kept = parser->scratch.len;
    dzr_bytes name;
    DZR_TRY(take_string(parser, quoted, &name, err));
    DZR_TRY(dzr__json_names_find(&of->names, name, field, err));
    parser->scratch.len = kept;
    if (*field >= 0)
        of->next_field[before + 1] = *field;
    return DZR_OK;
}

/* At the opening brace. */
static dzr_status take_members(dzr_record_parser *parser, shape *of, void *record, dzr_error *err)
{
    dzr__json_go_scan *const scan = &parser->scan;
    int32_t before = -1;
    bool more = false;
    if (!dzr__json_go_open(scan, &more))
        return dzr__json_go_fault(scan);
    while (more) {
        int32_t index = -1;
        DZR_TRY(find_field(parser, of, before, &index, err));
        if (index >= 0) {
            const dzr_record_field *const field = &of->type->fields[index];
            parser->path[parser->n_path++] = dzr__json_name(field);
            DZR_TRY(take_value(parser, field, of->inner[index], record, err));
            parser->n_path--;
            before = index;
        } else if (!dzr__json_go_skip(scan)) {
            return dzr__json_go_fault(scan);
        }
        if (!dzr__json_go_next(scan, &more))
            return dzr__json_go_fault(scan);
    }
    return DZR_OK;
}

/* A value that is walked over as a whole: no struct and no list, or not where one belongs. */
static dzr_status take_whole(dzr_record_parser *parser, const dzr_record_field *field, void *record, dzr_error *err)
{
    dzr__json_go_scan *const scan = &parser->scan;
    void *const value = dzr__member(record, field);
    const uint8_t *const start = scan->at;
    if (!dzr__json_go_skip(scan))
        return dzr__json_go_fault(scan);
    const dzr_bytes token = {start, (size_t)(scan->at - start)};
    const uint8_t first = *start;
    const dzr_type_id id = field->type.id;
    dzr__member_mark(record, field, first != 'n'); /* even if the value turns out not to fit */
    if (first == 'n') {
        if (field->is_optional || id == DZR_TYPE_LIST || id == DZR_TYPE_BINARY)
            memset(value, 0, field->size);
    } else if ((first == 't' || first == 'f') && id == DZR_TYPE_BOOL) {
        const bool boolean = first == 't';
        memcpy(value, &boolean, sizeof boolean);
    } else if (first == '"') {
        return take_text(parser, field, token, value, err);
    } else if (first == '-' || (first >= '0' && first <= '9')) {
        return take_number(parser, field, token, value, err);
    } else {
        note(parser, field, first, (dzr_bytes){NULL, 0});
    }
    return DZR_OK;
}

/* Into the member of record that field describes; an element's is the item itself. */
static dzr_status take_value(
        dzr_record_parser *parser, const dzr_record_field *field, shape *inner, void *record, dzr_error *err)
{
    if (!dzr__json_go_space(&parser->scan))
        return dzr__json_go_fault(&parser->scan);
    void *const value = dzr__member(record, field);
    const uint8_t first = *parser->scan.at;
    if (first == '{' && field->type.id == DZR_TYPE_STRUCT) {
        const dzr_record_type *const outer = parser->innermost;
        dzr__member_mark(record, field, true);
        parser->innermost = inner->type;
        DZR_TRY(take_members(parser, inner, value, err));
        parser->innermost = outer;
        return DZR_OK;
    }
    if (first == '[' && field->type.id == DZR_TYPE_LIST) {
        dzr__member_mark(record, field, true);
        return take_list(parser, field->element, inner, value, err);
    }
    return take_whole(parser, field, record, err);
}

/* ---- a text ---- */

static dzr_status refuse_syntax(dzr_record_parser *parser, dzr_bytes text, dzr_error *err)
{
    const dzr__json_go_scan *const scan = &parser->scan;
    const dzr_status st = dzr__json_go_fault(scan);
    char quoted[DZR__JSON_GO_QUOTED];
    if (st == DZR_ERR_TRUNCATED && scan->context == NULL)
        (void)dzr_fail(err, st, "unexpected end of JSON input");
    else {
        dzr__json_go_quote(st == DZR_ERR_TRUNCATED ? ' ' : *scan->at, quoted); /* Go ends a text with a space */
        (void)dzr_fail(err, st, "invalid character %s %s", quoted, scan->context);
    }
    if (err != NULL)
        err->offset = scan->at - text.at;
    return st;
}

/* One value, and nothing else; a syntax error has no message yet. */
static dzr_status take_text_of_record(dzr_record_parser *parser, dzr_bytes text, void *record, dzr_error *err)
{
    dzr__json_go_scan *const scan = &parser->scan;
    const dzr_record_type *const type = parser->first->type;
    if (!dzr__json_go_start(scan, text))
        return dzr__json_go_fault(scan);
    const uint8_t first = *scan->at;
    if (first == '{')
        DZR_TRY(take_members(parser, parser->first, record, err));
    else if (!dzr__json_go_skip(scan))
        return dzr__json_go_fault(scan);
    if (first != '{' && first != 'n')
        (void)dzr_fail(&parser->misfit, DZR_ERR_TYPE, "json: cannot unmarshal %s into Go value of type %s",
                dzr__json_go_kind(first), type->name);
    return dzr__json_go_end(scan) ? DZR_OK : dzr__json_go_fault(scan);
}

dzr_status dzr__record_parse_value(dzr_record_parser *parser, dzr_bytes text, void *record, dzr_error *err)
{
    const dzr_record_type *const type = parser->first->type;
    memset(record, 0, type->size);
    dzr__arena_fini(&parser->lists);
    parser->scratch.len = 0;
    parser->n_path = 0;
    parser->innermost = type;
    parser->misfit.status = DZR_OK;
    const dzr_status st = take_text_of_record(parser, text, record, err);
    if (st == DZR_OK && parser->misfit.status == DZR_OK)
        return DZR_OK;
    if (st == DZR_OK) {
        if (err != NULL)
            *err = parser->misfit;
        return DZR_ERR_TYPE;
    }
    memset(record, 0, type->size); /* half a text makes no record */
    return st == DZR_ERR_NOMEM ? st : refuse_syntax(parser, text, err);
}

/* ---- the elements of an array ---- */

dzr_status dzr__elements_open(
        dzr_record_parser *parser, dzr_bytes text, dzr__elements *out, bool *is_array, dzr_error *err)
{
    dzr__json_go_scan *const scan = &parser->scan;
    const uint8_t *const start = dzr__json_go_start(scan, text) ? scan->at : NULL;
    *is_array = start != NULL && *start == '[';
    if (!*is_array)
        return DZR_OK;
    if (!dzr__json_go_skip(scan) || !dzr__json_go_end(scan))
        return refuse_syntax(parser, text, err);
    out->at = dzr__json_go_past_space(start + 1);
    return DZR_OK;
}

/* Past the comma, to the next item or the bracket. */
static const uint8_t *next_item(const uint8_t *at)
{
    at = dzr__json_go_past_space(at);
    return *at == ',' ? dzr__json_go_past_space(at + 1) : at;
}

bool dzr__elements_next(dzr__elements *elements, dzr_bytes *out)
{
    if (*elements->at == ']')
        return false;
    const uint8_t *const end = dzr__json_go_past_value(elements->at);
    *out = (dzr_bytes){elements->at, (size_t)(end - elements->at)};
    elements->at = next_item(end);
    return true;
}

/* ---- RecordInfo ---- */

dzr_status dzr__record_finish(dzr_record_parser *parser, dzr_bytes text, const dzr_record_parse_options *options,
        void *record, dzr_error *err)
{
    const dzr_record_type *const type = parser->first->type;
    for (int32_t i = 0; i < type->n_fields; i++) {
        const dzr_record_field *const field = &type->fields[i];
        if (field->record != &dzr_record_info_type)
            continue;
        if (!dzr__sha256_hex(text, parser->hex))
            return dzr_fail(err, DZR_ERR_NOMEM, "libcrypto can't hash %zu bytes", text.len);
        const char *const source = options != NULL && options->source_info != NULL ? options->source_info : "";
        const dzr_record_info info = {.raw_data = text,
                .row_hash = {(const uint8_t *)parser->hex, sizeof parser->hex},
                .ingest_timestamp =
                        options != NULL && options->now_ms != 0 ? options->now_ms : dzr__clock_ms(CLOCK_REALTIME),
                .source_info = {(const uint8_t *)source, strlen(source)}};
        memcpy(dzr__member(record, field), &info, sizeof info);
        dzr__member_mark(record, field, true);
        break;
    }
    return options != NULL ? dzr__record_hook(options->hook, options->ctx, record, err) : DZR_OK;
}

dzr_status dzr__record_hook(dzr_record_hook hook, void *ctx, void *record, dzr_error *err)
{
    if (hook == NULL)
        return DZR_OK;
    dzr_error told;
    (void)dzr_fail(&told, DZR_ERR_ARG, "the hook refuses the record");
    const dzr_status st = hook(ctx, record, &told);
    told.status = st;
    if (st != DZR_OK && err != NULL)
        *err = told;
    return st;
}

dzr_status dzr_record_parse(dzr_record_parser *parser, dzr_bytes text, const dzr_record_parse_options *options,
        void *record, dzr_error *err)
{
    const dzr_status st = dzr__record_parse_value(parser, text, record, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "failed to parse record: ");
    return dzr__record_finish(parser, text, options, record, err);
}

/* userator/detail.c - see detail.h. */
#include "detail.h"

static const struct {
    const char *type, *message;
} kinds[DETAIL_KINDS] = {
#define DETAIL_ROW(name, type, message) [name] = {type, message},
        DETAIL_LIST(DETAIL_ROW)
#undef DETAIL_ROW
};

detail_kind detail_of_integer(integer_verdict verdict, int64_t value, int64_t least, int64_t most)
{
    switch (verdict) {
    case INTEGER_NONE:
        return DETAIL_NOT_INTEGER_TEXT;
    case INTEGER_TOO_LONG:
        return DETAIL_TOO_LARGE;
    case INTEGER_BELOW:
        return least > INT64_MIN ? DETAIL_TOO_SMALL : DETAIL_TOO_LARGE;
    case INTEGER_ABOVE:
        return most < INT64_MAX ? DETAIL_ABOVE_MOST : DETAIL_TOO_LARGE;
    case INTEGER_OK:
        break;
    }
    return value < least ? DETAIL_TOO_SMALL : value > most ? DETAIL_ABOVE_MOST : DETAIL_KINDS;
}

static bool has_bound(const detail *entry)
{
    return entry->kind == DETAIL_TOO_SMALL || entry->kind == DETAIL_ABOVE_MOST;
}

static void put_loc(text_buf *to, const detail *entry)
{
    TEXT_LITERAL(to, ",\"loc\":[\"");
    text_put_cstring(to, entry->part);
    TEXT_LITERAL(to, "\"");
    if (entry->field != NULL) {
        TEXT_LITERAL(to, ",\"");
        text_put_cstring(to, entry->field);
        TEXT_LITERAL(to, "\"");
    } else if (entry->kind == DETAIL_BAD_JSON) {
        TEXT_LITERAL(to, ",");
        text_put_int64(to, entry->number);
    }
    TEXT_LITERAL(to, "]");
}

static void put_message(text_buf *to, const detail *entry)
{
    TEXT_LITERAL(to, ",\"msg\":\"");
    text_put_cstring(to, kinds[entry->kind].message);
    if (has_bound(entry))
        text_put_int64(to, entry->number);
    if (entry->kind == DETAIL_BAD_EMAIL)
        text_put_unquoted(to, entry->reason);
    TEXT_LITERAL(to, "\"");
}

static void put_input(text_buf *to, const detail *entry)
{
    TEXT_LITERAL(to, ",\"input\":");
    if (entry->value == NULL)
        text_put_string(to, entry->text);
    else if (dzr_json_value_print(entry->value, &to->sink, NULL) != DZR_OK)
        to->failed = true;
}

static void put_ctx(text_buf *to, const detail *entry)
{
    if (has_bound(entry)) {
        text_put_cstring(to, entry->kind == DETAIL_TOO_SMALL ? ",\"ctx\":{\"ge\":" : ",\"ctx\":{\"le\":");
        text_put_int64(to, entry->number);
        TEXT_LITERAL(to, "}");
    } else if (entry->kind == DETAIL_BAD_EMAIL || entry->kind == DETAIL_BAD_JSON) {
        text_put_cstring(to, entry->kind == DETAIL_BAD_EMAIL ? ",\"ctx\":{\"reason\":" : ",\"ctx\":{\"error\":");
        text_put_string(to, entry->reason);
        TEXT_LITERAL(to, "}");
    }
}

void detail_add(detail_list *list, const detail *entry)
{
    text_put_cstring(list->to, list->n++ == 0 ? "{\"detail\":[" : ",");
    TEXT_LITERAL(list->to, "{\"type\":\"");
    text_put_cstring(list->to, kinds[entry->kind].type);
    TEXT_LITERAL(list->to, "\"");
    put_loc(list->to, entry);
    put_message(list->to, entry);
    put_input(list->to, entry);
    put_ctx(list->to, entry);
    TEXT_LITERAL(list->to, "}");
}

void detail_finish(detail_list *list)
{
    TEXT_LITERAL(list->to, "]}");
}

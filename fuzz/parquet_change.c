/* fuzz/parquet_change.c - see parquet_change.h. A field is drawn so that each value of a footer is about as likely as
 * any other, however deep it lies. */
#include "parquet_change.h"

/* ---- numbers ---- */

static uint64_t change_number(uint64_t old, draw *d)
{
    static const uint64_t special[] = {0, 1, UINT64_MAX, INT32_MAX, (uint64_t)INT32_MIN, INT64_MAX, (uint64_t)INT64_MIN,
            INT16_MAX, 255, 1 << 20, 1 << 30, UINT32_MAX};
    switch (draw_below(d, 6)) {
    case 0:
        return old + 1;
    case 1:
        return old - 1;
    case 2:
        return special[draw_below(d, sizeof special / sizeof *special)];
    case 3:
        return old ^ UINT64_C(1) << draw_below(d, 64);
    case 4:
        return draw_below(d, 24); /* enums, levels, small counts */
    default:
        return draw_one_in(d, 2) ? old * 2 : 0 - old;
    }
}

#define CHANGE(type)                                                                                                   \
    do {                                                                                                               \
        type number;                                                                                                   \
        memcpy(&number, at, sizeof number);                                                                            \
        number = (type)change_number((uint64_t)number, d);                                                             \
        memcpy(at, &number, sizeof number);                                                                            \
    } while (0)

/* ---- bytes ---- */

dzr_bytes change_bytes(dzr_arena *arena, dzr_bytes in, draw *d)
{
    enum { MORE = 16 };
    uint8_t *const at = dzr__arena_zeroed(arena, in.len + MORE, 1, NULL);
    if (at == NULL)
        return in;
    if (in.len > 0)
        memcpy(at, in.at, in.len);
    size_t len = in.len;
    for (uint32_t n = 1 + draw_below(d, 3); n > 0; n--) {
        const size_t place = len == 0 ? 0 : (draw_one_in(d, 2) ? draw_number(d, 2) : draw_below(d, 12)) % len;
        switch (draw_below(d, 5)) {
        case 0:
            at[place] = (uint8_t)(at[place] ^ 1 << draw_below(d, 8));
            break;
        case 1:
            at[place] = draw_byte(d);
            break;
        case 2: /* a length, a header of runs */
            if (len - place >= 4)
                dzr__store_u32(at + place, (uint32_t)change_number(dzr__load_u32(at + place), d));
            break;
        case 3:
            len = place;
            break;
        default:
            if (len < in.len + MORE) {
                memmove(at + place + 1, at + place, len - place);
                at[place] = draw_byte(d);
                len++;
            }
            break;
        }
    }
    return (dzr_bytes){at, len};
}

/* ---- structs ---- */

static size_t size_of(uint8_t kind, const dzr_thrift_shape *shape)
{
    switch (kind) {
    case DZR_THRIFT_BOOL:
    case DZR_THRIFT_I8:
        return 1;
    case DZR_THRIFT_I16:
        return 2;
    case DZR_THRIFT_I32:
        return 4;
    case DZR_THRIFT_I64:
        return 8;
    case DZR_THRIFT_BYTES:
        return sizeof(dzr_bytes);
    default:
        return shape->size;
    }
}

/* Values that a struct of this shape may have, those of lists once. */
static uint32_t weight_of(const dzr_thrift_shape *shape)
{
    uint32_t weight = 0;
    for (uint32_t i = 0; i < shape->n_fields; i++)
        weight += shape->fields[i].shape != NULL ? 1 + weight_of(shape->fields[i].shape) : 1;
    return weight;
}

static void change_value(dzr_arena *arena, uint8_t kind, const dzr_thrift_shape *shape, void *at, draw *d)
{
    switch (kind) {
    case DZR_THRIFT_BOOL:
        *(bool *)at = !*(const bool *)at;
        break;
    case DZR_THRIFT_I8:
        CHANGE(int8_t);
        break;
    case DZR_THRIFT_I16:
        CHANGE(int16_t);
        break;
    case DZR_THRIFT_I32:
        CHANGE(int32_t);
        break;
    case DZR_THRIFT_I64:
        CHANGE(int64_t);
        break;
    case DZR_THRIFT_BYTES:
        *(dzr_bytes *)at = change_bytes(arena, *(const dzr_bytes *)at, d);
        break;
    default:
        change_struct(arena, shape, at, d);
        break;
    }
}

typedef DZR_LIST(uint8_t) any_list;

/* Shorter, longer by an element that is there twice, two in each other's place; or one of the elements. */
static void change_list(dzr_arena *arena, const dzr_thrift_field *field, any_list *list, draw *d)
{
    const size_t size = size_of(field->of, field->shape);
    const int32_t n = list->n;
    const uint32_t how = draw_below(d, 12);
    if (how == 0 && n > 0) {
        list->n = (int32_t)draw_below(d, (uint32_t)n);
    } else if (how == 1 || n == 0) {
        uint8_t *const longer = dzr__arena_zeroed(arena, (size_t)n + 1, size, NULL);
        if (longer == NULL)
            return;
        if (n > 0) {
            memcpy(longer, list->at, size * (size_t)n);
            memcpy(longer + size * (size_t)n, longer + size * draw_below(d, (uint32_t)n), size);
        }
        list->at = longer;
        list->n = n + 1;
    } else if (how == 2) {
        uint8_t *const one = list->at + size * draw_below(d, (uint32_t)n), *const other =
                                                                                   list->at +
                                                                                   size * draw_below(d, (uint32_t)n);
        for (size_t i = 0; i < size; i++) {
            const uint8_t keep = one[i];
            one[i] = other[i];
            other[i] = keep;
        }
    } else {
        change_value(arena, field->of, field->shape, list->at + size * draw_below(d, (uint32_t)n), d);
    }
}

void change_struct(dzr_arena *arena, const dzr_thrift_shape *shape, void *meta, draw *d)
{
    if (shape->n_fields == 0)
        return;
    uint32_t at = draw_below(d, weight_of(shape));
    const dzr_thrift_field *field = shape->fields;
    for (;; field++) {
        const uint32_t weight = field->shape != NULL ? 1 + weight_of(field->shape) : 1;
        if (at < weight)
            break;
        at -= weight;
    }
    uint32_t *const has = meta;
    uint8_t *const member = (uint8_t *)meta + field->at;
    const uint32_t bit = 1u << field->id;
    if (!field->required && (field->kind == DZR_THRIFT_EMPTY || (*has & bit) == 0 || draw_one_in(d, 6))) {
        *has ^= bit;
        return;
    }
    if (field->kind == DZR_THRIFT_LIST)
        change_list(arena, field, (any_list *)(void *)member, d);
    else
        change_value(arena, field->kind, field->shape, member, d);
}

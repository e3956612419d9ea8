/* fuzz/record.c - one record out of JSON into a struct with members of every kind. Holds: the answer is one of those
 * promised and a refusal is one line; RecordInfo is the text itself; what was set, even beside a value that did not
 * fit, can be written, and reads back as the same record; a dataframe takes what the parser takes; memory is bounded
 * and none is left. */
#include "record/internal.h"

#include "counting.h"

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);                              \
            __builtin_trap();                                                                                          \
        }                                                                                                              \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Short names, so that a fuzzer finds them; `k` has a fold set of three. */
typedef struct point {
    int8_t a;
    dzr_bytes k;
    bool has_k;
} point;
static const dzr_record_field point_fields[] = {
        DZR_FIELD(point, a, DZR_INT8),
        DZR_OPTIONAL(point, k, has_k, DZR_STRING),
};
static const dzr_record_type point_type = DZR_RECORD(point, point_fields);

typedef struct thing {
    bool b;
    int32_t i;
    uint64_t u;
    float f;
    double d;
    dzr_bytes s;
    dzr_bytes x;
    int32_t y;
    int64_t t, z;
    int16_t o;
    bool has_o;
    point p, q;
    bool has_q;
    dzr_list l, m; /* of point, and of lists of uint8_t */
    dzr_record_info info;
} thing;
static const dzr_record_field element_l = DZR_ELEMENT(point, DZR_STRUCT(&point_type));
static const dzr_record_field element_mm = DZR_ELEMENT(uint8_t, DZR_UINT8);
static const dzr_record_field element_m = DZR_ELEMENT(dzr_list, DZR_LIST(&element_mm));
static const dzr_record_field thing_fields[] = {
        DZR_FIELD(thing, b, DZR_BOOL),
        DZR_FIELD(thing, i, DZR_INT32),
        DZR_FIELD(thing, u, DZR_UINT64),
        DZR_FIELD(thing, f, DZR_FLOAT),
        DZR_FIELD(thing, d, DZR_DOUBLE),
        DZR_FIELD(thing, s, DZR_STRING),
        DZR_FIELD(thing, x, DZR_BINARY),
        DZR_FIELD(thing, y, DZR_DATE),
        DZR_FIELD(thing, t, DZR_TIMESTAMP(DZR_UNIT_MS, true)),
        DZR_FIELD(thing, z, DZR_TIMESTAMP(DZR_UNIT_NS, false), .json_number = true),
        DZR_OPTIONAL(thing, o, has_o, DZR_INT16),
        DZR_FIELD(thing, p, DZR_STRUCT(&point_type)),
        DZR_OPTIONAL(thing, q, has_q, DZR_STRUCT(&point_type)),
        DZR_FIELD(thing, l, DZR_LIST(&element_l)),
        DZR_FIELD(thing, m, DZR_LIST(&element_m)),
        DZR_RECORD_INFO(thing, info),
};
static const dzr_record_type thing_type = DZR_RECORD(thing, thing_fields);

static bool same(dzr_bytes a, dzr_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static void check_refusal(dzr_status st, const dzr_error *err, size_t len)
{
    REQUIRE(st == DZR_ERR_SYNTAX || st == DZR_ERR_TRUNCATED || st == DZR_ERR_TYPE || st == DZR_ERR_LIMIT);
    REQUIRE(err->status == st && strstr(err->message, "failed to parse record: ") != NULL);
    REQUIRE(dzr__utf8_valid((const uint8_t *)err->message, strlen(err->message)) && strchr(err->message, '\n') == NULL);
    REQUIRE(st == DZR_ERR_TYPE || (err->offset >= 0 && (size_t)err->offset <= len));
}

/* Written, read and written again, the record is the same text. */
static void check_round(const thing *made, const dzr_allocator *alloc)
{
    dzr_bytebuf first = {.alloc = alloc}, second = {.alloc = alloc};
    dzr_record_parser *parser = NULL;
    thing again;
    REQUIRE(dzr__record_print(&thing_type, made, &first, NULL) == DZR_OK);
    REQUIRE(dzr__utf8_valid(first.at, first.len) && memchr(first.at, '\n', first.len) == NULL);
    REQUIRE(dzr_record_parser_new(&thing_type, alloc, &parser, NULL) == DZR_OK);
    REQUIRE(dzr__record_parse_value(parser, (dzr_bytes){first.at, first.len}, &again, NULL) == DZR_OK);
    REQUIRE(again.u == made->u && memcmp(&again.d, &made->d, sizeof made->d) == 0 && same(again.s, made->s));
    REQUIRE(dzr__record_print(&thing_type, &again, &second, NULL) == DZR_OK);
    REQUIRE(same((dzr_bytes){first.at, first.len}, (dzr_bytes){second.at, second.len}));
    dzr_record_parser_free(parser);
    dzr__bytebuf_fini(&first);
    dzr__bytebuf_fini(&second);
}

/* A text that is no array is one record to a dataframe as well. */
static void check_frame(dzr_bytes text, dzr_status want, const dzr_allocator *alloc)
{
    dzr_dataframe *frame = NULL;
    REQUIRE(dzr_dataframe_new(&thing_type, alloc, &frame, NULL) == DZR_OK);
    dzr_error err;
    const dzr_status st = dzr_dataframe_parse_json(frame, text, NULL, &err);
    if (st != DZR_OK)
        check_refusal(st, &err, text.len);
    const bool is_array = want == DZR_ERR_TYPE && st != want;
    REQUIRE(is_array ? st == DZR_OK : st == want);
    REQUIRE(st == DZR_OK || dzr_dataframe_length(frame) == 0);
    for (int64_t i = 0; i < dzr_dataframe_length(frame); i++) {
        const thing *const made = dzr_dataframe_get(frame, i);
        REQUIRE(is_array || same(made->info.raw_data, text));
        REQUIRE(made->info.raw_data.len <= text.len && made->info.row_hash.len == 64);
    }
    dzr_dataframe_free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const dzr_bytes text = {bytes, len};
    const dzr_record_parse_options options = {.source_info = "fuzz", .now_ms = 7};
    dzr_record_parser *parser = NULL;
    REQUIRE(dzr_record_parser_new(&thing_type, &alloc, &parser, NULL) == DZR_OK);
    thing made;
    dzr_error err;
    const dzr_status st = dzr_record_parse(parser, text, &options, &made, &err);
    if (st != DZR_OK) {
        check_refusal(st, &err, len);
    } else {
        REQUIRE(made.info.raw_data.at == bytes && made.info.raw_data.len == len);
        REQUIRE(made.info.ingest_timestamp == 7 && made.info.row_hash.len == 64);
    }
    if (!dzr__utf8_valid(made.info.raw_data.at, made.info.raw_data.len))
        made.info.raw_data.len = 0; /* what is no UTF-8 does not come back the same */
    check_round(&made, &alloc);
    check_frame(text, st, &alloc);
    dzr_record_parser_free(parser);
    REQUIRE(count.now == 0 && count.most < (size_t)1000000 + 300 * len);
    return 0;
}

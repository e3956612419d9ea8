/* tests/record/replay_go.c - texts that test_go.py sends, one a line in hexadecimal, through the parser: prints the
 * record as it is written afterwards and the error, a line each, as go/main.go does. */
#include "record/internal.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Point {
    int8_t a;
    dzr_bytes k;
    bool has_k;
    bool is_there;
} Point;
static const dzr_record_field point_fields[] = {
        DZR_FIELD(Point, a, DZR_INT8),
        DZR_OPTIONAL(Point, k, has_k, DZR_STRING),
};
static const dzr_record_type point_type = {
        .name = "main.Point", .size = sizeof(Point), .fields = point_fields, .n_fields = 2};

typedef struct Thing {
    bool b;
    int8_t c;
    int16_t e;
    int32_t i;
    int64_t j;
    uint8_t g;
    uint16_t h;
    uint32_t v;
    uint64_t u;
    float f;
    double d;
    dzr_bytes s, x;
    int16_t o;
    dzr_bytes r;
    double t;
    Point p, q;
    bool has_o, has_r, has_t, has_q;
    dzr_list l, m, n, w;
} Thing;
static const dzr_record_field of_l = DZR_ELEMENT(Point, DZR_STRUCT(&point_type));
static const dzr_record_field of_mm = DZR_ELEMENT(int8_t, DZR_INT8);
static const dzr_record_field of_m = DZR_ELEMENT(dzr_list, DZR_LIST(&of_mm));
static const dzr_record_field of_n = DZR_ELEMENT(dzr_bytes, DZR_STRING);
static const dzr_record_field of_w = DZR_OPTIONAL_ELEMENT(Point, is_there, DZR_STRUCT(&point_type));
static const dzr_record_field thing_fields[] = {
        DZR_FIELD(Thing, b, DZR_BOOL),
        DZR_FIELD(Thing, c, DZR_INT8),
        DZR_FIELD(Thing, e, DZR_INT16),
        DZR_FIELD(Thing, i, DZR_INT32),
        DZR_FIELD(Thing, j, DZR_INT64),
        DZR_FIELD(Thing, g, DZR_UINT8),
        DZR_FIELD(Thing, h, DZR_UINT16),
        DZR_FIELD(Thing, v, DZR_UINT32),
        DZR_FIELD(Thing, u, DZR_UINT64),
        DZR_FIELD(Thing, f, DZR_FLOAT),
        DZR_FIELD(Thing, d, DZR_DOUBLE),
        DZR_FIELD(Thing, s, DZR_STRING),
        DZR_FIELD(Thing, x, DZR_BINARY),
        DZR_OPTIONAL(Thing, o, has_o, DZR_INT16),
        DZR_OPTIONAL(Thing, r, has_r, DZR_STRING),
        DZR_OPTIONAL(Thing, t, has_t, DZR_DOUBLE),
        DZR_FIELD(Thing, p, DZR_STRUCT(&point_type)),
        DZR_OPTIONAL(Thing, q, has_q, DZR_STRUCT(&point_type)),
        DZR_FIELD(Thing, l, DZR_LIST(&of_l)),
        DZR_FIELD(Thing, m, DZR_LIST(&of_m)),
        DZR_FIELD(Thing, n, DZR_LIST(&of_n)),
        DZR_FIELD(Thing, w, DZR_LIST(&of_w)),
};
static const dzr_record_type thing_type = {.name = "main.Thing",
        .size = sizeof(Thing),
        .fields = thing_fields,
        .n_fields = sizeof thing_fields / sizeof *thing_fields};

static size_t from_hex(const char *digits, uint8_t *out)
{
    size_t n = 0;
    for (; digits[2 * n] > ' '; n++) {
        const char pair[] = {digits[2 * n], digits[2 * n + 1], '\0'};
        out[n] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return n;
}

static void need(dzr_status st, const dzr_error *err)
{
    if (st == DZR_OK)
        return;
    fprintf(stderr, "replay_go: %s\n", err->message);
    exit(3);
}

int main(void)
{
    dzr_error err = {.status = DZR_OK};
    dzr_record_parser *parser = NULL;
    need(dzr_record_parser_new(&thing_type, NULL, &parser, &err), &err);
    dzr_bytebuf text = {0}, written = {0};
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t n; (n = getline(&line, &cap, stdin)) > 0;) {
        text.len = written.len = 0;
        need(dzr__bytebuf_reserve(&text, (size_t)n, &err), &err);
        Thing thing;
        const dzr_status st =
                dzr__record_parse_value(parser, (dzr_bytes){text.at, from_hex(line, text.at)}, &thing, &err);
        const bool failed = st != DZR_OK;
        char message[DZR_ERROR_BYTES];
        (void)snprintf(message, sizeof message, "%s", failed ? err.message : "");
        need(dzr__record_print(&thing_type, &thing, &written, &err), &err);
        printf("%.*s\n%s\n", (int)written.len, (const char *)written.at, message);
    }
    free(line);
    dzr__bytebuf_fini(&text);
    dzr__bytebuf_fini(&written);
    dzr_record_parser_free(parser);
    return 0;
}

/* tests/json/test_array_source.c - an array of records read as lines: the same rows, wherever the text is cut; what is
 * no array is refused with its byte. */
#include "support.h"

#include "json/internal.h"

typedef struct piece_source {
    dzr_source source;
    dzr_bytes left;
    size_t piece;
} piece_source;

static dzr_status piece_read(dzr_source *source, void *out, size_t n, size_t *n_read, dzr_error *err)
{
    (void)err;
    piece_source *const from = (piece_source *)source;
    *n_read = DZR_MIN(DZR_MIN(n, from->piece), from->left.len);
    if (*n_read > 0)
        memcpy(out, from->left.at, *n_read);
    from->left.at += *n_read;
    from->left.len -= *n_read;
    return DZR_OK;
}

/* All rows as one array again. */
static dzr_status copy(const char *text, size_t piece, dzr_sink **out, dzr_error *err)
{
    static const dzr_source_ops ops = {.read = piece_read};
    piece_source from = {.source = {.ops = &ops, .name = "in.json", .n_bytes = DZR_SIZE_UNKNOWN},
            .left = {(const uint8_t *)text, strlen(text)},
            .piece = piece};
    dzr_source *lines = NULL;
    dzr_jsonl_reader *reader = NULL;
    dzr_json_writer *writer = NULL;
    dzr_sink *sink = NULL;
    dzr_status st = dzr_json_array_source(&from.source, NULL, &lines, err);
    if (st == DZR_OK)
        st = dzr_jsonl_reader_open(lines, NULL, &reader, err);
    if (st == DZR_OK)
        st = dzr_sink_memory(1 << 20, NULL, &sink, err);
    if (st == DZR_OK)
        st = dzr_json_writer_open(sink, dzr_jsonl_reader_schema(reader),
                &(dzr_json_write_options){.style = DZR_JSON_ARRAY_LINES}, &writer, err);
    while (st == DZR_OK) {
        dzr_batch *batch = NULL;
        st = dzr_jsonl_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        st = dzr_json_writer_append(writer, batch, err);
        dzr_batch_free(batch);
    }
    if (st == DZR_OK)
        st = dzr_json_writer_finish(writer, err);
    dzr_json_writer_close(writer);
    dzr_jsonl_reader_close(reader);
    dzr_source_close(lines);
    if (st == DZR_OK)
        *out = sink;
    else
        dzr_sink_close(sink);
    return st;
}

static void an_array_is_read_as_lines_and_written_again(void **state)
{
    (void)state;
    static const char text[] =
            "\xef\xbb\xbf \n[\n {\"a\": \"x],\\\"[\",\n  \"b\": [1, 2]},{\"a\":null,\"b\":[]}\r\n]\n";
    static const char want[] = "[\n{\"a\":\"x],\\\"[\",\"b\":[1,2]},\n{\"a\":null,\"b\":[]}\n]\n";
    for (size_t piece = 1; piece < 100; piece++) {
        dzr_error err = {.message = ""};
        dzr_sink *sink = NULL;
        assert_ok(copy(text, piece, &sink, &err));
        const dzr_bytes got = dzr_sink_memory_bytes(sink);
        assert_int_equal(got.len, sizeof want - 1);
        assert_memory_equal(got.at, want, got.len);
        dzr_sink_close(sink);
    }
}

static void what_is_no_array_is_refused_with_its_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        int64_t offset;
    } cases[] = {
            {"{\"a\":1}", "in.json: byte 0: an array was expected", 0},
            {"", "in.json: byte 0: the text ends where an array was expected", 0},
            {"[{\"a\":1}", "in.json: byte 8: the text ends inside the array", 8},
            {"[{\"a\":1},]", "in.json: byte 9: ']' behind a ','", 9},
            {"[{\"a\":1},,{\"a\":1}]", "in.json: byte 9: ',' where a record was expected", 9},
            {"[{\"a\":1}] x", "in.json: byte 10: something behind the array", 10},
            {"[{\"a\":\"\n\"}]", "in.json: byte 7: a line break inside a string", 7},
            {"[{\"a\":1},{\"a\":x}]", "in.json (its records as lines): line 2: ", 14},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dzr_error err = {.message = ""};
        dzr_sink *sink = NULL;
        assert_fails(copy(cases[i].text, 3, &sink, &err), DZR_ERR_SYNTAX, cases[i].part);
        assert_int_equal(err.offset, cases[i].offset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_array_is_read_as_lines_and_written_again),
            cmocka_unit_test(what_is_no_array_is_refused_with_its_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* fuzz/jsonl.c - JSON lines with an inferred schema. Of the first byte the low half is the size of the pieces the
 * source hands out, the high half how many rows a batch and the sample have. Holds: the size of the pieces changes
 * nothing; what is read is the same when written and read again with its schema, and has as many rows as there are
 * lines that are not blank; a refusal has a message with the line; a space before each line, with which no record goes
 * the quick way, and two behind each colon change neither rows nor where it fails; no memory is left. */
#include "json_shared.h"
#include "piecewise.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Reads all lines into one text; *schema is held for the caller when it is NULL. */
static dzr_status read_all(dzr_bytes text, size_t piece, dzr_jsonl_read_options options, dzr_schema **schema,
        dzr_sink **out, int64_t *n_rows, dzr_error *err)
{
    piecewise from = piecewise_source(text, piece);
    dzr_jsonl_reader *reader = NULL;
    options.schema = *schema;
    DZR_TRY(dzr_jsonl_reader_open(&from.source, &options, &reader, err));
    if (*schema == NULL)
        *schema = dzr_schema_hold(dzr_jsonl_reader_schema(reader));
    dzr_sink *sink = NULL;
    dzr_json_writer *writer = NULL;
    REQUIRE(dzr_sink_memory(SIZE_MAX, options.alloc, &sink, NULL) == DZR_OK);
    REQUIRE(dzr_json_writer_open(sink, *schema, &(dzr_json_write_options){.alloc = options.alloc}, &writer, NULL) ==
            DZR_OK);
    dzr_status st = DZR_OK;
    *n_rows = 0;
    for (;;) {
        dzr_batch *batch = NULL;
        st = dzr_jsonl_reader_next(reader, &batch, err);
        if (batch == NULL)
            break;
        REQUIRE(st == DZR_OK && dzr_batch_n_rows(batch) > 0 && dzr_batch_n_rows(batch) <= options.batch_rows);
        *n_rows += dzr_batch_n_rows(batch);
        REQUIRE(dzr_json_writer_append(writer, batch, NULL) == DZR_OK);
        dzr_batch_free(batch);
    }
    REQUIRE(dzr_json_writer_finish(writer, NULL) == DZR_OK);
    dzr_json_writer_close(writer);
    dzr_jsonl_reader_close(reader);
    if (st == DZR_OK)
        *out = sink;
    else
        dzr_sink_close(sink);
    return st;
}

static int64_t lines_with_text(dzr_bytes text)
{
    int64_t n = 0;
    bool blank = true;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n')
            blank = true;
        else if (blank && strchr(" \t\r", text.at[i]) == NULL) {
            blank = false;
            n++;
        }
    }
    return n;
}

static void check(dzr_bytes text, size_t piece, dzr_jsonl_read_options options)
{
    dzr_schema *schema = NULL, *schema_again = NULL;
    dzr_sink *out = NULL, *again = NULL;
    dzr_error err = {.message = ""}, err_again = {.message = ""};
    int64_t n = 0, n_again = 0;
    const dzr_status st = read_all(text, piece, options, &schema, &out, &n, &err);
    REQUIRE(read_all(text, SIZE_MAX, options, &schema_again, &again, &n_again, &err_again) == st);
    if (st == DZR_OK) {
        json_fuzz_require_same(out, again);
        REQUIRE(n == n_again && dzr_schema_equal(schema, schema_again));
        const bool marked = text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0;
        REQUIRE(n == lines_with_text(marked ? (dzr_bytes){text.at + 3, text.len - 3} : text));
        dzr_sink_close(again);
        again = NULL;
        options.limits.line_bytes = SIZE_MAX / 2; /* U+FFFD takes three bytes for one */
        REQUIRE(read_all(dzr_sink_memory_bytes(out), piece, options, &schema, &again, &n_again, NULL) == DZR_OK);
        json_fuzz_require_same(out, again);
    } else {
        REQUIRE(strcmp(err.message, err_again.message) == 0 && err.line == err_again.line &&
                err.offset == err_again.offset);
        REQUIRE(err.status == st && memcmp(err.message, "in: ", 4) == 0);
        REQUIRE(dzr__utf8_valid(err.message, strlen(err.message)));
        REQUIRE(st == DZR_ERR_SYNTAX || st == DZR_ERR_TYPE || st == DZR_ERR_LIMIT || st == DZR_ERR_UNSUPPORTED);
    }
    dzr_sink_close(out);
    dzr_sink_close(again);
    dzr_schema_free(schema);
    dzr_schema_free(schema_again);
}

/* Behind a text, so that its last record is far from the end. */
static const char filler[] =
        "\n                                                                                        "
        "                                                                                        ";

/* The text with filler and, when `wide`, with two spaces behind each colon that is in no string. The caller frees it.
 */
static dzr_bytes widened(dzr_bytes text, bool wide)
{
    uint8_t *const out = malloc(3 * text.len + 1 + sizeof filler);
    size_t n = 0;
    bool inside = false;
    REQUIRE(out != NULL);
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t byte = text.at[i];
        const bool is_mark = i == 0 && text.len >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0;
        if (wide && !is_mark && (i == 0 || text.at[i - 1] == '\n'))
            out[n++] = ' ';
        out[n++] = byte;
        if (byte == '\n') {
            inside = false;
        } else if (inside && byte == '\\' && i + 1 < text.len && text.at[i + 1] != '\n') {
            out[n++] = text.at[++i];
        } else if (byte == '"') {
            inside = !inside;
        } else if (byte == ':' && !inside && wide) {
            out[n++] = ' ';
            out[n++] = ' ';
        }
    }
    memcpy(out + n, filler, sizeof filler - 1);
    return (dzr_bytes){out, n + sizeof filler - 1};
}

static void check_quick_way(dzr_bytes text, dzr_jsonl_read_options options)
{
    const dzr_bytes plain = widened(text, false), wide = widened(text, true);
    dzr_schema *schema = NULL, *schema_wide = NULL;
    dzr_sink *out = NULL, *out_wide = NULL;
    dzr_error err = {.message = ""}, err_wide = {.message = ""};
    int64_t n = 0, n_wide = 0;
    options.limits.line_bytes = SIZE_MAX / 2;
    const dzr_status st = read_all(plain, SIZE_MAX, options, &schema, &out, &n, &err);
    REQUIRE(read_all(wide, SIZE_MAX, options, &schema_wide, &out_wide, &n_wide, &err_wide) == st);
    REQUIRE(n == n_wide && err.line == err_wide.line);
    if (st == DZR_OK) {
        REQUIRE(dzr_schema_equal(schema, schema_wide));
        json_fuzz_require_same(out, out_wide);
    }
    dzr_sink_close(out);
    dzr_sink_close(out_wide);
    dzr_schema_free(schema);
    dzr_schema_free(schema_wide);
    free((void *)(uintptr_t)plain.at);
    free((void *)(uintptr_t)wide.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    counting count = {0};
    const dzr_allocator alloc = {counting_allocate, counting_release, &count};
    const int64_t rows = 1 + (bytes[0] >> 4);
    const dzr_jsonl_read_options options = {
            .alloc = &alloc, .batch_rows = rows, .sample_rows = rows, .limits = {.line_bytes = 1000, .depth = 9}};
    check((dzr_bytes){bytes + 1, len - 1}, 1 + (bytes[0] & 15), options);
    check_quick_way((dzr_bytes){bytes + 1, len - 1}, options);
    REQUIRE(count.now == 0);
    return 0;
}

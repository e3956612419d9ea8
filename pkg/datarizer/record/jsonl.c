/* record/jsonl.c - records from JSON lines and to them, by name. Called by programs through dataframe.h. Lines come in
 * pieces of bounded size; messages are the recorded ones. */
#include "record/internal.h"
#include <datarizer/store.h>

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PIECE_BYTES = 1 << 20, PATH_BYTES = 4096 };

/* ---- reading ---- */

/* Lines of a source, one after the other. */
typedef struct lines {
    dzr_source *source;
    dzr_bytebuf text; /* what was read ... */
    size_t at;        /* ... and is not taken yet from here */
    bool at_end;
} lines;

static dzr_status read_more(lines *l, dzr_error *err)
{
    if (l->at > 0) {
        memmove(l->text.at, l->text.at + l->at, l->text.len - l->at);
        l->text.len -= l->at;
        l->at = 0;
    }
    DZR_TRY(dzr__bytebuf_reserve(&l->text, PIECE_BYTES, err));
    size_t n = 0;
    DZR_TRY(dzr_source_read(l->source, l->text.at + l->text.len, PIECE_BYTES, &n, err));
    l->text.len += n;
    l->at_end = n == 0;
    return DZR_OK;
}

/* The next line without its end, good until the next call; *there is false at the end of the source. */
static dzr_status next_line(lines *l, dzr_bytes *out, bool *there, dzr_error *err)
{
    for (size_t looked_at = 0;;) {
        const uint8_t *const start = l->text.at + l->at;
        const size_t have = l->text.len - l->at;
        const uint8_t *const end = have > looked_at ? memchr(start + looked_at, '\n', have - looked_at) : NULL;
        const size_t len = end != NULL ? (size_t)(end - start) : have;
        if (len > DZR_DATAFRAME_LINE_BYTES)
            return dzr_fail(err, DZR_ERR_LIMIT, "bufio.Scanner: token too long");
        if (end == NULL && !l->at_end) {
            looked_at = have;
            DZR_TRY(read_more(l, err));
            continue;
        }
        *there = end != NULL || have > 0;
        *out = (dzr_bytes){start, len};
        if (len > 0 && start[len - 1] == '\r')
            out->len--;
        l->at += len + (end != NULL);
        return DZR_OK;
    }
}

/* The length of the white space character (Unicode's property White_Space) that text begins with, or 0. */
static size_t white_space(dzr_bytes text)
{
    static const char *const wide[] = {"\xc2\x85", "\xc2\xa0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
            "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f",
            "\u205f", "\u3000"};
    if (*text.at == ' ' || (*text.at >= '\t' && *text.at <= '\r'))
        return 1;
    for (size_t i = 0; *text.at >= 0x80 && i < sizeof wide / sizeof *wide; i++) {
        const size_t n = strlen(wide[i]);
        if (n <= text.len && memcmp(text.at, wide[i], n) == 0)
            return n;
    }
    return 0;
}

static bool is_blank(dzr_bytes line)
{
    for (size_t n; line.len > 0; line.at += n, line.len -= n)
        if ((n = white_space(line)) == 0)
            return false;
    return true;
}

static dzr_status read_lines(dzr_dataframe *frame, lines *l, dzr_record_parser *parser, dzr_record_hook hook, void *ctx,
        void *record, dzr_error *err)
{
    for (int64_t number = 1;; number++) {
        dzr_bytes line;
        bool there = false;
        dzr_status st = next_line(l, &line, &there, err);
        if (st != DZR_OK)
            return dzr_fail_at(err, st, "error reading JSONL file: ");
        if (!there)
            return DZR_OK;
        if (is_blank(line))
            continue;
        st = dzr__record_parse_value(parser, line, record, err);
        if (st == DZR_OK)
            st = dzr__record_hook(hook, ctx, record, err);
        if (st == DZR_OK)
            st = dzr_dataframe_append(frame, record, 1, err);
        if (st == DZR_OK)
            continue;
        st = dzr_fail_at(err, st, "failed to parse JSONL at line %" PRId64 ": ", number);
        if (err != NULL)
            err->line = number;
        return st;
    }
}

static bool is_folder(const char *name)
{
    struct stat found;
    return stat(name, &found) == 0 && S_ISDIR(found.st_mode);
}

dzr_status dzr_dataframe_read_jsonl(
        dzr_dataframe *frame, const char *name, dzr_record_hook hook, void *ctx, dzr_error *err)
{
    const int64_t before = dzr_dataframe_length(frame);
    lines l = {.text = {.alloc = frame->alloc}};
    dzr_record_parser *parser = NULL;
    void *record = NULL;
    dzr_status st = dzr_store_open_source(name, frame->alloc, &l.source, err);
    if (st != DZR_OK && is_folder(name))
        return dzr_fail_at(err, st, "error reading JSONL file: ");
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "failed to open JSONL file '%s': ", name);
    st = dzr_record_parser_new(frame->type, frame->alloc, &parser, err);
    if (st == DZR_OK) {
        record = dzr_alloc_zeroed(frame->alloc, 1, frame->type->size, err);
        st = record != NULL ? read_lines(frame, &l, parser, hook, ctx, record, err) : DZR_ERR_NOMEM;
    }
    if (st != DZR_OK)
        dzr_dataframe_truncate(frame, before);
    dzr_release(frame->alloc, record);
    dzr_record_parser_free(parser);
    dzr__bytebuf_fini(&l.text);
    dzr_source_close(l.source);
    return st;
}

/* ---- writing ---- */

static dzr_status write_lines(const dzr_dataframe *frame, dzr_sink *sink, dzr_bytebuf *text, dzr_error *err)
{
    for (int64_t i = 0; i < dzr_dataframe_length(frame); i++) {
        const size_t before = text->len;
        const dzr_status st = dzr__record_print(frame->type, dzr_dataframe_get(frame, i), text, err);
        if (st != DZR_OK) {
            text->len = before;
            if (err != NULL)
                err->record = i;
            return dzr_fail_at(err, st, "failed to marshal record at index %" PRId64 ": ", i);
        }
        DZR_TRY(dzr__bytebuf_append(text, "\n", 1, err));
        if (text->len >= PIECE_BYTES) {
            DZR_TRY(dzr_sink_append(sink, text->at, text->len, err));
            text->len = 0;
        }
    }
    return DZR_OK;
}

/* Which of the two it was that could not be made. */
static dzr_status refuse_file(const char *name, dzr_status st, dzr_error *err)
{
    const char *const slash = strrchr(name, '/');
    char folder[PATH_BYTES];
    (void)snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)DZR_MIN(slash - name, PATH_BYTES - 1) : 0, name);
    if (slash != NULL && slash > name && strstr(name, "://") == NULL && !is_folder(folder))
        return dzr_fail_at(err, st, "failed to create directory '%s': ", folder);
    return dzr_fail_at(err, st, "failed to create JSONL file '%s': ", name);
}

dzr_status dzr_dataframe_write_jsonl(const dzr_dataframe *frame, const char *name, dzr_error *err)
{
    const dzr_store_sink_options options = {.alloc = frame->alloc, .make_folders = true};
    dzr_sink *sink = NULL;
    dzr_status st = dzr_store_open_sink(name, &options, &sink, err);
    if (st != DZR_OK)
        return refuse_file(name, st, err);
    dzr_bytebuf text = {.alloc = frame->alloc};
    dzr_error unfit;
    st = write_lines(frame, sink, &text, &unfit);
    const bool keeps = st == DZR_OK || st == DZR_ERR_TYPE; /* the lines before a value that JSON does not have */
    dzr_status kept = keeps ? DZR_OK : st;
    if (keeps && text.len > 0)
        kept = dzr_sink_append(sink, text.at, text.len, err);
    if (kept == DZR_OK)
        kept = dzr_sink_commit(sink, err);
    if (st != DZR_OK && (kept == DZR_OK || !keeps) && err != NULL)
        *err = unfit;
    dzr__bytebuf_fini(&text);
    dzr_sink_close(sink);
    return kept != DZR_OK ? kept : st;
}

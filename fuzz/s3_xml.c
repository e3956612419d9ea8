/* fuzz/s3_xml.c - what a server says it is an answer of S3 (store/s3/xml.c). Holds: each text that is found is UTF-8
 * and within its limit; a refusal has a reason; what was found, written down as plain XML, is found again; the first
 * text of one name is the first that is not empty, cut to its room. */
#include "store/s3/s3.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void must(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", promise);
    abort();
}

static const char *const names[] = {"Code", "Key", "Size", "IsTruncated"};
enum { N_NAMES = sizeof names / sizeof *names, MAX_TEXT = 65535, MAX_ANSWER = 1 << 20, ROOM = 16 };

/* What was found, as XML. */
typedef struct finding {
    FILE *out;
    char first_code[ROOM];
} finding;

static dzr_status write_down(void *ctx, size_t name, const char *text, dzr_error *err)
{
    (void)err;
    finding *const f = ctx;
    must(name < N_NAMES, "a name is one of those asked for");
    must(strlen(text) <= MAX_TEXT, "a text keeps its limit");
    must(dzr__utf8_valid(text, strlen(text)), "a text is UTF-8");
    if (name == 0 && f->first_code[0] == '\0')
        snprintf(f->first_code, sizeof f->first_code, "%.*s", ROOM - 1, text);
    fprintf(f->out, "<%s>", names[name]);
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '<' || *c == '&' || *c == '>' || (unsigned char)*c < ' ')
            fprintf(f->out, "&#%d;", *c);
        else
            fputc(*c, f->out);
    fprintf(f->out, "</%s>", names[name]);
    return DZR_OK;
}

/* To be freed; NULL when it is refused. */
static char *read_xml(const void *bytes, size_t len, size_t *out_len, char first_code[ROOM])
{
    char *text = NULL;
    dzr_error err = {0};
    finding f = {.out = open_memstream(&text, out_len)};
    must(f.out != NULL, "memory");
    fputs("<R>", f.out);
    const dzr_status st = dzr__s3_xml((dzr_bytes){bytes, len}, names, N_NAMES, write_down, &f, &err);
    fputs("</R>", f.out);
    fclose(f.out);
    memcpy(first_code, f.first_code, ROOM);
    if (st == DZR_OK)
        return text;
    must(st == DZR_ERR_SYNTAX || st == DZR_ERR_LIMIT, "a refusal is one of the document");
    must(err.status == st && err.message[0] != '\0', "a refusal has a reason");
    free(text);
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len > MAX_ANSWER)
        return 0;
    size_t once_len = 0, twice_len = 0;
    char first_code[ROOM], again[ROOM], one[ROOM];
    char *const once = read_xml(bytes, len, &once_len, first_code);
    dzr__s3_xml_text((dzr_bytes){bytes, len}, "Code", one, sizeof one);
    must(strlen(one) < sizeof one, "a text is cut to its room");
    if (once == NULL)
        return 0;
    must(strcmp(one, first_code) == 0, "the first text is the first");
    char *const twice = read_xml(once, once_len, &twice_len, again);
    must(twice != NULL, "what was found is XML");
    must(twice_len == once_len && memcmp(once, twice, once_len) == 0, "what was found is found again");
    free(once);
    free(twice);
    return 0;
}

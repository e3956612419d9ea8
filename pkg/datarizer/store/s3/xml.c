/* store/s3/xml.c - S3's answers in XML, on libexpat: the text of the elements that are asked for. Called by client.c
 * for errors, sink.c for uploads, objects.c for listings. A document with a DTD is refused, and with it all entities.
 */
#include "store/s3/s3.h"

#include <expat.h>

enum { MAX_DEPTH = 32, MAX_TEXT = 64 << 10 };

typedef struct reading {
    XML_Parser parser;
    const char *const *names;
    size_t n_names;
    dzr_status (*found)(void *ctx, size_t name, const char *text, dzr_error *err);
    void *ctx;
    size_t current; /* the element being read; n_names: none that is asked for */
    dzr_bytebuf text;
    int depth;
    dzr_status st;
    dzr_error *err;
} reading;

static void stop(reading *r, dzr_status st)
{
    r->st = st;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    reading *const r = data;
    if (++r->depth > MAX_DEPTH) {
        stop(r, dzr_fail(r->err, DZR_ERR_SYNTAX, "XML with more than %d elements inside each other", MAX_DEPTH));
        return;
    }
    r->text.len = 0;
    for (r->current = 0; r->current < r->n_names && strcmp(name, r->names[r->current]) != 0;)
        r->current++;
}

static void on_text(void *data, const XML_Char *text, int len)
{
    reading *const r = data;
    if (r->current == r->n_names || r->st != DZR_OK)
        return;
    const dzr_status st = dzr__bytebuf_append(&r->text, text, (size_t)len, r->err);
    if (st != DZR_OK)
        stop(r, st);
}

static void on_end(void *data, const XML_Char *name)
{
    (void)name;
    reading *const r = data;
    r->depth--;
    if (r->current < r->n_names && r->st == DZR_OK) {
        dzr_status st = dzr__bytebuf_append(&r->text, "", 1, r->err);
        if (st == DZR_OK)
            st = r->found(r->ctx, r->current, (const char *)r->text.at, r->err);
        if (st != DZR_OK)
            stop(r, st);
    }
    r->current = r->n_names; /* what follows belongs to an element around */
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    reading *const r = data;
    stop(r, dzr_fail(r->err, DZR_ERR_SYNTAX, "XML with a document type, which S3 has not"));
}

dzr_status dzr__s3_xml(dzr_bytes xml, const char *const *names, size_t n_names,
        dzr_status (*found)(void *ctx, size_t name, const char *text, dzr_error *err), void *ctx, dzr_error *err)
{
    reading r = {.names = names,
            .n_names = n_names,
            .found = found,
            .ctx = ctx,
            .current = n_names,
            .text = {.max_bytes = MAX_TEXT},
            .err = err};
    r.parser = XML_ParserCreate(NULL);
    if (r.parser == NULL)
        return dzr_fail(err, DZR_ERR_NOMEM, "out of memory for an XML parser");
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    if (xml.len > INT32_MAX)
        r.st = dzr_fail(err, DZR_ERR_LIMIT, "XML of %zu bytes", xml.len);
    else if (XML_Parse(r.parser, (const char *)xml.at, (int)xml.len, 1) != XML_STATUS_OK && r.st == DZR_OK)
        r.st = dzr_fail(err, DZR_ERR_SYNTAX, "not XML: %s, line %lu", XML_ErrorString(XML_GetErrorCode(r.parser)),
                (unsigned long)XML_GetCurrentLineNumber(r.parser));
    XML_ParserFree(r.parser);
    dzr__bytebuf_fini(&r.text);
    return r.st;
}

typedef struct taken {
    char *out;
    size_t room;
} taken;

static dzr_status take_first(void *ctx, size_t name, const char *text, dzr_error *err)
{
    (void)name, (void)err;
    const taken *const t = ctx;
    if (t->out[0] == '\0') {
        const size_t n = DZR_MIN(strlen(text), t->room - 1);
        memcpy(t->out, text, n);
        t->out[n] = '\0';
    }
    return DZR_OK;
}

void dzr__s3_xml_text(dzr_bytes xml, const char *name, char *out, size_t room)
{
    taken t = {out, room};
    dzr_error err;
    out[0] = '\0';
    (void)!dzr__s3_xml(xml, &name, 1, take_first, &t, &err);
}

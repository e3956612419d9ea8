/* store/s3/xml.c: what S3 and its like answer in XML, and what nobody should. */
#include "support.h"

#include "store/s3/s3.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = {"Code", "Message", "Key", "Size", "UploadId", "ETag", "NextContinuationToken"};
enum { N_NAMES = sizeof names / sizeof *names };

/* Writes "name=text;" for each element that was found. */
typedef struct seen {
    char text[4096];
    size_t len;
    dzr_status answer; /* after the first */
} seen;

static dzr_status on_found(void *ctx, size_t name, const char *text, dzr_error *err)
{
    seen *const s = ctx;
    if (s->len > 0 && s->answer != DZR_OK)
        return dzr_fail(err, s->answer, "enough");
    const int n = snprintf(s->text + s->len, sizeof s->text - s->len, "%s=%s;", names[name], text);
    assert_in_range(n, 1, (int)(sizeof s->text - s->len) - 1);
    s->len += (size_t)n;
    return DZR_OK;
}

static dzr_status read_xml(const char *xml, size_t len, seen *s, dzr_error *err)
{
    uint8_t *const exact = malloc(len + (len == 0));
    assert_non_null(exact);
    memcpy(exact, xml, len);
    const dzr_status st = dzr__s3_xml((dzr_bytes){exact, len}, names, N_NAMES, on_found, s, err);
    free(exact);
    return st;
}

#define NS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static const struct {
    const char *proves, *xml, *want;
} answers[] = {
        {"an_error_has_code_and_message",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key "
                "does not exist.</Message><Resource>/b/k</Resource><RequestId>4442587FB7D0A2F9</RequestId></Error>",
                "Code=NoSuchKey;Message=The specified key does not exist.;"},
        {"so_has_one_that_is_kept_waiting_for_by_spaces",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n  \n \n<Error><Code>InternalError</Code></Error>",
                "Code=InternalError;"},
        {"an_upload_has_an_id",
                "<InitiateMultipartUploadResult" NS "><Bucket>b</Bucket><Key>k</Key><UploadId>VXBs_b2.-~"
                "</UploadId></InitiateMultipartUploadResult>",
                "Key=k;UploadId=VXBs_b2.-~;"},
        {"an_etag_keeps_its_quotes",
                "<CompleteMultipartUploadResult" NS "><Key>k</Key><ETag>&quot;3858f6-9&quot;</ETag>"
                "</CompleteMultipartUploadResult>",
                "Key=k;ETag=\"3858f6-9\";"},
        {"a_listing_has_keys_in_order",
                "<ListBucketResult" NS "><Name>b</Name><Prefix/><NextContinuationToken>1ueGcx==</NextContinuationToken>"
                "<IsTruncated>true</IsTruncated><Contents><Key>a%20b</Key><Size>434234</Size></Contents><Contents>"
                "<Key>c</Key><Size>0</Size></Contents></ListBucketResult>",
                "NextContinuationToken=1ueGcx==;Key=a%20b;Size=434234;Key=c;Size=0;"},
        {"entities_and_references_are_text", "<Key>&lt;a&gt; &amp; &#252;&#x1234;</Key>", "Key=<a> & \u00fc\u1234;"},
        {"so_are_marked_sections", "<Key>a<![CDATA[<&]]>b</Key>", "Key=a<&b;"},
        {"comments_and_instructions_are_nothing", "<Key>a<!-- <Key>x</Key> -->b<?x y?>c</Key>", "Key=abc;"},
        {"an_empty_element_is_empty_text", "<R><Key/><Size></Size></R>", "Key=;Size=;"},
        {"what_is_not_asked_for_is_left", "<R><key>x</key><Keys>y</Keys><Owner><ID>z</ID></Owner></R>", ""},
        {"what_follows_an_inner_element_is_not_taken_for_text_of_its_own", "<Key>a<Size>1</Size>b</Key>", "Size=1;"},
        {"other_encodings_come_as_utf8", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Key>\xfc</Key>",
                "Key=\u00fc;"},
        {"a_byte_order_mark_is_nothing", "\xef\xbb\xbf<Key>k</Key>", "Key=k;"},
};

static void answers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        seen s = {0};
        dzr_error err;
        assert_ok(read_xml(answers[i].xml, strlen(answers[i].xml), &s, &err));
        if (strcmp(s.text, answers[i].want) != 0)
            fail_msg("%s: \"%s\" is not \"%s\"", answers[i].proves, s.text, answers[i].want);
    }
}

static const struct {
    const char *proves, *xml, *part;
} refusals[] = {
        {"nothing", "", "not XML: no element found, line 1"},
        {"a_page_of_a_proxy", "502 Bad Gateway\n", "not XML: syntax error, line 1"},
        {"a_cut_answer", "<Error>\n<Code>SlowDown</Co", "not XML: unclosed token, line 2"},
        {"an_answer_without_its_end", "<Error><Code>SlowDown</Code>", "not XML: no element found"},
        {"tags_that_do_not_match", "<Error><Code>a</Error></Code>", "not XML: mismatched tag"},
        {"two_documents", "<Key>a</Key><Key>b</Key>", "not XML: junk after document element"},
        {"bytes_that_are_no_utf8", "<Key>\xff</Key>", "not XML: not well-formed"},
        {"a_nul", "<Key>&#0;</Key>", "not XML: reference to invalid character number"},
        {"an_unknown_encoding", "<?xml version=\"1.0\" encoding=\"klingon\"?><Key>a</Key>",
                "not XML: unknown encoding"},
        {"an_entity_of_ones_own", "<!DOCTYPE Key [<!ENTITY e \"boo\">]><Key>&e;</Key>", "document type"},
        {"a_file_from_here", "<!DOCTYPE Key [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Key>&e;</Key>",
                "document type"},
        {"a_document_type_elsewhere", "<!DOCTYPE Key SYSTEM \"http://127.0.0.1/x.dtd\"><Key>a</Key>", "document type"},
        {"laughs_by_the_billion",
                "<!DOCTYPE Key [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>"
                "<Key>&c;</Key>",
                "document type"},
        {"an_entity_nobody_has_said", "<Key>&nbsp;</Key>", "not XML: undefined entity"},
};

static void what_is_no_answer_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        seen s = {0};
        dzr_error err;
        print_message("%s\n", refusals[i].proves);
        assert_fails(read_xml(refusals[i].xml, strlen(refusals[i].xml), &s, &err), DZR_ERR_SYNTAX, refusals[i].part);
    }
}

/* "<a><a>...<Key>x</Key>...</a></a>", n elements inside each other. */
static char *nested(size_t n, size_t *len)
{
    char *xml = NULL;
    FILE *const out = open_memstream(&xml, len);
    assert_non_null(out);
    for (size_t i = 1; i < n; i++)
        fputs("<a>", out);
    fputs("<Key>x</Key>", out);
    for (size_t i = 1; i < n; i++)
        fputs("</a>", out);
    fclose(out);
    return xml;
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    dzr_error err;
    size_t len = 0;
    char *xml = nested(32, &len);
    seen s = {0};
    assert_ok(read_xml(xml, len, &s, &err));
    assert_string_equal(s.text, "Key=x;");
    free(xml);
    xml = nested(33, &len);
    s = (seen){0};
    assert_fails(read_xml(xml, len, &s, &err), DZR_ERR_SYNTAX, "more than 32 elements inside each other");
    assert_int_equal(s.len, 0);
    free(xml);
}

static dzr_status count_bytes(void *ctx, size_t name, const char *text, dzr_error *err)
{
    (void)name, (void)err;
    *(size_t *)ctx = strlen(text);
    return DZR_OK;
}

static void a_text_has_a_limit(void **state)
{
    (void)state;
    enum { LIMIT = 65536, TAG = 5 };
    dzr_error err;
    char *const xml = malloc(TAG + LIMIT + TAG + 2);
    assert_non_null(xml);
    for (size_t n = LIMIT - 1; n <= LIMIT; n++) {
        memcpy(xml, "<Key>", TAG);
        memset(xml + TAG, 'k', n);
        memcpy(xml + TAG + n, "</Key>", TAG + 1);
        size_t seen_bytes = 0;
        const dzr_bytes all = {(const uint8_t *)xml, TAG + n + TAG + 1};
        if (n < LIMIT) {
            assert_ok(dzr__s3_xml(all, names, N_NAMES, count_bytes, &seen_bytes, &err));
            assert_int_equal(seen_bytes, n);
        } else {
            assert_fails(dzr__s3_xml(all, names, N_NAMES, count_bytes, &seen_bytes, &err), DZR_ERR_LIMIT, "65536");
            assert_int_equal(seen_bytes, 0);
        }
    }
    free(xml);
}

static void who_reads_may_end_it(void **state)
{
    (void)state;
    static const char xml[] = "<R><Key>a</Key><Key>b</Key><Key>c</Key><broken></R>";
    seen s = {.answer = DZR_ERR_CANCELLED};
    dzr_error err;
    assert_fails(read_xml(xml, sizeof xml - 1, &s, &err), DZR_ERR_CANCELLED, "enough");
    assert_string_equal(s.text, "Key=a;");
}

static void the_first_text_is_cut_to_fit(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *want;
    } texts[] = {
            {"<Error><Code>SlowDown</Code><Code>Other</Code></Error>", "SlowDo"},
            {"<Error><Code>Slow</Code></Error>", "Slow"}, {"<Error><Code></Code><Code>Two</Code></Error>", "Two"},
            {"<Error><Message>Slow</Message></Error>", ""}, {"Slow", ""}, {"", ""},
            {"<Error><Code>Slow</Code>", "Slow"}, /* the start of a cut answer */
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char out[7] = "junk";
        dzr__s3_xml_text((dzr_bytes){(const uint8_t *)texts[i].xml, strlen(texts[i].xml)}, "Code", out, sizeof out);
        assert_string_equal(out, texts[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(answers_are_read),
            cmocka_unit_test(what_is_no_answer_is_refused),
            cmocka_unit_test(depth_has_a_limit),
            cmocka_unit_test(a_text_has_a_limit),
            cmocka_unit_test(who_reads_may_end_it),
            cmocka_unit_test(the_first_text_is_cut_to_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

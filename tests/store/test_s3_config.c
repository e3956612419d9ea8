/* store/s3/config.c: where keys, region and endpoint come from, in which order, and what an s3:// URL means. */
#include "support.h"

#include "alloc_nth.h"
#include "store/s3/s3.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a home of one's own for each test, and no settings from outside ---- */

static char home[64];

static int no_settings(void **state)
{
    (void)state;
    static const char *const variables[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
            "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL",
            "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    strcpy(home, "/tmp/s3_config.XXXXXX");
    if (mkdtemp(home) == NULL)
        return -1;
    char folder[96];
    snprintf(folder, sizeof folder, "%s/.aws", home);
    return setenv("HOME", home, 1) == 0 && mkdir(folder, 0700) == 0 ? 0 : -1;
}

static const char *in_home(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", home, name);
    return path;
}

static int clean_up(void **state)
{
    (void)state;
    static const char *const files[] = {".aws/credentials", ".aws/config", "other"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(in_home(files[i]));
    rmdir(in_home(".aws"));
    return rmdir(home);
}

static void write_file(const char *name, const char *text)
{
    FILE *const file = fopen(in_home(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* ---- one configuration ---- */

typedef struct made {
    dzr_arena arena;
    dzr__s3_config config;
    dzr_error err;
} made;

static dzr_status make(made *m, const char *url, const dzr_s3_options *options)
{
    static const dzr_s3_options none = {0};
    dzr__arena_init(&m->arena, NULL, 0);
    return dzr__s3_config_make(url, options != NULL ? options : &none, true, &m->arena, &m->config, &m->err);
}

static void unmake(made *m)
{
    dzr__arena_fini(&m->arena);
}

static void assert_made(made *m, const char *url, const dzr_s3_options *options)
{
    const dzr_status st = make(m, url, options);
    if (st != DZR_OK)
        fail_msg("%s: %s: %s", url, dzr_status_name(st), m->err.message);
}

static void assert_refused(const char *url, const dzr_s3_options *options, const char *part)
{
    made m;
    const dzr_status st = make(&m, url, options);
    if (st != DZR_ERR_ARG || strstr(m.err.message, part) == NULL)
        fail_msg("%s: %s: \"%s\" does not have \"%s\"", url, dzr_status_name(st), st ? m.err.message : "", part);
    unmake(&m);
}

static const dzr_s3_options with_keys = {.access_key = "AK", .secret_key = "SK"};

/* ---- keys ---- */

static void assert_keys(const dzr_s3_options *options, const char *access, const char *secret, const char *token)
{
    made m;
    assert_made(&m, "s3://bucket/key", options);
    assert_string_equal(m.config.access_key, access);
    assert_string_equal(m.config.secret_key, secret);
    assert_string_equal(m.config.session_token, token);
    unmake(&m);
}

static void options_come_before_the_environment_and_that_before_files(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\naws_access_key_id=AKconfig\naws_secret_access_key=SKconfig\n");
    assert_keys(NULL, "AKconfig", "SKconfig", "");
    write_file(".aws/credentials",
            "[default]\naws_access_key_id=AKfile\naws_secret_access_key=SKfile\naws_session_token=Tfile\n");
    assert_keys(NULL, "AKfile", "SKfile", "Tfile");
    setenv("AWS_ACCESS_KEY_ID", "AKenv", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "SKenv", 1);
    assert_keys(NULL, "AKenv", "SKenv", "");
    setenv("AWS_SESSION_TOKEN", "Tenv", 1);
    assert_keys(NULL, "AKenv", "SKenv", "Tenv");
    assert_keys(&with_keys, "AK", "SK", "");
}

static void keys_of_two_places_are_not_mixed(void **state)
{
    (void)state;
    write_file(".aws/credentials", "[default]\naws_access_key_id=AKfile\naws_secret_access_key=SKfile\n");
    write_file(".aws/config",
            "[default]\naws_access_key_id=AKother\naws_secret_access_key=SKother\naws_session_token=Tother\n");
    assert_keys(NULL, "AKfile", "SKfile", "");
    setenv("AWS_ACCESS_KEY_ID", "AKenv", 1);
    assert_refused("s3://bucket/key", NULL, "no S3 keys");
    const dzr_s3_options half = {.access_key = "AK"};
    assert_refused("s3://bucket/key", &half, "no S3 keys");
}

static void an_empty_variable_is_none(void **state)
{
    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "", 1);
    setenv("AWS_REGION", "", 1);
    setenv("AWS_DEFAULT_REGION", "eu-west-3", 1);
    setenv("AWS_ENDPOINT_URL_S3", "", 1);
    write_file(".aws/credentials", "[default]\naws_access_key_id=AKfile\naws_secret_access_key=SKfile\n");
    made m;
    assert_made(&m, "s3://bucket/key", NULL);
    assert_string_equal(m.config.access_key, "AKfile");
    assert_string_equal(m.config.host, "bucket.s3.eu-west-3.amazonaws.com");
    unmake(&m);
}

static void missing_keys_are_one_error_that_says_where_was_looked(void **state)
{
    (void)state;
    char part[320];
    write_file(".aws/config", "[profile work]\nregion = eu-west-1\n");
    setenv("AWS_PROFILE", "work", 1);
    snprintf(part, sizeof part,
            "s3://bucket/key: no S3 keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set, and profile "
            "\"work\" has not both in %s/.aws/credentials (not there) or %s/.aws/config",
            home, home);
    assert_refused("s3://bucket/key", NULL, part);
}

static void the_files_may_be_elsewhere(void **state)
{
    (void)state;
    write_file("other", "[default]\naws_access_key_id=AKo\naws_secret_access_key=SKo\nregion=ap-south-1\n");
    setenv("AWS_SHARED_CREDENTIALS_FILE", in_home("other"), 1);
    assert_keys(NULL, "AKo", "SKo", "");
    unsetenv("AWS_SHARED_CREDENTIALS_FILE");
    setenv("AWS_CONFIG_FILE", in_home("other"), 1);
    assert_keys(NULL, "AKo", "SKo", "");
}

static void a_folder_is_no_settings_file(void **state)
{
    (void)state;
    setenv("AWS_CONFIG_FILE", home, 1);
    made m;
    const dzr_status st = make(&m, "s3://bucket/key", &with_keys);
    assert_string_equal(dzr_status_name(st), "DZR_ERR_IO");
    assert_non_null(strstr(m.err.message, home));
    unmake(&m);
}

static void a_huge_settings_file_is_refused(void **state)
{
    (void)state;
    FILE *const file = fopen(in_home("other"), "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), (1 << 20) + 1), 0);
    assert_int_equal(fclose(file), 0);
    setenv("AWS_CONFIG_FILE", in_home("other"), 1);
    made m;
    const dzr_status st = make(&m, "s3://bucket/key", &with_keys);
    assert_string_equal(dzr_status_name(st), "DZR_ERR_LIMIT");
    assert_non_null(strstr(m.err.message, "1048576 bytes"));
    unmake(&m);
}

static void a_key_that_fits_no_header_is_refused_and_not_shown(void **state)
{
    (void)state;
    const dzr_s3_options access = {.access_key = "AKhidden\r\nX: y", .secret_key = "SK"};
    const dzr_s3_options token = {.access_key = "AK", .secret_key = "SK", .session_token = "hidden token"};
    assert_refused("s3://bucket/key", &access, "s3://bucket/key: the S3 access key has a space");
    assert_refused("s3://bucket/key", &token, "s3://bucket/key: the S3 session token has a space");
    made m;
    assert_int_equal(make(&m, "s3://bucket/key", &access), DZR_ERR_ARG);
    assert_null(strstr(m.err.message, "hidden"));
    unmake(&m);
}

static void what_was_said_is_copied(void **state)
{
    (void)state;
    char access[] = "AK", secret[] = "SK", token[] = "T", region[] = "eu-west-1";
    const dzr_s3_options options = {
            .access_key = access, .secret_key = secret, .session_token = token, .region = region};
    made m;
    assert_made(&m, "s3://bucket/key", &options);
    memset(access, 'x', 2), memset(secret, 'x', 2), memset(token, 'x', 1), memset(region, 'x', 9);
    assert_string_equal(m.config.access_key, "AK");
    assert_string_equal(m.config.secret_key, "SK");
    assert_string_equal(m.config.session_token, "T");
    assert_string_equal(m.config.region, "eu-west-1");
    unmake(&m);
}

/* ---- profiles ---- */

static const struct {
    const char *proves, *text, *profile;
    bool is_config;
    const char *want; /* of "region" */
} profiles[] = {
        {"a_setting_of_the_profile_is_found", "[default]\nregion=a\n", "default", false, "a"},
        {"spaces_do_not_matter", " [ default ] \n region\t=  a  \n", "default", false, "a"},
        {"nor_do_carriage_returns", "[default]\r\nregion = a\r\n", "default", false, "a"},
        {"nor_a_missing_last_newline", "[default]\nregion = a", "default", false, "a"},
        {"nor_the_case_of_a_name", "[default]\nRegion = A\n", "default", false, "A"},
        {"an_equals_sign_may_be_in_the_value", "[default]\nregion = a=b==\n", "default", false, "a=b=="},
        {"lines_that_are_comments_are_none", "[default]\n#region=x\n;region=y\n  # region=z\nregion=a\n", "default",
                false, "a"},
        {"a_comment_follows_white_space", "[default]\nregion = a # b\n", "default", false, "a"},
        {"or_a_bracket", "[default] # b\nregion = a\t;b\n", "default", false, "a"},
        {"but_not_a_character", "[default]\nregion = a#b;c\n", "default", false, "a#b;c"},
        {"other_profiles_are_others", "[x]\nregion=b\n[default]\nregion=a\n[y]\nregion=c\n", "default", false, "a"},
        {"a_profile_may_be_continued_later", "[default]\n[x]\nregion=b\n[default]\nregion=a\n", "default", false, "a"},
        {"what_is_before_the_first_profile_belongs_to_none", "region=b\n[default]\n", "default", false, ""},
        {"a_name_is_no_beginning_of_another", "[default2]\nregion=b\n[defaul]\nregion=c\n", "default", false, ""},
        {"nor_is_a_settings_name", "[default]\nregion2=b\nregio=c\n", "default", false, ""},
        {"a_bracket_that_stays_open_begins_nothing", "[default\nregion=b\n", "default", false, ""},
        {"nested_settings_are_not_the_profiles", "[default]\ns3 =\n  region = b\nregion = a\n", "default", true, "a"},
        {"a_profile_may_be_indented_as_a_whole", "[default]\n  output = json\n  region = a\n", "default", true, "a"},
        {"config_calls_a_profile_one", "[profile work]\nregion=a\n", "work", true, "a"},
        {"with_any_space_between", "[ profile \t work ]\nregion=a\n", "work", true, "a"},
        {"and_a_section_without_the_word_is_another_thing", "[work]\nregion=b\n", "work", true, ""},
        {"credentials_do_not_use_the_word", "[profile work]\nregion=b\n", "work", false, ""},
        {"default_goes_with_and_without", "[profile default]\nregion=a\n", "default", true, "a"},
        {"a_profile_may_be_called_profile", "[profile]\nregion=b\n[profile profile]\nregion=a\n", "profile", true, "a"},
        {"nothing_is_in_nothing", "", "default", false, ""},
        {"an_empty_value_is_none", "[default]\nregion =\n", "default", false, ""},
};

static void profiles_are_read_as_amazons_tools_read_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        /* exactly its bytes, so that a sanitizer sees one too far */
        const size_t len = strlen(profiles[i].text);
        uint8_t *const text = malloc(len + (len == 0));
        assert_non_null(text);
        memcpy(text, profiles[i].text, len);
        const size_t want = strlen(profiles[i].want);
        const dzr_bytes value =
                dzr__s3_profile_value((dzr_bytes){text, len}, profiles[i].profile, "region", profiles[i].is_config);
        if (value.len != want || (want > 0 && memcmp(value.at, profiles[i].want, want) != 0))
            fail_msg("%s: %zu bytes are not \"%s\"", profiles[i].proves, value.len, profiles[i].want);
        free(text);
    }
}

/* ---- region ---- */

static void assert_host(const dzr_s3_options *options, const char *host)
{
    made m;
    assert_made(&m, "s3://bucket/key", options);
    assert_string_equal(m.config.host, host);
    unmake(&m);
}

static void the_region_has_its_order_too(void **state)
{
    (void)state;
    assert_host(&with_keys, "bucket.s3.us-east-1.amazonaws.com");
    write_file(".aws/config", "[default]\nregion = eu-west-1\n[profile b]\nregion = eu-west-2\n");
    assert_host(&with_keys, "bucket.s3.eu-west-1.amazonaws.com");
    setenv("AWS_PROFILE", "b", 1);
    assert_host(&with_keys, "bucket.s3.eu-west-2.amazonaws.com");
    setenv("AWS_DEFAULT_REGION", "eu-west-3", 1);
    assert_host(&with_keys, "bucket.s3.eu-west-3.amazonaws.com");
    setenv("AWS_REGION", "eu-north-1", 1);
    assert_host(&with_keys, "bucket.s3.eu-north-1.amazonaws.com");
    const dzr_s3_options said = {.access_key = "AK", .secret_key = "SK", .region = "ap-east-1"};
    assert_host(&said, "bucket.s3.ap-east-1.amazonaws.com");
    const dzr_s3_options bad = {.access_key = "AK", .secret_key = "SK", .region = "evil.example/"};
    assert_refused("s3://bucket/key", &bad, "the region \"evil.example/\" is none");
}

/* ---- endpoint and style ---- */

static const struct {
    const char *proves, *url, *endpoint;
    dzr_s3_style style;
    const char *scheme, *host, *base;
} places[] = {
        {"the_bucket_is_in_amazons_host", "s3://bucket/key", NULL, DZR_S3_STYLE_AUTO, "https",
                "bucket.s3.us-east-1.amazonaws.com", ""},
        {"but_with_dots_in_the_path_as_no_certificate_fits", "s3://my.bucket/key", NULL, DZR_S3_STYLE_AUTO, "https",
                "s3.us-east-1.amazonaws.com", "/my.bucket"},
        {"or_when_wanted", "s3://bucket/key", NULL, DZR_S3_STYLE_PATH, "https", "s3.us-east-1.amazonaws.com",
                "/bucket"},
        {"an_endpoint_has_it_in_the_path", "s3://bucket/key", "http://127.0.0.1:9000", DZR_S3_STYLE_AUTO, "http",
                "127.0.0.1:9000", "/bucket"},
        {"but_for_who_wants_it_in_the_host", "s3://bucket/key", "http://minio.example:9000/", DZR_S3_STYLE_VIRTUAL_HOST,
                "http", "bucket.minio.example:9000", ""},
        {"a_slash_at_the_end_is_nothing", "s3://bucket/key", "https://s3.example/", DZR_S3_STYLE_AUTO, "https",
                "s3.example", "/bucket"},
        {"a_schemes_own_port_is_not_said", "s3://bucket/key", "https://s3.example:443", DZR_S3_STYLE_AUTO, "https",
                "s3.example", "/bucket"},
        {"nor_is_the_plain_ones", "s3://bucket/key", "http://s3.example:80/", DZR_S3_STYLE_AUTO, "http", "s3.example",
                "/bucket"},
        {"anothers_is", "s3://bucket/key", "http://s3.example:443", DZR_S3_STYLE_AUTO, "http", "s3.example:443",
                "/bucket"},
        {"so_is_one_that_only_ends_alike", "s3://bucket/key", "http://s3.example:8080", DZR_S3_STYLE_AUTO, "http",
                "s3.example:8080", "/bucket"},
        {"an_address_in_brackets_keeps_them", "s3://bucket/key", "http://[::1]:9000", DZR_S3_STYLE_AUTO, "http",
                "[::1]:9000", "/bucket"},
        {"also_when_it_ends_like_a_port", "s3://bucket/key", "http://[fe::80]", DZR_S3_STYLE_AUTO, "http", "[fe::80]",
                "/bucket"},
};

static void bucket_and_endpoint_give_host_and_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        dzr_s3_options options = with_keys;
        options.endpoint = places[i].endpoint;
        options.style = places[i].style;
        made m;
        assert_made(&m, places[i].url, &options);
        if (strcmp(m.config.scheme, places[i].scheme) != 0 || strcmp(m.config.host, places[i].host) != 0 ||
                strcmp(m.config.base, places[i].base) != 0)
            fail_msg("%s: %s://%s%s", places[i].proves, m.config.scheme, m.config.host, m.config.base);
        unmake(&m);
    }
}

static void the_endpoint_has_its_order_too(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\nendpoint_url = http://file\n");
    assert_host(&with_keys, "file");
    setenv("AWS_ENDPOINT_URL", "http://all", 1);
    assert_host(&with_keys, "all");
    setenv("AWS_ENDPOINT_URL_S3", "http://s3", 1);
    assert_host(&with_keys, "s3");
    const dzr_s3_options said = {.access_key = "AK", .secret_key = "SK", .endpoint = "http://said"};
    assert_host(&said, "said");
}

static void bad_endpoints_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"localhost:9000", "ftp://host", "http://", "https:///", "http://:9000",
            "http://host/path", "http://host?query", "http://host#part", "http://host:", "http://host:port",
            "http://host:65536", "http://host:123456", "http://host:9000x", "http://ho st", "http://host\r\nX: y",
            "http://[::1", "http://[]", "http://[host]", "http://[::1]9000", "http://h%6fst", "http:/host"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dzr_s3_options options = with_keys;
        options.endpoint = bad[i];
        assert_refused("s3://bucket/key", &options, "is not http://HOST[:PORT] or https://HOST[:PORT]");
    }
    dzr_s3_options options = with_keys;
    options.endpoint = "http://user:hidden@host";
    made m;
    assert_int_equal(make(&m, "s3://bucket/key", &options), DZR_ERR_ARG);
    assert_null(strstr(m.err.message, "hidden"));
    assert_non_null(strstr(m.err.message, "s3://bucket/key: the endpoint \"(with a user, not shown)\""));
    unmake(&m);
}

/* ---- the URL ---- */

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void a_key_is_all_that_follows_the_bucket_as_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *url, *bucket, *key;
    } urls[] = {
            {"s3://bucket/key", "bucket", "key"},
            {"s3://bucket/a/b/c", "bucket", "a/b/c"},
            {"s3://bucket//key", "bucket", "/key"},
            {"s3://bucket/a//b/", "bucket", "a//b/"},
            {"s3://bucket/../x/.", "bucket", "../x/."},
            {"s3://bucket/a b+c%20d?e#f", "bucket", "a b+c%20d?e#f"},
            {"s3://bucket/\u00fc\u1234", "bucket", "\u00fc\u1234"},
            {"s3://abc/k", "abc", "k"},
            {"s3://1.2-3/k", "1.2-3", "k"},
            {"s3://" A63 "/k", A63, "k"},
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        made m;
        assert_made(&m, urls[i].url, &with_keys);
        assert_string_equal(m.config.bucket, urls[i].bucket);
        assert_string_equal(m.config.key, urls[i].key);
        assert_string_equal(m.config.url, urls[i].url);
        unmake(&m);
    }
}

static void bad_urls_are_refused_each_for_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *url, *part;
    } urls[] = {
            {"", "is not s3://BUCKET/KEY"},
            {"s3:/bucket/key", "is not s3://BUCKET/KEY"},
            {"S3://bucket/key", "is not s3://BUCKET/KEY"},
            {"http://bucket/key", "is not s3://BUCKET/KEY"},
            {"s3://", "a bucket's name is 3 to 63"},
            {"s3:///key", "a bucket's name is 3 to 63"},
            {"s3://ab/key", "a bucket's name is 3 to 63"},
            {"s3://a" A63 "/key", "a bucket's name is 3 to 63"},
            {"s3://Bucket/key", "a bucket's name is 3 to 63"},
            {"s3://buck_et/key", "a bucket's name is 3 to 63"},
            {"s3://-bucket/key", "a bucket's name is 3 to 63"},
            {"s3://bucket./key", "a bucket's name is 3 to 63"},
            {"s3://user@bucket/key", "a bucket's name is 3 to 63"},
            {"s3://bucket:80/key", "a bucket's name is 3 to 63"},
            {"s3://b\u00fccket/key", "a bucket's name is 3 to 63"},
            {"s3://bucket?x/key", "a bucket's name is 3 to 63"},
            {"s3://bucket", "has no key after the bucket"},
            {"s3://bucket/", "has no key after the bucket"},
            {"s3://bucket/\xff", "a key is UTF-8"},
            {"s3://bucket/\xed\xa0\x80", "a key is UTF-8"},
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_refused(urls[i].url, &with_keys, urls[i].part);
    char url[2000] = "s3://bucket/";
    memset(url + 12, 'k', 1025);
    assert_refused(url, &with_keys, "a key has at most 1024 bytes");
    url[12 + 1024] = '\0';
    made m;
    assert_made(&m, url, &with_keys);
    unmake(&m);
}

static void a_long_url_is_cut_in_messages_but_not_its_key(void **state)
{
    (void)state;
    char url[700] = "s3://bucket/";
    for (size_t i = strlen(url); i + 2 < sizeof url; i += 2)
        memcpy(url + i, "\u00fc", 3);
    made m;
    assert_made(&m, url, &with_keys);
    assert_string_equal(m.config.key, url + strlen("s3://bucket/"));
    assert_int_equal(strlen(m.config.url), 303);
    assert_memory_equal(m.config.url, url, 300);
    assert_string_equal(m.config.url + 300, "...");
    unmake(&m);
    char *const barely = strndup(url, 301); /* exactly its bytes */
    assert_non_null(barely);
    barely[300] = 'k';
    assert_made(&m, barely, &with_keys);
    assert_int_equal(strlen(m.config.url), 303);
    free(barely);
    unmake(&m);
    memmove(url + 13, url + 12, strlen(url + 12) + 1); /* now a character has both sides of byte 300 */
    url[12] = 'k';
    assert_made(&m, url, &with_keys);
    assert_int_equal(strlen(m.config.url), 302);
    assert_string_equal(m.config.url + 299, "...");
    unmake(&m);
}

static void a_listing_needs_no_key(void **state)
{
    (void)state;
    static const char *const urls[] = {"s3://bucket", "s3://bucket/"};
    for (size_t i = 0; i < 2; i++) {
        dzr_error err;
        dzr_arena arena;
        dzr__s3_config config;
        dzr__arena_init(&arena, NULL, 0);
        assert_ok(dzr__s3_config_make(urls[i], &with_keys, false, &arena, &config, &err));
        assert_string_equal(config.key, "");
        dzr__arena_fini(&arena);
    }
}

/* ---- memory ---- */

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    write_file(".aws/credentials", "[default]\naws_access_key_id=AKfile\naws_secret_access_key=SKfile\n");
    write_file(".aws/config", "[default]\nendpoint_url = http://127.0.0.1:9000\n");
    static const dzr_s3_options none = {0};
    dzr_status st = DZR_ERR_NOMEM;
    int64_t n = 0;
    while (st == DZR_ERR_NOMEM) {
        alloc_nth nth;
        alloc_nth_init(&nth, ++n);
        dzr_error err = {0};
        dzr_arena arena;
        dzr__s3_config config;
        dzr__arena_init(&arena, &nth.allocator, 0);
        st = dzr__s3_config_make("s3://bucket/key", &none, true, &arena, &config, &err);
        assert_int_equal(err.status, st);
        dzr__arena_fini(&arena);
        assert_int_equal(nth.n_out, 0);
    }
    assert_int_equal(st, DZR_OK);
    assert_true(n > 3); /* both files, and the arena */
}

#define A_TEST(name) cmocka_unit_test_setup_teardown(name, no_settings, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
            A_TEST(options_come_before_the_environment_and_that_before_files),
            A_TEST(keys_of_two_places_are_not_mixed),
            A_TEST(an_empty_variable_is_none),
            A_TEST(missing_keys_are_one_error_that_says_where_was_looked),
            A_TEST(the_files_may_be_elsewhere),
            A_TEST(a_folder_is_no_settings_file),
            A_TEST(a_huge_settings_file_is_refused),
            A_TEST(a_key_that_fits_no_header_is_refused_and_not_shown),
            A_TEST(what_was_said_is_copied),
            A_TEST(profiles_are_read_as_amazons_tools_read_them),
            A_TEST(the_region_has_its_order_too),
            A_TEST(bucket_and_endpoint_give_host_and_path),
            A_TEST(the_endpoint_has_its_order_too),
            A_TEST(bad_endpoints_are_refused),
            A_TEST(a_key_is_all_that_follows_the_bucket_as_it_stands),
            A_TEST(bad_urls_are_refused_each_for_its_reason),
            A_TEST(a_long_url_is_cut_in_messages_but_not_its_key),
            A_TEST(a_listing_needs_no_key),
            A_TEST(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

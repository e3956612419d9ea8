/* store/s3/config.c - where keys, region and endpoint come from, and what s3://BUCKET/KEY means with them. Called once
 * for each source, sink or listing. Spec: AWS SDKs and Tools Reference Guide, "Shared config and credentials files",
 * "Service-specific endpoints"; S3 User Guide, "Bucket naming rules", "Virtual hosting of buckets". */
#include "store/s3/s3.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_FILE = 1 << 20, MAX_BUCKET = 63, MAX_KEY = 1024 };

bool dzr__s3_is_url(const char *name)
{
    return strncmp(name, "s3://", 5) == 0;
}

/* ---- the shared files ---- */

static dzr_bytes trim(const char *at, size_t len)
{
    while (len > 0 && isspace((unsigned char)*at))
        at++, len--;
    while (len > 0 && isspace((unsigned char)at[len - 1]))
        len--;
    return (dzr_bytes){(const uint8_t *)at, len};
}

static bool equals(dzr_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.at, text, bytes.len) == 0;
}

/* Whether a line `[name]` begins the profile; the config file writes `[profile name]` but for the default. */
static bool begins_profile(dzr_bytes line, const char *profile, bool is_config)
{
    dzr_bytes name = trim((const char *)line.at + 1, line.len - 1);
    if (name.len > 0 && name.at[name.len - 1] == ']')
        name = trim((const char *)name.at, name.len - 1);
    if (is_config && name.len > 8 && memcmp(name.at, "profile", 7) == 0 && isspace(name.at[7]))
        return equals(trim((const char *)name.at + 7, name.len - 7), profile);
    return equals(name, profile) && (!is_config || strcmp(profile, "default") == 0);
}

dzr_bytes dzr__s3_profile_value(dzr_bytes text, const char *profile, const char *name, bool is_config)
{
    bool inside = false;
    for (const char *at = (const char *)text.at, *const end = at + text.len; at < end;) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const size_t len = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
        const bool indented = len > 0 && (*at == ' ' || *at == '\t'); /* belongs to a nested setting */
        const dzr_bytes line = trim(at, len);
        at += len + (newline != NULL);
        if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
            continue;
        if (line.at[0] == '[') {
            inside = begins_profile(line, profile, is_config);
            continue;
        }
        const char *const equal = memchr(line.at, '=', line.len);
        if (!inside || indented || equal == NULL)
            continue;
        const size_t before = (size_t)(equal - (const char *)line.at);
        if (equals(trim((const char *)line.at, before), name))
            return trim(equal + 1, line.len - before - 1);
    }
    return (dzr_bytes){NULL, 0};
}

/* ---- settings ---- */

typedef struct settings {
    dzr_arena *arena;
    const char *profile;
    dzr_bytes credentials, config; /* the files' texts; empty when there is none */
    const char *credentials_path;
} settings;

static const char *first_env(const char *a, const char *b)
{
    const char *value = getenv(a);
    if ((value == NULL || *value == '\0') && b != NULL)
        value = getenv(b);
    return value != NULL && *value != '\0' ? value : NULL;
}

static dzr_status read_file(const char *path, dzr_arena *arena, dzr_bytes *out, dzr_error *err)
{
    *out = (dzr_bytes){(const uint8_t *)"", 0};
    FILE *const file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES
                       ? DZR_OK
                       : dzr_fail(err, DZR_ERR_IO, "%s: can't be opened (errno %d)", path, errno);
    char *const text = dzr__arena_zeroed(arena, 1, MAX_FILE, err);
    const size_t n = text != NULL ? fread(text, 1, MAX_FILE, file) : 0;
    const bool failed = ferror(file) != 0;
    fclose(file);
    if (text == NULL)
        return DZR_ERR_NOMEM;
    if (failed || n == MAX_FILE)
        return dzr_fail(err, failed ? DZR_ERR_IO : DZR_ERR_LIMIT, "%s: can't be read, or is larger than %d bytes", path,
                (int)MAX_FILE);
    *out = (dzr_bytes){(const uint8_t *)text, n};
    return DZR_OK;
}

static dzr_status shared_file(
        settings *s, const char *variable, const char *file, const char **path, dzr_bytes *out, dzr_error *err)
{
    const char *const said = first_env(variable, NULL), *const home = first_env("HOME", NULL);
    *path = said;
    if (said == NULL) {
        const size_t room = strlen(home != NULL ? home : "") + strlen(file) + 2;
        char *const made = dzr__arena_zeroed(s->arena, 1, room, err);
        if (made == NULL)
            return DZR_ERR_NOMEM;
        (void)snprintf(made, room, "%s/%s", home != NULL ? home : "", file);
        *path = made;
    }
    return read_file(*path, s->arena, out, err);
}

/* The value, or "" ; NULL on DZR_ERR_NOMEM. */
static const char *from_files(settings *s, const char *name, dzr_error *err)
{
    dzr_bytes value = dzr__s3_profile_value(s->credentials, s->profile, name, false);
    if (value.len == 0)
        value = dzr__s3_profile_value(s->config, s->profile, name, true);
    return dzr__arena_text(s->arena, value.at, value.len, err);
}

static dzr_status setting(
        settings *s, const char *said, const char *env, const char *name, const char **out, dzr_error *err)
{
    *out = said != NULL ? said : env != NULL ? env : from_files(s, name, err);
    return *out != NULL ? DZR_OK : DZR_ERR_NOMEM;
}

static dzr_status find_keys(settings *s, const dzr_s3_options *options, dzr__s3_config *out, dzr_error *err)
{
    const char *access = options->access_key, *secret = options->secret_key, *token = options->session_token;
    if (access == NULL && first_env("AWS_ACCESS_KEY_ID", NULL) != NULL) { /* the three belong together */
        access = first_env("AWS_ACCESS_KEY_ID", NULL);
        secret = first_env("AWS_SECRET_ACCESS_KEY", NULL);
        token = first_env("AWS_SESSION_TOKEN", NULL);
        secret = secret != NULL ? secret : "";
        token = token != NULL ? token : "";
    } else if (access != NULL) {
        token = token != NULL ? token : "";
        secret = secret != NULL ? secret : "";
    }
    DZR_TRY(setting(s, access, NULL, "aws_access_key_id", &out->access_key, err));
    DZR_TRY(setting(s, secret, NULL, "aws_secret_access_key", &out->secret_key, err));
    DZR_TRY(setting(s, token, NULL, "aws_session_token", &out->session_token, err));
    if (out->access_key[0] != '\0' && out->secret_key[0] != '\0')
        return DZR_OK;
    return dzr_fail(err, DZR_ERR_ARG,
            "no S3 keys: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set nor has %s both for profile "
            "\"%s\"",
            s->credentials_path, s->profile);
}

/* ---- the URL ---- */

static bool is_bucket(const char *name, size_t len)
{
    if (len < 3 || len > MAX_BUCKET)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) && name[i] != '-' && name[i] != '.')
            return false;
    return isalnum((unsigned char)name[0]) && isalnum((unsigned char)name[len - 1]);
}

static dzr_status take_url(const char *url, bool wants_key, dzr_arena *arena, dzr__s3_config *out, dzr_error *err)
{
    out->url = dzr__arena_text(arena, url, strlen(url), err);
    if (out->url == NULL)
        return DZR_ERR_NOMEM;
    if (!dzr__s3_is_url(url))
        return dzr_fail(err, DZR_ERR_ARG, "%s: is not s3://BUCKET/KEY", url);
    const char *const bucket = url + strlen("s3://");
    const size_t len = strcspn(bucket, "/");
    if (!is_bucket(bucket, len))
        return dzr_fail(err, DZR_ERR_ARG,
                "%s: a bucket's name is 3 to 63 of a-z, 0-9, - and ., the first and last no - or .", url);
    out->bucket = dzr__arena_text(arena, bucket, len, err);
    out->key = dzr__arena_text(arena, bucket + len, strlen(bucket + len), err);
    if (out->bucket == NULL || out->key == NULL)
        return DZR_ERR_NOMEM;
    out->key += *out->key == '/';
    if (wants_key && *out->key == '\0')
        return dzr_fail(err, DZR_ERR_ARG, "%s: has no key after the bucket", url);
    if (strlen(out->key) > MAX_KEY)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a key has at most %d bytes", url, (int)MAX_KEY);
    if (!dzr__utf8_valid(out->key, strlen(out->key)))
        return dzr_fail(err, DZR_ERR_ARG, "%s: a key is UTF-8", url);
    return DZR_OK;
}

/* ---- the endpoint ---- */

static const char *print(dzr_arena *arena, dzr_error *err, const char *a, const char *b, const char *c)
{
    const size_t room = strlen(a) + strlen(b) + strlen(c) + 1;
    char *const text = dzr__arena_zeroed(arena, 1, room, err);
    if (text != NULL)
        (void)snprintf(text, room, "%s%s%s", a, b, c);
    return text;
}

/* "http://host:port" and maybe a slash; no path, query, user. */
static dzr_status take_endpoint(const char *endpoint, dzr_arena *arena, dzr__s3_config *out, dzr_error *err)
{
    const bool tls = strncmp(endpoint, "https://", 8) == 0;
    const char *const rest = endpoint + (tls ? 8 : 7);
    const size_t len = strlen(endpoint) >= 7 ? strcspn(rest, "/?#@") : 0;
    if ((!tls && strncmp(endpoint, "http://", 7) != 0) || len == 0 ||
            (rest[len] != '\0' && strcmp(rest + len, "/") != 0))
        return dzr_fail(err, DZR_ERR_ARG,
                "%s: the endpoint \"%.100s\" is not http://HOST[:PORT] or https://HOST[:PORT]", out->url,
                strchr(endpoint, '@') != NULL ? "(with a user, not shown)" : endpoint);
    const char *const own_port = tls ? ":443" : ":80";
    const size_t port = strlen(own_port);
    const bool cut = len > port && memcmp(rest + len - port, own_port, port) == 0;
    out->scheme = tls ? "https" : "http";
    out->host = dzr__arena_text(arena, rest, cut ? len - port : len, err);
    return out->host != NULL ? DZR_OK : DZR_ERR_NOMEM;
}

static dzr_status place(
        const dzr_s3_options *options, const char *endpoint, dzr_arena *arena, dzr__s3_config *out, dzr_error *err)
{
    const bool own = *endpoint == '\0';
    if (own) {
        out->scheme = "https";
        out->host = print(arena, err, "s3.", out->region, ".amazonaws.com");
        if (out->host == NULL)
            return DZR_ERR_NOMEM;
    } else {
        DZR_TRY(take_endpoint(endpoint, arena, out, err));
    }
    const bool in_path = options->style == DZR_S3_STYLE_PATH ||
                         (options->style == DZR_S3_STYLE_AUTO && (!own || strchr(out->bucket, '.') != NULL));
    out->base = "";
    const char **const changed = in_path ? &out->base : &out->host;
    *changed = in_path ? print(arena, err, "/", out->bucket, "") : print(arena, err, out->bucket, ".", out->host);
    return *changed != NULL ? DZR_OK : DZR_ERR_NOMEM;
}

static bool is_region(const char *region)
{
    for (const char *c = region; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '-')
            return false;
    return *region != '\0';
}

dzr_status dzr__s3_config_make(const char *url, const dzr_s3_options *options, bool wants_key, dzr_arena *arena,
        dzr__s3_config *out, dzr_error *err)
{
    *out = (dzr__s3_config){0};
    DZR_TRY(take_url(url, wants_key, arena, out, err));
    const char *const profile = first_env("AWS_PROFILE", NULL);
    settings s = {.arena = arena, .profile = profile != NULL ? profile : "default"};
    const char *config_path = NULL, *endpoint = NULL;
    DZR_TRY(shared_file(
            &s, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", &s.credentials_path, &s.credentials, err));
    DZR_TRY(shared_file(&s, "AWS_CONFIG_FILE", ".aws/config", &config_path, &s.config, err));
    const dzr_status st = find_keys(&s, options, out, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "%s: ", url);
    DZR_TRY(setting(&s, options->region, first_env("AWS_REGION", "AWS_DEFAULT_REGION"), "region", &out->region, err));
    if (*out->region == '\0')
        out->region = "us-east-1";
    if (!is_region(out->region))
        return dzr_fail(err, DZR_ERR_ARG, "%s: the region \"%.60s\" is none", url, out->region);
    DZR_TRY(setting(&s, options->endpoint, first_env("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), "endpoint_url",
            &endpoint, err));
    return place(options, endpoint, arena, out, err);
}

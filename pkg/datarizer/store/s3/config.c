/* store/s3/config.c - where keys, region and endpoint come from, and what s3://BUCKET/KEY means with them. Called once
 * for each source, sink or listing. Spec: AWS SDKs and Tools Reference Guide, "Shared config and credentials files",
 * "Service-specific endpoints"; S3 User Guide, "Bucket naming rules", "Virtual hosting of buckets". */
#include "store/s3/s3.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_FILE = 1 << 20, MAX_BUCKET = 63, MAX_KEY = 1024, MAX_PORT = 65535, MAX_SHOWN = 300 };

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
    const uint8_t *const close = memchr(line.at, ']', line.len);
    if (close == NULL)
        return false;
    const dzr_bytes name = trim((const char *)line.at + 1, (size_t)(close - line.at) - 1);
    if (is_config && name.len > 8 && memcmp(name.at, "profile", 7) == 0 && isspace(name.at[7]))
        return equals(trim((const char *)name.at + 7, name.len - 7), profile);
    return equals(name, profile) && (!is_config || strcmp(profile, "default") == 0);
}

/* White space and then # or ; begins a comment. */
static dzr_bytes without_comment(dzr_bytes value)
{
    for (size_t i = 1; i < value.len; i++)
        if ((value.at[i] == '#' || value.at[i] == ';') && isspace(value.at[i - 1]))
            return trim((const char *)value.at, i);
    return value;
}

/* Whether `name = value` is of that name, in whatever case; then the value. */
static bool take_value(dzr_bytes line, const char *name, dzr_bytes *value)
{
    const uint8_t *const equal = memchr(line.at, '=', line.len);
    if (equal == NULL)
        return false;
    const size_t before = (size_t)(equal - line.at);
    const dzr_bytes said = trim((const char *)line.at, before);
    if (said.len != strlen(name) || strncasecmp((const char *)said.at, name, said.len) != 0)
        return false;
    *value = without_comment(trim((const char *)equal + 1, line.len - before - 1));
    return true;
}

dzr_bytes dzr__s3_profile_value(dzr_bytes text, const char *profile, const char *name, bool is_config)
{
    dzr_bytes value = {NULL, 0};
    bool inside = false;
    size_t indent = SIZE_MAX; /* of the setting before. What stands further in belongs to it, as "s3 =" has settings */
    for (const char *at = (const char *)text.at, *const end = at + text.len; at < end;) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const size_t len = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
        const dzr_bytes line = trim(at, len);
        const size_t here = (size_t)((const char *)line.at - at);
        at += len + (newline != NULL);
        if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
            continue;
        if (line.at[0] == '[') {
            inside = begins_profile(line, profile, is_config);
            indent = SIZE_MAX;
        } else if (here <= indent) {
            indent = here;
            if (inside && take_value(line, name, &value))
                return value;
        }
    }
    return value;
}

/* ---- settings ---- */

typedef struct settings {
    dzr_arena *arena;
    const char *profile;
    dzr_bytes credentials, config; /* the files' texts; empty when there is none */
    const char *credentials_path, *config_path;
} settings;

static const char *first_env(const char *a, const char *b)
{
    const char *value = getenv(a);
    if ((value == NULL || *value == '\0') && b != NULL)
        value = getenv(b);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* A file that is not there, or is not for us to read, is empty. */
static dzr_status read_file(const char *path, dzr_arena *arena, dzr_bytes *out, dzr_error *err)
{
    *out = (dzr_bytes){(const uint8_t *)"", 0};
    FILE *const file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES
                       ? DZR_OK
                       : dzr_fail(err, DZR_ERR_IO, "%s: can't be opened (errno %d)", path, errno);
    dzr_bytebuf text = {.alloc = arena->alloc, .max_bytes = MAX_FILE};
    char piece[4096];
    size_t n = 0;
    dzr_status st = DZR_OK;
    while (st == DZR_OK && (n = fread(piece, 1, sizeof piece, file)) > 0)
        st = dzr__bytebuf_append(&text, piece, n, err);
    if (st != DZR_OK)
        st = dzr_fail_at(err, st, "%s: ", path);
    else if (ferror(file) != 0)
        st = dzr_fail(err, DZR_ERR_IO, "%s: can't be read (errno %d)", path, errno);
    fclose(file);
    const char *const kept = st == DZR_OK ? dzr__arena_text(arena, text.at, text.len, err) : NULL;
    if (kept != NULL)
        *out = (dzr_bytes){(const uint8_t *)kept, text.len};
    else if (st == DZR_OK)
        st = DZR_ERR_NOMEM;
    dzr__bytebuf_fini(&text);
    return st;
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

/* What was said, or the environment says, or the profile; "" when none does. A copy in the arena. */
static dzr_status setting(
        settings *s, const char *said, const char *env, const char *name, const char **out, dzr_error *err)
{
    const char *const first = said != NULL ? said : env;
    dzr_bytes value = {(const uint8_t *)first, first != NULL ? strlen(first) : 0};
    if (first == NULL)
        value = dzr__s3_profile_value(s->credentials, s->profile, name, false);
    if (first == NULL && value.len == 0)
        value = dzr__s3_profile_value(s->config, s->profile, name, true);
    *out = dzr__arena_text(s->arena, value.at, value.len, err);
    return *out != NULL ? DZR_OK : DZR_ERR_NOMEM;
}

/* The three belong together, so all come from where the access key is: the options, the environment, or one file. */
static dzr_status take_keys(settings *s, const dzr_s3_options *options, dzr__s3_config *out, dzr_error *err)
{
    const char *access = options->access_key, *secret = options->secret_key, *token = options->session_token;
    settings one = *s;
    if (access == NULL && first_env("AWS_ACCESS_KEY_ID", NULL) != NULL) {
        access = first_env("AWS_ACCESS_KEY_ID", NULL);
        secret = first_env("AWS_SECRET_ACCESS_KEY", NULL);
        token = first_env("AWS_SESSION_TOKEN", NULL);
    }
    if (access != NULL) {
        secret = secret != NULL ? secret : "";
        token = token != NULL ? token : "";
    } else {
        secret = token = NULL;
        const bool in_first = dzr__s3_profile_value(s->credentials, s->profile, "aws_access_key_id", false).len > 0;
        *(in_first ? &one.config : &one.credentials) = (dzr_bytes){(const uint8_t *)"", 0};
    }
    DZR_TRY(setting(&one, access, NULL, "aws_access_key_id", &out->access_key, err));
    DZR_TRY(setting(&one, secret, NULL, "aws_secret_access_key", &out->secret_key, err));
    return setting(&one, token, NULL, "aws_session_token", &out->session_token, err);
}

static const char *state(const char *path)
{
    return access(path, R_OK) == 0 ? "" : errno == EACCES ? " (not readable)" : " (not there)";
}

static bool fits_header(const char *text)
{
    while (*text > ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

static dzr_status find_keys(settings *s, const dzr_s3_options *options, dzr__s3_config *out, dzr_error *err)
{
    DZR_TRY(take_keys(s, options, out, err));
    if (out->access_key[0] == '\0' || out->secret_key[0] == '\0')
        return dzr_fail(err, DZR_ERR_ARG,
                "no S3 keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set, and profile \"%.60s\" has "
                "not "
                "both in %s%s or %s%s",
                s->profile, s->credentials_path, state(s->credentials_path), s->config_path, state(s->config_path));
    if (!fits_header(out->access_key) || !fits_header(out->session_token))
        return dzr_fail(err, DZR_ERR_ARG, "the S3 %s has a space or a byte that is no printable ASCII",
                fits_header(out->access_key) ? "session token" : "access key");
    return DZR_OK;
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

/* The URL for messages. A long one is cut, so that there is room for what is wrong with it. */
static const char *shown(const char *url, dzr_arena *arena, dzr_error *err)
{
    size_t len = strlen(url);
    if (len <= MAX_SHOWN)
        return dzr__arena_text(arena, url, len, err);
    for (len = MAX_SHOWN; len > 0 && ((unsigned char)url[len] & 0xc0) == 0x80;)
        len--; /* not inside a character */
    char *const text = dzr__arena_zeroed(arena, 1, len + sizeof "...", err);
    if (text != NULL) {
        memcpy(text, url, len);
        memcpy(text + len, "...", sizeof "...");
    }
    return text;
}

static dzr_status take_url(const char *url, bool wants_key, dzr_arena *arena, dzr__s3_config *out, dzr_error *err)
{
    out->url = shown(url, arena, err);
    if (out->url == NULL)
        return DZR_ERR_NOMEM;
    if (!dzr__s3_is_url(url))
        return dzr_fail(err, DZR_ERR_ARG, "%s: is not s3://BUCKET/KEY", out->url);
    const char *const bucket = url + strlen("s3://");
    const size_t len = strcspn(bucket, "/");
    if (!is_bucket(bucket, len))
        return dzr_fail(err, DZR_ERR_ARG,
                "%s: a bucket's name is 3 to 63 of a-z, 0-9, - and ., the first and last no - or .", out->url);
    out->bucket = dzr__arena_text(arena, bucket, len, err);
    out->key = dzr__arena_text(arena, bucket + len, strlen(bucket + len), err);
    if (out->bucket == NULL || out->key == NULL)
        return DZR_ERR_NOMEM;
    out->key += *out->key == '/';
    if (wants_key && *out->key == '\0')
        return dzr_fail(err, DZR_ERR_ARG, "%s: has no key after the bucket", out->url);
    if (strlen(out->key) > MAX_KEY)
        return dzr_fail(err, DZR_ERR_ARG, "%s: a key has at most %d bytes", out->url, (int)MAX_KEY);
    if (!dzr__utf8_valid(out->key, strlen(out->key)))
        return dzr_fail(err, DZR_ERR_ARG, "%s: a key is UTF-8", out->url);
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

/* HOST or HOST:PORT of len bytes, the host a name, an address, or an address in brackets. */
static bool is_host_and_port(const char *at, size_t len)
{
    static const char digits[] = "0123456789", of_address[] = "0123456789abcdefABCDEF:.",
                      of_name[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._";
    const bool in_brackets = *at == '[';
    const size_t inside = strspn(at + in_brackets, in_brackets ? of_address : of_name);
    if (inside == 0 || (in_brackets && at[inside + 1] != ']'))
        return false;
    const size_t host = inside + (in_brackets ? 2 : 0);
    if (host == len)
        return true;
    const size_t n = at[host] == ':' ? strspn(at + host + 1, digits) : 0;
    return n > 0 && n <= 5 && host + 1 + n == len && strtol(at + host + 1, NULL, 10) <= MAX_PORT;
}

/* "http://host:port" and maybe a slash; no path, query, user. */
static dzr_status take_endpoint(const char *endpoint, dzr_arena *arena, dzr__s3_config *out, dzr_error *err)
{
    const bool tls = strncmp(endpoint, "https://", 8) == 0;
    const bool plain = strncmp(endpoint, "http://", 7) == 0;
    const char *const rest = endpoint + (tls ? 8 : plain ? 7 : 0);
    const size_t len = strcspn(rest, "/");
    if ((!tls && !plain) || !is_host_and_port(rest, len) || (rest[len] != '\0' && strcmp(rest + len, "/") != 0))
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
    const char *endpoint = NULL;
    DZR_TRY(shared_file(
            &s, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", &s.credentials_path, &s.credentials, err));
    DZR_TRY(shared_file(&s, "AWS_CONFIG_FILE", ".aws/config", &s.config_path, &s.config, err));
    const dzr_status st = find_keys(&s, options, out, err);
    if (st != DZR_OK)
        return dzr_fail_at(err, st, "%s: ", out->url);
    DZR_TRY(setting(&s, options->region, first_env("AWS_REGION", "AWS_DEFAULT_REGION"), "region", &out->region, err));
    if (*out->region == '\0')
        out->region = "us-east-1";
    if (!is_region(out->region))
        return dzr_fail(err, DZR_ERR_ARG, "%s: the region \"%.60s\" is none", out->url, out->region);
    DZR_TRY(setting(&s, options->endpoint, first_env("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), "endpoint_url",
            &endpoint, err));
    DZR_TRY(setting(&s, options->ca_bundle, first_env("AWS_CA_BUNDLE", NULL), "ca_bundle", &out->ca_bundle, err));
    return place(options, endpoint, arena, out, err);
}

/* store/match.c - the names that a pattern stands for, among files and objects. Called by programs, for what the shell
 * did not or could not spell out. Spec: POSIX.1-2017, XCU 2.13 (pattern matching). */
#include "store/internal.h"
#include "store/s3/s3.h"

#include <fnmatch.h>
#include <glob.h>
#include <unistd.h>

/* Bytes before the first that means something in a pattern. */
static size_t plain_len(const char *pattern)
{
    return strcspn(pattern, "*?[\\");
}

/* ---- objects ---- */

typedef struct matching {
    const char *pattern; /* of keys */
    dzr_bytebuf name;    /* "s3://BUCKET/", then a key */
    size_t bucket_len;
    int64_t n;
    dzr_status (*each)(void *ctx, const char *name, dzr_error *err);
    void *ctx;
} matching;

static dzr_status on_object(void *ctx, const dzr_s3_object *object, dzr_error *err)
{
    matching *const m = ctx;
    if (strcmp(m->pattern, object->key) != 0 && fnmatch(m->pattern, object->key, FNM_PATHNAME) != 0)
        return DZR_OK;
    m->n++;
    m->name.len = m->bucket_len;
    DZR_TRY(dzr__bytebuf_append(&m->name, object->key, strlen(object->key) + 1, err));
    return m->each(m->ctx, (const char *)m->name.at, err);
}

/* url has a pattern in its key, which begins at key. Lists what begins as the pattern does. */
static dzr_status match_objects(
        const char *url, const char *key, const dzr_s3_options *options, matching *m, dzr_error *err)
{
    const dzr_allocator *const alloc = options != NULL ? options->alloc : NULL;
    const size_t prefix_len = (size_t)(key - url) + plain_len(key);
    char *const prefix = dzr_alloc_array(alloc, prefix_len + 1, 1, err);
    if (prefix == NULL)
        return DZR_ERR_NOMEM;
    memcpy(prefix, url, prefix_len);
    prefix[prefix_len] = '\0';
    m->pattern = key;
    m->name.alloc = alloc;
    m->bucket_len = (size_t)(key - url);
    dzr_status st = dzr__bytebuf_append(&m->name, url, m->bucket_len, err);
    if (st == DZR_OK)
        st = dzr_s3_list(prefix, options, on_object, m, err);
    dzr__bytebuf_fini(&m->name);
    dzr_release(alloc, prefix);
    return st;
}

/* ---- files ---- */

static dzr_status match_files(const char *pattern, const char *path, matching *m, dzr_error *err)
{
    if (access(path, F_OK) == 0) /* the file that is called so goes first */
        return DZR_OK;
    glob_t found;
    const int outcome = glob(path, 0, NULL, &found);
    if (outcome == GLOB_NOMATCH)
        return DZR_OK;
    if (outcome != 0)
        return dzr_fail(err, outcome == GLOB_NOSPACE ? DZR_ERR_NOMEM : DZR_ERR_IO, "%s: can't be matched", pattern);
    dzr_status st = DZR_OK;
    for (size_t i = 0; i < found.gl_pathc && st == DZR_OK; i++, m->n++)
        st = m->each(m->ctx, found.gl_pathv[i], err);
    globfree(&found);
    return st;
}

dzr_status dzr_store_match(const char *pattern, const dzr_s3_options *s3,
        dzr_status (*each)(void *ctx, const char *name, dzr_error *err), void *ctx, dzr_error *err)
{
    matching m = {.each = each, .ctx = ctx};
    const bool is_s3 = dzr__s3_is_url(pattern);
    const char *const bucket = is_s3 ? pattern + strlen("s3://") : NULL;
    const char *const slash = is_s3 ? strchr(bucket, '/') : NULL;
    const char *path = NULL;
    if (slash != NULL && slash[1 + plain_len(slash + 1)] != '\0')
        DZR_TRY(match_objects(pattern, slash + 1, s3, &m, err));
    else if (!is_s3 && pattern[plain_len(pattern)] != '\0' && dzr__store_path(pattern, &path, NULL) == DZR_OK &&
             path != NULL)
        DZR_TRY(match_files(pattern, path, &m, err));
    return m.n > 0 ? DZR_OK : each(ctx, pattern, err);
}

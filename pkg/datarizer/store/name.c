/* store/name.c - what a name means, folders, and the system's words for what went wrong. */
#include "store/internal.h"
#include "store/s3/s3.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Length of "scheme" in "scheme://...", 0 when there is none (RFC 3986, 3.1). */
static size_t scheme_len(const char *name)
{
    if (!isalpha((unsigned char)name[0]))
        return 0;
    size_t n = 1;
    while (isalnum((unsigned char)name[n]) || (name[n] != '\0' && strchr("+-.", name[n]) != NULL))
        n++;
    return strncmp(name + n, "://", 3) == 0 ? n : 0;
}

dzr_status dzr__store_path(const char *name, const char **path, dzr_error *err)
{
    if (name[0] == '\0')
        return dzr_fail(err, DZR_ERR_ARG, "the name of a file is empty");
    const size_t scheme = scheme_len(name);
    if (scheme > 0 && (scheme != strlen("file") || strncmp(name, "file", scheme) != 0))
        return dzr_fail(err, DZR_ERR_UNSUPPORTED,
                strncmp(name, "http", 4) == 0
                        ? "%s: %.*s:// is only read, never written"
                        : "%s: %.*s:// is not supported, only paths, -, file://, http(s):// and s3://",
                name, (int)scheme, name);
    *path = strcmp(name, "-") == 0 ? NULL : scheme > 0 ? name + scheme + 3 : name;
    if (*path != NULL && (*path)[0] == '\0')
        return dzr_fail(err, DZR_ERR_ARG, "%s: has no path", name);
    return DZR_OK;
}

/* Where a path leads, symbolic links followed; the last part need not exist. NULL when that can't be told. */
static char *real_path(const char *path)
{
    char *const whole = realpath(path, NULL);
    if (whole != NULL)
        return whole;
    const char *const slash = strrchr(path, '/');
    char *const folder = slash != NULL ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    char *const real = folder != NULL ? realpath(folder, NULL) : NULL;
    char *out = NULL;
    if (real != NULL && asprintf(&out, "%s/%s", real, slash != NULL ? slash + 1 : path) < 0)
        out = NULL;
    free(folder);
    free(real);
    return out;
}

bool dzr__store_same_file(const char *a, const char *b)
{
    const char *path_a = NULL, *path_b = NULL;
    if (dzr__s3_is_url(a) && dzr__s3_is_url(b))
        return strcmp(a, b) == 0;
    if (dzr__s3_is_url(a) || dzr__s3_is_url(b))
        return strcmp(a, b) == 0;
    if (dzr__store_path(a, &path_a, NULL) != DZR_OK || dzr__store_path(b, &path_b, NULL) != DZR_OK)
        return false;
    if (path_a == NULL || path_b == NULL)
        return path_a == path_b; /* standard output */
    char *const real_a = real_path(path_a);
    char *const real_b = real_path(path_b);
    const bool same = strcmp(path_a, path_b) == 0 || (real_a != NULL && real_b != NULL && strcmp(real_a, real_b) == 0);
    free(real_a);
    free(real_b);
    return same;
}

dzr_status dzr__store_system_error(dzr_error *err, int error_number, const char *name, const char *what)
{
    char text[128];
    const char *const words = strerror_r(error_number, text, sizeof text); /* GNU's: answers the words */
    const bool missing = error_number == ENOENT || error_number == ENOTDIR;
    return dzr_fail(err, missing ? DZR_ERR_NOT_FOUND : DZR_ERR_IO, "%s: %s: %s", name, what, words);
}

dzr_status dzr__store_make_folders(const char *name, const char *path, const dzr_allocator *alloc, dzr_error *err)
{
    const size_t len = strlen(path);
    char *const part = dzr_alloc_array(alloc, len + 1, 1, err);
    if (part == NULL)
        return DZR_ERR_NOMEM;
    memcpy(part, path, len + 1);
    dzr_status st = DZR_OK;
    for (size_t i = 1; i < len && st == DZR_OK; i++) {
        if (part[i] != '/')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            st = dzr__store_system_error(err, errno, name, "its folder can't be made");
        part[i] = '/';
    }
    dzr_release(alloc, part);
    return st;
}

/* tests/record/frames.h - what the tests of dataframes share: a folder of the test's own, and frames of n rows. */
#ifndef DZR_TESTS_RECORD_FRAMES_H
#define DZR_TESTS_RECORD_FRAMES_H

#include "support.h"

#include "alloc_nth.h"
#include "everything.h"
#include "student.h"
#include <datarizer/store.h>

#include <stdlib.h>
#include <unistd.h>

/* ---- a folder of the test's own ---- */

static char folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/dzr-dataframe-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static inline int drop_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* A file of that folder; one at a time, dropped by the test. */
static inline const char *in_folder(const char *file)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    return path;
}

/* ---- frames of n rows ---- */

static inline dzr_status fill(dzr_dataframe *frame, int64_t n, dzr_error *err)
{
    for (int64_t i = 0; i < n; i++) {
        everything_store store;
        const everything row = make_row(i, &store);
        const dzr_status st = dzr_dataframe_append(frame, &row, 1, err);
        if (st != DZR_OK)
            return st;
        memset(&store, 0xa5, sizeof store); /* the frame has its own copy */
    }
    return DZR_OK;
}

static inline dzr_dataframe *new_frame(const dzr_record_type *type)
{
    dzr_error err;
    dzr_dataframe *frame = NULL;
    assert_ok(dzr_dataframe_new(type, NULL, &frame, &err));
    return frame;
}

static inline dzr_dataframe *filled(int64_t n)
{
    dzr_error err;
    dzr_dataframe *const frame = new_frame(&everything_type);
    assert_ok(fill(frame, n, &err));
    return frame;
}

static inline void check_rows(const dzr_dataframe *frame, int64_t first, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        everything_store store;
        const everything want = make_row(i, &store);
        const char *const what = difference(dzr_dataframe_get(frame, first + i), &want);
        if (what != NULL)
            fail_msg("row %lld differs in %s", (long long)i, what);
    }
}

#endif

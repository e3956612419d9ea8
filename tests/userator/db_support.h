/* tests/userator/db_support.h - what the tests of the storage share: a folder of their own, inserts that are waited
 * for, a second connection that plays another process, rows collected. */
#ifndef DZR_TESTS_DB_SUPPORT_H
#define DZR_TESTS_DB_SUPPORT_H

#include "support.h"

#include <pthread.h>
#include <sqlite3.h>

#include "db.h"

/* The original's own words. */
#define ORIGINAL_TABLE                                                                                                 \
    "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT UNIQUE NOT NULL, "       \
    "age INTEGER DEFAULT 0)"

/* A cmocka set-up and tear-down: an empty folder for each test, and the path of users.db in it. */
int make_folder(void **state);
int remove_folder(void **state);
const char *db_path(void);

user_db *open_db(int64_t wait_ms, size_t max_queued);
dzr_bytes bytes_of(const char *text);

/* How many inserts of a test are on their way. */
typedef struct insert_gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t n_done;
} insert_gate;
#define GATE_INIT                                                                                                      \
    {                                                                                                                  \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0                                                         \
    }
void gate_wait(insert_gate *gate, size_t n_done);

/* An insert that counts itself at the gate when it is done. */
user_insert insert_of(insert_gate *gate, const char *name, const char *email);
/* Inserts and waits. */
dzr_status insert_now(user_db *db, const char *name, const char *email, int64_t *id);

/* Another process: a plain connection. A failure fails the test. */
sqlite3 *other_open(const char *path);
void other_run(sqlite3 *other, const char *sql);
/* The first column of the first row as text, "" for none; good until the next call. */
const char *other_ask(sqlite3 *other, const char *sql);

/* Reads as "1 Ann ann@example.com 28; 2 ..." ("null" for no age); good until the next call. */
const char *read_list(user_reader *reader, int64_t skip, int64_t limit);
const char *read_one(user_reader *reader, int64_t id);

/* What on_notice was told last; open_db connects it. */
const char *last_notice(void);

#endif

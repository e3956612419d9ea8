/* userator/db_internal.h - what the files of the storage share: db_open.c (connections, the table), db_writer.c
 * (inserts), db_reader.c (reading), db_status.c (what SQLite's codes mean here). Everyone else includes db.h. */
#ifndef USERATOR_DB_INTERNAL_H
#define USERATOR_DB_INTERNAL_H

#include "db.h"

#include <pthread.h>
#include <sqlite3.h>

enum {
    DB_READ_WAIT_MS = 250,      /* a reader waits on its loop's thread, and all connections of the loop with it */
    DB_CHECKPOINT_PAGES = 1000, /* of the write-ahead log, until they are copied into the file */
    DB_LOG_BYTES = 64 << 20,    /* what the write-ahead log is cut down to after it has grown */
};

/* The writer's statements, by number. */
enum db_statement { DB_BEGIN, DB_INSERT, DB_COMMIT, DB_ROLLBACK, DB_N_STATEMENTS };

struct user_db {
    char *path;       /* as SQLite gets it */
    const char *name; /* for messages: inside path */
    user_db_options options;

    /* the writer's alone */
    sqlite3 *connection;
    sqlite3_stmt *statements[DB_N_STATEMENTS];
    int64_t busy_until_ms; /* when the oldest insert of the group has waited long enough */
    int log_pages;         /* in the write-ahead log after the last commit, from SQLite's hook */
    int checkpointed_at;   /* log_pages when it was last copied */
    bool is_failing;       /* the last group failed */
    int64_t noticed_ms;    /* when an operator was last told */

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t wake;
    bool is_closing, is_waiting;
    user_insert *first, *last;
    size_t n_queued;
    user_db_stats stats;
};

int64_t db__now_ms(void); /* monotonic */

/* What a result code of SQLite is to our callers; connection tells the system's errno. */
dzr_status db__status_of(sqlite3 *connection, int code);
/* The same with the message "PATH: WHAT: SQLite's words (the system's words)". */
dzr_status db__fail(const user_db *db, sqlite3 *connection, int code, const char *what, dzr_error *err);

/* db_open.c: a connection that waits wait_ms for locks. */
DZR_MUST_CHECK dzr_status db__connect(const user_db *db, int64_t wait_ms, sqlite3 **out, dzr_error *err);
DZR_MUST_CHECK dzr_status db__execute(const user_db *db, sqlite3 *connection, const char *sql, dzr_error *err);
DZR_MUST_CHECK dzr_status db__prepare(
        const user_db *db, sqlite3 *connection, const char *sql, sqlite3_stmt **out, dzr_error *err);

/* db_writer.c: between the opening of the connection and its closing. */
DZR_MUST_CHECK dzr_status db__writer_start(user_db *db, dzr_error *err);
void db__writer_stop(user_db *db);

#endif

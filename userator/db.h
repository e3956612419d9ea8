/* userator/db.h - the users, in one SQLite file: every event loop reads on a connection of its own, one thread writes.
 * Nothing is cached across calls, so rows that another process wrote are seen by the next call. The table is the
 * original user API's, and a file of either program opens in the other:
 *     users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT UNIQUE NOT NULL, age INTEGER DEFAULT
 * 0) Called by routes.c (get, list, insert) and main.c (open, close). How it works and is tested: docs/userator.md. */
#ifndef USERATOR_DB_H
#define USERATOR_DB_H

#include <datarizer/io.h>

typedef struct user_db user_db;
typedef struct user_reader user_reader;

/* A row as it is stored. name and email may hold NUL bytes, and bytes that are not UTF-8 where another program put
 * them there. */
typedef struct user_row {
    int64_t id;
    dzr_bytes name, email;
    bool has_age; /* false: NULL */
    int64_t age;
} user_row;

/* 0 means the value named. */
typedef struct user_db_options {
    const char *path;  /* of the file; made when it does not exist */
    int64_t wait_ms;   /* 5 s: how long an insert waits while another process holds the file locked */
    size_t max_queued; /* 16,384 inserts waiting for the writer */
    /* May be NULL. One line for an operator, such as a full disk; at most one a second. The writer's thread. */
    void (*on_notice)(void *ctx, const char *line);
    void *ctx;
} user_db_options;

/* Opens or makes the file, puts it into WAL mode, checks the table and starts the writer. options are copied, the path
 * too. Errors: DZR_ERR_IO (cannot be opened, not a database), DZR_ERR_TIMEOUT (locked), DZR_ERR_TYPE (a table users of
 * another shape; the message says what differs), DZR_ERR_NOMEM; the message starts with the path. */
DZR_MUST_CHECK dzr_status user_db_open(const user_db_options *options, user_db **out, dzr_error *err);
/* Executes what is queued still (every `done` is called), stops the writer, closes. All readers are closed before.
 * NULL is allowed. */
void user_db_close(user_db *db);

/* One insert: the caller's memory, which stays where it is from the call of user_db_insert until done. */
typedef struct user_insert user_insert;
struct user_insert {
    /* in */
    dzr_bytes name, email;
    bool has_age;
    int64_t age;
    /* Called once, on the writer's thread, after the transaction has ended; must be quick: everybody waits for it. */
    void (*done)(user_insert *insert);
    void *ctx;
    /* out, valid in done and after it:
     * DZR_OK           durable: COMMIT has returned, and the file system said it is on disk          201
     * DZR_ERR_EXISTS   the email is taken; nothing was written, no id was used up                    409
     * DZR_ERR_LIMIT    the disk is full                                                              507
     * DZR_ERR_TIMEOUT  another process held the file locked for longer than wait_ms                  503
     * DZR_ERR_IO       the file could not be written                                                 503
     * DZR_ERR_NOMEM    out of memory                                                                 503
     * Whoever shares a transaction that fails gets its status; a conflict touches only its own insert. */
    dzr_status status;
    int64_t id; /* of the new row; 0 unless status is DZR_OK */
    /* the writer's */
    user_insert *next;
    int64_t deadline_ms;
};

/* Hands the insert to the writer. DZR_OK: done will be called. DZR_ERR_TIMEOUT: max_queued inserts wait already; done
 * will not be called (503). Any thread. */
DZR_MUST_CHECK dzr_status user_db_insert(user_db *db, user_insert *insert);

/* The HTTP status of a failed insert or read, as listed above, and what to say in `detail` ("The disk is full" ...).
 * For DZR_OK, DZR_ERR_EXISTS and DZR_ERR_NOT_FOUND the routes have words of their own; other values give 503. */
int user_db_http_status(dzr_status status);
const char *user_db_detail(dzr_status status);

typedef struct user_db_stats {
    uint64_t n_inserted;     /* rows */
    uint64_t n_commits;      /* transactions that wrote them */
    uint64_t n_conflicts;    /* emails that were taken */
    uint64_t n_failed;       /* inserts that got none of both */
    uint64_t largest_commit; /* inserts in one transaction */
} user_db_stats;
/* Any thread. */
void user_db_stats_read(user_db *db, user_db_stats *out);

/* A connection for reading, of one thread. db outlives it. Errors as user_db_open. */
DZR_MUST_CHECK dzr_status user_reader_open(user_db *db, user_reader **out, dzr_error *err);
void user_reader_close(user_reader *reader); /* NULL is allowed */

/* Called for each row; the views in it are good until it returns. Another status than DZR_OK ends the reading and is
 * what the reading returns. */
typedef dzr_status (*user_row_fn)(void *ctx, const user_row *row);

/* The user with this id. Errors: DZR_ERR_NOT_FOUND (expected: err is left alone), DZR_ERR_TIMEOUT (the file is locked
 * so that not even reading goes), DZR_ERR_IO, DZR_ERR_NOMEM. */
DZR_MUST_CHECK dzr_status user_reader_get(user_reader *reader, int64_t id, user_row_fn each, void *ctx, dzr_error *err);
/* In the order of ids: leaves out the first `skip` users, gives at most `limit`; neither is negative. No users is no
 * error. Rows are those of one moment. Errors as above, without DZR_ERR_NOT_FOUND. */
DZR_MUST_CHECK dzr_status user_reader_list(
        user_reader *reader, int64_t skip, int64_t limit, user_row_fn each, void *ctx, dzr_error *err);

#endif

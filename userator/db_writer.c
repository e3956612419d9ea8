/* userator/db_writer.c - the one thread that writes. Inserts queue up while it commits; it then takes all that wait and
 * executes them as one transaction with synchronous=FULL, so they share the one fsync they need ("group commit").
 * Nothing is delayed on purpose: an insert that finds the writer idle is committed alone, at once. Called by routes.c
 * through user_db_insert; `done` of each insert runs here. */
#include "db_internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- the queue ---- */

dzr_status user_db_insert(user_db *db, user_insert *insert)
{
    insert->next = NULL;
    insert->id = 0;
    insert->deadline_ms = db__now_ms() + db->options.wait_ms;
    pthread_mutex_lock(&db->mutex);
    if (db->n_queued >= db->options.max_queued) {
        db->stats.n_failed++;
        pthread_mutex_unlock(&db->mutex);
        return DZR_ERR_TIMEOUT;
    }
    if (db->last != NULL)
        db->last->next = insert;
    else
        db->first = insert;
    db->last = insert;
    db->n_queued++;
    const bool wake = db->is_waiting;
    db->is_waiting = false; /* one wake-up is enough */
    pthread_mutex_unlock(&db->mutex);
    if (wake)
        pthread_cond_signal(&db->wake);
    return DZR_OK;
}

/* All that wait; sleeps while there is none. NULL: closing, and nothing is left. */
static user_insert *take_group(user_db *db)
{
    pthread_mutex_lock(&db->mutex);
    while (db->first == NULL && !db->is_closing) {
        db->is_waiting = true;
        pthread_cond_wait(&db->wake, &db->mutex);
    }
    user_insert *group = db->first;
    db->first = db->last = NULL;
    db->n_queued = 0;
    pthread_mutex_unlock(&db->mutex);
    return group;
}

/* ---- telling the operator ---- */

static void notice(user_db *db, const char *line)
{
    const int64_t now = db__now_ms();
    if (db->options.on_notice == NULL || (db->noticed_ms != 0 && now - db->noticed_ms < 1000))
        return;
    db->noticed_ms = now;
    db->options.on_notice(db->options.ctx, line);
}

/* ---- one group ---- */

/* A step of a statement that gives no rows. */
static int run(user_db *db, enum db_statement which)
{
    const int code = sqlite3_step(db->statements[which]);
    sqlite3_reset(db->statements[which]);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* SQLite asks whether to try again for a lock: until the oldest insert of the group has waited its time. */
static int on_busy(void *ctx, int n_tries)
{
    const user_db *db = ctx;
    if (db__now_ms() >= db->busy_until_ms)
        return 0;
    const long ms = n_tries < 10 ? n_tries + 1 : 10;
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
    return 1;
}

static int on_commit_to_log(void *ctx, sqlite3 *connection, const char *name, int n_pages)
{
    user_db *db = ctx;
    (void)connection, (void)name;
    db->log_pages = n_pages;
    return SQLITE_OK;
}

static int bind_text(sqlite3_stmt *statement, int index, dzr_bytes text)
{
    const char *at = text.len > 0 ? (const char *)text.at : ""; /* SQLite takes a NULL pointer for a NULL value */
    return sqlite3_bind_text64(statement, index, at, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_insert(sqlite3_stmt *statement, const user_insert *insert)
{
    int code = bind_text(statement, 1, insert->name);
    if (code == SQLITE_OK)
        code = bind_text(statement, 2, insert->email);
    if (code == SQLITE_OK)
        code = insert->has_age ? sqlite3_bind_int64(statement, 3, insert->age) : sqlite3_bind_null(statement, 3);
    return code;
}

/* A trigger or a check that somebody added to the file, or a text of a gigabyte. */
static void refuse(user_db *db, user_insert *insert, int code)
{
    dzr_error err;
    db__fail(db, db->connection, code, "an insert was refused", &err);
    insert->status = DZR_ERR_IO;
    notice(db, err.message);
}

/* Executes one insert inside the transaction. Returns SQLITE_OK when the group may go on: the row is in, or this insert
 * alone was refused. Any other code is the whole transaction's. */
static int insert_one(user_db *db, user_insert *insert)
{
    int code = bind_insert(db->statements[DB_INSERT], insert);
    if (code == SQLITE_OK)
        code = run(db, DB_INSERT);
    if (code == SQLITE_OK && sqlite3_changes(db->connection) == 0)
        code = SQLITE_CONSTRAINT_TRIGGER; /* one that says IGNORE */
    const int kind = code & 0xff;
    if (code != SQLITE_OK && kind != SQLITE_CONSTRAINT && kind != SQLITE_TOOBIG)
        return code;
    if (sqlite3_get_autocommit(db->connection))
        return code; /* a trigger that says ROLLBACK has taken the others' rows too */
    if (code == SQLITE_OK) {
        insert->status = DZR_OK;
        insert->id = sqlite3_last_insert_rowid(db->connection);
    } else if (code == SQLITE_CONSTRAINT_UNIQUE) {
        insert->status = DZR_ERR_EXISTS;
    } else {
        refuse(db, insert, code);
    }
    return SQLITE_OK;
}

/* Begins the transaction. Inserts that have waited their time for the lock get DZR_ERR_TIMEOUT and leave the group
 * through *expired; those that came later wait on. Returns the group that is left, NULL when none is or on an error. */
static user_insert *begin(user_db *db, user_insert *group, user_insert **expired, int *code)
{
    user_insert **tail = expired;
    *expired = NULL;
    while (group != NULL) {
        db->busy_until_ms = group->deadline_ms;
        *code = run(db, DB_BEGIN);
        if ((*code & 0xff) != SQLITE_BUSY)
            return group;
        const int64_t now = db__now_ms();
        while (group != NULL && group->deadline_ms <= now) {
            user_insert *late = group;
            group = late->next;
            late->next = NULL;
            late->status = DZR_ERR_TIMEOUT;
            *tail = late;
            tail = &late->next;
        }
    }
    return NULL;
}

/* Executes and commits; the statuses are set and the counts taken. Returns SQLITE_OK or why all failed. */
static int execute(user_db *db, user_insert *group, user_db_stats *counts)
{
    int code = SQLITE_OK;
    uint64_t n_rows = 0;
    for (user_insert *insert = group; insert != NULL && code == SQLITE_OK; insert = insert->next) {
        code = insert_one(db, insert);
        n_rows += insert->status == DZR_OK;
        counts->n_conflicts += insert->status == DZR_ERR_EXISTS;
        counts->n_failed += insert->status != DZR_OK && insert->status != DZR_ERR_EXISTS;
    }
    if (code == SQLITE_OK && n_rows > 0)
        code = run(db, DB_COMMIT);
    if (code == SQLITE_OK && n_rows > 0) {
        counts->n_inserted = n_rows;
        counts->n_commits = 1;
        counts->largest_commit = n_rows;
    }
    return code;
}

/* All of a list get one status; their number. */
static uint64_t fail_all(user_insert *list, dzr_status status)
{
    uint64_t n = 0;
    for (; list != NULL; list = list->next, n++) {
        list->status = status;
        list->id = 0;
    }
    return n;
}

static void tell_outcome(user_db *db, int code, bool has_written, const dzr_error *err)
{
    char line[DZR_ERROR_BYTES + 64];
    if (code != SQLITE_OK) {
        notice(db, err->message);
        db->is_failing = true;
    } else if (db->is_failing && has_written) {
        db->is_failing = false;
        db->noticed_ms = 0; /* the good news is always told */
        snprintf(line, sizeof line, "%s: inserting users works again", db->name);
        notice(db, line);
    }
}

static void add_counts(user_db *db, const user_db_stats *counts)
{
    pthread_mutex_lock(&db->mutex);
    db->stats.n_inserted += counts->n_inserted;
    db->stats.n_commits += counts->n_commits;
    db->stats.n_conflicts += counts->n_conflicts;
    db->stats.n_failed += counts->n_failed;
    if (counts->largest_commit > db->stats.largest_commit)
        db->stats.largest_commit = counts->largest_commit;
    pthread_mutex_unlock(&db->mutex);
}

/* An insert belongs to its caller again as soon as `done` is called: its `next` is read before. */
static void deliver(user_insert *list)
{
    while (list != NULL) {
        user_insert *insert = list;
        list = insert->next;
        insert->done(insert);
    }
}

static void execute_group(user_db *db, user_insert *all)
{
    user_db_stats counts = {0};
    user_insert *expired = NULL;
    int code = SQLITE_OK;
    user_insert *group = begin(db, all, &expired, &code);
    if (code == SQLITE_OK)
        code = execute(db, group, &counts);
    dzr_error err;
    if (code != SQLITE_OK) {
        const dzr_status status = db__fail(db, db->connection, code, "inserting users", &err);
        counts = (user_db_stats){.n_failed = fail_all(group, status)};
    }
    counts.n_failed += fail_all(expired, DZR_ERR_TIMEOUT);
    /* Nothing was inserted, or SQLite has not rolled back by itself. */
    if (!sqlite3_get_autocommit(db->connection))
        run(db, DB_ROLLBACK);
    tell_outcome(db, code, counts.n_inserted > 0, &err);
    add_counts(db, &counts);
    deliver(expired);
    deliver(group);
}

/* Copies the log into the file after the answers went out, not inside COMMIT as SQLite does by itself. What a reader of
 * an old snapshot holds back is tried again after as many pages more. A failure loses nothing: the log keeps it all. */
static void checkpoint(user_db *db)
{
    if (db->log_pages < db->checkpointed_at)
        db->checkpointed_at = 0; /* the log has started over */
    if (db->log_pages - db->checkpointed_at < DB_CHECKPOINT_PAGES)
        return;
    db->checkpointed_at = db->log_pages;
    const int code = sqlite3_wal_checkpoint_v2(db->connection, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
        return;
    dzr_error err;
    db__fail(db, db->connection, code, "copying the write-ahead log into the file", &err);
    notice(db, err.message);
}

static void *writer_main(void *ctx)
{
    user_db *db = ctx;
    user_insert *group;
    while ((group = take_group(db)) != NULL) {
        execute_group(db, group);
        checkpoint(db);
    }
    return NULL;
}

/* ---- start and stop ---- */

dzr_status db__writer_start(user_db *db, dzr_error *err)
{
    static const char *const sql[DB_N_STATEMENTS] = {
            [DB_BEGIN] = "BEGIN IMMEDIATE",
            [DB_INSERT] = "INSERT OR ABORT INTO users (name, email, age) VALUES (?, ?, ?)",
            [DB_COMMIT] = "COMMIT",
            [DB_ROLLBACK] = "ROLLBACK",
    };
    for (int i = 0; i < DB_N_STATEMENTS; i++) {
        const dzr_status status = db__prepare(db, db->connection, sql[i], &db->statements[i], err);
        if (status != DZR_OK)
            return status;
    }
    sqlite3_busy_handler(db->connection, on_busy, db);
    sqlite3_wal_hook(db->connection, on_commit_to_log, db);
    const int code = pthread_create(&db->thread, NULL, writer_main, db);
    if (code != 0)
        return dzr_fail(err, DZR_ERR_NOMEM, "%s: no thread for the writer: %s", db->name, strerror(code));
    db->has_thread = true;
    return DZR_OK;
}

void db__writer_stop(user_db *db)
{
    if (db->has_thread) {
        pthread_mutex_lock(&db->mutex);
        db->is_closing = true;
        pthread_mutex_unlock(&db->mutex);
        pthread_cond_signal(&db->wake);
        pthread_join(db->thread, NULL);
        db->has_thread = false;
    }
    for (int i = 0; i < DB_N_STATEMENTS; i++)
        sqlite3_finalize(db->statements[i]);
}

void user_db_stats_read(user_db *db, user_db_stats *out)
{
    pthread_mutex_lock(&db->mutex);
    *out = db->stats;
    pthread_mutex_unlock(&db->mutex);
}

/* cmd/api/v1/db.c - see db.h. A commit is waited for on the loop's own thread: few clients are left, and one loop that
 * waits for a disk is simpler than a writer with a queue. Nothing waits longer than WAIT_MS for another process. */
#include "db.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "cmd/common/try.h"

enum { WAIT_MS = 1000 };

struct v1_db {
    char *path;             /* as SQLite gets it */
    pthread_rwlock_t turns; /* readers together, an insert alone: SQLite itself would let the loops poll for it */
};

enum v1_statement { INSERT, FIND, LIST, N_STATEMENTS };

struct v1_connection {
    v1_db *db;
    sqlite3 *sqlite;
    sqlite3_stmt *statements[N_STATEMENTS];
};

/* ---- errors ---- */

static dzr_status fail(const v1_connection *connection, int code, const char *what, dzr_error *err)
{
    const int kind = code & 0xFF;
    const dzr_status status = kind == SQLITE_BUSY || kind == SQLITE_LOCKED ? DZR_ERR_TIMEOUT
                              : kind == SQLITE_NOMEM                       ? DZR_ERR_NOMEM
                                                                           : DZR_ERR_IO;
    const char *const words = connection->sqlite != NULL ? sqlite3_errmsg(connection->sqlite) : sqlite3_errstr(code);
    return dzr_fail(err, status, "%s: %s: %s", connection->db->path, what, words);
}

/* ---- opening ---- */

static dzr_status open_connection(v1_db *db, v1_connection **out, dzr_error *err)
{
    v1_connection *const connection = dzr_alloc_zeroed(NULL, 1, sizeof *connection, err);
    if (connection == NULL)
        return DZR_ERR_NOMEM;
    connection->db = db;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(db->path, &connection->sqlite, flags, NULL);
    if (code != SQLITE_OK) {
        const dzr_status status = fail(connection, code, "opening", err);
        v1_db_disconnect(connection);
        return status;
    }
    sqlite3_busy_timeout(connection->sqlite, WAIT_MS);
    /* What the file's own schema says is not trusted with functions that do more than compute. */
    sqlite3_db_config(connection->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(connection->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    *out = connection;
    return DZR_OK;
}

static dzr_status prepare(v1_connection *connection, dzr_error *err)
{
    static const char *const sql[N_STATEMENTS] = {
            [INSERT] = "INSERT INTO users (name, email, age) VALUES (?, ?, ?)",
            [FIND] = "SELECT id, name, email, age FROM users WHERE id = ?",
            [LIST] = "SELECT id, name, email, age FROM users ORDER BY id",
    };
    for (int i = 0; i < N_STATEMENTS; i++) {
        const int code = sqlite3_prepare_v3(
                connection->sqlite, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &connection->statements[i], NULL);
        if (code != SQLITE_OK)
            return fail(connection, code, "opening", err);
    }
    return DZR_OK;
}

/* Makes the table, or finds one that the statements can be used on. */
static dzr_status make_table(v1_db *db, dzr_error *err)
{
    static const char sql[] = "CREATE TABLE IF NOT EXISTS users ("
                              "id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, email TEXT, age INTEGER DEFAULT 0)";
    v1_connection *connection = NULL;
    TRY(open_connection(db, &connection, err));
    const int code = sqlite3_exec(connection->sqlite, sql, NULL, NULL, NULL);
    const dzr_status status =
            code == SQLITE_OK ? prepare(connection, err) : fail(connection, code, "making the table", err);
    v1_db_disconnect(connection);
    return status;
}

dzr_status v1_db_open(const char *path, v1_db **out, dzr_error *err)
{
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD); /* a connection belongs to one thread: no locks inside SQLite */
    if (path[0] == '\0')
        return dzr_fail(err, DZR_ERR_ARG, "the database needs a path");
    v1_db *const db = dzr_alloc_zeroed(NULL, 1, sizeof *db, err);
    if (db == NULL)
        return DZR_ERR_NOMEM;
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&db->turns, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    /* SQLite reads names such as ":memory:" in a way of its own; behind "./" a name is just a name. */
    const size_t room = strlen(path) + sizeof "./";
    db->path = dzr_alloc_array(NULL, room, 1, err);
    dzr_status status = db->path != NULL ? DZR_OK : DZR_ERR_NOMEM;
    if (status == DZR_OK) {
        snprintf(db->path, room, "%s%s", path[0] == '/' ? "" : "./", path);
        status = make_table(db, err);
    }
    if (status == DZR_OK)
        *out = db;
    else
        v1_db_close(db);
    return status;
}

void v1_db_close(v1_db *db)
{
    if (db == NULL)
        return;
    pthread_rwlock_destroy(&db->turns);
    dzr_release(NULL, db->path);
    dzr_release(NULL, db);
}

dzr_status v1_db_connect(v1_db *db, v1_connection **out, dzr_error *err)
{
    v1_connection *connection = NULL;
    TRY(open_connection(db, &connection, err));
    const dzr_status status = prepare(connection, err);
    if (status == DZR_OK)
        *out = connection;
    else
        v1_db_disconnect(connection);
    return status;
}

void v1_db_disconnect(v1_connection *connection)
{
    if (connection == NULL)
        return;
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(connection->statements[i]);
    sqlite3_close(connection->sqlite);
    dzr_release(NULL, connection);
}

/* ---- inserting and reading ---- */

dzr_status v1_db_insert(v1_connection *connection, const v1_user *user, int64_t *id, dzr_error *err)
{
    sqlite3_stmt *const insert = connection->statements[INSERT];
    pthread_rwlock_wrlock(&connection->db->turns);
    int code = sqlite3_bind_text64(insert, 1, (const char *)user->name.at, user->name.len, SQLITE_STATIC, SQLITE_UTF8);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text64(
                insert, 2, (const char *)user->email.at, user->email.len, SQLITE_STATIC, SQLITE_UTF8);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(insert, 3, user->age);
    if (code == SQLITE_OK)
        code = sqlite3_step(insert); /* commits too */
    const dzr_status status = code == SQLITE_DONE ? DZR_OK : fail(connection, code, "inserting", err);
    if (status == DZR_OK)
        *id = sqlite3_last_insert_rowid(connection->sqlite);
    sqlite3_reset(insert);
    sqlite3_clear_bindings(insert);
    pthread_rwlock_unlock(&connection->db->turns);
    return status;
}

static dzr_bytes text_of(sqlite3_stmt *row, int column)
{
    const uint8_t *const at = sqlite3_column_text(row, column);
    return (dzr_bytes){at, at == NULL ? 0 : (size_t)sqlite3_column_bytes(row, column)};
}

/* Visits the rows of a statement whose parameters are bound. */
static dzr_status visit_rows(
        v1_connection *connection, sqlite3_stmt *rows, v1_visit visit, void *ctx, bool *any, dzr_error *err)
{
    dzr_status status = DZR_OK;
    int code = SQLITE_ROW;
    pthread_rwlock_rdlock(&connection->db->turns);
    while (status == DZR_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        const v1_user user = {
                .id = sqlite3_column_int64(rows, 0),
                .name = text_of(rows, 1),
                .email = text_of(rows, 2),
                .age = sqlite3_column_int64(rows, 3),
        };
        *any = true;
        status = visit(ctx, &user, err);
    }
    if (status == DZR_OK && code != SQLITE_DONE)
        status = fail(connection, code, "reading", err);
    sqlite3_reset(rows);
    pthread_rwlock_unlock(&connection->db->turns);
    return status;
}

dzr_status v1_db_find(v1_connection *connection, int64_t id, v1_visit visit, void *ctx, dzr_error *err)
{
    sqlite3_stmt *const find = connection->statements[FIND];
    bool any = false;
    const int code = sqlite3_bind_int64(find, 1, id);
    if (code != SQLITE_OK)
        return fail(connection, code, "reading", err);
    TRY(visit_rows(connection, find, visit, ctx, &any, err));
    return any ? DZR_OK : dzr_fail(err, DZR_ERR_NOT_FOUND, "no user of this id");
}

dzr_status v1_db_list(v1_connection *connection, v1_visit visit, void *ctx, dzr_error *err)
{
    bool any = false;
    return visit_rows(connection, connection->statements[LIST], visit, ctx, &any, err);
}

/* userator/db_open.c - opens the file: connections and their settings, WAL, the table, made or checked against the
 * shape the original gave it. Called by main.c once, and by db_reader.c for each connection that reads. */
#include "db_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

int64_t db__now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- connections ---- */

dzr_status db__execute(const user_db *db, sqlite3 *connection, const char *sql, dzr_error *err)
{
    const int code = sqlite3_exec(connection, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? DZR_OK : db__fail(db, connection, code, "opening", err);
}

dzr_status db__prepare(const user_db *db, sqlite3 *connection, const char *sql, sqlite3_stmt **out, dzr_error *err)
{
    const int code = sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    return code == SQLITE_OK ? DZR_OK : db__fail(db, connection, code, "opening", err);
}

dzr_status db__connect(const user_db *db, int64_t wait_ms, sqlite3 **out, dzr_error *err)
{
    sqlite3 *connection = NULL;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(db->path, &connection, flags, NULL);
    dzr_status status = code == SQLITE_OK ? DZR_OK : db__fail(db, connection, code, "opening", err);
    if (status == DZR_OK) {
        sqlite3_extended_result_codes(connection, 1);
        sqlite3_busy_timeout(connection, wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX);
        /* What the file's own schema says is not trusted with functions that do more than compute. */
        sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        *out = connection;
    } else {
        sqlite3_close(connection);
    }
    return status;
}

/* ---- the table ---- */

static const char make_table[] = "CREATE TABLE IF NOT EXISTS users ("
                                 "id INTEGER PRIMARY KEY AUTOINCREMENT, "
                                 "name TEXT NOT NULL, "
                                 "email TEXT UNIQUE NOT NULL, "
                                 "age INTEGER DEFAULT 0)";

static const struct {
    const char *name, *type;
    bool is_not_null, is_key;
} wanted_columns[] = {
        {"id", "INTEGER", false, true},
        {"name", "TEXT", true, false},
        {"email", "TEXT", true, false},
        {"age", "INTEGER", false, false},
};
enum { N_WANTED_COLUMNS = sizeof wanted_columns / sizeof *wanted_columns };

static const char *text_or_empty(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "";
}

static dzr_status fail_shape(const user_db *db, dzr_error *err, const char *what)
{
    return dzr_fail(err, DZR_ERR_TYPE, "%s: table users is not the user API's: %s", db->name, what);
}

static dzr_status check_column(const user_db *db, int index, sqlite3_stmt *row, dzr_error *err)
{
    char what[300];
    const char *name = text_or_empty(row, 0), *type = text_or_empty(row, 1);
    if (index >= N_WANTED_COLUMNS) {
        snprintf(what, sizeof what, "column \"%.100s\" is one too many", name);
        return fail_shape(db, err, what);
    }
    const bool is_not_null = sqlite3_column_int(row, 2) != 0, is_key = sqlite3_column_int(row, 3) != 0;
    if (strcasecmp(name, wanted_columns[index].name) == 0 && strcasecmp(type, wanted_columns[index].type) == 0 &&
            is_not_null == wanted_columns[index].is_not_null && is_key == wanted_columns[index].is_key)
        return DZR_OK;
    snprintf(what, sizeof what, "column %d is \"%.100s %.50s%s%s\", wanted \"%s %s%s%s\"", index + 1, name, type,
            is_key ? " PRIMARY KEY" : "", is_not_null ? " NOT NULL" : "", wanted_columns[index].name,
            wanted_columns[index].type, wanted_columns[index].is_key ? " PRIMARY KEY" : "",
            wanted_columns[index].is_not_null ? " NOT NULL" : "");
    return fail_shape(db, err, what);
}

static dzr_status check_columns(const user_db *db, sqlite3 *connection, dzr_error *err)
{
    static const char sql[] = "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo('users')";
    sqlite3_stmt *rows = NULL;
    dzr_status status = db__prepare(db, connection, sql, &rows, err);
    int n_columns = 0, code = SQLITE_OK;
    while (status == DZR_OK && (code = sqlite3_step(rows)) == SQLITE_ROW)
        status = check_column(db, n_columns++, rows, err);
    if (status == DZR_OK && code != SQLITE_DONE)
        status = db__fail(db, connection, code, "opening", err);
    else if (status == DZR_OK && n_columns < N_WANTED_COLUMNS)
        status = fail_shape(db, err, "columns are missing");
    sqlite3_finalize(rows);
    return status;
}

/* Ids must never be given twice, and two users must never share an email. */
static dzr_status check_rules(const user_db *db, sqlite3 *connection, dzr_error *err)
{
    int counts_up = 0;
    if (sqlite3_table_column_metadata(connection, "main", "users", "id", NULL, NULL, NULL, NULL, &counts_up) !=
                    SQLITE_OK ||
            counts_up == 0)
        return fail_shape(db, err, "id is not AUTOINCREMENT");

    static const char sql[] = "SELECT 1 FROM pragma_index_list('users') AS l WHERE l.\"unique\" AND NOT l.partial AND "
                              "(SELECT group_concat(name) FROM pragma_index_info(l.name)) = 'email' COLLATE NOCASE";
    sqlite3_stmt *rows = NULL;
    dzr_status status = db__prepare(db, connection, sql, &rows, err);
    if (status == DZR_OK) {
        const int code = sqlite3_step(rows);
        if (code == SQLITE_DONE)
            status = fail_shape(db, err, "email is not UNIQUE");
        else if (code != SQLITE_ROW)
            status = db__fail(db, connection, code, "opening", err);
    }
    sqlite3_finalize(rows);
    return status;
}

/* ---- the file ---- */

static dzr_status enter_wal(const user_db *db, sqlite3 *connection, dzr_error *err)
{
    sqlite3_stmt *rows = NULL;
    dzr_status status = db__prepare(db, connection, "PRAGMA journal_mode = WAL", &rows, err);
    if (status == DZR_OK) {
        const int code = sqlite3_step(rows);
        if (code != SQLITE_ROW)
            status = db__fail(db, connection, code, "opening", err);
        else if (strcasecmp(text_or_empty(rows, 0), "wal") != 0)
            status = dzr_fail(err, DZR_ERR_IO,
                    "%s: opening: the file system has no shared memory for a write-ahead log", db->name);
    }
    sqlite3_finalize(rows);
    return status;
}

static dzr_status open_file(user_db *db, dzr_error *err)
{
    dzr_status status = db__connect(db, db->options.wait_ms, &db->connection, err);
    if (status == DZR_OK)
        status = enter_wal(db, db->connection, err);
    if (status == DZR_OK) {
        char sql[100];
        snprintf(sql, sizeof sql, "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = %d", (int)DB_LOG_BYTES);
        status = db__execute(db, db->connection, sql, err);
    }
    if (status == DZR_OK)
        status = db__execute(db, db->connection, make_table, err);
    if (status == DZR_OK)
        status = check_columns(db, db->connection, err);
    if (status == DZR_OK)
        status = check_rules(db, db->connection, err);
    return status;
}

/* SQLite reads names such as ":memory:" and "file:..." in ways of its own; behind "./" a name is just a name. */
static char *path_for_sqlite(const char *path, dzr_error *err)
{
    const size_t room = strlen(path) + sizeof "./";
    char *out = dzr_alloc_array(NULL, room, 1, err);
    if (out != NULL)
        snprintf(out, room, "%s%s", path[0] == '/' ? "" : "./", path);
    return out;
}

dzr_status user_db_open(const user_db_options *options, user_db **out, dzr_error *err)
{
    /* No locks inside SQLite: a connection belongs to one thread. Refused, and not needed, once SQLite is in use. */
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

    if (options->path == NULL || options->path[0] == '\0')
        return dzr_fail(err, DZR_ERR_ARG, "the database needs a path");
    user_db *db = dzr_alloc_zeroed(NULL, 1, sizeof *db, err);
    if (db == NULL)
        return DZR_ERR_NOMEM;
    pthread_mutex_init(&db->mutex, NULL);
    pthread_cond_init(&db->wake, NULL);
    db->options = *options;
    if (db->options.wait_ms == 0)
        db->options.wait_ms = 5000;
    if (db->options.max_queued == 0)
        db->options.max_queued = 16384;
    db->path = path_for_sqlite(options->path, err);
    dzr_status status = db->path != NULL ? DZR_OK : DZR_ERR_NOMEM;
    if (status == DZR_OK) {
        db->name = options->path[0] == '/' ? db->path : db->path + strlen("./");
        db->options.path = db->name;
        status = open_file(db, err);
    }
    if (status == DZR_OK)
        status = db__writer_start(db, err);
    if (status == DZR_OK)
        *out = db;
    else
        user_db_close(db);
    return status;
}

void user_db_close(user_db *db)
{
    if (db == NULL)
        return;
    db__writer_stop(db);
    sqlite3_close(db->connection); /* the last one copies the log into the file and removes it */
    pthread_cond_destroy(&db->wake);
    pthread_mutex_destroy(&db->mutex);
    dzr_release(NULL, db->path);
    dzr_release(NULL, db);
}

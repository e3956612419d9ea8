/* userator/db_reader.c - reading users: by id, and pages in the order of ids. Called by routes.c on the thread of the
 * loop that owns the reader. A statement is reset before a call returns, so no call holds a snapshot of the file, and
 * the next one sees what anybody committed in between. */
#include "db_internal.h"

struct user_reader {
    const user_db *db;
    sqlite3 *connection;
    sqlite3_stmt *get, *list;
};

#define SELECT_ROW "SELECT id, name, email, age FROM users "

dzr_status user_reader_open(user_db *db, user_reader **out, dzr_error *err)
{
    user_reader *reader = dzr_alloc_zeroed(NULL, 1, sizeof *reader, err);
    if (reader == NULL)
        return DZR_ERR_NOMEM;
    reader->db = db;
    dzr_status status = db__connect(db, DB_READ_WAIT_MS, &reader->connection, err);
    if (status == DZR_OK)
        status = db__execute(db, reader->connection, "PRAGMA query_only = ON", err);
    if (status == DZR_OK)
        status = db__prepare(db, reader->connection, SELECT_ROW "WHERE id = ?", &reader->get, err);
    if (status == DZR_OK)
        status = db__prepare(db, reader->connection, SELECT_ROW "ORDER BY id LIMIT ? OFFSET ?", &reader->list, err);
    if (status == DZR_OK)
        *out = reader;
    else
        user_reader_close(reader);
    return status;
}

void user_reader_close(user_reader *reader)
{
    if (reader == NULL)
        return;
    sqlite3_finalize(reader->get);
    sqlite3_finalize(reader->list);
    sqlite3_close(reader->connection);
    dzr_release(NULL, reader);
}

/* The text of a column; a NULL, which only a damaged file has there, reads as the empty text. */
static dzr_bytes text_of(sqlite3_stmt *statement, int column)
{
    const uint8_t *at = sqlite3_column_text(statement, column);
    const int len = sqlite3_column_bytes(statement, column);
    return at != NULL ? (dzr_bytes){at, (size_t)len} : (dzr_bytes){(const uint8_t *)"", 0};
}

static user_row row_of(sqlite3_stmt *statement)
{
    return (user_row){
            .id = sqlite3_column_int64(statement, 0),
            .name = text_of(statement, 1),
            .email = text_of(statement, 2),
            .has_age = sqlite3_column_type(statement, 3) != SQLITE_NULL,
            .age = sqlite3_column_int64(statement, 3),
    };
}

/* Steps to the end, or until `each` has enough. */
static dzr_status read_rows(
        user_reader *reader, sqlite3_stmt *statement, user_row_fn each, void *ctx, int64_t *n_rows, dzr_error *err)
{
    dzr_status status = DZR_OK;
    int code = SQLITE_ROW;
    *n_rows = 0;
    while (status == DZR_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const user_row row = row_of(statement);
        ++*n_rows;
        status = each(ctx, &row);
    }
    if (status == DZR_OK && code != SQLITE_DONE)
        status = db__fail(reader->db, reader->connection, code, "reading users", err);
    sqlite3_reset(statement);
    return status;
}

dzr_status user_reader_get(user_reader *reader, int64_t id, user_row_fn each, void *ctx, dzr_error *err)
{
    int64_t n_rows = 0;
    sqlite3_bind_int64(reader->get, 1, id);
    const dzr_status status = read_rows(reader, reader->get, each, ctx, &n_rows, err);
    return status == DZR_OK && n_rows == 0 ? DZR_ERR_NOT_FOUND : status;
}

dzr_status user_reader_list(
        user_reader *reader, int64_t skip, int64_t limit, user_row_fn each, void *ctx, dzr_error *err)
{
    int64_t n_rows = 0;
    sqlite3_bind_int64(reader->list, 1, limit);
    sqlite3_bind_int64(reader->list, 2, skip);
    return read_rows(reader, reader->list, each, ctx, &n_rows, err);
}

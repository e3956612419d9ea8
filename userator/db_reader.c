/* userator/db_reader.c - reading users: by id, and pages in the order of ids. Called by routes.c on the thread of the
 * loop that owns the reader. A statement is reset before a call returns, so no call holds a snapshot of the file, and
 * the next one sees what anybody committed in between.
 *
 * To leave out n users SQLite walks over them, so a client that pages through the whole table would cost the square of
 * its size. A reader therefore keeps in mind where its last pages ended, and begins at the nearest such place. Places
 * hold for one state of the file: SQLite counts its changes, whoever made them, and the count is compared inside the
 * reading itself, so no page shows anything but the file as it is. */
#include "db_internal.h"

/* The users behind the `skip` first ones are those from this id on. */
typedef struct list_place {
    int64_t skip, id;
} list_place;

enum { N_PLACES = 128 };

struct user_reader {
    const user_db *db;
    sqlite3 *connection;
    sqlite3_stmt *get, *list;
    uint32_t version; /* of the file, for which the places hold */
    int n_places, oldest;
    list_place places[N_PLACES];
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
        status = db__prepare(
                db, reader->connection, SELECT_ROW "WHERE id >= ? ORDER BY id LIMIT ? OFFSET ?", &reader->list, err);
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

typedef struct row_count {
    int64_t n_rows, first_id, last_id;
} row_count;

/* From the outcome of the first step to the end, or until `each` has enough. */
static dzr_status read_rows(user_reader *reader, sqlite3_stmt *statement, int code, user_row_fn each, void *ctx,
        row_count *count, dzr_error *err)
{
    dzr_status status = DZR_OK;
    *count = (row_count){0, 0, 0};
    while (status == DZR_OK && code == SQLITE_ROW) {
        const user_row row = row_of(statement);
        if (count->n_rows++ == 0)
            count->first_id = row.id;
        count->last_id = row.id;
        status = each(ctx, &row);
        if (status == DZR_OK)
            code = sqlite3_step(statement);
    }
    if (status == DZR_OK && code != SQLITE_DONE)
        status = db__fail(reader->db, reader->connection, code, "reading users", err);
    sqlite3_reset(statement);
    return status;
}

dzr_status user_reader_get(user_reader *reader, int64_t id, user_row_fn each, void *ctx, dzr_error *err)
{
    row_count count;
    sqlite3_bind_int64(reader->get, 1, id);
    const dzr_status status = read_rows(reader, reader->get, sqlite3_step(reader->get), each, ctx, &count, err);
    return status == DZR_OK && count.n_rows == 0 ? DZR_ERR_NOT_FOUND : status;
}

/* ---- pages ---- */

/* Of the state of the file that the last step saw. */
static uint32_t file_version(user_reader *reader)
{
    uint32_t version = 0;
    sqlite3_file_control(reader->connection, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

static list_place nearest_place(const user_reader *reader, int64_t skip)
{
    list_place nearest = {0, INT64_MIN};
    for (int i = 0; i < reader->n_places; i++) {
        if (reader->places[i].skip <= skip && reader->places[i].skip > nearest.skip)
            nearest = reader->places[i];
    }
    return nearest;
}

static void keep_place(user_reader *reader, uint32_t version, list_place place)
{
    if (version != reader->version)
        reader->n_places = reader->oldest = 0;
    reader->version = version;
    for (int i = 0; i < reader->n_places; i++) {
        if (reader->places[i].skip == place.skip)
            return;
    }
    if (reader->n_places < N_PLACES) {
        reader->places[reader->n_places++] = place;
    } else {
        reader->places[reader->oldest] = place;
        reader->oldest = (reader->oldest + 1) % N_PLACES;
    }
}

static int begin_list(user_reader *reader, list_place from, int64_t skip, int64_t limit)
{
    sqlite3_bind_int64(reader->list, 1, from.id);
    sqlite3_bind_int64(reader->list, 2, limit);
    sqlite3_bind_int64(reader->list, 3, skip - from.skip);
    return sqlite3_step(reader->list);
}

dzr_status user_reader_list(
        user_reader *reader, int64_t skip, int64_t limit, user_row_fn each, void *ctx, dzr_error *err)
{
    const list_place from = nearest_place(reader, skip);
    int code = begin_list(reader, from, skip, limit);
    uint32_t version = file_version(reader);
    if (from.skip > 0 && version != reader->version) {
        sqlite3_reset(reader->list);
        code = begin_list(reader, (list_place){0, INT64_MIN}, skip, limit);
        version = file_version(reader);
    }
    row_count count;
    const dzr_status status = read_rows(reader, reader->list, code, each, ctx, &count, err);
    if (status != DZR_OK || count.n_rows == 0)
        return status;
    keep_place(reader, version, (list_place){skip, count.first_id});
    if (count.n_rows == limit && count.last_id < INT64_MAX)
        keep_place(reader, version, (list_place){skip + count.n_rows, count.last_id + 1});
    return status;
}

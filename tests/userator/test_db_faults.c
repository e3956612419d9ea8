/* The storage when the disk is full, writes fail, come short or are interrupted, and when memory ends. SQLite's own
 * seams bring the faults: its table of system calls (pwrite), the file methods (sync), its allocator. */
#include "db_support.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_well, remove_folder)

/* ---- faults of the disk ---- */

typedef enum disk_fault { FAULT_NONE, FAULT_ERRNO, FAULT_SHORT, FAULT_INTERRUPT } disk_fault;
static _Atomic disk_fault fault;
static atomic_int fault_errno;
static atomic_int calls_until; /* the fault begins with this call, counted down */
static atomic_int n_faults;    /* calls that were spoiled */

static bool is_spoiled(void)
{
    if (fault == FAULT_NONE || atomic_fetch_sub(&calls_until, 1) > 1)
        return false;
    n_faults++;
    return true;
}

static void begin_fault(disk_fault kind, int errno_value, int at_call)
{
    fault_errno = errno_value;
    calls_until = at_call;
    n_faults = 0;
    fault = kind;
}

static ssize_t spoiled_pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    if (!is_spoiled())
        return pwrite(fd, bytes, n, offset);
    if (fault == FAULT_SHORT)
        return pwrite(fd, bytes, n > 1 ? n / 2 : n, offset);
    if (fault == FAULT_INTERRUPT && n_faults % 3 != 0)
        return errno = EINTR, -1;
    if (fault == FAULT_INTERRUPT)
        return pwrite(fd, bytes, n, offset);
    errno = fault_errno;
    return -1;
}

static sqlite3_vfs spoiled_vfs;
static sqlite3_vfs *real_vfs;
/* The file system gives different files (the database, the log) different methods; their xSync is one function. */
static struct {
    const sqlite3_io_methods *real;
    sqlite3_io_methods spoiled;
} method_tables[4];

static int spoiled_sync(sqlite3_file *file, int flags)
{
    if (fault == FAULT_ERRNO && is_spoiled())
        return SQLITE_IOERR_FSYNC;
    return method_tables[0].real->xSync(file, flags);
}

static int spoiled_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    const int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (code != SQLITE_OK || file->pMethods == NULL)
        return code;
    size_t i = 0;
    while (method_tables[i].real != NULL && method_tables[i].real != file->pMethods)
        i++;
    assert_in_range(i, 0, 2); /* one stays free as the end */
    if (method_tables[i].real == NULL) {
        method_tables[i].spoiled = *file->pMethods;
        method_tables[i].spoiled.xSync = spoiled_sync;
        method_tables[i].real = file->pMethods;
        assert_true(method_tables[i].real->xSync == method_tables[0].real->xSync);
    }
    file->pMethods = &method_tables[i].spoiled;
    return code;
}

/* ---- faults of memory ---- */

static sqlite3_mem_methods real_memory;
static atomic_int allocations_until; /* 0: none fails */
static atomic_bool memory_failed;

static bool memory_fails(void)
{
    if (allocations_until == 0 || atomic_fetch_sub(&allocations_until, 1) != 1)
        return false;
    memory_failed = true;
    return true;
}

static void *spoiled_malloc(int n)
{
    return memory_fails() ? NULL : real_memory.xMalloc(n);
}

static void *spoiled_realloc(void *block, int n)
{
    return memory_fails() ? NULL : real_memory.xRealloc(block, n);
}

static void install_faults(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods memory = real_memory;
    memory.xMalloc = spoiled_malloc;
    memory.xRealloc = spoiled_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    real_vfs = sqlite3_vfs_find(NULL);
    real_vfs->xSetSystemCall(real_vfs, "pwrite", (sqlite3_syscall_ptr)spoiled_pwrite);
    real_vfs->xSetSystemCall(real_vfs, "pwrite64", (sqlite3_syscall_ptr)spoiled_pwrite);
    spoiled_vfs = *real_vfs;
    spoiled_vfs.zName = "spoiled";
    spoiled_vfs.xOpen = spoiled_open;
    sqlite3_vfs_register(&spoiled_vfs, 1);
}

/* ---- the tests ---- */

static void email_of(int n, char out[32])
{
    snprintf(out, 32, "%d@example.com", n);
}

static user_reader *open_reader(user_db *db)
{
    user_reader *reader = NULL;
    dzr_error err;
    assert_ok(user_reader_open(db, &reader, &err));
    return reader;
}

static dzr_status check_email(void *ctx, const user_row *row)
{
    const char *email = ctx;
    return row->email.len == strlen(email) && memcmp(row->email.at, email, row->email.len) == 0 ? DZR_OK : DZR_ERR_TYPE;
}

/* Inserts `n` while another process holds the lock and the writer waits for it with an insert before them (a conflict,
 * which writes nothing), so that they become one group. */
static void insert_group(user_db *db, sqlite3 *other, int first, int n, user_insert *inserts)
{
    insert_gate gate = GATE_INIT;
    static char emails[64][32];
    other_run(other, "BEGIN IMMEDIATE");
    user_insert before = insert_of(&gate, "x", "0@example.com");
    assert_int_equal(user_db_insert(db, &before), DZR_OK);
    usleep(20000);
    for (int i = 0; i < n; i++) {
        email_of(first + i, emails[i]);
        inserts[i] = insert_of(&gate, "x", emails[i]);
        assert_int_equal(user_db_insert(db, &inserts[i]), DZR_OK);
    }
    other_run(other, "COMMIT");
    gate_wait(&gate, (size_t)n + 1);
    assert_int_equal(before.status, DZR_ERR_EXISTS);
}

static const struct {
    const char *proves;
    int errno_value;
    dzr_status want;
    int http;
} disk_errors[] = {
        {"a full disk", ENOSPC, DZR_ERR_LIMIT, 507},
        {"a quota", EDQUOT, DZR_ERR_LIMIT, 507},
        {"a limit on file sizes", EFBIG, DZR_ERR_LIMIT, 507},
        {"a broken disk", EIO, DZR_ERR_IO, 503},
};

static void a_failed_write_fails_its_whole_group_and_only_that(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    sqlite3 *other = other_open(db_path());
    int64_t id = 0;
    assert_int_equal(insert_now(db, "x", "0@example.com", &id), DZR_OK);
    for (size_t i = 0; i < sizeof disk_errors / sizeof *disk_errors; i++) {
        user_insert inserts[20];
        begin_fault(FAULT_ERRNO, disk_errors[i].errno_value, 1);
        insert_group(db, other, 0, 20, inserts); /* the first of them is a conflict */
        for (int n = 0; n < 20; n++) {
            assert_int_equal(inserts[n].status, disk_errors[i].want);
            assert_int_equal(user_db_http_status(inserts[n].status), disk_errors[i].http);
            assert_int_equal(inserts[n].id, 0);
        }
        assert_true(n_faults > 0);
        assert_non_null(strstr(last_notice(), "users.db: inserting users: "));
        assert_string_equal(read_list(reader, 0, 9), "1 x 0@example.com 0"); /* reading goes on */
        fault = FAULT_NONE;
        usleep(1100000); /* notices come once a second at most */
    }
    user_insert inserts[20];
    insert_group(db, other, 0, 20, inserts);
    assert_int_equal(inserts[0].status, DZR_ERR_EXISTS);
    for (int n = 1; n < 20; n++) {
        assert_int_equal(inserts[n].status, DZR_OK);
        assert_int_equal(inserts[n].id, n + 1); /* what failed has used up no id */
    }
    assert_non_null(strstr(last_notice(), "inserting users works again"));
    assert_string_equal(other_ask(other, "PRAGMA integrity_check"), "ok");
    sqlite3_close(other);
    user_reader_close(reader);
    user_db_close(db);
}

static void short_and_interrupted_writes_are_carried_on(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    static const disk_fault kinds[] = {FAULT_SHORT, FAULT_INTERRUPT};
    for (int kind = 0; kind < 2; kind++) {
        begin_fault(kinds[kind], 0, 1);
        for (int i = 0; i < 50; i++) {
            char email[32];
            email_of(kind * 50 + i, email);
            assert_int_equal(insert_now(db, "x", email, NULL), DZR_OK);
        }
        assert_true(n_faults > 50);
        fault = FAULT_NONE;
    }
    user_db_close(db);
    sqlite3 *other = other_open(db_path());
    assert_string_equal(other_ask(other, "SELECT count(*) FROM users"), "100");
    assert_string_equal(other_ask(other, "PRAGMA integrity_check"), "ok");
    sqlite3_close(other);
}

/* With the nth write or sync and all after it failing, and copies of the log into the file among them: what was
 * acknowledged is there, and the next insert after the fault works. */
static void after_a_fault_at_any_call_what_was_acknowledged_is_there(void **state)
{
    (void)state;
    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    enum { MAX_INSERTS = 4000 };
    static bool acknowledged[MAX_INSERTS];
    memset(acknowledged, 0, sizeof acknowledged);
    static char name[1500000]; /* 370 pages: each third round copies the log */
    memset(name, 'n', sizeof name - 1);
    int n = 0;
    for (int at_call = 1; n < MAX_INSERTS - 8; at_call += at_call < 30 ? 1 : 61) {
        begin_fault(FAULT_ERRNO, EIO, at_call);
        for (int i = 0; i < 4; i++, n++) {
            char email[32];
            email_of(n, email);
            const dzr_status status = insert_now(db, i == 2 ? name : "x", email, NULL);
            assert_true(status == DZR_OK || status == DZR_ERR_IO);
            acknowledged[n] = status == DZR_OK;
        }
        const bool ended = n_faults == 0;
        fault = FAULT_NONE;
        char email[32];
        email_of(n, email);
        assert_int_equal(insert_now(db, "x", email, NULL), DZR_OK);
        acknowledged[n++] = true;
        if (ended)
            break;
    }
    assert_in_range(n, 100, MAX_INSERTS - 8);
    user_reader_close(reader);
    user_db_close(db);
    sqlite3 *other = other_open(db_path());
    assert_string_equal(other_ask(other, "PRAGMA integrity_check"), "ok");
    for (int i = 0; i < n; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM users WHERE email = '%d@example.com'", i);
        assert_string_equal(other_ask(other, sql), acknowledged[i] ? "1" : "0");
    }
    sqlite3_close(other);
}

static void opening_on_a_disk_that_cannot_be_written_is_refused(void **state)
{
    (void)state;
    user_db *db = NULL;
    dzr_error err;
    begin_fault(FAULT_ERRNO, ENOSPC, 1);
    assert_fails(user_db_open(&(user_db_options){.path = db_path()}, &db, &err), DZR_ERR_LIMIT,
            "users.db: opening: database or disk is full");
    begin_fault(FAULT_ERRNO, EIO, 1);
    assert_fails(user_db_open(&(user_db_options){.path = db_path()}, &db, &err), DZR_ERR_IO,
            "users.db: opening: disk I/O error");
    fault = FAULT_NONE;
    assert_ok(user_db_open(&(user_db_options){.path = db_path()}, &db, &err));
    user_db_close(db);
}

/* A file system of 1 MiB that really is full. */
static void a_really_full_file_system_recovers_when_it_has_room(void **state)
{
    (void)state;
    char folder[128], ballast[160];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(db_path(), '/') - db_path()), db_path());
    snprintf(ballast, sizeof ballast, "%s/ballast", folder);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("tmpfs", folder, "tmpfs", 0, "size=1m") != 0) {
        print_message("skipped: mounting a small file system is not permitted here\n");
        skip();
    }
    FILE *file = fopen(ballast, "w");
    for (int i = 0; i < 400000; i++)
        fputc('b', file);
    fclose(file);

    user_db *db = open_db(0, 0);
    user_reader *reader = open_reader(db);
    static char name[8000];
    memset(name, 'n', sizeof name - 1);
    int n = 0;
    char email[32];
    dzr_status status = DZR_OK;
    for (; n < 500 && status == DZR_OK; n++) {
        email_of(n, email);
        status = insert_now(db, name, email, NULL);
    }
    assert_int_equal(status, DZR_ERR_LIMIT);
    assert_in_range(n, 3, 200);
    const int n_rows = n - 1;
    for (int i = 0; i < 20; i++)
        assert_int_equal(insert_now(db, name, "full@example.com", NULL), DZR_ERR_LIMIT);
    dzr_error err;
    for (int i = 0; i < n_rows; i++) {
        email_of(i, email);
        assert_ok(user_reader_get(reader, i + 1, check_email, email, &err));
    }
    unlink(ballast);
    int64_t id = 0;
    assert_int_equal(insert_now(db, name, "room@example.com", &id), DZR_OK);
    assert_int_equal(id, n_rows + 1);
    user_reader_close(reader);
    user_db_close(db);
    sqlite3 *other = other_open(db_path());
    assert_string_equal(other_ask(other, "PRAGMA integrity_check"), "ok");
    sqlite3_close(other);
    assert_int_equal(umount2(folder, MNT_DETACH), 0);
}

static dzr_status any_row(void *ctx, const user_row *row)
{
    (void)row;
    ++*(int *)ctx;
    return DZR_OK;
}

/* One life of the storage; each call answers well or says that memory ended. */
static void live_with_short_memory(int n)
{
    user_db *db = NULL;
    dzr_error err;
    dzr_status status = user_db_open(&(user_db_options){.path = db_path()}, &db, &err);
    if (status != DZR_OK) {
        assert_string_equal(dzr_status_name(status), "DZR_ERR_NOMEM");
        assert_null(db);
        return;
    }
    user_reader *reader = NULL;
    status = user_reader_open(db, &reader, &err);
    if (status == DZR_OK) {
        for (int i = 0; i < 3; i++) {
            char email[32];
            email_of(3 * n + i, email);
            status = insert_now(db, "x", email, NULL);
            assert_true(status == DZR_OK || status == DZR_ERR_NOMEM);
            int n_rows = 0;
            status = user_reader_list(reader, 0, 100, any_row, &n_rows, &err);
            assert_true(status == DZR_OK || status == DZR_ERR_NOMEM);
        }
        user_reader_close(reader);
    } else {
        assert_string_equal(dzr_status_name(status), "DZR_ERR_NOMEM");
    }
    user_db_close(db);
}

static void memory_ending_at_any_allocation_is_survived(void **state)
{
    (void)state;
    int n = 0;
    do {
        memory_failed = false;
        allocations_until = n + 1;
        live_with_short_memory(n++);
        allocations_until = 0;
    } while (memory_failed && n < 5000);
    assert_in_range(n, 100, 4999);
    sqlite3 *other = other_open(db_path());
    assert_string_equal(other_ask(other, "PRAGMA integrity_check"), "ok");
    sqlite3_close(other);
}

/* A test that failed must not spoil the next. */
static int begin_well(void **state)
{
    fault = FAULT_NONE;
    allocations_until = 0;
    return make_folder(state);
}

int main(void)
{
    install_faults();
    const struct CMUnitTest tests[] = {
            TEST(a_failed_write_fails_its_whole_group_and_only_that),
            TEST(short_and_interrupted_writes_are_carried_on),
            TEST(after_a_fault_at_any_call_what_was_acknowledged_is_there),
            TEST(opening_on_a_disk_that_cannot_be_written_is_refused),
            TEST(memory_ending_at_any_allocation_is_survived),
            TEST(a_really_full_file_system_recovers_when_it_has_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

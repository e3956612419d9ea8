/* tests/store/test_file.c - files as sources and sinks: whole or not at all, and the system's words. */
#include "support.h"

#include "alloc_nth.h"
#include <datarizer/store.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static int enter_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/dzr-store-XXXXXX");
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int n_entries(const char *path)
{
    DIR *const dir = opendir(path);
    assert_non_null(dir);
    int n = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static int leave_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *text)
{
    FILE *const file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_file(const char *name, const char *text)
{
    dzr_error err;
    dzr_source *source = NULL;
    assert_ok(dzr_store_open_source(name, NULL, &source, &err));
    assert_int_equal(source->n_bytes, strlen(text));
    char out[256] = {0};
    assert_ok(dzr_source_read_at(source, 0, out, strlen(text), &err));
    assert_string_equal(out, text);
    dzr_source_close(source);
}

static void a_committed_file_appears_whole(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    write_file("out", "old");
    assert_int_equal(chmod("out", 0640), 0);
    assert_ok(dzr_store_open_sink("out", NULL, &sink, &err));
    assert_ok(dzr_sink_append(sink, "new ", 4, &err));
    assert_file("out", "old");
    assert_ok(dzr_sink_append(sink, "text", 4, &err));
    assert_ok(dzr_sink_commit(sink, &err));
    dzr_sink_close(sink);
    assert_file("out", "new text");
    assert_file("file://out", "new text");
    struct stat facts;
    assert_int_equal(stat("out", &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0640);
    assert_int_equal(n_entries("."), 1);
}

static void a_flushed_file_is_still_unseen_and_can_be_appended_to(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    assert_ok(dzr_store_open_sink("flushed.txt", NULL, &sink, &err));
    assert_ok(dzr_sink_append(sink, "one", 3, &err));
    assert_ok(dzr_sink_flush(sink, &err));
    assert_int_equal(access("flushed.txt", F_OK), -1);
    assert_ok(dzr_sink_append(sink, " two", 4, &err));
    assert_ok(dzr_sink_commit(sink, &err));
    assert_fails(dzr_sink_flush(sink, &err), DZR_ERR_ARG, "flushed.txt: is committed");
    dzr_sink_close(sink);
    assert_file("flushed.txt", "one two");
}

static void an_uncommitted_file_leaves_no_trace(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    assert_ok(dzr_store_open_sink("out", NULL, &sink, &err));
    assert_ok(dzr_sink_append(sink, "half", 4, &err));
    dzr_sink_close(sink);
    assert_int_equal(n_entries("."), 0);
}

static void a_killed_writer_leaves_no_trace(void **state)
{
    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        dzr_sink *sink = NULL;
        if (dzr_store_open_sink("out", NULL, &sink, NULL) != DZR_OK || dzr_sink_append(sink, "half", 4, NULL) != DZR_OK)
            _exit(1);
        (void)raise(9);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(n_entries("."), 0);
}

static void folders_are_made_when_asked(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    assert_fails(dzr_store_open_sink("a/b/out", NULL, &sink, &err), DZR_ERR_NOT_FOUND,
            "a/b/out: can't be written: No such file or directory");
    assert_ok(dzr_store_open_sink("a/b/out", &(dzr_store_sink_options){.make_folders = true}, &sink, &err));
    assert_ok(dzr_sink_append(sink, "x", 1, &err));
    assert_ok(dzr_sink_commit(sink, &err));
    dzr_sink_close(sink);
    assert_file("a/b/out", "x");
    write_file("plain", "");
    assert_fails(dzr_store_open_sink("plain/out", &(dzr_store_sink_options){.make_folders = true}, &sink, &err),
            DZR_ERR_NOT_FOUND, "plain/out: can't be written: Not a directory");
}

static void a_link_is_followed_and_a_device_written_through(void **state)
{
    (void)state;
    dzr_error err;
    dzr_sink *sink = NULL;
    write_file("real", "old");
    assert_int_equal(symlink("real", "link"), 0);
    assert_ok(dzr_store_open_sink("link", NULL, &sink, &err));
    assert_ok(dzr_sink_append(sink, "new", 3, &err));
    assert_ok(dzr_sink_commit(sink, &err));
    dzr_sink_close(sink);
    assert_file("real", "new");
    struct stat facts;
    assert_int_equal(lstat("link", &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    assert_ok(dzr_store_open_sink("/dev/full", NULL, &sink, &err));
    assert_fails(dzr_sink_append(sink, "x", 1, &err), DZR_ERR_IO, "/dev/full: writing failed: No space left on device");
    dzr_sink_close(sink);
    assert_int_equal(stat("/dev/full", &facts), 0);
    assert_true(S_ISCHR(facts.st_mode));
}

static const struct {
    const char *name;
    dzr_status want;
    const char *message;
} bad_sources[] = {
        {"missing", DZR_ERR_NOT_FOUND, "missing: can't be opened: No such file or directory"},
        {".", DZR_ERR_IO, ".: can't be read: Is a directory"},
        {"", DZR_ERR_ARG, "the name of a file is empty"},
        {"file://", DZR_ERR_ARG, "file://: has no path"},
        {"f://x/y", DZR_ERR_UNSUPPORTED, "f://x/y: f:// is not supported"},
        {"gopher://x/y", DZR_ERR_UNSUPPORTED, "gopher://x/y: gopher:// is not supported"},
};

static void names_that_can_not_be_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_sources / sizeof *bad_sources; i++) {
        dzr_error err;
        dzr_source *source = NULL;
        assert_fails(dzr_store_open_source(bad_sources[i].name, NULL, &source, &err), bad_sources[i].want,
                bad_sources[i].message);
        assert_null(source);
    }
    dzr_error err;
    dzr_sink *sink = NULL;
    assert_fails(dzr_store_open_sink(".", NULL, &sink, &err), DZR_ERR_IO, ".: can't be written: Is a directory");
    assert_fails(dzr_store_open_sink("gopher://x", NULL, &sink, &err), DZR_ERR_UNSUPPORTED, "gopher://");
}

static void a_file_cut_short_while_open_is_told(void **state)
{
    (void)state;
    dzr_error err;
    dzr_source *source = NULL;
    write_file("in", "0123456789");
    assert_ok(dzr_store_open_source("in", NULL, &source, &err));
    assert_int_equal(truncate("in", 4), 0);
    char out[16];
    assert_fails(dzr_source_read_at(source, 2, out, 8, &err), DZR_ERR_TRUNCATED,
            "in: ends at byte 4, it had 10 when opened");
    assert_int_equal(err.offset, 4);
    dzr_source_close(source);
}

static void a_fifo_is_a_stream(void **state)
{
    (void)state;
    dzr_error err;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        const int fd = open("pipe", O_WRONLY);
        _exit(write(fd, "stream", 6) == 6 ? 0 : 1);
    }
    dzr_source *source = NULL;
    assert_ok(dzr_store_open_source("pipe", NULL, &source, &err));
    assert_true(source->n_bytes == DZR_SIZE_UNKNOWN);
    char out[16] = {0};
    size_t n = 0;
    assert_fails(dzr_source_read_at(source, 0, out, 1, &err), DZR_ERR_ARG, "pipe: is a stream");
    assert_ok(dzr_source_read(source, out, sizeof out, &n, &err));
    assert_string_equal(out, "stream");
    assert_ok(dzr_source_read(source, out, sizeof out, &n, &err));
    assert_int_equal(n, 0);
    dzr_source_close(source);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    bool reached = true;
    for (int64_t n = 1; reached; n++) {
        dzr_error err;
        alloc_nth nth;
        alloc_nth_init(&nth, n);
        dzr_sink *sink = NULL;
        const dzr_store_sink_options options = {.alloc = &nth.allocator, .make_folders = true};
        const dzr_status st = dzr_store_open_sink("deep/er/out", &options, &sink, &err);
        reached = nth.n_requests >= n;
        assert_int_equal(st, reached ? DZR_ERR_NOMEM : DZR_OK);
        dzr_sink_close(sink);
        assert_int_equal(nth.n_out, 0);
    }
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {
            IN_FOLDER(a_committed_file_appears_whole),
            IN_FOLDER(a_flushed_file_is_still_unseen_and_can_be_appended_to),
            IN_FOLDER(an_uncommitted_file_leaves_no_trace),
            IN_FOLDER(a_killed_writer_leaves_no_trace),
            IN_FOLDER(folders_are_made_when_asked),
            IN_FOLDER(a_link_is_followed_and_a_device_written_through),
            IN_FOLDER(names_that_can_not_be_opened),
            IN_FOLDER(a_file_cut_short_while_open_is_told),
            IN_FOLDER(a_fifo_is_a_stream),
            IN_FOLDER(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

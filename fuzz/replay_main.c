/* fuzz/replay_main.c - runs a fuzz target over files and folders given by name, so that the corpus is part of the
 * tests. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t replay_file(const char *path)
{
    FILE *const file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    struct stat facts;
    if (fstat(fileno(file), &facts) != 0)
        exit(1);
    const size_t len = (size_t)facts.st_size;
    uint8_t *const bytes = malloc(len > 0 ? len : 1); /* exactly len, so that a sanitizer sees a byte too far */
    if (bytes == NULL || fread(bytes, 1, len, file) != len) {
        fprintf(stderr, "%s: can't be read\n", path);
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return 1;
}

static size_t replay(const char *path)
{
    DIR *const folder = opendir(path);
    if (folder == NULL)
        return replay_file(path);
    size_t n = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        n += replay(inside);
    }
    closedir(folder);
    return n;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    printf("%zu inputs replayed\n", n);
    return n > 0 ? 0 : 1;
}

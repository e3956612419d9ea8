/* bench/measure.c - runs one program and writes what it cost: CPU seconds, wall seconds, peak resident memory, its own
 * and those of the children it waited for. Called by bench/run.py, which cannot ask this itself: the peak that the
 * kernel reports for a child begins with the memory of the process it was forked from, and Python's hides a small
 * program's. usage: measure REPORT PROGRAM [ARG...]     REPORT gets one line of JSON; the exit status is the program's.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: measure REPORT PROGRAM [ARG...]\n");
        return 2;
    }
    const pid_t self = getpid();
    const double start = now_s();
    const pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever stops the measuring stops the program */
        if (getppid() != self)
            _exit(127);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        perror("measure");
        return 1;
    }
    const double wall = now_s() - start;
    FILE *const report = fopen(argv[1], "w");
    if (report == NULL) {
        perror(argv[1]);
        return 1;
    }
    fprintf(report, "{\"user_s\": %.6f, \"system_s\": %.6f, \"wall_s\": %.6f, \"peak_rss_kib\": %ld}\n",
            seconds(used.ru_utime), seconds(used.ru_stime), wall, used.ru_maxrss);
    if (fclose(report) != 0) {
        perror(argv[1]);
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

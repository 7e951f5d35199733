// Required for the declarations of GNU extensions, which Swift does not see.
#define _GNU_SOURCE

#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#ifdef __linux__

#include <sys/syscall.h>

static int set_actions(posix_spawn_file_actions_t *actions, const char *directory, const int descriptors[3]) {
    int error = posix_spawn_file_actions_addchdir_np(actions, directory);
    for (int number = 0; number < 3 && !error; number++) {
        error = posix_spawn_file_actions_adddup2(actions, descriptors[number], number);
    }
    return error ? error : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (!error) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error) return error;
    return posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

int jobline_spawn(
    pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const int descriptors[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = set_actions(&actions, directory, descriptors);
        if (!error) error = set_attributes(&attributes);
        if (!error) error = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/// Moves a descriptor above the numbers of the standard streams, which are unused if the daemon was started without them.
static int keep_off_standard_streams(int *descriptor) {
    if (*descriptor > 2) return 0;
    int moved = fcntl(*descriptor, F_DUPFD_CLOEXEC, 3);
    if (moved < 0) return errno;
    close(*descriptor);
    *descriptor = moved;
    return 0;
}

int jobline_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC)) return errno;
    int error = keep_off_standard_streams(&ends[0]);
    if (!error) error = keep_off_standard_streams(&ends[1]);
    if (error) {
        close(ends[0]);
        close(ends[1]);
    }
    return error;
}

int jobline_pidfd(pid_t pid) {
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    return descriptor < 0 ? -errno : descriptor;
}

#else

// Only the daemon starts programs, and it requires Linux. On other systems this library only has to compile.
int jobline_spawn(
    pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const int descriptors[3]) {
    return ENOSYS;
}

int jobline_pipe(int ends[2]) { return ENOSYS; }

int jobline_pidfd(pid_t pid) { return -ENOSYS; }

#endif

#ifndef JOBLINE_CSPAWN_H
#define JOBLINE_CSPAWN_H

#include <sys/types.h>

/// Starts a program as the leader of a session of its own, with no descriptor but the three that it is given.
///
/// Signals are as a new program expects them: none blocked, none ignored.
///
/// @param descriptors Its standard input, output and error.
/// @return 0, or the number of the error; there is no process then.
int jobline_spawn(
    pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const int descriptors[3]);

/// Makes a pipe that no program inherits. Returns 0, or the number of the error.
int jobline_pipe(int ends[2]);

/// Opens a process as a descriptor that can be read from when the process has ended.
///
/// @return The descriptor, or the negative number of the error.
int jobline_pidfd(pid_t pid);

#endif

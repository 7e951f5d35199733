#ifndef JOBLINE_CSPAWN_H
#define JOBLINE_CSPAWN_H

#include <sys/types.h>

/// Starts a program as the leader of a new session, with only the three given descriptors open.
///
/// No signal is blocked or ignored.
///
/// @param descriptors Standard input, output and error.
/// @return 0, or an error number; there is no process then.
int jobline_spawn(
    pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *directory,
    const int descriptors[3]);

/// Creates a pipe with close-on-exec set. Returns 0, or an error number.
int jobline_pipe(int ends[2]);

/// Opens a descriptor that becomes readable when the process ends.
///
/// @return The descriptor, or a negative error number.
int jobline_pidfd(pid_t pid);

#endif

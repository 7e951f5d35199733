#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>

/// Answers each frame that comes over a Unix socket with a canned one which has its id, from one thread and with one write
/// for each read, until the process ends.
///
/// - Parameters:
///   - path: Where to listen; nothing may be there.
///   - before: The answer's bytes before the id, with its length.
///   - after: Those behind the id.
/// - Returns: Only on failure, with errno.
void floor_serve(const char *path, const char *before, const char *after);

#endif

internal import Glibc

/// The descriptors that a process starts with, whoever started it.
enum InheritedDescriptors {
    /// Closes all that nobody has said a word about: what this process does not know it cannot use, only keep alive, and a lock or
    /// the end of a pipe does harm by being kept.
    ///
    /// Call it before anything is opened.
    ///
    /// - Parameter first: The lowest that may be closed; those below it were handed over.
    static func closeUnknown(from first: CInt) { closefrom(first) }

    /// Has something open at 0, 1 and 2, so that no database becomes what the log is written to.
    static func completeStandard() {
        while case let descriptor = open("/dev/null", O_RDWR), descriptor >= 0 {
            guard descriptor <= STDERR_FILENO else {
                close(descriptor)
                return
            }
        }
    }
}

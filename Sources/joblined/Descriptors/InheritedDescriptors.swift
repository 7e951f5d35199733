internal import Glibc

/// Descriptors inherited from the parent process.
enum InheritedDescriptors {
    /// Closes all inherited descriptors that were not announced: this process cannot use them, but would keep locks and
    /// pipe ends open.
    ///
    /// Must be called before anything is opened.
    ///
    /// - Parameter first: Lowest descriptor to close; those below it were announced.
    static func closeUnknown(from first: CInt) { closefrom(first) }

    /// Opens /dev/null for closed standard descriptors, so that the database cannot become descriptor 2 and receive log
    /// lines.
    static func completeStandard() {
        while case let descriptor = open("/dev/null", O_RDWR), descriptor >= 0 {
            guard descriptor <= STDERR_FILENO else {
                close(descriptor)
                return
            }
        }
    }
}

internal import LibC
internal import SystemPackage

/// A resource of which the system has none left for the daemon. What fails for want of it is tried again.
enum ExhaustedResource: Sendable, Hashable, CustomStringConvertible {
    /// Processes and threads, which Linux counts together.
    case processes
    case memory
    /// Descriptors of this process.
    case descriptors
    /// Descriptors of the host.
    case files

    /// Returns nil for an error that has another cause, and may come again however often something is tried.
    init?(_ error: any Error) {
        let errno = error as? Errno ?? (error as? PathError)?.cause
        switch errno?.rawValue {
        case EAGAIN: self = .processes
        case ENOMEM: self = .memory
        case EMFILE: self = .descriptors
        case ENFILE: self = .files
        default: return nil
        }
    }

    /// The resource, as it stands behind "for want of".
    var description: String {
        switch self {
        case .processes: "processes or threads"
        case .memory: "memory"
        case .descriptors: "file descriptors"
        case .files: "open files of the host"
        }
    }

    /// Way out for an operator.
    var advice: String {
        switch self {
        case .processes: "look at TasksMax= of the unit, pids.max of its control group, and ulimit -u"
        case .memory: "look at MemoryMax= of the unit and at what else runs on the host"
        case .descriptors: "raise LimitNOFILE= of the unit, or ulimit -n"
        case .files: "raise fs.file-max"
        }
    }
}

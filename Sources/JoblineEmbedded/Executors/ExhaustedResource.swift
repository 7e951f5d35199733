internal import LibC
internal import SystemPackage

/// System resource that is exhausted. Operations that fail for lack of it are retried.
enum ExhaustedResource: Sendable, Hashable, CustomStringConvertible {
    /// Processes and threads, which share a limit on Linux.
    case processes
    case memory
    /// File descriptors of this process.
    case descriptors
    /// Open files of the host.
    case files

    /// Returns nil for errors with another cause, for which a retry may not help.
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

    /// Name of the resource for messages.
    var description: String {
        switch self {
        case .processes: "processes or threads"
        case .memory: "memory"
        case .descriptors: "file descriptors"
        case .files: "open files of the host"
        }
    }

    /// Advice for the operator.
    var advice: String {
        switch self {
        case .processes: "check TasksMax= of the unit, pids.max of its control group, and ulimit -u"
        case .memory: "check MemoryMax= of the unit and the memory of the host"
        case .descriptors: "raise LimitNOFILE= of the unit, or ulimit -n"
        case .files: "raise fs.file-max"
        }
    }
}

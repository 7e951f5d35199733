internal import CSpawn
internal import LibC
internal import SystemPackage

// Wrappers for methods with the names of the C functions.

private func closeDescriptor(_ number: CInt) { close(number) }

private func send(_ signal: CInt, toGroup group: pid_t) -> CInt { kill(-group, signal) }

/// File descriptor that is closed when it goes out of scope.
struct Descriptor: ~Copyable {
    /// Number of the descriptor; negative once it is closed.
    private(set) var number: CInt

    init(number: CInt) { self.number = number }

    deinit { if number >= 0 { closeDescriptor(number) } }

    var isOpen: Bool { number >= 0 }

    mutating func close() {
        if number >= 0 { closeDescriptor(number) }
        number = -1
    }

    /// Makes reads and writes non-blocking.
    func setNonBlocking() throws(Errno) {
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) >= 0 else { throw Errno(rawValue: errno) }
    }
}

/// Pipe that child processes do not inherit.
struct Pipe: ~Copyable {
    let reader: Descriptor
    let writer: Descriptor

    init() throws(Errno) {
        var ends: [CInt] = [-1, -1]
        let error = jobline_pipe(&ends)
        guard error == 0 else { throw Errno(rawValue: error) }
        reader = Descriptor(number: ends[0])
        writer = Descriptor(number: ends[1])
    }

    /// Returns the reading end and closes the writing end.
    consuming func keepReader() -> Descriptor { reader }

    /// Returns the writing end and closes the reading end.
    consuming func keepWriter() -> Descriptor { writer }
}

/// Program with its arguments, environment and working directory.
struct Program: Sendable {
    var path: String
    /// Arguments; the first one is the name of the program.
    var arguments: [String]
    var environment: [String: String]
    var workingDirectory: FilePath
}

/// Child process that leads a session and a process group.
///
/// It must be reaped with ``reap()``. Until then the system does not reuse its pid.
struct ChildProcess: ~Copyable {
    let pid: pid_t
    /// Descriptor that becomes readable when the process ends.
    let exit: Descriptor
    /// Writing end of standard input.
    var input: Descriptor
    /// Reading end of standard output.
    var output: Descriptor
    /// Reading end of standard error.
    var errors: Descriptor

    /// Starts a program.
    ///
    /// - Throws: The error of the system; there is no process then.
    init(_ program: Program) throws(Errno) {
        let input = try Pipe()
        let output = try Pipe()
        let errors = try Pipe()
        try input.writer.setNonBlocking()
        try output.reader.setNonBlocking()
        try errors.reader.setNonBlocking()
        let descriptors = [input.reader.number, output.writer.number, errors.writer.number]
        var pid: pid_t = 0
        let error = program.arguments.withCStrings { arguments in
            program.environment.map { "\($0)=\($1)" }.withCStrings { environment in
                jobline_spawn(
                    &pid, program.path, arguments, environment, program.workingDirectory.string, descriptors)
            }
        }
        guard error == 0 else { throw Errno(rawValue: error) }
        let exit = jobline_pidfd(pid)
        guard exit >= 0 else {
            Self.kill(group: pid, SIGKILL)
            _ = Self.reap(pid)
            throw Errno(rawValue: -exit)
        }
        self.pid = pid
        self.exit = Descriptor(number: exit)
        self.input = input.keepWriter()
        self.output = output.keepReader()
        self.errors = errors.keepReader()
    }

    /// Sends a signal to all processes of the group.
    func signal(_ signal: CInt) { Self.kill(group: pid, signal) }

    /// Waits for the end of the process and returns its exit status.
    consuming func reap() -> ExecutorProcess.Exit.Status { Self.reap(pid) }

    private static func kill(group: pid_t, _ signal: CInt) { _ = send(signal, toGroup: group) }

    private static func reap(_ pid: pid_t) -> ExecutorProcess.Exit.Status {
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        // See wait(2): the low seven bits hold the signal, if any, and the next byte the exit status.
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }
}

extension [String] {
    /// Calls `body` with the strings as a null-terminated array of C strings.
    fileprivate func withCStrings<Value>(_ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value {
        var characters = flatMap { $0.utf8CString }
        return characters.withUnsafeMutableBufferPointer { buffer in
            var strings: [UnsafeMutablePointer<CChar>?] = []
            var offset = 0
            for string in self {
                strings.append(buffer.baseAddress.map { $0 + offset })
                offset += string.utf8.count + 1
            }
            return body(strings + [nil])
        }
    }
}

internal import CSpawn
internal import LibC
internal import SystemPackage

// Named so that methods of the usual names can call them.

private func closeDescriptor(_ number: CInt) { close(number) }

private func send(_ signal: CInt, toGroup group: pid_t) -> CInt { kill(-group, signal) }

/// A descriptor that is closed at the latest when it goes out of scope.
struct Descriptor: ~Copyable {
    /// Negative once it is closed.
    private(set) var number: CInt

    init(number: CInt) { self.number = number }

    deinit { if number >= 0 { closeDescriptor(number) } }

    var isOpen: Bool { number >= 0 }

    mutating func close() {
        if number >= 0 { closeDescriptor(number) }
        number = -1
    }

    /// Keeps reads and writes from waiting.
    func setNonBlocking() throws(Errno) {
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) >= 0 else { throw Errno(rawValue: errno) }
    }
}

/// A pipe that no program inherits.
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

    /// Closes the other end.
    consuming func keepReader() -> Descriptor { reader }

    /// Closes the other end.
    consuming func keepWriter() -> Descriptor { writer }
}

/// A program with everything that it is given, except its standard input.
struct Program: Sendable {
    var path: String
    /// The arguments; the first one is the name that the program is called by.
    var arguments: [String]
    var environment: [String: String]
    var workingDirectory: FilePath
}

/// A running program. It leads a session and with it a process group of its own.
///
/// Has to end with ``reap()``, until which its number is that of no other process or group.
struct ChildProcess: ~Copyable {
    let pid: pid_t
    /// Can be read from once the process has ended.
    let exit: Descriptor
    /// The writing end of its standard input.
    var input: Descriptor
    /// The reading end of its standard output.
    var output: Descriptor
    /// The reading end of its standard error.
    var errors: Descriptor

    /// Starts a program.
    ///
    /// - Throws: Why there is no process.
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

    /// Waits for the end of the process, and forgets the process.
    consuming func reap() -> ExecutorProcess.Exit.Status { Self.reap(pid) }

    private static func kill(group: pid_t, _ signal: CInt) { _ = send(signal, toGroup: group) }

    private static func reap(_ pid: pid_t) -> ExecutorProcess.Exit.Status {
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        // As wait(2) has it: the low seven bits are the signal, if any, and the next byte is the exit status.
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }
}

extension [String] {
    /// Lends the strings as C has a list of them, which ends with a null pointer.
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

/// Why the daemon does not start, or stops; its message is the one line that a person sees.
struct DaemonError: Error, CustomStringConvertible {
    /// The kind of failure.
    struct Code: Sendable, Hashable {
        private enum Kind { case configuration, listening, state }
        private let kind: Kind

        /// A key, a value or a flag.
        static let configuration = Code(kind: .configuration)
        /// The socket.
        static let listening = Code(kind: .listening)
        /// The state directory and what is in it.
        static let state = Code(kind: .state)

        /// The exit status: 78 is EX_CONFIG of sysexits(3).
        var exitStatus: Int32 { kind == .configuration ? 78 : 1 }
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    var description: String { message }
}

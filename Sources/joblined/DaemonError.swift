/// Error that prevents the start of the daemon or stops it; its message is printed as one line.
struct DaemonError: Error, CustomStringConvertible {
    /// Kind of error.
    struct Code: Sendable, Hashable {
        private enum Kind { case configuration, listening, state }
        private let kind: Kind

        /// Invalid key, value or flag.
        static let configuration = Code(kind: .configuration)
        /// Error of the socket.
        static let listening = Code(kind: .listening)
        /// Error of the state directory or its content.
        static let state = Code(kind: .state)

        /// Exit status; 78 is EX_CONFIG of sysexits.h.
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

internal import ArgumentParser
internal import Glibc
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import ServiceLifecycle
internal import SystemPackage

/// Command line of the daemon.
@main
struct Joblined: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joblined",
        abstract: "Runs batch jobs for all processes on this host, over one Unix socket.",
        discussion: """
            Under systemd, it uses the inherited socket (FileDescriptorName=jobline) and notifies systemd when it is \
            ready. Otherwise, it creates the socket.

            Keys can be set in the configuration file, and as JOBLINE_KEY in the environment (stateDirectory is \
            JOBLINE_STATE_DIRECTORY). Flags take precedence over the environment, the environment over the file. An \
            unknown key in the file is an error; an unknown JOBLINE_ variable is a warning in the log.

            Exit status: 0 after a clean shutdown, 78 for an invalid configuration, 1 for other errors.
            """,
        version: "joblined \(ProductVersion.current)"
    )

    @Option(help: ArgumentHelp("Path of the socket.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Directory of jobs, buckets and the database.", valueName: "path"))
    var stateDirectory: String?

    @Option(help: ArgumentHelp("Configuration file in YAML.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("Minimum level: trace, debug, info, notice, warning, error or critical.", valueName: "level")
    )
    var logLevel: String?

    /// Values of flags, by key.
    private var flags: [String: String] {
        var flags: [String: String] = [:]
        flags["socket"] = socket
        flags["stateDirectory"] = stateDirectory
        flags["logLevel"] = logLevel
        return flags
    }

    /// Parses the arguments and runs the daemon. On failure, prints one line to standard error and exits with a status
    /// for the kind of failure.
    static func main() {
        ProcessSignals.block()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(error)
        }
    }

    func run() throws {
        // First, because it changes the environment, which is not safe with several threads.
        let manager = try ServiceManager.takeOver()
        // Without this, libdispatch logs at each start that an unprivileged process cannot raise the priority of a
        // thread.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        // Before any descriptor above the old limit is opened.
        let descriptors = DescriptorLimit.raise()
        let signals = ProcessSignals {
            DaemonLog.system.flush()
            _exit(0)
        }
        let source = ConfigurationSource(flags: flags, environment: environment(), path: config)
        let log = DaemonLog.system
        // A closed standard error must not end the daemon.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { _ in log.handler() }
        // An explicit priority, because an unprivileged process cannot use that of the main thread.
        Task(priority: .medium) {
            do {
                let daemon = Daemon(
                    configuration: try await source.read(), source: source, manager: manager,
                    descriptors: descriptors, log: log)
                try await daemon.run(signals)
                manager.flush()
                log.flush()
                Glibc.exit(0)
            } catch {
                Self.end(error)
            }
        }
        // Instead of dispatchMain(), which unblocks signals on the main thread.
        signals.take()
    }

    private static func end(_ error: any Error) -> Never {
        if let error = error as? DaemonError { fail(error.message, error.code.exitStatus) }
        switch exitCode(for: error) {
        case .success: exit(withError: error)
        case .validationFailure:
            fail("\(message(for: error)); see joblined --help", DaemonError.Code.configuration.exitStatus)
        default:
            let isKnown = error is ServerError || error is ServiceGroupError
            // The text of other errors can contain sensitive data.
            fail(isKnown ? "\(error)" : "\(type(of: error))", 1)
        }
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: "; ")
        DaemonLog.system.end(line)
        Glibc.exit(status)
    }

    private func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }
}

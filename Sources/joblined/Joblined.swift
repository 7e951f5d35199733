internal import ArgumentParser
internal import Glibc
internal import JoblineEmbedded
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import ServiceLifecycle
internal import SystemPackage

/// The daemon's command line.
@main
struct Joblined: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joblined",
        abstract: "Tells every process on this host how its batch jobs are doing, over one Unix socket.",
        discussion: """
            Started by systemd, it takes the socket it is handed (FileDescriptorName=jobline) and tells when it is ready. \
            Started by hand, it makes the socket itself.

            Every key can stand in the configuration file, and as JOBLINE_KEY in the environment (stateDirectory is \
            JOBLINE_STATE_DIRECTORY). A flag wins over the environment, and the environment over the file. An unknown key in \
            the file is an error; an unknown JOBLINE_ variable is a warning in the log.

            Exit status: 0 after a clean stop, 78 if the configuration is at fault, 1 if anything else is.
            """,
        version: "joblined \(ProductVersion.current)"
    )

    @Option(help: ArgumentHelp("Where to make the socket.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Where jobs, buckets and the database are kept.", valueName: "path"))
    var stateDirectory: String?

    @Option(help: ArgumentHelp("A YAML file of settings.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    /// The flags that are settings, by key.
    private var flags: [String: String] {
        var flags: [String: String] = [:]
        flags["socket"] = socket
        flags["stateDirectory"] = stateDirectory
        flags["logLevel"] = logLevel
        return flags
    }

    /// Parses and runs; every failure is one line on standard error, and an exit status that says whose it is.
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
        // Changes the environment, which belongs to the whole process, so it comes before there is another thread.
        let manager = try ServiceManager.takeOver()
        // libdispatch logs at each start that its thread does not get the priority that no unprivileged process gets.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        // Nothing is open yet that would be over the old one.
        let descriptors = DescriptorLimit.raise()
        let signals = ProcessSignals {
            DaemonLog.system.flush()
            _exit(0)
        }
        let source = ConfigurationSource(flags: flags, environment: environment(), path: config)
        let log = DaemonLog.system
        // A reader of standard error that goes away does not take the daemon with it.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { _ in log.handler() }
        // Not the main thread's priority, which an unprivileged process does not get.
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
        // Not dispatchMain(), which lets every signal through to the main thread.
        signals.take()
    }

    private static func end(_ error: any Error) -> Never {
        if let error = error as? DaemonError { fail(error.message, error.code.exitStatus) }
        switch exitCode(for: error) {
        case .success: exit(withError: error)
        case .validationFailure:
            fail("\(message(for: error)); see joblined --help", DaemonError.Code.configuration.exitStatus)
        default:
            let isKnown = error is ServerError || error is StateError || error is ServiceGroupError
            // What the text of any other error holds is not known.
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

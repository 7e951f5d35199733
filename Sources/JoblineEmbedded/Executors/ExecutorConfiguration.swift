/// Configuration of the executor of one family.
package struct ExecutorConfiguration: Sendable, Hashable {
    /// Treatment of jobs that were running when the daemon ended.
    package enum RestartPolicy: String, Sendable, Hashable, CaseIterable {
        /// The job returns to its place in the queue and runs again with an empty output directory.
        case rerun
        /// The job fails with a message.
        case fail
    }

    /// Program or closure that does the work.
    package enum Worker: Sendable, Hashable {
        /// Absolute path of a program, or a name found in PATH, and its arguments. They are not read by a shell.
        case program([String])
        /// Closure in this process, without a timeout.
        case inProcess(InProcessExecutor)
    }

    package var worker: Worker
    /// Maximum number of concurrent jobs of the family: 1 to 64. The service runs one matching job at a time.
    package var concurrency = 1
    /// Maximum duration of a job.
    package var timeout: Duration = .seconds(3600)
    /// Names of environment variables that the executor gets from the daemon, in addition to PATH and LANG.
    package var environment: [String] = []
    package var onRestart = RestartPolicy.rerun
    /// Version of the model unless the executor reports one; only for families of Comprehend Medical.
    package var modelVersion: String?

    /// Length of a model version, in characters.
    package static let modelVersionLength = 1...64

    package init(
        command: [String], concurrency: Int = 1, timeout: Duration = .seconds(3600), environment: [String] = [],
        onRestart: RestartPolicy = .rerun, modelVersion: String? = nil
    ) {
        worker = .program(command)
        self.concurrency = concurrency
        self.timeout = timeout
        self.environment = environment
        self.onRestart = onRestart
        self.modelVersion = modelVersion
    }

    package init(_ executor: InProcessExecutor, concurrency: Int = 1, onRestart: RestartPolicy = .rerun) {
        worker = .inProcess(executor)
        self.concurrency = concurrency
        self.onRestart = onRestart
    }

    /// Program and its arguments; empty for an in-process executor.
    package var command: [String] {
        get {
            switch worker {
            case .program(let command): command
            case .inProcess: []
            }
        }
        set { worker = .program(newValue) }
    }
}

extension ExecutorConfiguration {
    /// Description of why the executor cannot run; nil if it can.
    var problem: String? {
        switch worker {
        case .program(let command): ExecutorProcess.problem(command)
        case .inProcess: nil
        }
    }

    /// Ids of the jobs that may start; nil: all.
    var ready: Set<String>? {
        switch worker {
        case .program: nil
        case .inProcess(let executor): executor.ready()
        }
    }
}

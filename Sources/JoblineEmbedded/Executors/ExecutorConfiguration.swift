/// What does the jobs of one family.
package struct ExecutorConfiguration: Sendable, Hashable {
    /// What becomes of a job whose run the end of the daemon cut short.
    package enum RestartPolicy: String, Sendable, Hashable, CaseIterable {
        /// It goes back to its place in the queue, and runs again in an empty output directory.
        case rerun
        /// It ends as failed, and its message says why.
        case fail
    }

    /// Where the work is done.
    package enum Worker: Sendable, Hashable {
        /// By a program: an absolute path or a name to be found in PATH, and its arguments. No shell reads them.
        case program([String])
        /// In this process, without a time limit.
        case inProcess(InProcessExecutor)
    }

    package var worker: Worker
    /// How many jobs of the family run at once, 1 to 64. Of matching jobs the service runs one at a time.
    package var concurrency = 1
    /// How long a job may run.
    package var timeout: Duration = .seconds(3600)
    /// Names of variables that are passed on from the daemon's environment, besides PATH and LANG.
    package var environment: [String] = []
    package var onRestart = RestartPolicy.rerun
    /// The version of the model that does the work, where the executor does not say it; of Comprehend Medical's families only.
    package var modelVersion: String?

    /// Characters of a model's version.
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

    /// The program and its arguments; empty where there is none.
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
    /// Why the work could not be done now; nil if it could.
    var problem: String? {
        switch worker {
        case .program(let command): ExecutorProcess.problem(command)
        case .inProcess: nil
        }
    }

    /// The jobs that may begin; nil: all of them.
    var ready: Set<String>? {
        switch worker {
        case .program: nil
        case .inProcess(let executor): executor.ready()
        }
    }
}

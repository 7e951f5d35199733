public import Jobline
internal import JoblineBackend
internal import JoblineEmbedded
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import SystemPackage

/// A server in the process of a test, so that programs that use the SDK can be tested without a daemon.
///
/// It is the daemon's own code (the wire, limits, the queue, the states of jobs, their output) behind a real Unix socket. Three things are
/// in the hands of the test: what the jobs do (``TestJob``, ``JobScript``), the time (``TestClock``), and what goes wrong
/// (``inject(_:next:of:)``). Everything it keeps is in a private directory, in memory where the system has a file system for
/// that, and is gone when it is stopped.
///
/// ```swift
/// @Test func waitsForTheJob() async throws {
///     try await withJobline { jobline in
///         let started = try await startNightlyJob(jobline.client)
///         let job = try await jobline.job(started)
///         try await job.succeed()
///         #expect(try await isDone(job.id, jobline.client))
///     }
/// }
/// ```
///
/// Any number of servers can run side by side; they share nothing but event loops.
public final class TestServer: Sendable {
    /// What the server was started with.
    public let configuration: Configuration
    /// Where it listens; for programs under test that make their own client, such as through `JOBLINE_SOCKET`.
    public let socketPath: String
    /// A client that is connected to it, on its clock.
    public let client: JoblineClient
    let stage: Stage
    let faults = FaultScript()
    /// What earlier servers on the same socket had counted.
    let earlier = Mutex<[Sidecar.MethodStatistics]>([])
    private let chance = Chance()
    /// Closed during a restart, which takes real time: a pause that takes none must not use up a client's attempts meanwhile.
    private let gate = Gate()
    private let life: Mutex<Life?>

    /// What goes on as long as the server does.
    private struct Life {
        let directory: PrivateDirectory
        let listener: UnixListener
        let backend: EmbeddedBackend
        let watches: JobWatches
        let running: Task<Void, any Error>
        let hearing: Int
        var front: Front
        var clients: [JoblineClient]
    }

    /// What is exchanged by a restart.
    struct Front {
        let server: Server
        let task: Task<Void, any Error>
    }

    /// What the server and its clients take their time from.
    public var clock: TestClock { configuration.clock }

    var server: Server? { life.withLock { $0?.front.server } }

    /// Starts a server, for tests that cannot use ``withJobline(configuration:_:)``; it has to be ended by ``stop()``.
    ///
    /// - Parameter configuration: How it behaves.
    /// - Throws: ``TestServerError`` if the machine does not let it run, or a limit makes no sense.
    public static func start(_ configuration: Configuration = Configuration()) async throws -> TestServer {
        let directory = try PrivateDirectory()
        do {
            return try await TestServer(configuration, directory)
        } catch {
            directory.remove()
            throw (error as? TestServerError)
                ?? TestServerError(.environment, "the test server cannot be started", cause: error)
        }
    }

    private init(_ configuration: Configuration, _ directory: PrivateDirectory) async throws {
        self.configuration = configuration
        let stage = Stage(patience: configuration.patience)
        self.stage = stage
        socketPath = directory.path + "/s"
        let clock = configuration.clock
        let chance = chance
        client = Self.client(configuration.client, socketPath, clock, chance, gate)
        let limits = try configuration.limits.resolve()
        let listener = try UnixListener.bind(path: socketPath, mode: 0o600)
        do {
            let backend = try EmbeddedBackend(
                configuration: Self.embedded(configuration, directory, stage), now: { clock.now },
                makeID: { chance.id() }, logger: Self.logger)
            stage.open(backend)
            let watches = JobWatches(of: backend)
            let front = try await Self.serve(backend, watches, listener, limits, faults, clock)
            life = Mutex(nil)
            backend.observeChanges { _ in stage.signal() }
            let running = Task { try await backend.run() }
            let hearing = clock.listen { [weak self] in self?.server?.timeHasMoved() }
            life.withLock {
                $0 = Life(
                    directory: directory, listener: listener, backend: backend, watches: watches, running: running,
                    hearing: hearing, front: front, clients: [client])
            }
        } catch {
            stage.close()
            listener.close()
            throw error
        }
    }

    /// Another client of the server, on its clock. It is closed when the server is stopped.
    ///
    /// - Parameter configuration: How it behaves; its socket is that of the server.
    public func makeClient(
        _ configuration: JoblineClient.Configuration = JoblineClient.Configuration()
    ) -> JoblineClient {
        let client = Self.client(configuration, socketPath, clock, chance, gate)
        life.withLock { $0?.clients.append(client) }
        return client
    }

    /// Ends every connection as if its socket had failed; clients may connect again at once.
    public func disconnect() { server?.disconnect() }

    /// Ends the server as a daemon that is told to stop, and starts one on the same socket with the same jobs.
    ///
    /// Requests in flight are finished, the others refused so that they can safely be sent again, and connections are told and
    /// closed. Clients that connect meanwhile wait, as they do where systemd keeps the socket. Jobs that run go on, as they do where
    /// the daemon is not what runs them.
    ///
    /// - Throws: ``TestServerError`` if the server was stopped, or cannot be started again.
    public func restart() async throws(TestServerError) {
        guard
            let (front, watches, listener) = life.withLock({ life in
                life.map { ($0.front, $0.watches, $0.listener) }
            })
        else {
            throw TestServerError(.stopped, "the test server was stopped")
        }
        gate.close()
        defer { gate.open() }
        front.server.drain()
        _ = await front.task.result
        earlier.withLock { $0 = $0.adding(front.server.statistics.methods) }
        let next: Front
        do {
            next = try await Self.serve(
                stage.backend, watches, listener, configuration.limits.resolve(), faults, clock)
        } catch {
            throw TestServerError(.environment, "the test server cannot be started again", cause: error)
        }
        let isStopped = life.withLock { life in
            life?.front = next
            return life == nil
        }
        if isStopped { next.server.drain() }
    }

    /// Closes the clients, ends the server, and removes everything it kept. Does nothing the second time.
    ///
    /// Calls that are under way fail, and whoever sleeps by a manual clock goes on sleeping: the clock belongs to the test.
    public func stop() async {
        guard let life = life.withLock({ $0.take() }) else { return }
        clock.stopListening(life.hearing)
        for client in life.clients { await client.close() }
        life.front.server.drain()
        _ = await life.front.task.result
        stage.close()
        life.backend.drain()
        _ = await life.running.result
        life.backend.close()
        life.listener.close()
        life.directory.remove()
    }
}

// MARK: - The parts

extension TestServer {
    private static let logger = Logger(label: "jobline.testing", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func client(
        _ configuration: JoblineClient.Configuration, _ socketPath: String, _ clock: TestClock, _ chance: Chance,
        _ gate: Gate
    ) -> JoblineClient {
        var configuration = configuration
        configuration.socketPath = socketPath
        return JoblineClient(
            configuration: configuration,
            surroundings: Surroundings(
                now: { clock.elapsed },
                sleep: { pause in
                    try await clock.sleep(for: pause)
                    await gate.pass()
                }, random: { chance.number() }))
    }

    private static func embedded(
        _ configuration: Configuration, _ directory: PrivateDirectory, _ stage: Stage
    ) -> EmbeddedConfiguration {
        var embedded = EmbeddedConfiguration(stateDirectory: FilePath(directory.path + "/state"))
        embedded.suppliesInput = configuration.suppliesInput
        for family in Family.allCases {
            let executor = InProcessExecutor(
                ready: { stage.ready(family) }, work: { job, say in await stage.play(job, say) })
            // At the end nobody looks any more at what becomes of a job that still runs, and to put it back is least work.
            embedded.executors[family] = ExecutorConfiguration(
                executor, concurrency: Stage.concurrency(of: family), onRestart: .rerun)
        }
        return embedded
    }

    private static func serve(
        _ backend: EmbeddedBackend, _ watches: JobWatches, _ listener: UnixListener, _ limits: RateLimiter.Limits,
        _ faults: FaultScript,
        _ clock: TestClock
    ) async throws -> Front {
        var configuration = ServerConfiguration()
        configuration.version = ProductVersion.current
        configuration.features = [Feature.watch]
        let backends = try Backends(backend)
        configuration.backends = backends.names
        configuration.backendLimits = backends.concurrencyLimits
        configuration.routes = backends.routes
        // The clients of a test have closed by then, or do not answer.
        configuration.drainTimeout = .milliseconds(100)
        let origin = ContinuousClock.now
        let start = clock.elapsed
        let (serving, began) = AsyncStream<Void>.makeStream()
        let server = try Server(
            configuration: configuration, listener: listener.copy(), limits: limits, faults: FaultInjector(faults),
            logger: logger,
            clock: MonotonicClock(
                now: { origin + (clock.elapsed - start) }, sleep: { try await clock.sleep(for: $0) }),
            group: NIOSingletons.posixEventLoopGroup, whenServing: { began.finish() }
        ) { rpc, server in
            Services(
                comprehendMedical: backend.comprehendMedical, entityResolution: backend.entityResolution,
                personalize: backend.personalize, rpc: rpc,
                sidecar: TestSidecar(backends: backends, watches: watches, server: server, startTime: clock.now))
        }
        let task = Task {
            defer { began.finish() }
            try await server.run()
        }
        for await _ in serving {}
        return Front(server: server, task: task)
    }
}

/// Runs a server while `body` runs.
///
/// - Parameters:
///   - configuration: How it behaves.
///   - body: The test.
/// - Returns: What `body` returned.
/// - Throws: What `body` threw, or ``TestServerError`` if the server cannot be started.
public func withJobline<Value>(
    configuration: TestServer.Configuration = TestServer.Configuration(), _ body: (TestServer) async throws -> Value
) async throws -> Value {
    let server = try await TestServer.start(configuration)
    let outcome: Result<Value, any Error>
    do {
        outcome = .success(try await body(server))
    } catch {
        outcome = .failure(error)
    }
    await server.stop()
    return try outcome.get()
}

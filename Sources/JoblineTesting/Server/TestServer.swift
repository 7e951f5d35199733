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

/// An in-process server for tests of programs that use the SDK.
///
/// The server runs the daemon's code (wire protocol, limits, queue, job states and output) behind a real Unix socket. The
/// test controls the jobs (``TestJob``, ``JobScript``), the time (``TestClock``) and injected faults
/// (``inject(_:next:of:)``). All state is in a private directory, in memory where the system has `/dev/shm`, and is removed
/// by ``stop()``.
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
/// Any number of servers can run side by side. They share only event loops.
public final class TestServer: Sendable {
    /// Configuration of the server.
    public let configuration: Configuration
    /// Path of the socket, for programs under test that create their own client.
    public let socketPath: String
    /// A client of the server that uses its clock.
    public let client: JoblineClient
    let stage: Stage
    let faults = FaultScript()
    /// Call counts of the servers before the last restart.
    let earlier = Mutex<[Sidecar.MethodStatistics]>([])
    private let chance = SeededRandom()
    /// Closed during a restart. A restart takes real time, and a backoff that takes none would exhaust a client's attempts.
    private let gate = Gate()
    private let life: Mutex<Life?>

    /// Resources of a running server.
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

    /// Parts that a restart replaces.
    struct Front {
        let server: Server
        let task: Task<Void, any Error>
    }

    /// Clock of the server and its clients.
    public var clock: TestClock { configuration.clock }

    var server: Server? { life.withLock { $0?.front.server } }

    /// Starts a server for tests that cannot use ``withJobline(configuration:_:)``. The caller must call ``stop()``.
    ///
    /// - Parameter configuration: Configuration of the server.
    /// - Throws: ``TestServerError`` if the environment prevents the start, or a rate limit is invalid.
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
        let stage = Stage(timeout: configuration.stepTimeout)
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

    /// Creates another client of the server that uses its clock. ``stop()`` closes it.
    ///
    /// - Parameter configuration: Configuration of the client; the server sets the socket path.
    public func makeClient(
        _ configuration: JoblineClient.Configuration = JoblineClient.Configuration()
    ) -> JoblineClient {
        let client = Self.client(configuration, socketPath, clock, chance, gate)
        life.withLock { $0?.clients.append(client) }
        return client
    }

    /// Closes every connection as if its socket had failed. Clients can reconnect immediately.
    public func disconnect() { server?.disconnect() }

    /// Drains the server and starts another one with the same socket and jobs.
    ///
    /// Requests in flight finish, and later requests on the old connections are refused as safe to retry. Clients that connect
    /// during the restart wait, as with a socket held by systemd. Running jobs continue.
    ///
    /// - Throws: ``TestServerError`` if the server was stopped, or cannot be restarted.
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
            throw TestServerError(.environment, "the test server cannot be restarted", cause: error)
        }
        let isStopped = life.withLock { life in
            life?.front = next
            return life == nil
        }
        if isStopped { next.server.drain() }
    }

    /// Closes the clients, stops the server and removes its state. Idempotent.
    ///
    /// Calls in flight fail. Sleepers of a manual clock keep sleeping, because the clock belongs to the test.
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

// MARK: - Construction

extension TestServer {
    private static let logger = Logger(label: "jobline.testing", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func client(
        _ configuration: JoblineClient.Configuration, _ socketPath: String, _ clock: TestClock, _ chance: SeededRandom,
        _ gate: Gate
    ) -> JoblineClient {
        var configuration = configuration
        configuration.socketPath = socketPath
        return JoblineClient(
            configuration: configuration,
            dependencies: ClientDependencies(
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
            // The outcome of a job that still runs at the end is irrelevant, and `.rerun` is the cheapest.
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
        // Clients of a test are closed by then, or unresponsive.
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

/// Starts a server, runs `body` with it, and stops it.
///
/// - Parameters:
///   - configuration: Configuration of the server.
///   - body: Body of the test.
/// - Returns: Result of `body`.
/// - Throws: The error of `body`, or ``TestServerError`` if the server cannot be started.
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

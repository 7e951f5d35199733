internal import JoblineProtocol
internal import NIOCore
internal import NIOPosix

/// A client of the daemon on this host.
///
/// Cheap to make, connects with its first call, and is meant to be shared: all calls travel over one connection, many at a
/// time. A lost connection is made again by the next call. Call ``close()`` when done, or use ``withClient(configuration:_:)``.
///
/// ```swift
/// let client = JoblineClient()
/// let job = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
/// await client.close()
/// ```
public final class JoblineClient: Sendable {
    /// What the client was made with; `socketPath` is filled in.
    public let configuration: Configuration
    /// Runs tasks on the event loop of the client's connection, where calls are made without a change of threads.
    ///
    /// Such changes are most of the time that a single call takes, so that this is for a task that makes one call after the other:
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(client.executor) {
    ///     for id in ids { print(try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)) }
    /// }
    /// ```
    ///
    /// What runs there must neither block nor compute for long: meanwhile nothing comes in for any client on the event loop. Many
    /// calls at a time are better made without it, on all processors.
    public let executor: any TaskExecutor
    let connection: Connection
    let retrier: Retrier
    let dependencies: ClientDependencies
    let callsUnderWay = CallsUnderWay()

    /// A client.
    ///
    /// A client that is made on an event loop of SwiftNIO's singleton group, by a task with another client's ``executor`` for
    /// example, lives on it.
    ///
    /// - Parameter configuration: Where the daemon listens and how to treat failures; the defaults fit most programs.
    public convenience init(configuration: Configuration = Configuration()) {
        self.init(configuration: configuration, dependencies: .system)
    }

    /// A client with its own time and chance.
    package init(configuration: Configuration, dependencies: ClientDependencies) {
        var configuration = configuration
        let socketPath = configuration.socketPath ?? SocketPath.resolve()
        configuration.socketPath = socketPath
        self.configuration = configuration
        self.dependencies = dependencies
        let machine = ClientStateMachine(
            configuration: ClientStateMachine.Configuration(
                socketPath: socketPath, maximumWaiting: configuration.maximumWaitingCalls,
                waitsForDaemon: configuration.waitsForDaemon, keepAlive: TimeAmount(configuration.keepAlive),
                pingTimeout: min(TimeAmount(configuration.keepAlive), .seconds(5)),
                watchTimeout: configuration.watchTimeout.map { TimeAmount($0) }),
            random: { dependencies.fraction() })
        let eventLoop = NIOSingletons.posixEventLoopGroup.any()
        executor = EventLoopExecutor(eventLoop)
        connection = Connection(
            eventLoop: eventLoop, machine: machine,
            configuration: ConnectionDriver.Configuration(
                socketPath: socketPath, clientName: configuration.name,
                replyLimits: FrameDecoder.Limits(
                    framed: configuration.maximumReplyBytes, bare: configuration.maximumReplyBytes),
                logger: configuration.logger),
            connector: Connection.connector(socketPath: socketPath))
        retrier = Retrier(
            quota: RetryQuota(), dependencies: dependencies, logger: configuration.logger,
            observers: [CallMetrics.make(configuration.metricsFactory), configuration.observer].compactMap(\.self),
            rateLimit: configuration.rateLimit)
    }

    /// Makes a client, hands it to `body`, and closes it.
    ///
    /// - Parameters:
    ///   - configuration: As in ``init(configuration:)``.
    ///   - body: Uses the client.
    /// - Returns: What `body` returned.
    /// - Throws: What `body` threw.
    public static func withClient<Value, Failure: Error>(
        configuration: Configuration = Configuration(), _ body: (JoblineClient) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let client = JoblineClient(configuration: configuration)
        let outcome: Result<Value, Failure>
        do throws(Failure) {
            outcome = .success(try await body(client))
        } catch {
            outcome = .failure(error)
        }
        await client.close()
        return try outcome.get()
    }

    /// Closes the connection and waits until it is closed.
    ///
    /// Calls and watches under way fail with ``JoblineError/Code/closed``, and so does every later one; the daemon cancels what it
    /// was doing for them. Jobs that were started go on. To let calls finish first, use ``shutdown()``.
    public func close() async {
        callsUnderWay.close()
        await connection.close()
    }
}

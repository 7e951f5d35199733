internal import JoblineProtocol
internal import NIOCore
internal import NIOPosix

/// A client of the daemon on this host.
///
/// Cheap to create and meant to be shared. It connects with its first call and multiplexes all calls over one
/// connection. The next call replaces a lost connection. Call ``close()`` when done, or use
/// ``withClient(configuration:_:)``.
///
/// ```swift
/// let client = JoblineClient()
/// let job = try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)
/// await client.close()
/// ```
public final class JoblineClient: Sendable {
    /// Configuration of the client, with `socketPath` resolved.
    public let configuration: Configuration
    /// Task executor on the event loop of the client's connection, where calls need no thread switch.
    ///
    /// Thread switches are most of the latency of a single call. Use the executor for a task that makes calls one after
    /// the other:
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(client.executor) {
    ///     for id in ids { print(try await client.comprehendMedical.describeRxNormInferenceJob(jobID: id)) }
    /// }
    /// ```
    ///
    /// Code on the executor must neither block nor compute for long, as that delays all clients on the event loop. Make
    /// many concurrent calls without it, so that they use all processors.
    public let executor: any TaskExecutor
    let connection: Connection
    let retrier: Retrier
    let dependencies: ClientDependencies
    let pendingCalls = PendingCalls()

    /// Creates a client.
    ///
    /// A client that is created on an event loop of SwiftNIO's singleton group, for example by a task on another
    /// client's ``executor``, uses that event loop.
    ///
    /// - Parameter configuration: Configuration of the client; the defaults fit most programs.
    public convenience init(configuration: Configuration = Configuration()) {
        self.init(configuration: configuration, dependencies: .system)
    }

    /// Creates a client with an injected clock and random source.
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

    /// Creates a client, passes it to `body`, and closes it.
    ///
    /// - Parameters:
    ///   - configuration: As in ``init(configuration:)``.
    ///   - body: Closure that uses the client.
    /// - Returns: The result of `body`.
    /// - Throws: The error that `body` throws.
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
    /// Pending calls and watches fail with ``JoblineError/Code/closed``, and so does every later one. The daemon
    /// cancels their requests. Started jobs continue. To let calls finish first, use ``shutdown()``.
    public func close() async {
        pendingCalls.close()
        await connection.close()
    }
}

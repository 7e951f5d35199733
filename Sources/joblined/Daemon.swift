internal import JoblineEmbedded
internal import JoblineProtocol
internal import JoblineServer
internal import Logging
internal import ServiceLifecycle

/// The composition root: decides which backend serves which service, and puts the parts together.
struct Daemon {
    /// That of the start.
    private let configuration: DaemonConfiguration
    private let source: ConfigurationSource
    private let manager: ServiceManager
    private let descriptors: DescriptorLimit?
    private let log: DaemonLog

    init(
        configuration: DaemonConfiguration, source: ConfigurationSource, manager: ServiceManager,
        descriptors: DescriptorLimit?, log: DaemonLog
    ) {
        self.configuration = configuration
        self.source = source
        self.manager = manager
        self.descriptors = descriptors
        self.log = log
    }

    /// What is added to the drain of the server until everything has to be down: executors get 5 s between SIGTERM and
    /// SIGKILL, and the disk some more.
    private static let shutdownMargin = Duration.seconds(10)

    /// Serves until SIGTERM or SIGINT, then drains.
    ///
    /// - Parameter signals: When to end, and when to read the configuration again.
    /// - Throws: If the socket or the state directory cannot be used.
    func run(_ signals: ProcessSignals) async throws {
        log.threshold.level = configuration.logLevel
        let logger = log.logger("joblined")
        let inForce = ConfigurationInForce(configuration)
        let limits = try configuration.limits.resolve()
        let faults = try FaultInjector(configuration.faults)
        warnOfUnknownVariables(logger)
        warnOfConnections(configuration, logger)
        signals.beginMaking()
        let listener = try listen(logger)
        let socket = listener.address ?? "none"
        let backend: EmbeddedBackend
        do {
            var embedded = configuration.embedded
            embedded.executorDescriptors = descriptors?.inherited
            backend = try EmbeddedBackend(configuration: embedded, logger: logger)
        } catch {
            // What was bound a moment ago has not served anybody.
            listener.close()
            throw DaemonError(.state, "\(error)")
        }
        // Otherwise the next start has to read the log of the database first.
        defer { backend.close() }
        let information = SidecarInformation(
            backend: backend, backends: Self.backends, configuration: inForce, faults: faults)
        let health = Health(of: backend)
        let watches = JobWatches(of: backend)
        let state = "\(configuration.embedded.stateDirectory)"
        let supervision = Supervision(manager: manager, faults: configuration.faults, logger: logger)
        let (serving, began) = AsyncStream<Never>.makeStream()
        let server = try Server(
            configuration: server(configuration), listener: listener, limits: limits,
            access: configuration.access, cache: ResponseCache(backend, bytes: Self.cacheBytes), faults: faults,
            logger: logger,
            whenServing: {
                supervision.serving(on: socket, state: state)
                began.finish()
                Task { try await ProgramPages.giveBackAfterStart() }
            }
        ) { rpc, server in
            Services(
                comprehendMedical: backend.comprehendMedical, entityResolution: backend.entityResolution,
                personalize: backend.personalize, rpc: rpc,
                sidecar: SidecarAnswers(
                    information: information, health: health, backend: backend, watches: watches, server: server))
        }
        supervision.watch {
            try await server.ping()
            _ = try await backend.familyStatus()
            return server.status
        }
        let reloader = Reloader(
            source: source, requests: signals.reloads, serving: serving, inForce: inForce, supervision: supervision,
            logger: logger
        ) { configuration in
            warnOfConnections(configuration, logger)
            try server.reconfigure(
                self.server(configuration), limits: configuration.limits.resolve(), access: configuration.access)
            backend.reconfigure(executors: configuration.embedded.executors)
            log.threshold.level = configuration.logLevel
        }
        // Shut down in reverse order: the service manager is told, the server drains, and the backend answers till then.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: backend), .init(service: reloader), .init(service: server),
                .init(service: supervision),
            ],
            logger: logger)
        group.maximumGracefulShutdownDuration = configuration.server.drainTimeout + Self.shutdownMargin
        let services = ServiceGroup(configuration: group)
        let ending = Task {
            for await _ in signals.running {}
            await services.triggerGracefulShutdown()
        }
        defer { ending.cancel() }
        // No job is to begin only to be ended at once.
        guard !signals.isEnding else { return listener.close() }
        try await services.run()
    }

    /// Says that there will be fewer connections than are configured.
    private func warnOfConnections(_ configuration: DaemonConfiguration, _ logger: Logger) {
        let server = configuration.server(within: descriptors)
        guard let descriptors, server.connections > server.carriedConnections else { return }
        logger.warning(
            "connections.total is more than RLIMIT_NOFILE carries; raise the hard limit (LimitNOFILE=, ulimit -Hn), or lower the key",
            metadata: [
                "total": "\(server.connections)", "limit": "\(descriptors.inForce)",
                "carried": "\(server.carriedConnections)",
            ])
    }

    private func warnOfUnknownVariables(_ logger: Logger) {
        let names = configuration.unknownVariables
        guard !names.isEmpty else { return }
        logger.warning(
            "variables of the environment that are no settings were ignored",
            metadata: ["names": "\(names.joined(separator: ", "))"])
    }

    /// Memory for answers that are given again: half of it holds those about some 10,000 jobs.
    private static let cacheBytes = 20 << 20

    /// What serves each service.
    private static let backends = [
        "ComprehendMedical": "embedded", "Personalize": "embedded", "EntityResolution": "embedded",
    ]

    private func server(_ configuration: DaemonConfiguration) -> ServerConfiguration {
        var server = configuration.server(within: descriptors)
        server.version = ProductVersion.current
        server.features = [Feature.watch]
        server.backends = Self.backends
        return server
    }

    private func listen(_ logger: Logger) throws(DaemonError) -> UnixListener {
        let (socket, closed) = try manager.chooseSocket()
        for name in closed {
            logger.warning(
                "a descriptor that was handed over was closed: it is not the one named \(ServiceManager.socketName)",
                metadata: ["name": "\(name)"])
        }
        do throws(ListenerError) {
            if let socket {
                if configuration.socketMode != UnixListener.defaultMode || configuration.socketGroup != nil {
                    logger.warning(
                        "socketMode and socketGroup have no effect: the socket was handed over, see its unit")
                }
                return try UnixListener.inherited(socket)
            }
            return try UnixListener.bind(
                path: configuration.socket, mode: configuration.socketMode,
                group: configuration.socketGroup, backlog: configuration.server.backlog)
        } catch {
            throw DaemonError(.listening, "\(error)")
        }
    }
}

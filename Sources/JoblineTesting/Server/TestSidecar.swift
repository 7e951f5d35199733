internal import LibC
internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer

/// What a test server tells of itself.
struct TestSidecar: SidecarService {
    static let backends = [
        "ComprehendMedical": "embedded", "Personalize": "embedded", "EntityResolution": "embedded",
    ]

    let backend: EmbeddedBackend
    let watches: JobWatches
    let server: Server
    let startTime: Timestamp

    func getInfo(_ request: Sidecar.GetInfoRequest, context: RequestContext) async throws -> Sidecar.GetInfoResponse {
        Sidecar.GetInfoResponse(
            version: ProductVersion.current, protocolVersion: ProtocolVersion.current, startTime: startTime,
            pid: Int(getpid()), backends: Self.backends, families: try await backend.familyStatus(), limits: [],
            shadow: false, faults: [])
    }

    func getStatistics(
        _ request: Sidecar.GetStatisticsRequest, context: RequestContext
    ) async throws -> Sidecar.GetStatisticsResponse {
        let statistics = server.statistics
        return Sidecar.GetStatisticsResponse(
            startTime: startTime, connections: statistics.connections, requests: statistics.requests,
            methods: statistics.methods, limits: statistics.limits, traffic: statistics.traffic,
            store: backend.storeStatistics, watches: statistics.watches, families: try await backend.familyStatus())
    }

    func getHealth(
        _ request: Sidecar.GetHealthRequest, context: RequestContext
    ) async throws -> Sidecar.GetHealthResponse {
        Sidecar.GetHealthResponse(status: server.status.isDraining ? .draining : .ok, checks: [])
    }

    func getJobLog(
        _ request: Sidecar.GetJobLogRequest, context: RequestContext
    ) async throws -> Sidecar.GetJobLogResponse {
        try await JobLogs(of: backend).answer(request, context: context)
    }

    func watchJobs(
        _ request: Sidecar.WatchJobsRequest, context: RequestContext
    ) async throws -> Sidecar.WatchJobsResponse {
        try await watches.watch(request, context: context)
    }
}

internal import JoblineEmbedded
internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer

/// What the daemon tells of itself.
struct SidecarAnswers: SidecarService {
    let information: SidecarInformation
    let health: Health
    let backend: EmbeddedBackend
    let watches: JobWatches
    let server: Server

    func getInfo(_ request: Sidecar.GetInfoRequest, context: RequestContext) async throws -> Sidecar.GetInfoResponse {
        try await information.info()
    }

    func getStatistics(
        _ request: Sidecar.GetStatisticsRequest, context: RequestContext
    ) async throws -> Sidecar.GetStatisticsResponse {
        // First, because it may take a moment.
        let families = await health.families()
        let statistics = server.statistics
        return Sidecar.GetStatisticsResponse(
            startTime: information.startTime, connections: statistics.connections, requests: statistics.requests,
            methods: statistics.methods, limits: statistics.limits, traffic: statistics.traffic,
            store: backend.storeStatistics, watches: statistics.watches, families: families)
    }

    func watchJobs(
        _ request: Sidecar.WatchJobsRequest, context: RequestContext
    ) async throws -> Sidecar.WatchJobsResponse {
        try await watches.watch(request, context: context)
    }

    func getJobLog(
        _ request: Sidecar.GetJobLogRequest, context: RequestContext
    ) async throws -> Sidecar.GetJobLogResponse {
        try await JobLogs(of: backend).answer(request, context: context)
    }

    func getHealth(
        _ request: Sidecar.GetHealthRequest, context: RequestContext
    ) async throws -> Sidecar.GetHealthResponse {
        let checks = await health.checks(of: server)
        let status: Sidecar.HealthStatus =
            server.status.isDraining ? .draining : checks.allSatisfy(\.ok) ? .ok : .degraded
        return Sidecar.GetHealthResponse(status: status, checks: checks)
    }
}

internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer

/// Service of the daemon's own methods.
struct SidecarAnswers: SidecarService {
    let information: SidecarInformation
    let health: Health
    let backends: Backends
    let watches: JobWatches
    let server: Server

    func getInfo(_ request: Sidecar.GetInfoRequest, context: RequestContext) async throws -> Sidecar.GetInfoResponse {
        try await information.info()
    }

    func getStatistics(
        _ request: Sidecar.GetStatisticsRequest, context: RequestContext
    ) async throws -> Sidecar.GetStatisticsResponse {
        // Read before the counters because it can take up to a second.
        let families = await health.families()
        let statistics = server.statistics
        return Sidecar.GetStatisticsResponse(
            startTime: information.startTime, connections: statistics.connections, requests: statistics.requests,
            methods: statistics.methods, limits: statistics.limits, traffic: statistics.traffic,
            store: backends.storeStatistics, watches: statistics.watches, families: families)
    }

    func watchJobs(
        _ request: Sidecar.WatchJobsRequest, context: RequestContext
    ) async throws -> Sidecar.WatchJobsResponse {
        try await watches.watch(request, context: context)
    }

    func getJobLog(
        _ request: Sidecar.GetJobLogRequest, context: RequestContext
    ) async throws -> Sidecar.GetJobLogResponse {
        try await JobLogs(of: backends.jobs).answer(request, context: context)
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

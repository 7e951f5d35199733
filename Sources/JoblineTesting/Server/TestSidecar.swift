internal import LibC
internal import JoblineBackend
internal import JoblineProtocol
internal import JoblineServer

/// The `Sidecar` service of a test server.
struct TestSidecar: SidecarService {
    let backends: Backends
    let watches: JobWatches
    let server: Server
    let startTime: Timestamp

    func getInfo(_ request: Sidecar.GetInfoRequest, context: RequestContext) async throws -> Sidecar.GetInfoResponse {
        Sidecar.GetInfoResponse(
            version: ProductVersion.current, protocolVersion: ProtocolVersion.current, startTime: startTime,
            pid: Int(getpid()), backends: backends.names, families: try await backends.familyStatus(), limits: [],
            shadow: false, faults: [])
    }

    func getStatistics(
        _ request: Sidecar.GetStatisticsRequest, context: RequestContext
    ) async throws -> Sidecar.GetStatisticsResponse {
        let statistics = server.statistics
        return Sidecar.GetStatisticsResponse(
            startTime: startTime, connections: statistics.connections, requests: statistics.requests,
            methods: statistics.methods, limits: statistics.limits, traffic: statistics.traffic,
            store: backends.storeStatistics, watches: statistics.watches, families: try await backends.familyStatus())
    }

    func getHealth(
        _ request: Sidecar.GetHealthRequest, context: RequestContext
    ) async throws -> Sidecar.GetHealthResponse {
        Sidecar.GetHealthResponse(status: server.status.isDraining ? .draining : .ok, checks: [])
    }

    func getJobLog(
        _ request: Sidecar.GetJobLogRequest, context: RequestContext
    ) async throws -> Sidecar.GetJobLogResponse {
        try await JobLogs(of: backends.jobs).answer(request, context: context)
    }

    func watchJobs(
        _ request: Sidecar.WatchJobsRequest, context: RequestContext
    ) async throws -> Sidecar.WatchJobsResponse {
        try await watches.watch(request, context: context)
    }
}

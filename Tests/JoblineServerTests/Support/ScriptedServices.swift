import JoblineBackend
import JoblineProtocol
import Synchronization
import TestSupport

@testable import JoblineServer

/// Services that do what the id of a job says.
///
/// `wait-NAME` stops at the gate of this name, `bytes-N` answers with about N bytes, `none` is not found, `broken` fails with
/// an error of its own, `record-N` depends on record N and says how often it was asked; any other id is described.
struct ScriptedServices: ComprehendMedicalService, SidecarService {
    struct Broken: Error { let text = Secret.word }

    /// Counts what it is asked for.
    final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    let gates: Gates
    var asked = Counter()
    /// Source of the statistics.
    var server: Server?
    /// Implementation of watches.
    var watches: JobWatches?

    func services(rpc: any RPCService) -> Services {
        let unused = UnusedServices()
        return Services(comprehendMedical: self, entityResolution: unused, personalize: unused, rpc: rpc, sidecar: self)
    }

    func describeJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.DescribeJobRequest, context: RequestContext
    ) async throws -> Encoded<ComprehendMedical.DescribeJobResponse> {
        var properties = ComprehendMedical.JobProperties(jobID: request.jobID)
        if request.jobID.hasPrefix("wait-") {
            try await gates.pass(String(request.jobID.dropFirst(5)))
        } else if request.jobID.hasPrefix("bytes-") {
            properties.message = String(repeating: "x", count: Int(request.jobID.dropFirst(6)) ?? 0)
        } else if request.jobID.hasPrefix("record-") {
            properties.message = "asked \(asked.next())"
            context.dependency?.isAbout(RecordKey(UInt64(request.jobID.dropFirst(7)) ?? 0), until: nil)
        } else if request.jobID == "none" {
            throw ServiceError(.notFound, "no such job")
        } else if request.jobID == "broken" {
            throw Broken()
        }
        return Encoded(.init(jobProperties: properties))
    }

    func startJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.StartJobRequest, context: RequestContext
    ) async throws -> ComprehendMedical.StartJobResponse { throw unused }

    func stopJob(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.StopJobRequest, context: RequestContext
    ) async throws -> ComprehendMedical.StopJobResponse { ComprehendMedical.StopJobResponse(jobID: request.jobID) }

    func listJobs(
        _ family: ComprehendMedical.Family, _ request: ComprehendMedical.ListJobsRequest, context: RequestContext
    ) async throws -> Encoded<ComprehendMedical.ListJobsResponse> { Encoded(.init()) }

    func getInfo(
        _ request: Sidecar.GetInfoRequest, context: RequestContext
    ) async throws -> Sidecar.GetInfoResponse { throw unused }

    func getStatistics(
        _ request: Sidecar.GetStatisticsRequest, context: RequestContext
    ) async throws -> Sidecar.GetStatisticsResponse {
        guard let statistics = server?.statistics else { throw unused }
        return Sidecar.GetStatisticsResponse(
            startTime: Timestamp(milliseconds: 0), connections: statistics.connections, requests: statistics.requests,
            methods: statistics.methods, limits: statistics.limits, traffic: statistics.traffic,
            store: Sidecar.StoreStatistics(waitingWrites: 0, writes: 0, commits: 0, failedCommits: 0),
            watches: statistics.watches)
    }

    func getHealth(
        _ request: Sidecar.GetHealthRequest, context: RequestContext
    ) async throws -> Sidecar.GetHealthResponse { throw unused }

    func watchJobs(
        _ request: Sidecar.WatchJobsRequest, context: RequestContext
    ) async throws -> Sidecar.WatchJobsResponse {
        guard let watches else { throw unused }
        return try await watches.watch(request, context: context)
    }

    func getJobLog(
        _ request: Sidecar.GetJobLogRequest, context: RequestContext
    ) async throws -> Sidecar.GetJobLogResponse { throw unused }

    private var unused: ServiceError { ServiceError(.unavailable, "not part of this test") }
}

internal import LibC
internal import JoblineBackend
internal import JoblineProtocol
internal import SystemPackage

/// Health of the store, the disk and the executors. Each check can take as long as the disk does.
struct HealthChecks: Sendable {
    let store: any JobStore
    let executors: CurrentExecutors
    let running: RunningJobs
    let stateDirectory: FilePath

    /// All checks, in a fixed order.
    var all: [BackendHealthCheck] {
        [
            BackendHealthCheck("store-read") { await checkReading() },
            BackendHealthCheck("store-write") { await checkWriting() },
            BackendHealthCheck("disk") { await checkDisk() },
            BackendHealthCheck("executors") { await checkExecutors() },
        ]
    }

    /// Checks that the store can be read.
    func checkReading() async -> Sidecar.HealthCheck {
        do {
            try await store.checkReading()
            return Sidecar.HealthCheck(name: "store-read", ok: true)
        } catch {
            return Sidecar.HealthCheck(name: "store-read", ok: false, detail: Self.reason(error))
        }
    }

    /// Checks that the store accepts writes. Writes only if that is unknown.
    func checkWriting() async -> Sidecar.HealthCheck {
        do {
            try await store.checkWriting()
            return Sidecar.HealthCheck(name: "store-write", ok: true)
        } catch {
            return Sidecar.HealthCheck(name: "store-write", ok: false, detail: Self.reason(error))
        }
    }

    /// Minimum free space on the disk in bytes: enough for a few dozen commits.
    private static let reserve: UInt64 = 1 << 20

    /// Checks that the disk has free space and that no job waits for it.
    func checkDisk() async -> Sidecar.HealthCheck {
        let blocked = running.blockedCount
        if blocked > 0 {
            return Sidecar.HealthCheck(
                name: "disk", ok: false,
                detail: "the next step of \(blocked) jobs or queues cannot be written; retrying"
            )
        }
        do {
            let directory = stateDirectory.string
            let free = try await blocking { () throws(StateError) in
                var status = statvfs()
                guard statvfs(directory, &status) == 0 else {
                    throw StateError(
                        .directory, "the file system of the state directory \(directory) cannot be examined")
                }
                return UInt64(status.f_bavail) * UInt64(status.f_frsize)
            }
            return Sidecar.HealthCheck(
                name: "disk", ok: free >= Self.reserve, detail: "\(free >> 20) MiB are free for the state directory")
        } catch {
            return Sidecar.HealthCheck(name: "disk", ok: false, detail: Self.reason(error))
        }
    }

    /// Checks that executors are configured, that their programs exist, and that no job lacks a resource.
    func checkExecutors() async -> Sidecar.HealthCheck {
        if let (resource, jobs) = running.exhaustedResources.max(by: { $0.value < $1.value }) {
            return Sidecar.HealthCheck(
                name: "executors", ok: false,
                detail: "\(jobs) jobs wait for \(resource): \(resource.advice)")
        }
        let executors = executors.all
        if executors.isEmpty {
            return Sidecar.HealthCheck(
                name: "executors", ok: false, detail: "no executor is configured: no job can be started")
        }
        let problems = try? await blocking {
            executors.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { family, executor in
                executor.problem.map { "executors.\(family.configurationKey): \($0)" }
            }
        }
        guard let problems, problems.isEmpty else {
            return Sidecar.HealthCheck(
                name: "executors", ok: false, detail: (problems ?? []).joined(separator: "; "))
        }
        return Sidecar.HealthCheck(
            name: "executors", ok: true,
            detail: "\(executors.count) of \(JobFamily.allCases.count) kinds of job can run")
    }

    /// Returns the text of an error for callers, without contents of the database.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as any StoreError: error.summary
        case let error as ServiceError: error.message
        case let error as StateError: error.message
        default: "\(type(of: error))"
        }
    }
}

import Testing

@testable import JoblineProtocol

@Suite("Job state")
struct JobStateTests {
    @Test("Every status of Comprehend Medical maps to a state", arguments: ComprehendMedical.JobStatus.known)
    func comprehendMedical(_ status: ComprehendMedical.JobStatus) {
        let states: [ComprehendMedical.JobStatus: Sidecar.JobState] = [
            .submitted: .queued, .inProgress: .running, .stopRequested: .stopping, .completed: .succeeded,
            .partialSuccess: .partial, .failed: .failed, .stopped: .stopped,
        ]
        #expect(Sidecar.JobState(status) == states[status])
    }

    @Test(
        "Statuses of Personalize are recognised with spaces and with underscores",
        arguments: [
            ("PENDING", .queued), ("CREATE PENDING", .queued), ("CREATE_PENDING", .queued),
            ("IN PROGRESS", .running), ("IN_PROGRESS", .running), ("CREATE IN PROGRESS", .running),
            ("CREATE IN_PROGRESS", .running), ("ACTIVE", .succeeded), ("Active", .succeeded),
            ("CREATE FAILED", .failed), ("CREATE_FAILED", .failed), ("FAILED", .failed), ("PAUSED", .unknown),
            ("", .unknown), ("CREATE ", .unknown),
        ] as [(String, Sidecar.JobState)])
    func personalize(_ word: String, _ state: Sidecar.JobState) {
        #expect(Sidecar.JobState(Personalize.JobStatus(rawValue: word)) == state)
    }

    @Test("Every known status of Personalize maps to a state", arguments: Personalize.JobStatus.known)
    func knownPersonalize(_ status: Personalize.JobStatus) { #expect(Sidecar.JobState(status) != .unknown) }

    @Test("Every status of Entity Resolution maps to a state", arguments: EntityResolution.JobStatus.known)
    func entityResolution(_ status: EntityResolution.JobStatus) {
        let states: [EntityResolution.JobStatus: Sidecar.JobState] = [
            .queued: .queued, .running: .running, .succeeded: .succeeded, .failed: .failed,
        ]
        #expect(Sidecar.JobState(status) == states[status])
    }

    @Test("An unknown status counts as not ended")
    func unknown() {
        #expect(Sidecar.JobState(ComprehendMedical.JobStatus(rawValue: "PAUSED")) == .unknown)
        #expect(Sidecar.JobState(EntityResolution.JobStatus(rawValue: "PAUSED")) == .unknown)
        #expect(!Sidecar.JobState.unknown.isTerminal)
        #expect(!Sidecar.JobState(rawValue: "paused").isTerminal)
    }

    @Test("Five states are final")
    func terminal() {
        #expect(Sidecar.JobState.known.filter(\.isTerminal) == [.succeeded, .partial, .failed, .stopped, .gone])
    }

    @Test("Every family belongs to a service")
    func families() {
        #expect(
            Sidecar.JobFamily.known.map(\.service)
                == Array(repeating: "ComprehendMedical", count: 5) + Array(repeating: "Personalize", count: 2)
                + Array(repeating: "EntityResolution", count: 2))
        #expect(Sidecar.JobFamily(rawValue: "Transcription").service == nil)
    }
}

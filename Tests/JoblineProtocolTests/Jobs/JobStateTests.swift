import Testing

@testable import JoblineProtocol

@Suite("Job states")
struct JobStateTests {
    @Test("every status of Comprehend Medical has its state", arguments: ComprehendMedical.JobStatus.known)
    func comprehendMedical(_ status: ComprehendMedical.JobStatus) {
        let states: [ComprehendMedical.JobStatus: Sidecar.JobState] = [
            .submitted: .queued, .inProgress: .running, .stopRequested: .stopping, .completed: .succeeded,
            .partialSuccess: .partial, .failed: .failed, .stopped: .stopped,
        ]
        #expect(Sidecar.JobState(status) == states[status])
    }

    @Test(
        "statuses of Personalize are read as it documents and as it writes them",
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

    @Test("every status of Personalize that the contract knows has a state", arguments: Personalize.JobStatus.known)
    func knownPersonalize(_ status: Personalize.JobStatus) { #expect(Sidecar.JobState(status) != .unknown) }

    @Test("every status of Entity Resolution has its state", arguments: EntityResolution.JobStatus.known)
    func entityResolution(_ status: EntityResolution.JobStatus) {
        let states: [EntityResolution.JobStatus: Sidecar.JobState] = [
            .queued: .queued, .running: .running, .succeeded: .succeeded, .failed: .failed,
        ]
        #expect(Sidecar.JobState(status) == states[status])
    }

    @Test("a status of the future is going on, as far as anyone can tell")
    func unknown() {
        #expect(Sidecar.JobState(ComprehendMedical.JobStatus(rawValue: "PAUSED")) == .unknown)
        #expect(Sidecar.JobState(EntityResolution.JobStatus(rawValue: "PAUSED")) == .unknown)
        #expect(!Sidecar.JobState.unknown.isTerminal)
        #expect(!Sidecar.JobState(rawValue: "paused").isTerminal)
    }

    @Test("five states are last ones")
    func terminal() {
        #expect(Sidecar.JobState.known.filter(\.isTerminal) == [.succeeded, .partial, .failed, .stopped, .gone])
    }

    @Test("every family belongs to one of the services")
    func families() {
        #expect(
            Sidecar.JobFamily.known.map(\.service)
                == Array(repeating: "ComprehendMedical", count: 5) + Array(repeating: "Personalize", count: 2)
                + Array(repeating: "EntityResolution", count: 2))
        #expect(Sidecar.JobFamily(rawValue: "Transcription").service == nil)
    }
}

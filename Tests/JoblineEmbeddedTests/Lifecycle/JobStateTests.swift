import JoblineBackend
import Testing

@testable import JoblineEmbedded

@Suite("Job statuses")
struct JobStateTests {
    @Test("Comprehend Medical: every event in every status")
    func comprehendMedical() {
        check(
            [
                .submitted: [.started: .inProgress, .stopRequested: .stopRequested, .failed: .failed],
                .inProgress: [
                    .succeeded: .completed, .partlySucceeded: .partialSuccess, .failed: .failed,
                    .stopRequested: .stopRequested, .requeued: .submitted,
                ],
                .stopRequested: [
                    .succeeded: .completed, .partlySucceeded: .partialSuccess, .failed: .stopped, .stopped: .stopped,
                ],
            ] as [ComprehendMedicalJobState: [JobEvent: ComprehendMedicalJobState]])
    }

    @Test("Personalize: every event in every status")
    func personalize() {
        check(
            [
                .pending: [.started: .inProgress, .failed: .createFailed],
                .inProgress: [
                    .succeeded: .active, .partlySucceeded: .active, .failed: .createFailed, .requeued: .pending,
                ],
            ] as [PersonalizeJobState: [JobEvent: PersonalizeJobState]])
    }

    @Test("Entity Resolution: every event in every status")
    func entityResolution() {
        check(
            [
                .queued: [.started: .running, .failed: .failed],
                .running: [.succeeded: .succeeded, .partlySucceeded: .succeeded, .failed: .failed, .requeued: .queued],
            ] as [EntityResolutionJobState: [JobEvent: EntityResolutionJobState]])
    }

    /// Events that the table does not name change nothing.
    private func check<State: JobState>(_ table: [State: [JobEvent: State]]) {
        for state in State.allCases {
            for event in JobEvent.allCases {
                #expect(state.after(event) == table[state]?[event], "\(state) after \(event)")
            }
        }
    }

    @Test("An ended job never changes, and every other job can end")
    func ends() {
        func check<State: JobState>(_ type: State.Type) {
            for state in State.allCases {
                let next = JobEvent.allCases.compactMap { state.after($0) }
                #expect(next.isEmpty == (state.phase == .ended))
            }
            #expect(State.initial.phase == .waiting)
        }
        check(ComprehendMedicalJobState.self)
        check(PersonalizeJobState.self)
        check(EntityResolutionJobState.self)
    }

    @Test("Statuses are spelt as the services spell them")
    func spelling() {
        #expect(PersonalizeJobState.allCases.map(\.rawValue) == ["PENDING", "IN PROGRESS", "ACTIVE", "CREATE FAILED"])
        #expect(EntityResolutionJobState.allCases.map(\.rawValue) == ["QUEUED", "RUNNING", "SUCCEEDED", "FAILED"])
        #expect(JobFamily.Service.comprehendMedical.status(after: .started, from: "SUBMITTED")?.name == "IN_PROGRESS")
        #expect(JobFamily.Service.comprehendMedical.status(after: .started, from: "QUEUED") == nil)
    }
}

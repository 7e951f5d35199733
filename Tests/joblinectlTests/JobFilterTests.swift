import Jobline
import Testing

@testable import joblinectl

@Suite("Job filter")
struct JobFilterTests {
    private static func family(_ name: String) throws -> Family { try #require(Family.named(name)) }

    @Test(
        "Common states and statuses of the service are recognised in any case",
        arguments: [
            ("RxNormInference", "FAILED", "failed"), ("BatchSegment", "FAILED", "failed"),
            ("BatchSegment", "CREATE FAILED", "failed"), ("BatchSegment", "create_failed", "failed"),
            ("Matching", "failed", "failed"), ("PHIDetection", "in progress", "running"),
            ("BatchInference", "IN_PROGRESS", "running"), ("IdMapping", "running", "running"),
            ("BatchSegment", "running", "running"), ("RxNormInference", "COMPLETED", "succeeded"),
            ("BatchSegment", "ACTIVE", "succeeded"), ("Matching", "Succeeded", "succeeded"),
            ("RxNormInference", "PARTIAL_SUCCESS", "partial"), ("RxNormInference", "STOP_REQUESTED", "stopping"),
            ("BatchSegment", "PENDING", "queued"), ("Matching", "stopped", "stopped"),
        ])
    func states(family: String, word: String, state: String) throws {
        #expect(try Self.family(family).state(word)?.rawValue == state)
    }

    @Test("An unknown word is not a state", arguments: ["BOGUS", "", "gone", "SUBMITTED"])
    func noState(word: String) throws {
        #expect(try Self.family("Matching").state(word) == nil)
    }

    @Test("Every status of a service is recognised, and so is the common state")
    func allStates() {
        for family in Family.all {
            for status in family.statuses {
                #expect(family.state(status.word) == status.state)
                #expect(family.state(status.state.rawValue) == status.state)
                #expect(status.state.isKnown && status.state != .unknown)
            }
        }
    }

    @Test("The service checks the most selective condition, the client the others")
    func requests() throws {
        let medical = try Self.family("RxNormInference")
        let time = Timestamp(milliseconds: 1_795_235_608_000)
        var filter = JobFilter(after: time)
        #expect(filter.request(to: medical) == .submittedAfter(time))
        #expect(!filter.needsLocalCheck(medical))
        filter.status = "failed"
        #expect(filter.request(to: medical) == .status(.failed))
        #expect(filter.needsLocalCheck(medical))
        filter.name = "n"
        #expect(filter.request(to: medical) == .name("n"))
        // Otherwise the service would list the oldest jobs first.
        #expect(JobFilter(before: time).request(to: medical) == nil)
        #expect(JobFilter(before: time).needsLocalCheck(medical))
        // The service has no such status.
        #expect(JobFilter(status: "unknown").request(to: medical) == nil)
        let personalize = try Self.family("BatchSegment")
        filter.solution = "arn"
        #expect(filter.request(to: personalize) == .solutionVersion(arn: "arn"))
        let matching = try Self.family("Matching")
        #expect(JobFilter(status: "failed").request(to: matching) == nil)
        #expect(JobFilter(status: "failed").needsLocalCheck(matching))
        #expect(!JobFilter().needsLocalCheck(matching))
    }

    @Test("A job must meet all conditions, and times are exclusive")
    func includes() throws {
        let family = try Self.family("BatchSegment")
        let time = Timestamp(milliseconds: 1_795_235_608_000)
        let (earlier, later) = (Timestamp(milliseconds: 1_795_235_607_999), Timestamp(milliseconds: 1_795_235_608_001))
        let job = Job(
            Personalize.BatchSegmentJobSummary(
                batchSegmentJobARN: "arn", jobName: "n", status: .createFailed, creationDateTime: time,
                solutionVersionARN: "model"))
        for filter in [
            JobFilter(), JobFilter(name: "n"), JobFilter(status: "failed"), JobFilter(solution: "model"),
            JobFilter(before: later), JobFilter(after: earlier),
            JobFilter(name: "n", status: "CREATE_FAILED", before: later, after: earlier, solution: "model"),
        ] {
            #expect(filter.includes(job, of: family), "\(filter)")
        }
        for filter in [
            JobFilter(name: "N"), JobFilter(status: "running"), JobFilter(solution: "other"), JobFilter(before: time),
            JobFilter(after: time), JobFilter(name: "n", status: "failed", after: later),
        ] {
            #expect(!filter.includes(job, of: family), "\(filter)")
        }
        let timeless = Job(reference: .batchSegment(arn: "arn"), state: .queued)
        #expect(!JobFilter(after: earlier).includes(timeless, of: family))
    }
}

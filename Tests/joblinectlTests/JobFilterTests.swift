import Jobline
import Testing

@testable import joblinectl

@Suite("Conditions of a list")
struct JobFilterTests {
    private static func family(_ name: String) throws -> Family { try #require(Family.named(name)) }

    @Test(
        "a state has a word for all services beside the service's own, in any case",
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

    @Test("a word that is no state of a family is none", arguments: ["BOGUS", "", "gone", "SUBMITTED"])
    func noState(word: String) throws {
        #expect(try Self.family("Matching").state(word) == nil)
    }

    @Test("every state of a service is found by its own word, and by that for all services")
    func allStates() {
        for family in Family.all {
            for status in family.statuses {
                #expect(family.state(status.word) == status.state)
                #expect(family.state(status.state.rawValue) == status.state)
                #expect(status.state.isKnown && status.state != .unknown)
            }
        }
    }

    @Test("the service is asked for the condition that the fewest jobs meet, and the rest is sieved")
    func requests() throws {
        let medical = try Self.family("RxNormInference")
        let time = Timestamp(milliseconds: 1_795_235_608_000)
        var filter = JobFilter(after: time)
        #expect(filter.request(to: medical) == .submittedAfter(time))
        #expect(!filter.sieves(medical))
        filter.status = "failed"
        #expect(filter.request(to: medical) == .status(.failed))
        #expect(filter.sieves(medical))
        filter.name = "n"
        #expect(filter.request(to: medical) == .name("n"))
        // The service would list the oldest first.
        #expect(JobFilter(before: time).request(to: medical) == nil)
        #expect(JobFilter(before: time).sieves(medical))
        // No word of the service's stands for it.
        #expect(JobFilter(status: "unknown").request(to: medical) == nil)
        let personalize = try Self.family("BatchSegment")
        filter.solution = "arn"
        #expect(filter.request(to: personalize) == .solutionVersion(arn: "arn"))
        let matching = try Self.family("Matching")
        #expect(JobFilter(status: "failed").request(to: matching) == nil)
        #expect(JobFilter(status: "failed").sieves(matching))
        #expect(!JobFilter().sieves(matching))
    }

    @Test("a job has to meet all of them, and times exclude both ends")
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

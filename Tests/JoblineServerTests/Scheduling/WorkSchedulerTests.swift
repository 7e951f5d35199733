import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct WorkSchedulerTests {
    private static let read = SlotPool.backend(BackendID(0), .read)

    private static func scheduler(read: Int = 1, others: Int = 1) -> WorkScheduler {
        WorkScheduler(SlotLimits(backends: [ConcurrencyLimits(read: read, list: 1, write: 1)], others: others))
    }

    private static func key(_ number: UInt64) -> RequestKey { RequestKey(number: number) }

    @Test("Requests up to the limit begin at once, and the next one begins when a slot is released")
    func places() {
        let scheduler = Self.scheduler(read: 2)
        #expect(scheduler.takeSlot(in: Self.read))
        #expect(scheduler.takeSlot(in: Self.read))
        #expect(!scheduler.takeSlot(in: Self.read))
        var began = false
        scheduler.wait(in: Self.read, connection: 1, Self.key(1)) { began = true }
        #expect(!began)
        scheduler.releaseSlot(Self.read)
        #expect(began)
        #expect(!scheduler.takeSlot(in: Self.read), "the slot was passed to the next request")
        scheduler.releaseSlot(Self.read)
        #expect(scheduler.takeSlot(in: Self.read))
    }

    @Test("Request classes have separate limits")
    func lanes() {
        let scheduler = Self.scheduler()
        let pools = RequestClass.allCases.map { SlotPool.backend(BackendID(0), $0) } + [.sidecar, .rpc]
        for pool in pools {
            #expect(scheduler.takeSlot(in: pool))
            #expect(!scheduler.takeSlot(in: pool))
        }
    }

    @Test("Connections take turns")
    func turns() {
        let scheduler = Self.scheduler()
        #expect(scheduler.takeSlot(in: Self.read))
        var order: [Int] = []
        for number in 1...3 {
            scheduler.wait(in: Self.read, connection: 1, Self.key(UInt64(number))) { order.append(number) }
        }
        scheduler.wait(in: Self.read, connection: 2, Self.key(1)) { order.append(10) }
        for _ in 1...4 { scheduler.releaseSlot(Self.read) }
        #expect(order == [1, 10, 2, 3])
    }

    @Test("A withdrawn request never begins, and its slot goes to the next one")
    func withdraw() {
        let scheduler = Self.scheduler()
        #expect(scheduler.takeSlot(in: Self.read))
        var order: [Int] = []
        for number in 1...3 {
            scheduler.wait(in: Self.read, connection: number, Self.key(1)) { order.append(number) }
        }
        scheduler.withdraw(Self.key(1), of: 1, from: Self.read)
        scheduler.withdrawAll(of: 2)
        scheduler.releaseSlot(Self.read)
        #expect(order == [3])
    }

    @Test("Each backend has slots of its own, and a busy backend does not hold up another")
    func backends() {
        let limits = SlotLimits(
            backends: [ConcurrencyLimits(read: 1), ConcurrencyLimits(read: 2)],
            routes: BackendRoutes { BackendID($0 == .personalize ? 1 : 0) }, others: 1)
        let scheduler = WorkScheduler(limits)
        let medical = scheduler.pool(of: .comprehendMedicalDescribeRxNormInferenceJob)
        let personalize = scheduler.pool(of: .personalizeDescribeBatchInferenceJob)
        #expect(scheduler.pool(of: .entityResolutionGetMatchingJob) == medical)
        #expect(scheduler.takeSlot(in: medical))
        #expect(!scheduler.takeSlot(in: medical))
        var began = false
        scheduler.wait(in: medical, connection: 1, Self.key(1)) { began = true }
        #expect(scheduler.takeSlot(in: personalize))
        #expect(scheduler.takeSlot(in: personalize))
        #expect(!scheduler.takeSlot(in: personalize))
        scheduler.releaseSlot(personalize)
        #expect(!began)
        scheduler.releaseSlot(medical)
        #expect(began)
    }

    @Test(
        "Every method takes its slot from the pool of its class",
        arguments: [
            (Method.comprehendMedicalDescribeRxNormInferenceJob, read),
            (.comprehendMedicalListRxNormInferenceJobs, .backend(BackendID(0), .list)),
            (.comprehendMedicalStartRxNormInferenceJob, .backend(BackendID(0), .write)), (.sidecarGetInfo, .sidecar),
            (.rpcPing, .rpc), (.rpcDiscover, .rpc),
        ])
    func poolOfMethod(method: Method, pool: SlotPool) {
        #expect(Self.scheduler().pool(of: method) == pool)
    }
}

import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct WorkSchedulerTests {
    private static func key(_ number: UInt64) -> RequestKey { RequestKey(number: number) }

    @Test("requests up to the limit begin at once, and the next one begins when a slot is released")
    func places() {
        let scheduler = WorkScheduler(.init(read: 2, list: 1, write: 1, others: 1))
        #expect(scheduler.takeSlot(in: .read))
        #expect(scheduler.takeSlot(in: .read))
        #expect(!scheduler.takeSlot(in: .read))
        var began = false
        scheduler.wait(in: .read, connection: 1, Self.key(1)) { began = true }
        #expect(!began)
        scheduler.releaseSlot(.read)
        #expect(began)
        #expect(!scheduler.takeSlot(in: .read), "the place was handed on")
        scheduler.releaseSlot(.read)
        #expect(scheduler.takeSlot(in: .read))
    }

    @Test("request classes have separate limits")
    func lanes() {
        let scheduler = WorkScheduler(.init(read: 1, list: 1, write: 1, others: 1))
        for requestClass in [WorkScheduler.RequestClass.read, .list, .write, .sidecar, .rpc] {
            #expect(scheduler.takeSlot(in: requestClass))
            #expect(!scheduler.takeSlot(in: requestClass))
        }
    }

    @Test("connections take turns")
    func turns() {
        let scheduler = WorkScheduler(.init(read: 1, list: 1, write: 1, others: 1))
        #expect(scheduler.takeSlot(in: .read))
        var order: [Int] = []
        for number in 1...3 {
            scheduler.wait(in: .read, connection: 1, Self.key(UInt64(number))) { order.append(number) }
        }
        scheduler.wait(in: .read, connection: 2, Self.key(1)) { order.append(10) }
        for _ in 1...4 { scheduler.releaseSlot(.read) }
        #expect(order == [1, 10, 2, 3])
    }

    @Test("what is withdrawn never begins, and its place goes to the next")
    func withdraw() {
        let scheduler = WorkScheduler(.init(read: 1, list: 1, write: 1, others: 1))
        #expect(scheduler.takeSlot(in: .read))
        var order: [Int] = []
        for number in 1...3 {
            scheduler.wait(in: .read, connection: number, Self.key(1)) { order.append(number) }
        }
        scheduler.withdraw(Self.key(1), of: 1, from: .read)
        scheduler.withdrawAll(of: 2)
        scheduler.releaseSlot(.read)
        #expect(order == [3])
    }

    @Test(
        "every method belongs to the request class of its kind",
        arguments: [
            (Method.comprehendMedicalDescribeRxNormInferenceJob, WorkScheduler.RequestClass.read),
            (.comprehendMedicalListRxNormInferenceJobs, .list),
            (.comprehendMedicalStartRxNormInferenceJob, .write), (.sidecarGetInfo, .sidecar), (.rpcPing, .rpc),
            (.rpcDiscover, .rpc),
        ])
    func classOfMethod(method: Method, requestClass: WorkScheduler.RequestClass) {
        #expect(WorkScheduler.RequestClass.of(method) == requestClass)
    }
}

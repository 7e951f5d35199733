import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct WorkSchedulerTests {
    private static func key(_ number: UInt64) -> RequestKey { RequestKey(number: number) }

    @Test("so many have a place as there are places, and the next one begins when one is given back")
    func places() {
        let scheduler = WorkScheduler(.init(read: 2, list: 1, write: 1, others: 1))
        #expect(scheduler.takePlace(in: .read))
        #expect(scheduler.takePlace(in: .read))
        #expect(!scheduler.takePlace(in: .read))
        var began = false
        scheduler.wait(in: .read, connection: 1, Self.key(1)) { began = true }
        #expect(!began)
        scheduler.giveBack(.read)
        #expect(began)
        #expect(!scheduler.takePlace(in: .read), "the place was handed on")
        scheduler.giveBack(.read)
        #expect(scheduler.takePlace(in: .read))
    }

    @Test("lanes do not take each other's places")
    func lanes() {
        let scheduler = WorkScheduler(.init(read: 1, list: 1, write: 1, others: 1))
        for lane in [WorkScheduler.Lane.read, .list, .write, .sidecar, .rpc] {
            #expect(scheduler.takePlace(in: lane))
            #expect(!scheduler.takePlace(in: lane))
        }
    }

    @Test("connections take turns")
    func turns() {
        let scheduler = WorkScheduler(.init(read: 1, list: 1, write: 1, others: 1))
        #expect(scheduler.takePlace(in: .read))
        var order: [Int] = []
        for number in 1...3 {
            scheduler.wait(in: .read, connection: 1, Self.key(UInt64(number))) { order.append(number) }
        }
        scheduler.wait(in: .read, connection: 2, Self.key(1)) { order.append(10) }
        for _ in 1...4 { scheduler.giveBack(.read) }
        #expect(order == [1, 10, 2, 3])
    }

    @Test("what is withdrawn never begins, and its place goes to the next")
    func withdraw() {
        let scheduler = WorkScheduler(.init(read: 1, list: 1, write: 1, others: 1))
        #expect(scheduler.takePlace(in: .read))
        var order: [Int] = []
        for number in 1...3 {
            scheduler.wait(in: .read, connection: number, Self.key(1)) { order.append(number) }
        }
        scheduler.withdraw(Self.key(1), of: 1, from: .read)
        scheduler.withdrawAll(of: 2)
        scheduler.giveBack(.read)
        #expect(order == [3])
    }

    @Test(
        "every method has the lane of its kind",
        arguments: [
            (Method.comprehendMedicalDescribeRxNormInferenceJob, WorkScheduler.Lane.read),
            (.comprehendMedicalListRxNormInferenceJobs, .list),
            (.comprehendMedicalStartRxNormInferenceJob, .write), (.sidecarGetInfo, .sidecar), (.rpcPing, .rpc),
            (.rpcDiscover, .rpc),
        ])
    func laneOfMethod(method: Method, lane: WorkScheduler.Lane) {
        #expect(WorkScheduler.Lane.of(method) == lane)
    }
}

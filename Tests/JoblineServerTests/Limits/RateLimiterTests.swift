import JoblineBackend
import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct RateLimiterTests {
    private static let describe = Method.comprehendMedicalDescribeRxNormInferenceJob
    private static let list = Method.comprehendMedicalListRxNormInferenceJobs
    private static let start = Method.comprehendMedicalStartRxNormInferenceJob

    private func rate(_ perSecond: Double, burst: Double = 1) throws -> GCRA.Rate {
        try #require(GCRA.Rate(perSecond: perSecond, burst: burst))
    }

    @Test("A refusal has the exact time after which the request passes")
    func exact() throws {
        let limiter = RateLimiter(.init(clientRead: try rate(3)))
        #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == nil)
        let refusal = try #require(limiter.refusal(of: Self.describe, caller: .user(1), now: 1))
        #expect(refusal == .init(scope: .client, wait: 333_333_333))
        #expect(refusal.retryAfterMilliseconds == 334)
        let early = try #require(limiter.refusal(of: Self.describe, caller: .user(1), now: 333_333_333))
        #expect(early.retryAfterMilliseconds == 1)
        #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 333_333_334) == nil)
    }

    @Test("Each user and class has its own budget, and all share the budget of a method")
    func keys() throws {
        let limiter = RateLimiter(
            .init(clientRead: try rate(1), clientWrite: try rate(1), methods: [Self.list: try rate(1)]))
        #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == nil)
        #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0)?.scope == .client)
        #expect(limiter.refusal(of: Self.start, caller: .user(1), now: 0) == nil)
        #expect(limiter.refusal(of: Self.list, caller: .user(2), now: 0) == nil)
        #expect(limiter.refusal(of: Self.list, caller: .user(3), now: 0)?.scope == .method)
        #expect(limiter.refusal(of: Self.describe, caller: .user(3), now: 0) == nil)
    }

    @Test("A refused request takes no token from any budget")
    func refusedTakesNothing() throws {
        let limiter = RateLimiter(
            .init(
                clientRead: try rate(1, burst: 2), methods: [Self.describe: try rate(0.1)],
                services: ["ComprehendMedical": try rate(1, burst: 2)]))
        #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == nil)
        for _ in 1...100 { #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0)?.scope == .method) }
        // Client and service have one token each left: refusals took none.
        #expect(limiter.refusal(of: Self.list, caller: .user(1), now: 0) == nil)
        #expect(limiter.refusal(of: Self.list, caller: .user(1), now: 0)?.scope == .client)
        #expect(limiter.refusal(of: Self.list, caller: .user(2), now: 0)?.scope == .service)
        #expect(limiter.counts == .init(passed: 2, refused: [.client: 1, .method: 100, .service: 1]))
    }

    @Test("With several exhausted budgets, the first is the reason and the longest wait is the advice")
    func severalSpent() throws {
        let limiter = RateLimiter(
            .init(
                clientRead: try rate(10), methods: [Self.describe: try rate(2)],
                services: ["ComprehendMedical": try rate(5)]))
        #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == nil)
        #expect(
            limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == .init(scope: .client, wait: 500_000_000))
        #expect(
            limiter.refusal(of: Self.describe, caller: .user(1), now: 499_999_999) == .init(scope: .method, wait: 1))
        #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 500_000_000) == nil)
    }

    @Test("In shadow mode every request passes and is counted")
    func shadow() throws {
        let limiter = RateLimiter(.init(clientRead: try rate(1), shadow: true))
        for _ in 1...5 { #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == nil) }
        #expect(limiter.counts == .init(passed: 1, shadowed: [.client: 4]))
    }

    @Test("Unlimited methods are never refused")
    func unlimited() throws {
        let limiter = RateLimiter(.init(clientRead: try rate(1), clientWrite: try rate(1)))
        for _ in 1...5 { #expect(limiter.refusal(of: .rpcPing, caller: .user(1), now: 0) == nil) }
    }

    @Test("Full buckets are removed")
    func forgets() throws {
        let limiter = RateLimiter(.init(clientRead: try rate(1000)))
        for uid in 0..<UInt32(10_000) {
            // Each client comes when the bucket before it is full again.
            #expect(limiter.refusal(of: Self.describe, caller: .user(uid), now: Int64(uid) * 1_000_000) == nil)
        }
        #expect(limiter.clientCount <= 1025)
    }

    @Test("The number of buckets is bounded")
    func bounded() throws {
        let limiter = RateLimiter(.init(clientRead: try rate(0.001)))
        for uid in 0..<UInt32(66_000) { #expect(limiter.refusal(of: Self.describe, caller: .user(uid), now: 0) == nil) }
        #expect(limiter.clientCount == 65_536)
    }

    // MARK: Replaced limits

    /// Returns how many of 1000 requests pass at once.
    private func passing(
        _ limiter: RateLimiter, _ method: Method = RateLimiterTests.describe, uid: UInt32 = 1, now: Int64 = 0
    ) -> Int {
        (0..<1000).prefix { _ in limiter.refusal(of: method, caller: .user(uid), now: now) == nil }.count
    }

    @Test("A bucket with the same rate keeps its state to the nanosecond")
    func unchanged() throws {
        let limits = RateLimiter.Limits(
            clientRead: try rate(3), clientWrite: try rate(1), methods: [Self.list: try rate(7)])
        let limiter = RateLimiter(limits)
        #expect(limiter.refusal(of: Self.list, caller: .user(1), now: 0) == nil)
        var changed = limits
        changed.clientWrite = try rate(100, burst: 100)
        changed.services = ["Personalize": try rate(1)]
        limiter.replace(changed, now: 5)
        #expect(
            limiter.refusal(of: Self.describe, caller: .user(1), now: 5) == .init(scope: .client, wait: 333_333_329))
        #expect(limiter.refusal(of: Self.list, caller: .user(2), now: 5) == .init(scope: .method, wait: 142_857_138))
    }

    @Test("A higher rate keeps the tokens left and adds new ones faster")
    func loosened() throws {
        let limiter = RateLimiter(.init(clientRead: try rate(1, burst: 5)))
        for _ in 1...3 { #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == nil) }
        #expect(passing(limiter, uid: 2) == 5)
        limiter.replace(.init(clientRead: try rate(1000, burst: 100)), now: 0)
        #expect(passing(limiter, uid: 1) == 2)
        #expect(limiter.refusal(of: Self.describe, caller: .user(2), now: 0)?.wait == 1_000_000)
        // A new client has a full bucket.
        #expect(passing(limiter, uid: 3) == 100)
        #expect(passing(limiter, uid: 2, now: 10_000_000) == 10)
        #expect(passing(limiter, uid: 2, now: 1_000_000_000) == 100)
    }

    @Test("A lower rate keeps the tokens left, up to the new burst")
    func tightened() throws {
        let limiter = RateLimiter(.init(clientRead: try rate(100, burst: 100)))
        for _ in 1...50 { #expect(limiter.refusal(of: Self.describe, caller: .user(1), now: 0) == nil) }
        for _ in 1...98 { #expect(limiter.refusal(of: Self.describe, caller: .user(2), now: 0) == nil) }
        limiter.replace(.init(clientRead: try rate(1, burst: 5)), now: 0)
        #expect(passing(limiter, uid: 1) == 5)
        #expect(passing(limiter, uid: 2) == 2)
        #expect(limiter.refusal(of: Self.describe, caller: .user(2), now: 0)?.wait == 1_000_000_000)
    }

    @Test("Changing a rate and back adds no token")
    func backAndForth() throws {
        let (slow, fast) = (try rate(0.5, burst: 3), try rate(77, burst: 1000))
        let limiter = RateLimiter(.init(clientRead: slow, methods: [Self.list: slow], services: ["Personalize": slow]))
        #expect(passing(limiter) == 3)
        #expect(passing(limiter, Self.list, uid: 2) == 3)
        #expect(passing(limiter, .personalizeListBatchSegmentJobs, uid: 3) == 3)
        for _ in 1...100 {
            limiter.replace(
                .init(clientRead: fast, methods: [Self.list: fast], services: ["Personalize": fast]), now: 0)
            limiter.replace(
                .init(clientRead: slow, methods: [Self.list: slow], services: ["Personalize": slow]), now: 0)
        }
        for (method, uid) in [(Self.describe, UInt32(1)), (Self.list, 9), (.personalizeListBatchSegmentJobs, 9)] {
            let wait = try #require(limiter.refusal(of: method, caller: .user(uid), now: 0)?.wait)
            #expect((2_000_000_000...2_000_010_000).contains(wait))
        }
    }

    @Test("A removed limit loses its buckets, and a new one starts full")
    func comesAndGoes() throws {
        let one = try rate(1)
        let limiter = RateLimiter(.init(methods: [Self.list: one]))
        #expect(passing(limiter, Self.list) == 1)
        limiter.replace(.init(services: ["ComprehendMedical": try rate(1, burst: 4)]), now: 0)
        #expect(passing(limiter, Self.list) == 4)
        limiter.replace(.init(methods: [Self.list: one], shadow: true), now: 0)
        #expect(passing(limiter, Self.list) == 1000)
        #expect(limiter.counts == .init(passed: 6, refused: [.method: 1, .service: 1], shadowed: [.method: 999]))
    }
}

import JoblineProtocol
import Testing

@testable import JoblineServer

@Suite struct FaultInjectorTests {
    static let method = Method.comprehendMedicalDescribeRxNormInferenceJob

    static func rule(_ name: String, _ methods: String = "*", share: Double, seed: Int = 0) -> FaultRule {
        var rule = FaultRule(name: name, methods: methods)
        rule.delayMilliseconds = 1
        rule.share = share
        rule.seed = seed
        return rule
    }

    /// Returns the calls that are hit, numbered from 1, with their rules.
    static func hits(_ injector: FaultInjector, of method: Method = method, calls: Int) -> [Int: String] {
        var hits: [Int: String] = [:]
        for call in 1...calls { hits[call] = injector.fault(for: method)?.rule }
        return hits
    }

    @Test("Without rules there is no injector")
    func noRules() throws {
        #expect(try FaultInjector([]) == nil)
    }

    @Test("A seed hits the same calls in every run, and another seed hits others")
    func determinism() throws {
        for _ in 1...2 {
            let injector = try #require(try FaultInjector([Self.rule("r", share: 0.2, seed: 7)]))
            #expect(Self.hits(injector, calls: 40).keys.sorted() == [2, 9, 11, 22, 27, 32, 37, 40])
        }
        let injector = try #require(try FaultInjector([Self.rule("r", share: 0.5, seed: 1_234_567)]))
        #expect(Self.hits(injector, calls: 12).keys.sorted() == [1, 2, 4, 6, 8, 9, 11, 12])
    }

    @Test(
        "Share 0 hits no call, share 1 hits all, and share 0.2 hits a fifth",
        arguments: [(0.0, 0), (0.2, 1966), (1.0, 10_000)])
    func share(share: Double, hits: Int) throws {
        let rule = Self.rule("r", share: share, seed: 7)
        let injector = try #require(try FaultInjector([rule]))
        #expect(Self.hits(injector, calls: 10_000).count == hits)
        #expect(injector.counts == [.init(rule: rule, calls: 10_000, hits: hits)])
    }

    @Test("The first rule by name that hits a call wins, and does not change the sequence of others")
    func order() throws {
        let later = Self.rule("b", share: 1)
        let first = Self.rule("a", share: 0.2, seed: 7)
        let last = Self.rule("c", share: 0.5, seed: 1_234_567)
        let injector = try #require(try FaultInjector([later, last, first]))
        let hits = Self.hits(injector, calls: 40)
        #expect(hits.filter { $0.value == "a" }.keys.sorted() == [2, 9, 11, 22, 27, 32, 37, 40])
        #expect(hits.filter { $0.value == "b" }.count == 32)
        #expect(injector.counts.map(\.rule.name) == ["a", "b", "c"])
        #expect(injector.counts.map(\.calls) == [40, 40, 40])
        #expect(injector.counts.map(\.hits) == [8, 32, 0])

        let pair = try #require(try FaultInjector([first, last]))
        let alone = [1, 4, 6, 8, 12]  // the sequence of `c` alone, without what `a` takes
        #expect(Self.hits(pair, calls: 12).filter { $0.value == "c" }.keys.sorted() == alone)
    }

    @Test("Calls of other methods are neither hit nor counted")
    func otherMethods() throws {
        let injector = try #require(try FaultInjector([Self.rule("r", "ComprehendMedical.Describe*", share: 1)]))
        #expect(injector.fault(for: .comprehendMedicalStopRxNormInferenceJob) == nil)
        #expect(injector.fault(for: .rpcPing) == nil)
        #expect(injector.counts.map(\.calls) == [0])
    }

    @Test("Concurrent calls are counted one by one")
    func concurrency() async throws {
        let injector = try #require(try FaultInjector([Self.rule("r", share: 0.2, seed: 7)]))
        await withDiscardingTaskGroup { group in
            for _ in 1...100 { group.addTask { _ = Self.hits(injector, calls: 100) } }
        }
        #expect(injector.counts.map(\.calls) == [10_000])
        #expect(injector.counts.map(\.hits) == [1966])
    }
}

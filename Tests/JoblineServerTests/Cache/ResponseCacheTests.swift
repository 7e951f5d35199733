import JoblineBackend
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

@Suite struct ResponseCacheTests {
    private static let describe = Method.comprehendMedicalDescribeRxNormInferenceJob
    /// Method of the second backend.
    private static let describeSegments = Method.personalizeDescribeBatchSegmentJob
    private let records = ScriptedRecords()
    private let otherRecords = ScriptedRecords()
    private let cache: ResponseCache

    init() {
        let routes = BackendRoutes { BackendID($0 == .personalize ? 1 : 0) }
        cache = ResponseCache([records, otherRecords], routes: routes, bytes: 1 << 20)
    }

    /// Stores a result as a server does after a miss.
    private func answer(
        _ params: String, _ result: String, of method: JoblineProtocol.Method = describe, about record: UInt64,
        until end: Int64? = nil, meanwhile: () -> Void = {}
    ) {
        let changes = cache.changes(for: method)
        meanwhile()
        let dependency = CacheDependency()
        dependency.isAbout(RecordKey(record), until: end.map { Timestamp(milliseconds: $0) })
        cache.keep(
            ByteBuffer(string: result), of: method, ByteBuffer(string: params), dependency, since: changes)
    }

    private func result(_ params: String, of method: JoblineProtocol.Method = describe) -> String? {
        ByteBuffer(string: params).withUnsafeReadableBytes { params in
            cache.withResult(of: method, params, at: cache.time(for: method)) { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test("A hit needs the same method and the same bytes")
    func same() {
        answer("{\"JobId\":\"a\"}", "A", about: 1)
        answer("{\"JobId\":\"b\"}", "B", about: 2)
        #expect(result("{\"JobId\":\"a\"}") == "A")
        #expect(result("{\"JobId\":\"b\"}") == "B")
        #expect(result("{ \"JobId\":\"a\"}") == nil)
        #expect(result("{\"JobId\":\"a\"}", of: .comprehendMedicalDescribePHIDetectionJob) == nil)
    }

    @Test("A result without a dependency is not cached")
    func noBasis() {
        let params = ByteBuffer(string: "{}")
        cache.keep(
            ByteBuffer(string: "A"), of: Self.describe, params, CacheDependency(),
            since: cache.changes(for: Self.describe))
        #expect(result("{}") == nil)
    }

    @Test("An entry is evicted before its record changes, and no result is stored during the change")
    func changes() {
        answer("a", "before", about: 1)
        answer("b", "B", about: 2)
        records.willChange(1)
        #expect(result("a") == nil)
        answer("a", "before", about: 1)
        #expect(result("a") == nil)
        records.didChange(1)
        #expect(result("a") == nil)
        answer("a", "after", about: 1)
        #expect(result("a") == "after")
        #expect(result("b") == "B")
    }

    @Test("A result is not stored if its record changed meanwhile, and is stored if a few others did")
    func overtaken() {
        answer("a", "A", about: 1) { records.change(1) }
        #expect(result("a") == nil)
        answer("a", "A", about: 1) { for other in 2...40 { records.change(UInt64(other)) } }
        #expect(result("a") == "A")
        answer("b", "B", about: 2) { for other in 3...400 { records.change(UInt64(other)) } }
        #expect(result("b") == nil)
    }

    @Test("An entry expires at its time")
    func time() {
        answer("a", "A", about: 1, until: 1000)
        records.setTime(999)
        #expect(result("a") == "A")
        records.setTime(1000)
        #expect(result("a") == nil)
    }

    @Test("A record has one entry, the last one")
    func spellings() {
        answer("a", "A", about: 1)
        answer(" a", "A", about: 1)
        #expect(result("a") == nil)
        #expect(result(" a") == "A")
        records.change(1)
        #expect(cache.bytes == 0)
    }

    @Test("Looking up entries evicts none")
    func roomForAll() {
        let text = String(repeating: "x", count: 1000)
        let numbers = 1...700
        for number in numbers { answer("\(number)", text, about: UInt64(number)) }
        for number in [numbers, numbers].joined() { #expect(result("\(number)") == text) }
    }

    @Test("Memory is bounded, and entries in use are not evicted")
    func bounded() {
        let text = String(repeating: "x", count: 1000)
        answer("often", text, about: 0)
        for number in 1...5000 {
            answer("\(number)", text, about: UInt64(number))
            #expect(result("often") == text)
        }
        #expect(cache.bytes <= 1 << 20)
        #expect(result("1") == nil)
        #expect(result("5000") == text)
        answer("large", String(repeating: "x", count: 1 << 20), about: 6000)
        #expect(result("large") == nil)
    }

    @Test("Backends have records of their own: a change in one invalidates nothing of another")
    func backends() {
        answer("a", "A", about: 1)
        answer("a", "B", of: Self.describeSegments, about: 1)
        records.change(1)
        #expect(result("a") == nil)
        #expect(result("a", of: Self.describeSegments) == "B")
        otherRecords.willChange(1)
        #expect(result("a", of: Self.describeSegments) == nil)
        answer("a", "A", about: 1)
        #expect(result("a") == "A")
    }

    @Test("Many changes in one backend do not keep results of another out")
    func busyBackend() {
        answer("a", "A", about: 1) { for other in 2...400 { otherRecords.change(UInt64(other)) } }
        #expect(result("a") == "A")
    }

    @Test("Entries expire by the clock of their backend")
    func clocks() {
        answer("a", "A", about: 1, until: 1000)
        answer("a", "B", of: Self.describeSegments, about: 1, until: 1000)
        otherRecords.setTime(1000)
        #expect(result("a") == "A")
        #expect(result("a", of: Self.describeSegments) == nil)
    }
}

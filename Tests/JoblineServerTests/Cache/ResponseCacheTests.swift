import JoblineBackend
import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineServer

/// Answers that are given again.
@Suite struct ResponseCacheTests {
    private static let describe = Method.comprehendMedicalDescribeRxNormInferenceJob
    private let records = ScriptedRecords()
    private let cache: ResponseCache

    init() { cache = ResponseCache(records, bytes: 1 << 20) }

    /// What a server does with a question that goes to its service.
    private func answer(
        _ params: String, _ result: String, about record: Int64, until end: Int64? = nil, meanwhile: () -> Void = {}
    ) {
        let changes = cache.changes
        meanwhile()
        let dependency = CacheDependency()
        dependency.isAbout(record, until: end.map { Timestamp(milliseconds: $0) })
        cache.keep(
            ByteBuffer(string: result), of: Self.describe, ByteBuffer(string: params), dependency, since: changes)
    }

    private func result(_ params: String, of method: JoblineProtocol.Method = describe) -> String? {
        ByteBuffer(string: params).withUnsafeReadableBytes { params in
            cache.withResult(of: method, params, at: cache.now) { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test("the same bytes to the same method have the same result, and nothing else has")
    func same() {
        answer("{\"JobId\":\"a\"}", "A", about: 1)
        answer("{\"JobId\":\"b\"}", "B", about: 2)
        #expect(result("{\"JobId\":\"a\"}") == "A")
        #expect(result("{\"JobId\":\"b\"}") == "B")
        #expect(result("{ \"JobId\":\"a\"}") == nil)
        #expect(result("{\"JobId\":\"a\"}", of: .comprehendMedicalDescribePHIDetectionJob) == nil)
    }

    @Test("a service that does not say what its answer depends on is asked every time")
    func noBasis() {
        let params = ByteBuffer(string: "{}")
        cache.keep(ByteBuffer(string: "A"), of: Self.describe, params, CacheDependency(), since: cache.changes)
        #expect(result("{}") == nil)
    }

    @Test("what changes is forgotten before anybody can see it, and nothing of it is kept until everybody sees it")
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

    @Test("an answer that was read while its record changed is not kept; one beside which others changed is")
    func overtaken() {
        answer("a", "A", about: 1) { records.change(1) }
        #expect(result("a") == nil)
        answer("a", "A", about: 1) { for other in 2...40 { records.change(Int64(other)) } }
        #expect(result("a") == "A")
        answer("b", "B", about: 2) { for other in 3...400 { records.change(Int64(other)) } }
        #expect(result("b") == nil)
    }

    @Test("an answer ends at its time")
    func time() {
        answer("a", "A", about: 1, until: 1000)
        records.setTime(999)
        #expect(result("a") == "A")
        records.setTime(1000)
        #expect(result("a") == nil)
    }

    @Test("of a record the last answer is kept")
    func spellings() {
        answer("a", "A", about: 1)
        answer(" a", "A", about: 1)
        #expect(result("a") == nil)
        #expect(result(" a") == "A")
        records.change(1)
        #expect(cache.bytes == 0)
    }

    @Test("nothing is given up for the sake of what is there already")
    func roomForAll() {
        let text = String(repeating: "x", count: 1000)
        let numbers = 1...700
        for number in numbers { answer("\(number)", text, about: Int64(number)) }
        for number in [numbers, numbers].joined() { #expect(result("\(number)") == text) }
    }

    @Test("memory is bounded, and what is asked again and again stays")
    func bounded() {
        let text = String(repeating: "x", count: 1000)
        answer("often", text, about: 0)
        for number in 1...5000 {
            answer("\(number)", text, about: Int64(number))
            #expect(result("often") == text)
        }
        #expect(cache.bytes <= 1 << 20)
        #expect(result("1") == nil)
        #expect(result("5000") == text)
        answer("large", String(repeating: "x", count: 1 << 20), about: 6000)
        #expect(result("large") == nil)
    }
}

import JoblineProtocol
import NIOCore
import Testing

@testable import Jobline

@Suite struct JobChangeReaderTests {
    private static func text(_ watch: String, id: String = "a", progress: String = "0.5") -> String {
        #"{"service":"ComprehendMedical","family":"RxNormInference","id":"\#(id)","state":"running","watch":\#(watch),"#
            + #""progress":\#(progress),"job":{"JobId":"\#(id)","watch":1}}"#
    }

    private static func body(_ params: String) -> ByteBuffer {
        ByteBuffer(string: #"{"jsonrpc":"2.0","method":"Sidecar.JobChanged","params":\#(params)}"#)
    }

    /// Checks that notifications read in sequence equal those read alone.
    ///
    /// - Returns: How many of them were read as another one told again.
    @discardableResult
    private func expectSame(_ texts: [String]) throws -> Int {
        var reader = JobChangeReader()
        var repeated = 0
        for text in texts {
            let alone = Result { try Sidecar.JobChanged(json: ByteBuffer(string: text)) }
            let again = reader.again(Self.body(text))
            if again != nil { repeated += 1 }
            let read = Result { try again ?? reader.read(ByteBuffer(string: text), of: Self.body(text)) }
            switch (alone, read) {
            case (.success(let change), .success(let told)):
                #expect(told.watch == change.watch)
                #expect(told.change == JobChange(change))
                #expect(told.change.job == Job(change))
            case (.failure, .failure): break
            case (.success, .failure), (.failure, .success): Issue.record("read otherwise than alone: \(text)")
            }
        }
        return repeated
    }

    @Test("Notifications of many watches with the same job are read") func sameForMany() throws {
        #expect(try expectSame((1...20).map { Self.text("\($0 * $0 * $0)") }) == 18)
        try expectSame([1, 2, 3, 9_007_199_254_740_991, 4].map { Self.text("\($0)") })
    }

    @Test("Changes and jobs that take turns") func turns() throws {
        try expectSame(
            (1...12).map { Self.text("\($0)", id: $0 % 5 == 0 ? "b" : "a", progress: $0 % 3 == 0 ? "0.25" : "0.5") })
    }

    @Test(
        "Text that only resembles a number is refused",
        arguments: ["01", "1.5", "\"x\"", "-3", "1,\"x\":2", "", "9007199254740993"])
    func others(_ watch: String) throws {
        try expectSame([Self.text("1"), Self.text("2"), Self.text(watch), Self.text("3")])
        try expectSame([Self.text(watch), Self.text(watch), Self.text("1")])
        let nested = Self.text("2").replacing(#""watch":1"#, with: #""watch":7"#)
        try expectSame([Self.text("2"), Self.text("2"), nested, Self.text("1")])
    }
}

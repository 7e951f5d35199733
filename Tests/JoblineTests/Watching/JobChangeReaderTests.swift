import JoblineProtocol
import NIOCore
import Testing

@testable import Jobline

@Suite struct JobChangeReaderTests {
    private static func text(_ watch: String, id: String = "a", progress: String = "0.5") -> String {
        #"{"service":"ComprehendMedical","family":"RxNormInference","id":"\#(id)","state":"running","watch":\#(watch),"#
            + #""progress":\#(progress),"job":{"JobId":"\#(id)","watch":1}}"#
    }

    /// What is read of each, one after the other, is what is read of each alone.
    private func expectSame(_ texts: [String]) throws {
        var reader = JobChangeReader()
        for text in texts {
            let alone = Result { try Sidecar.JobChanged(json: ByteBuffer(string: text)) }
            switch alone {
            case .success(let change): #expect(try reader.read(ByteBuffer(string: text)) == change)
            case .failure: #expect(throws: JSONError.self) { try reader.read(ByteBuffer(string: text)) }
            }
        }
    }

    @Test("the same for many watches") func sameForMany() throws {
        try expectSame((1...20).map { Self.text("\($0 * $0 * $0)") })
        try expectSame([1, 2, 3, 9_007_199_254_740_991, 4].map { Self.text("\($0)") })
    }

    @Test("changes and jobs that take turns") func turns() throws {
        try expectSame(
            (1...12).map { Self.text("\($0)", id: $0 % 5 == 0 ? "b" : "a", progress: $0 % 3 == 0 ? "0.25" : "0.5") })
    }

    @Test(
        "what is like a number and is none, or is somewhere else",
        arguments: ["01", "1.5", "\"x\"", "-3", "1,\"x\":2", "", "9007199254740993"])
    func others(_ watch: String) throws {
        try expectSame([Self.text("1"), Self.text("2"), Self.text(watch), Self.text("3")])
        try expectSame([Self.text(watch), Self.text(watch), Self.text("1")])
        let nested = Self.text("2").replacing(#""watch":1"#, with: #""watch":7"#)
        try expectSame([Self.text("2"), Self.text("2"), nested, Self.text("1")])
    }
}

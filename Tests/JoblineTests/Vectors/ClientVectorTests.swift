import JoblineProtocol
import NIOCore
import TestSupport
import Testing

@testable import Jobline

/// Sends server vectors to a real client over a real socket.
@Suite("Vectors against the client", .timeLimit(.minutes(5)))
struct ClientVectorTests {
    struct Case: Sendable {
        let vector: Vector
        let cut: VectorCut
    }

    static let files = ((try? VectorFile.all()) ?? []).filter { $0.direction == .toClient }

    @Test("Each call ends once with the expected outcome, however the bytes are split", arguments: files)
    func run(file: VectorFile) async throws {
        var cases = file.vectors.flatMap { vector in
            (vector.isSplittable ? VectorCut.all : [.whole]).map { Case(vector: vector, cut: $0) }
        }
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<min(8, cases.count) {
                let next = cases.removeLast()
                group.addTask { await Self.failure(of: next) }
            }
            while let failure = await group.next() {
                if let failure { Issue.record("\(file.name): \(failure)") }
                guard let next = cases.popLast() else { continue }
                group.addTask { await Self.failure(of: next) }
            }
        }
    }

    /// - Returns: What went wrong; nil if all is well.
    private static func failure(of test: Case) async -> String? {
        let ends = test.vector.content["ends"]?.array?.compactMap(\.array) ?? []
        do {
            let came = try await outcomes(of: test, ends)
            for (number, (end, allowed)) in zip(came, ends).enumerated() where !allowed.contains(where: end.fits) {
                return "\(test.vector), \(test.cut): call \(number + 1) ended with \(end); expected \(allowed)"
            }
            return nil
        } catch {
            return "\(test.vector), \(test.cut): \(error)"
        }
    }

    private static func outcomes(of test: Case, _ ends: [[JSONValue]]) async throws -> [CallEnd] {
        let hangUps = Journal<Int>()
        return try await ScriptedPeer.run(script: { peer in
            // Without a repetition there is no second connection.
            if peer.number == 1 { try? await play(test, calls: ends.count, peer) }
            if test.vector.content["then"] == "wait" { while (try? await peer.next()) ?? nil != nil {} }
            hangUps.note(peer.number)
        }) { path in
            let client = JoblineClient(configuration: JoblineClient.Configuration(socketPath: path))
            let isSilent = ends.contains(["timeout"])
            let options = CallOptions(timeout: isSilent ? .seconds(3) : .seconds(60), retry: .disabled)
            let came = await withTaskGroup(of: (Int, CallEnd).self) { group in
                for number in 1...ends.count {
                    group.addTask {
                        (
                            number,
                            await CallEnd { () throws(JoblineError) in
                                try await client.call(
                                    "ComprehendMedical.DescribeRxNormInferenceJob", json: "{\"n\":\(number)}",
                                    options: options)
                            }
                        )
                    }
                }
                return await group.reduce(into: [CallEnd](repeating: .lost, count: ends.count)) { $0[$1.0 - 1] = $1.1 }
            }
            // A client disconnects after bytes that it cannot decode.
            if came.contains(.broken) { _ = await hangUps.entries(1) }
            await client.close()
            return came
        }
    }

    /// Reads the calls, and sends what the vector says.
    private static func play(_ test: Case, calls: Int, _ peer: ScriptedPeer.Client) async throws {
        var ids: [String: String] = [:]
        for _ in 0..<calls {
            guard let request = try await peer.next(), let id = request.id, let params = request.params else { return }
            let number = String(buffer: params).filter(\.isNumber)
            ids[number] = String(buffer: id.json())
        }
        let bytes = try VectorBytes.expand(test.vector.content["send"] ?? [], names: ids)
        for piece in test.cut.pieces(of: bytes) { try await peer.send(piece) }
    }
}

/// Outcome of a call, in the vectors' notation.
enum CallEnd: Equatable, Sendable {
    case result(JSONValue)
    case error(code: Int, data: JSONValue)
    case broken
    case lost
    case timeout
    case other(String)

    init(_ call: () async throws(JoblineError) -> String) async {
        do throws(JoblineError) {
            let text = try await call()
            self = (try? .result(JSONValue(text: text))) ?? .other("no JSON: \(text.prefix(100))")
        } catch {
            switch (error.code, error.wire) {
            case (_, let wire?):
                let data = (try? JSONValue(text: String(buffer: wire.json())))?["data"] ?? [:]
                self = .error(code: wire.code.rawValue, data: data)
            case (.protocolViolation, nil): self = .broken
            case (.connectionLost, nil): self = .lost
            case (.timeout, nil): self = .timeout
            default: self = .other("\(error)")
            }
        }
    }

    /// True if this is what a vector says.
    func fits(_ expected: JSONValue) -> Bool {
        switch self {
        case .result(let result):
            expected == "answered" || expected["result"].map { result.isSame(as: $0) } ?? false
        case .error(let code, let data):
            expected["code"]?.integer == code
                && (expected["data"]?.object ?? [:]).allSatisfy { data[$0]?.isSame(as: $1) == true }
        case .broken: expected == "broken"
        case .lost: expected == "lost"
        case .timeout: expected == "timeout"
        case .other: false
        }
    }
}

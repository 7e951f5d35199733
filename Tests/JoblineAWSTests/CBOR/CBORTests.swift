import JoblineProtocol
import NIOCore
import Testing

@testable import JoblineAWS

@Suite("CBOR of requests and responses")
struct CBORTests {
    private static func bytes(_ hex: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        var digits = Substring(hex.filter { $0 != " " })
        while let byte = UInt8(digits.prefix(2), radix: 16) {
            buffer.writeInteger(byte)
            digits = digits.dropFirst(2)
        }
        return buffer
    }

    /// Reads a map with one member `a`.
    private static func read(_ hex: String) throws(AWSRefusal) -> String {
        String(buffer: try CBORReader.json(of: bytes("a1 61 61" + hex)).finish())
    }

    private static func write(_ json: String, times: Set<String> = []) throws -> String {
        let bytes = try CBORWriter.message(ByteBuffer(string: json), timeMembers: times)
        return bytes.readableBytesView.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(
        "Values have the JSON of RFC 8949, appendix A",
        arguments: [
            ("00", "0"), ("17", "23"), ("18 18", "24"), ("19 03e8", "1000"), ("1b 000000e8d4a51000", "1000000000000"),
            ("20", "-1"), ("38 63", "-100"), ("f4", "false"), ("f5", "true"), ("f6", "null"), ("f7", "null"),
            ("f9 0000", "0.0"), ("f9 8000", "-0.0"), ("f9 3c00", "1.0"), ("f9 3e00", "1.5"), ("f9 7bff", "65504.0"),
            ("f9 0001", "5.960464477539063e-08"), ("f9 0400", "6.103515625e-05"), ("f9 c400", "-4.0"),
            ("fa 47c35000", "100000.0"), ("fb 3ff199999999999a", "1.1"), ("60", "\"\""), ("64 49455446", "\"IETF\""),
            ("62 c3bc", "\"ü\""), ("64 f0908591", "\"𐅑\""), ("80", "[]"), ("83 01 02 03", "[1,2,3]"), ("a0", "{}"),
            ("a1 61 62 82 02 03", "{\"b\":[2,3]}"), ("9f ff", "[]"),
            ("9f 01 82 02 03 9f 04 05 ff ff", "[1,[2,3],[4,5]]"),
            ("bf 61 62 01 ff", "{\"b\":1}"), ("7f 65 7374726561 64 6d696e67 ff", "\"streaming\""),
            ("c1 1a 514b67b0", "1363896240"), ("c1 fb 41d452d9ec200000", "1363896240.5"), ("c1 20", "-1"),
        ])
    func reading(hex: String, json: String) throws {
        #expect(try Self.read(hex) == "{\"a\":\(json)}")
    }

    @Test(
        "Values that JSON does not have are refused",
        arguments: [
            "1b 0020000000000000", "3b 001fffffffffffff", "40", "5f 41 00 ff", "f9 7c00", "f9 7e00", "fa 7f800000",
            "f0",
            "f8 ff", "c0 60", "c2 41 00", "c1 60", "d8 20 60", "61 ff", "1c", "1f", "ff", "7f 61 61 7f ff ff",
            "a1 01 02",
            "7f 01 ff",
        ])
    func invalid(hex: String) {
        #expect(throws: AWSRefusal.self) { try Self.read(hex) }
    }

    @Test("Declared lengths allocate nothing")
    func hugeLengths() {
        for hex in [
            "5b ffffffffffffffff", "7b 7fffffffffffffff", "7b ffffffffffffffff", "9b ffffffffffffffff",
            "bb ffffffffffffffff",
        ] {
            #expect(throws: AWSRefusal.self) { try Self.read(hex) }
        }
    }

    @Test("A message is one map without further bytes, of at most 64 levels")
    func messages() {
        for hex in ["", "80", "01", "a0 00"] {
            #expect(throws: AWSRefusal.self) { try CBORReader.json(of: Self.bytes(hex)) }
        }
        #expect(throws: Never.self) { try Self.read(String(repeating: "81", count: 63) + "00") }
        #expect(throws: AWSRefusal.self) { try Self.read(String(repeating: "81", count: 64) + "00") }
        #expect(throws: AWSRefusal.self) { try Self.read(String(repeating: "9f", count: 100_000)) }
    }

    @Test(
        "Values are written in their shortest form, with definite lengths",
        arguments: [
            (#"{"a":0}"#, "a1616100"), (#"{"a":24}"#, "a161611818"), (#"{"a":-25}"#, "a161613818"),
            (#"{"a":65536}"#, "a161611a00010000"), (#"{"a":4294967296}"#, "a161611b0000000100000000"),
            (#"{"a":0.5}"#, "a16161fb3fe0000000000000"), (#"{"a":[true,false,null]}"#, "a1616183f5f4f6"),
            (#"{"a":"\u00fc\n"}"#, "a1616163c3bc0a"), (#"{}"#, "a0"), (#"{"a":{"b":[]}}"#, "a16161a1616280"),
        ])
    func writing(json: String, hex: String) throws {
        #expect(try Self.write(json) == hex)
    }

    @Test("Numbers of time members have tag 1, at any depth and in lists")
    func times() throws {
        #expect(try Self.write(#"{"t":1,"x":1}"#, times: ["t"]) == "a26174c101617801")
        #expect(try Self.write(#"{"x":{"t":0.5}}"#, times: ["t"]) == "a16178a16174c1fb3fe0000000000000")
        #expect(try Self.write(#"{"t":[1,2]}"#, times: ["t"]) == "a1617482c101c102")
        #expect(try Self.write(#"{"t":"1"}"#, times: ["t"]) == "a161746131")
    }

    @Test("Random messages survive the way to CBOR and back", arguments: 0..<200)
    func roundTrips(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let json = "{\"m\":\(random.value(depth: 5))}"
        let cbor = try CBORWriter.message(ByteBuffer(string: json), timeMembers: ["t"])
        let back = try CBORReader.json(of: cbor).finish()
        #expect(String(buffer: back) == json)
    }

    @Test("A message that ends early is refused, wherever it ends", arguments: 0..<20)
    func truncation(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let cbor = try CBORWriter.message(ByteBuffer(string: "{\"m\":\(random.value(depth: 4))}"), timeMembers: [])
        for count in 0..<cbor.readableBytes {
            let part = try #require(cbor.getSlice(at: cbor.readerIndex, length: count))
            #expect(throws: AWSRefusal.self) { try CBORReader.json(of: part) }
        }
    }

    @Test("Damaged messages are read or refused", arguments: 0..<50)
    func mutation(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var cbor = try CBORWriter.message(ByteBuffer(string: "{\"m\":\(random.value(depth: 4))}"), timeMembers: ["t"])
        for _ in 0..<50 {
            let index = Int(random.next() % UInt64(cbor.readableBytes))
            cbor.setInteger(UInt8(truncatingIfNeeded: random.next()), at: cbor.readerIndex + index)
            guard let json = try? CBORReader.json(of: cbor).finish() else { continue }
            #expect(JSONDocument(String(buffer: json)) != nil || String(buffer: json).contains("\":"))
        }
    }
}

/// Random numbers and JSON values from a seed.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Returns compact JSON.
    mutating func value(depth: Int) -> String {
        let count = Int(next() % 4)
        switch next() % (depth > 0 ? 8 : 6) {
        case 0: return "\(Int64(bitPattern: next()) >> Int64(12 + next() % 50))"
        case 1: return ["true", "false", "null"][Int(next() % 3)]
        case 2: return "\(Double(Int64(bitPattern: next()) >> 40) / 8 + 0.0625)"
        case 3: return "\"\(String(repeating: "é😀x", count: count * 3))\""
        case 4: return "\"\""
        case 5: return "\(next() % 30)"
        case 6: return "[" + (0..<count).map { _ in value(depth: depth - 1) }.joined(separator: ",") + "]"
        default:
            let members = (0..<count).map { "\"\(["t", "b", "name", "ü"][$0])\":\(value(depth: depth - 1))" }
            return "{" + members.joined(separator: ",") + "}"
        }
    }
}

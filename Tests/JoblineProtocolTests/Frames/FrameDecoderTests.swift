import NIOCore
import Testing

@testable import JoblineProtocol

@Suite("Frame decoder")
struct FrameDecoderTests {
    /// Decoded frames of a stream and the error at its end.
    struct Outcome: Equatable {
        var frames: [String] = []
        var error: String?
    }

    static let small = FrameDecoder.Limits(framed: 20, bare: 12)

    /// Decodes `chunks` and the end of the stream.
    static func decode(_ chunks: [[UInt8]], limits: FrameDecoder.Limits = .requests) -> Outcome {
        var decoder = FrameDecoder(limits: limits)
        var outcome = Outcome()
        do throws(FrameError) {
            for chunk in chunks {
                decoder.append(ByteBuffer(bytes: chunk))
                while let frame = try decoder.next() {
                    outcome.frames.append((frame.form == .framed ? "framed " : "bare ") + String(buffer: frame.body))
                }
            }
            try decoder.finish()
        } catch {
            outcome.error = error.message
        }
        return outcome
    }

    static func decode(_ text: String, limits: FrameDecoder.Limits = .requests) -> Outcome {
        decode([Array(text.utf8)], limits: limits)
    }

    @Test("The decoder reads both forms from one stream and skips blank lines")
    func bothForms() {
        let outcome = Self.decode("2\n{}\n{\"a\":1}\r\n\n\r\n7\n{\"b\":2}\n")
        #expect(outcome == Outcome(frames: ["framed {}", "bare {\"a\":1}", "framed {\"b\":2}"]))
    }

    @Test("A length counts bytes, not characters")
    func bytes() {
        #expect(Self.decode("9\n{\"ä\":1}\n").error?.contains("counts bytes") != true)
        #expect(Self.decode("8\n{\"ä\":1}\n").frames == ["framed {\"ä\":1}"])
        #expect(Self.decode("7\n{\"ä\":1}\n").error?.contains("the length counts bytes, not characters") == true)
    }

    @Test(
        "An invalid length is described in the error",
        arguments: [
            ("0\n", "leading zero"), ("007\n", "leading zero"), ("+5\n", "no sign"), ("-1\n", "no sign"),
            ("5 \n", "after 1 digits"), ("5\r\n{}\n", "a carriage return after 1 digits"),
            ("12junk", "'j' after 2 digits"),
            ("0x10\n", "leading zero"), ("12345678\n", "at most 7 digits"), (" 5\n", "white space"),
            ("[{}]\n", "batches"),
        ])
    func badLength(input: String, hint: String) {
        let outcome = Self.decode(input)
        #expect(outcome.frames.isEmpty)
        #expect(outcome.error?.contains(hint) == true, "\(outcome.error ?? "no error")")
    }

    @Test(
        "Bytes of other protocols are recognised in the error",
        arguments: [
            (Array("GET / HTTP/1.1\r\n".utf8), "HTTP"), (Array("Content-Length: 5\r\n".utf8), "Content-Length"),
            ([0x16, 0x03, 0x01], "TLS"), (Array("*1\r\n$4\r\n".utf8), "RESP"), ([0, 0, 0, 5], "binary length"),
            ([0xEF, 0xBB, 0xBF, 0x7B], "byte order mark"),
        ])
    func foreign(input: [UInt8], hint: String) {
        #expect(Self.decode([input]).error?.contains(hint) == true)
    }

    @Test("Bodies up to the limit are accepted; longer ones are refused before they arrive")
    func caps() {
        let atCap = "{\"a\":\"\(String(repeating: "x", count: 12))\"}"
        #expect(Self.decode("20\n\(atCap)\n", limits: Self.small).frames == ["framed " + atCap])
        #expect(Self.decode("21\n", limits: Self.small).error?.contains("over the cap of 20") == true)
        #expect(Self.decode("{\"a\":\"1234\"}\r\n", limits: Self.small).frames == ["bare {\"a\":\"1234\"}"])
        #expect(Self.decode("{\"a\":\"12345\"}\n", limits: Self.small).error?.contains("over the cap of 12") == true)
        #expect(Self.decode("{\"a\":\"12345", limits: Self.small).error?.contains("the input ends") == true)
        #expect(Self.decode("{\"a\":\"12345678", limits: Self.small).error?.contains("over the cap") == true)
    }

    @Test("64 consecutive blank lines are ignored; one more is an error")
    func blankLines() {
        let blank = String(repeating: "\n", count: 64)
        #expect(Self.decode(blank + "{}\n" + blank + "{}\n").frames.count == 2)
        #expect(Self.decode(blank + "\n").error?.contains("blank lines") == true)
    }

    @Test(
        "The end of the stream inside a frame is an error", arguments: ["5", "5\n", "5\n{}", "2\n{}", "{\"a\"", "\r"])
    func truncated(input: String) {
        #expect(Self.decode(input).error?.contains("the input ends") == true)
    }

    @Test("Decoded frames are not kept in memory")
    func memory() throws {
        var decoder = FrameDecoder(limits: .requests)
        decoder.append(ByteBuffer(string: "100000\n" + String(repeating: "x", count: 99_999)))
        #expect(try decoder.next() == nil)
        let held = decoder.heldBytes
        #expect(held >= 99_999)
        decoder.append(ByteBuffer(string: "x\n"))
        #expect(try decoder.next()?.body.readableBytes == 100_000)
        #expect(try decoder.next() == nil)
        let left = decoder.heldBytes
        #expect(left == 0)
    }

    @Test("The decoder yields nothing after an error")
    func deadAfterError() throws {
        var decoder = FrameDecoder(limits: .requests)
        decoder.append(ByteBuffer(string: "x"))
        #expect(throws: FrameError.self) { try decoder.next() }
        decoder.append(ByteBuffer(string: "2\n{}\n"))
        let frame = try decoder.next()
        #expect(frame == nil)
        let isInside = decoder.isInsideFrame
        #expect(!isInside)
    }

    static let streams = [
        "2\n{}\n{\"a\":1}\r\n\n\r\n7\n{\"b\":2}\n", "8\n{\"ä\":1}\n", "7\n{\"ä\":1}\n", "0\n", "5\r\n{}\n",
        "12345678\n", "12junk",
        "GET / HTTP/1.1\r\n\r\n", "{\"a\":\"12345678901\"}\n", "2\n{}\r\n", "21\n{}", "\r{}", "{}\n{", "2\n{}\n3\n{}",
    ]

    @Test("Results do not depend on how reads divide the stream", arguments: streams)
    func splits(stream: String) {
        let bytes = Array(stream.utf8)
        let whole = Self.decode([bytes], limits: Self.small)
        for cut in 0...bytes.count {
            #expect(
                Self.decode([Array(bytes[..<cut]), Array(bytes[cut...])], limits: Self.small) == whole, "cut at \(cut)")
        }
        #expect(Self.decode(bytes.map { [$0] }, limits: Self.small) == whole)
    }

    @Test("Appended frames are decoded one by one")
    func appended() throws {
        let texts = [0, 1, 90, 990, 70, 100_000, 300].map { String(repeating: "x", count: $0) }
        var bytes = ByteBuffer()
        for text in texts {
            let start = bytes.writerIndex
            let count = Frame.append(.framed, to: &bytes) { writer in writer.object { $0.member("text", text) } }
            #expect(bytes.writerIndex - start == count + "\(count)\n\n".utf8.count)
        }
        var decoder = FrameDecoder(limits: .requests)
        decoder.append(bytes)
        for text in texts {
            #expect(try decoder.next()?.body == ByteBuffer(string: "{\"text\":\"\(text)\"}"))
        }
        let isInside = decoder.isInsideFrame
        #expect(!isInside)
    }

    @Test("An encoded frame has the shortest length and decodes to the same body", arguments: [0, 1, 90, 990, 100_000])
    func roundTrip(size: Int) {
        let text = String(repeating: "é", count: size)
        for form in [Frame.Form.framed, .bare] {
            let (bytes, count) = Frame.encode(form) { writer in writer.object { $0.member("text", text) } }
            let body = "{\"text\":\"\(text)\"}"
            #expect(count == body.utf8.count)
            #expect(String(buffer: bytes) == (form == .framed ? "\(count)\n" : "") + body + "\n")
            let limits = FrameDecoder.Limits(framed: 1 << 20, bare: 1 << 20)
            #expect(Self.decode([Array(bytes.readableBytesView)], limits: limits).frames.count == 1)
        }
    }
}

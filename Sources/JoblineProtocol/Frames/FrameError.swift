/// Error in the framing of a byte stream, after which nothing in the stream can be decoded.
package struct FrameError: Error, Sendable, Hashable {
    /// Lower-case clause for the peer: the expected and the found bytes, and the likely cause.
    package let message: String

    package init(_ message: String) { self.message = message }
}

extension FrameError {
    /// Error for a byte that cannot start a frame. It depends on this byte alone, so that the message is independent of
    /// how reads divide the stream.
    static func foreign(_ byte: UInt8) -> FrameError {
        let expected = "expected a length in digits or '{'"
        let hint: String
        switch byte {
        case UInt8(ascii: "0"):
            return FrameError("a length has no leading zero and an empty body is no object; \(expected)")
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            return FrameError("a length has no sign; \(expected)")
        case UInt8(ascii: " "), UInt8(ascii: "\t"):
            return FrameError("a frame does not start with white space; \(expected)")
        case UInt8(ascii: "["):
            return FrameError("batches are not spoken here, send one object after the other; \(expected)")
        case UInt8(ascii: "C"), UInt8(ascii: "c"):
            hint = "this looks like a Content-Length header; send the number of bytes alone, then a line feed"
        case UInt8(ascii: "G"), UInt8(ascii: "P"), UInt8(ascii: "H"), UInt8(ascii: "D"), UInt8(ascii: "O"),
            UInt8(ascii: "T"):
            hint = "this looks like HTTP, which is not spoken here"
        case UInt8(ascii: "*"): hint = "this looks like RESP, which is not spoken here"
        case 0x16: hint = "this looks like TLS, which is not spoken here"
        case 0x00...0x08: hint = "this looks like a binary length; a length is written in digits, then a line feed"
        case 0xEF, 0xFE, 0xFF: hint = "this looks like a byte order mark; send UTF-8 without one"
        default: hint = "every frame starts with one of them"
        }
        return FrameError("\(expected), found \(name(of: byte)); \(hint)")
    }

    static func name(of byte: UInt8) -> String {
        switch byte {
        case 0x0A: return "a line feed"
        case 0x0D: return "a carriage return"
        case 0x21...0x7E: return "'\(Character(Unicode.Scalar(byte)))'"
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            return "byte 0x" + (digits.count == 1 ? "0" + digits : digits)
        }
    }
}

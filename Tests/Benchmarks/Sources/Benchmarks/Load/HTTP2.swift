/// Part of HTTP/2 (RFC 9113) that unary gRPC calls need. The load generator fills in the stream ids.
enum HTTP2 {
    private enum Frame: UInt8 { case data, headers, settings = 4, windowUpdate = 8 }
    private enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledgement: UInt8 = 1
        static let endHeaders: UInt8 = 4
    }

    private static let mostWindow: UInt32 = .max >> 1

    /// Lets the server send 2 GB, more than any load takes. It also acknowledges the server's settings, which are sent before
    /// anything is read.
    static let greeting: [UInt8] = {
        let initialWindowSize: [UInt8] = [0, 4] + bigEndian(mostWindow)
        return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8 + frame(.settings, initialWindowSize)
            + frame(.settings, flags: Flag.acknowledgement)
            + frame(.windowUpdate, bigEndian(mostWindow - 65_535))
    }()

    /// A call, and the end of its stream. The fields are literal and not indexed (RFC 7541), so that every call has the same.
    static func call(_ path: String, _ message: [UInt8]) -> [UInt8] {
        let postOverHTTP: [UInt8] = [0x83, 0x86]
        let fields =
            postOverHTTP + [0x04] + literal(path) + [0x01] + literal("localhost")
            + [0x0F, 0x10] + literal("application/grpc") + [0x00] + literal("te") + literal("trailers")
        let uncompressed: [UInt8] = [0]
        return frame(.headers, flags: Flag.endHeaders, fields)
            + frame(.data, flags: Flag.endStream, uncompressed + bigEndian(UInt32(message.count)) + message)
    }

    private static func frame(_ type: Frame, flags: UInt8 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        bigEndian(UInt32(payload.count)).dropFirst() + [type.rawValue, flags, 0, 0, 0, 0] + payload
    }

    /// Literal of fewer than 127 bytes.
    private static func literal(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }

    private static func bigEndian(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }
}

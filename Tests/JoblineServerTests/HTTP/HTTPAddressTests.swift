import Testing

@testable import JoblineServer

@Suite("Addresses of the AWS endpoint")
struct HTTPAddressTests {
    @Test(
        "An address is one of the loopback interface, with a port",
        arguments: ["127.0.0.1:8420", "127.1.2.3:1", "[::1]:65535"])
    func valid(text: String) {
        #expect(HTTPAddress(text)?.description == text)
    }

    @Test(
        "Other addresses are refused",
        arguments: [
            "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "0.0.0.0:80", "10.0.0.1:80",
            "localhost:80",
            "::1:80", "[::]:80", "127.0.0:80", "127.0.0.256:80", "127.0.0.1.evil:80", "128.0.0.1:80",
        ])
    func invalid(text: String) {
        #expect(HTTPAddress(text) == nil)
    }
}

@Suite("Header fields of the AWS endpoint")
struct HTTPFieldTests {
    @Test(
        "A date has the form of RFC 9110",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
        ])
    func dates(seconds: Int, text: String) {
        #expect(HTTPDate.format(seconds) == text)
    }

    @Test("A request id is a random UUID of version 4")
    func identifiers() throws {
        let pattern = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        var seen: Set<String> = []
        for _ in 0..<1000 {
            let identifier = RequestIdentifier.random()
            #expect(try pattern.wholeMatch(in: identifier) != nil)
            #expect(seen.insert(identifier).inserted)
        }
    }
}

import Testing

@testable import JoblineEmbedded

@Suite("Places in buckets")
struct ObjectLocationTests {
    @Test(
        "Keys are folders",
        arguments: [
            ("", []), ("a", ["a"]), ("a/", ["a"]), ("a/b.txt", ["a", "b.txt"]), ("ü/…/x y", ["ü", "…", "x y"]),
            // To a String, these two scalars are one character, and not a slash.
            ("a/\u{301}b", ["a", "\u{301}b"]),
        ])
    func keys(_ key: String, _ parts: [String]) throws {
        #expect(try ObjectLocation(bucket: "notes", key: key).parts == parts)
    }

    @Test(
        "What could lead out of a bucket is refused",
        arguments: [
            "..", "a/../b", "../x", "../\u{301}x", "a/..", ".", "./a", "/", "/etc/passwd", "//", "a//b", "a\u{0}b",
            String(repeating: "x", count: 256),
        ])
    func refused(_ key: String) {
        let error = #expect(throws: PlaceError.self) { try ObjectLocation(bucket: "notes", key: key) }
        #expect(error?.code == .name)
    }

    @Test("A bucket is one plain name", arguments: ["", "..", ".", "a/b", "../\u{301}b", "a\u{0}"])
    func buckets(_ bucket: String) {
        #expect(throws: PlaceError.self) { try ObjectLocation(bucket: bucket, key: "a") }
    }

    @Test("URIs")
    func uris() throws {
        let place = try ObjectLocation(uri: "s3://notes/june/a.txt")
        #expect(place.bucket == "notes" && place.key == "june/a.txt")
        #expect(try ObjectLocation(uri: "s3://notes").uri == "s3://notes")
        #expect(try ObjectLocation(uri: "s3://notes/june/").directory("x").uri == "s3://notes/june/x/")
        #expect(try ObjectLocation(uri: "s3://notes").directory("x").uri == "s3://notes/x/")
        #expect(try ObjectLocation(uri: "s3://notes/\u{301}june").bucket == "notes")
        for uri in ["https://notes/june", "s3:/notes", "notes", "s3:///june", "s3://notes//june"] {
            #expect(throws: PlaceError.self) { try ObjectLocation(uri: uri) }
        }
    }
}

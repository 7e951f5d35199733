import Testing

@testable import JoblineEmbedded

@Suite("Places in buckets")
struct ObjectLocationTests {
    @Test(
        "Keys are folders",
        arguments: [
            ("", []), ("a", ["a"]), ("a/", ["a"]), ("a/b.txt", ["a", "b.txt"]), ("ü/…/x y", ["ü", "…", "x y"]),
            ("/", []), ("/a", ["a"]), ("/etc/passwd", ["etc", "passwd"]),
            // To a String, these two scalars are one character, and not a slash.
            ("a/\u{301}b", ["a", "\u{301}b"]),
        ])
    func keys(_ key: String, _ parts: [String]) throws {
        #expect(try ObjectLocation(bucket: "notes", key: key).parts == parts)
    }

    @Test(
        "What could lead out of a bucket is refused",
        arguments: [
            "..", "a/../b", "../x", "../\u{301}x", "a/..", ".", "./a", "/..", "/./a", "//", "//a", "a//b", "a\u{0}b",
            String(repeating: "x", count: 256),
        ])
    func refused(_ key: String) {
        let error = #expect(throws: PathError.self) { try ObjectLocation(bucket: "notes", key: key) }
        #expect(error?.code == .name)
    }

    @Test("A bucket is one plain name", arguments: ["", "..", ".", "a/b", "../\u{301}b", "a\u{0}"])
    func buckets(_ bucket: String) {
        #expect(throws: PathError.self) { try ObjectLocation(bucket: bucket, key: "a") }
    }

    @Test("URIs")
    func uris() throws {
        let place = try ObjectLocation(uri: "s3://notes/june/a.txt")
        #expect(place.bucket == "notes" && place.key == "june/a.txt")
        #expect(try ObjectLocation(uri: "s3://notes").uri == "s3://notes")
        #expect(try ObjectLocation(uri: "s3://notes/june/").directory("x").uri == "s3://notes/june/x/")
        #expect(try ObjectLocation(uri: "s3://notes").directory("x").uri == "s3://notes/x/")
        #expect(try ObjectLocation(uri: "s3://notes/\u{301}june").bucket == "notes")
        let slash = try ObjectLocation(uri: "s3://notes//june")
        #expect(slash.key == "/june" && slash.parts == ["june"] && slash.uri == "s3://notes//june")
        #expect(try slash.directory("x").uri == "s3://notes//june/x/")
        for uri in ["s3:/notes", "notes", "s3:///june", "s3://notes///june", "ftp://notes.s3.amazonaws.com/june"] {
            #expect(throws: PathError.self) { try ObjectLocation(uri: uri) }
        }
    }

    @Test(
        "URLs of Amazon S3",
        arguments: [
            ("https://notes.s3.amazonaws.com/june/a.txt", "s3://notes/june/a.txt"),
            ("http://notes.s3.eu-central-1.amazonaws.com/june/", "s3://notes/june/"),
            ("https://notes.s3-eu-west-1.amazonaws.com/june", "s3://notes/june"),
            ("https://my.s3.notes.s3.dualstack.us-east-1.amazonaws.com/june", "s3://my.s3.notes/june"),
            ("https://NOTES.S3.cn-north-1.amazonaws.com.cn/june", "s3://notes/june"),
            ("https://s3.eu-central-1.amazonaws.com/notes/june", "s3://notes/june"),
            ("https://s3.amazonaws.com/notes", "s3://notes"), ("https://notes.s3.amazonaws.com", "s3://notes"),
            ("https://notes.s3.amazonaws.com/a%20b/%C3%BC", "s3://notes/a b/ü"),
        ])
    func urls(_ url: String, _ uri: String) throws {
        #expect(try ObjectLocation(uri: url).uri == uri)
    }

    @Test(
        "Other URLs are refused",
        arguments: [
            "https://notes/june", "https://example.com/notes/june", "https://amazonaws.com/notes/june", "https://",
            "https://notes.s3.amazonaws.com.example.com/june", "https://notes.ec2.amazonaws.com/june",
            "https://s3.a.b.c.amazonaws.com/notes", "https://s3.amazonaws.com/", "https://notes.s3.amazonaws.com/a%2",
            "https://notes.s3.amazonaws.com/a%zz", "https://notes.s3.amazonaws.com/%ff",
            "https://notes.s3.amazonaws.com/a?versionId=1", "https://notes.s3.amazonaws.com/%2e%2e/x",
            "https://notes.s3.amazonaws.com/a%00", "https://notes@evil.s3.amazonaws.com:80/a",
        ])
    func otherURLs(_ url: String) {
        let error = #expect(throws: PathError.self) { try ObjectLocation(uri: url) }
        #expect(error?.code == .name)
    }
}

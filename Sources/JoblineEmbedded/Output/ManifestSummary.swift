internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Manifest of a Comprehend Medical job: its configuration, its result and counts of files.
struct ManifestSummary: Sendable, Hashable {
    static let name = "Manifest"

    var status: String
    var jobType: String
    var input: ObjectLocation
    var output: ObjectLocation
    var inputFiles = 0
    var characters = 0
    var unprocessedFiles = 0
    var successFiles = 0
    var seconds: Int64 = 0

    /// Writes the manifest to a directory; throws if it has one.
    func write(into directory: borrowing DirectoryHandle) throws {
        let file = try directory.createFile(Self.name)
        _ = try file.closeAfter { try file.writeAll(json().readableBytesView) }
    }
}

extension ManifestSummary: JSONEncodable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in writer.member("Summary", Summary(manifest: self)) }
    }

    private struct Summary: JSONEncodable {
        var manifest: ManifestSummary

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("Status", manifest.status)
                writer.member("JobType", manifest.jobType)
                writer.member("InputDataConfiguration", Location(location: manifest.input))
                writer.member("OutputDataConfiguration", Location(location: manifest.output))
                writer.member("InputFileCount", manifest.inputFiles)
                writer.member("TotalMeteredCharacters", manifest.characters)
                writer.member("UnprocessedFilesCount", manifest.unprocessedFiles)
                writer.member("SuccessFilesCount", manifest.successFiles)
                writer.member("TotalDurationSeconds", Int(manifest.seconds))
                writer.member("SuccessfulFilesListLocation", manifest.output.key + FileLists.successName)
                writer.member("UnprocessedFilesListLocation", manifest.output.key + FileLists.unprocessedName)
            }
        }
    }

    private struct Location: JSONEncodable {
        var location: ObjectLocation

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("Bucket", location.bucket)
                writer.member("Path", location.key)
            }
        }
    }
}

internal import JoblineProtocol
internal import NIOCore
internal import SystemPackage

/// Writers of the manifests `success` and `unprocessed`, which list files. They are written while the job runs, to save memory.
final class FileLists {
    static let successName = "success"
    static let unprocessedName = "unprocessed"

    private var success: FileList
    private var unprocessed: FileList

    /// - Parameter directory: Directory in which the two files are created.
    init(in directory: borrowing DirectoryHandle) throws(Errno) {
        success = try FileList(directory.createFile(Self.successName))
        unprocessed = try FileList(directory.createFile(Self.unprocessedName))
    }

    /// Adds a processed file.
    ///
    /// - Parameter size: Size of the input file, in bytes.
    func succeeded(input: String, output: String, size: Int64) throws {
        try success.append { writer in
            writer.member("Input", input)
            writer.member("Output", output)
            writer.member("InputSize", Int(size))
        }
    }

    /// Adds an unprocessed file.
    func unprocessed(input: String, reason: String) throws {
        try unprocessed.append { writer in
            writer.member("Input", input)
            writer.member("ErrorMessage", reason)
        }
    }

    /// Completes both files.
    func finish() throws {
        try success.finish()
        try unprocessed.finish()
    }
}

/// Incremental writer of `{"Files":[...]}`.
private struct FileList {
    /// Size of the write buffer, in bytes.
    private static let bufferBytes = 32 << 10

    private let file: SystemPackage.FileDescriptor
    private let closer: Closer
    private var buffer = ByteBuffer(string: "{\"Files\":[")
    private var isEmpty = true

    /// Closes the file with the last copy of the list.
    private final class Closer {
        let file: SystemPackage.FileDescriptor
        init(_ file: SystemPackage.FileDescriptor) { self.file = file }
        deinit { try? file.close() }
    }

    init(_ file: SystemPackage.FileDescriptor) {
        self.file = file
        closer = Closer(file)
    }

    mutating func append(_ members: (inout JSONWriter) -> Void) throws {
        if !isEmpty { buffer.writeString(",") }
        isEmpty = false
        var writer = JSONWriter()
        writer.object(members)
        buffer.writeImmutableBuffer(writer.buffer)
        if buffer.readableBytes >= Self.bufferBytes { try flush() }
    }

    mutating func finish() throws {
        buffer.writeString("]}\n")
        try flush()
    }

    private mutating func flush() throws {
        try file.writeAll(buffer.readableBytesView)
        buffer.clear()
    }
}

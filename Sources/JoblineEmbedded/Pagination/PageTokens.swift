internal import Crypto
internal import LibC
internal import JoblineProtocol
internal import SystemPackage

/// Encoder and decoder of pagination tokens.
///
/// A token contains the position of the last element of a page and a hash of the list, and is authenticated with a key in the
/// state directory. The daemon stores nothing for it, so it survives restarts and never expires.
///
///     version (1)  list (16)  time, big-endian milliseconds (8)  id (0...)  authentication (16)    as base64url
struct PageTokens: Sendable {
    private static let version: UInt8 = 1
    private static let listBytes = 16
    private static let authenticationBytes = 16

    private let key: SymmetricKey

    init(key: SymmetricKey) { self.key = key }

    /// Returns the key in a file, which is created if it is missing.
    static func key(in path: FilePath) throws(StateError) -> SymmetricKey {
        do {
            return try readKey(path) ?? makeKey(path)
        } catch let error as StateError {
            throw error
        } catch {
            throw StateError(.directory, "\(path) cannot be read or created", cause: error)
        }
    }

    /// Returns the token of the page that begins after `position`.
    ///
    /// - Parameter list: Identity of the list: service, family, workflow, filter.
    func token(after position: ListPosition, of list: [String?]) -> String {
        var bytes: [UInt8] = [Self.version]
        bytes += Self.hash(list)
        withUnsafeBytes(of: position.time.milliseconds.bigEndian) { bytes += $0 }
        bytes += Array(position.id.utf8)
        bytes += authentication(of: bytes)
        return Base64URL.encode(bytes)
    }

    /// Returns the position in a token; nil unless the token is valid for this list.
    func position(_ token: String, of list: [String?]) -> ListPosition? {
        let head = 1 + Self.listBytes
        guard let bytes = Base64URL.decode(token), bytes.count >= head + 8 + Self.authenticationBytes else {
            return nil
        }
        let content = bytes.dropLast(Self.authenticationBytes)
        guard Self.isEqual(bytes.suffix(Self.authenticationBytes), authentication(of: Array(content))),
            content[0] == Self.version, content[1..<head].elementsEqual(Self.hash(list)),
            let id = String(validating: content[(head + 8)...], as: UTF8.self)
        else { return nil }
        let milliseconds = content[head..<(head + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return ListPosition(time: Timestamp(milliseconds: Int64(bitPattern: milliseconds)), id: id)
    }

    private func authentication(of bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key).prefix(Self.authenticationBytes))
    }

    /// Hashes the parts with their lengths, so that different lists have different hashes.
    private static func hash(_ list: [String?]) -> [UInt8] {
        let text = list.map { part in part.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined(separator: ",")
        return Array(SHA256.hash(data: Array(text.utf8)).prefix(listBytes))
    }

    /// Compares in constant time.
    private static func isEqual(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

// MARK: - The key

extension PageTokens {
    private static let keyBytes = 32

    private static func readKey(_ path: FilePath) throws -> SymmetricKey? {
        let file: FileDescriptor
        do {
            PrivateFile.close(path)
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
        return try file.closeAfter {
            var bytes = [UInt8](repeating: 0, count: keyBytes + 1)
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count == keyBytes else {
                throw StateError(
                    .damaged,
                    "\(path) is not a key of \(keyBytes) bytes: remove it; existing pagination tokens become invalid")
            }
            return SymmetricKey(data: bytes.prefix(keyBytes))
        }
    }

    /// Writes the key to a new file and renames it, so that there is never a partial key.
    private static func makeKey(_ path: FilePath) throws -> SymmetricKey {
        let key = SymmetricKey(size: .bits256)
        let draft = FilePath(path.string + ".new")
        let file = try FileDescriptor.open(
            draft, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
        try file.closeAfter {
            // A file left by an interrupted attempt can have any mode.
            PrivateFile.close(draft)
            _ = try key.withUnsafeBytes { try file.writeAll($0) }
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
        guard rename(draft.string, path.string) == 0 else { throw Errno(rawValue: errno) }
        try DirectoryHandle(path.removingLastComponent()).synchronise()
        return key
    }
}

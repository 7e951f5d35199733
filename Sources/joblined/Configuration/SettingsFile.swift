internal import Configuration
internal import Glibc
internal import SystemPackage
internal import Yams

/// Configuration file: its values, and its keys with their lines.
struct SettingsFile {
    /// Key, with its parts joined by dots.
    struct Key {
        let name: String
        let line: Int
        /// Whether the key is a mapping without members.
        let isEmpty: Bool
    }

    let path: String
    let keys: [Key]
    let provider: any ConfigProvider

    /// Maximum bytes of a file.
    private static let maximumBytes = 1 << 20

    /// Reads a YAML file.
    ///
    /// - Parameter path: Path of the file.
    /// - Throws: If it cannot be read, or is not a mapping.
    init(path: String) throws(DaemonError) {
        self.path = path
        let text = try Self.read(path)
        do {
            // A file with only comments, or with an empty document, is valid.
            let root = try Yams.compose(yaml: text).flatMap { $0.null == nil ? $0 : nil }
            keys = try root.map { try Self.keys(of: $0, below: "") } ?? []
        } catch let error as DaemonError {
            throw DaemonError(.configuration, "\(path):\(error.message)")
        } catch let error as YamlError {
            throw DaemonError(.configuration, "\(path): \(Self.describe(error))")
        } catch {
            throw DaemonError(.configuration, "\(path): not a YAML mapping of keys to values")
        }
        // The provider only accepts mappings.
        guard !keys.isEmpty else {
            provider = InMemoryProvider(values: [:])
            return
        }
        do {
            provider = try SettingsText(text)
        } catch {
            throw DaemonError(.configuration, "\(path): not a YAML mapping of keys to values, lists and mappings")
        }
    }

    private static func read(_ path: String) throws(DaemonError) -> String {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            return try file.closeAfter {
                var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
                var count = 0
                while count < bytes.count {
                    let read = try bytes.withUnsafeMutableBytes { try file.read(into: .init(rebasing: $0[count...])) }
                    if read == 0 { break }
                    count += read
                }
                guard count <= maximumBytes else {
                    throw DaemonError(.configuration, "\(path): larger than \(maximumBytes) bytes")
                }
                return String(decoding: bytes[..<count], as: UTF8.self)
            }
        } catch let error as DaemonError {
            throw error
        } catch {
            throw DaemonError(.configuration, "\(path): cannot be read: \(error)")
        }
    }

    private static func keys(of node: Node, below prefix: String) throws -> [Key] {
        guard let mapping = node.mapping else {
            throw DaemonError(.configuration, "\(node.mark?.line ?? 1): expected keys and values")
        }
        var keys: [Key] = []
        for (keyNode, value) in mapping {
            guard let name = keyNode.string else {
                throw DaemonError(.configuration, "\(keyNode.mark?.line ?? 1): a key that is not a string")
            }
            let path = prefix.isEmpty ? name : "\(prefix).\(name)"
            let isEmpty = value.mapping?.isEmpty == true
            if value.mapping != nil, !isEmpty {
                keys += try Self.keys(of: value, below: path)
            } else {
                keys.append(Key(name: path, line: keyNode.mark?.line ?? 1, isEmpty: isEmpty))
            }
        }
        return keys
    }

    /// Returns the parser's error in one line.
    private static func describe(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line): \(problem)"
        case .duplicatedKeysInMapping: "a key appears twice"
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded: "not readable as YAML"
        }
    }
}

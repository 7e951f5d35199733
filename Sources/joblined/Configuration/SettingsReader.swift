internal import Configuration
internal import Glibc
internal import SystemPackage
internal import Yams

/// Reader of settings from flags, environment and file, in this order. Records the keys that it is asked for, so that
/// other keys of the file and the environment are reported as unknown.
struct SettingsReader {
    private static let environmentPrefix = "JOBLINE_"

    private let reader: ConfigReader
    /// Nil if no variable has the prefix: looking up more than a hundred keys would take half as long as the rest of
    /// the start.
    private let environment: (any ConfigProvider)?
    private let environmentNames: [String]
    private let file: SettingsFile?
    private var knownKeys: Set<String> = []
    private var knownNames: Set<String> = []

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - flags: Values of command-line flags, by key.
    ///   - environment: Environment of the process.
    ///   - file: Configuration file, if there is one.
    init(flags: [String: String], environment: [String: String], file: SettingsFile?) {
        self.file = file
        environmentNames = environment.keys.filter { $0.hasPrefix(Self.environmentPrefix) }.sorted()
        self.environment =
            environmentNames.isEmpty
            ? nil : EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "jobline")
        let flagValues = Dictionary(
            uniqueKeysWithValues: flags.map {
                (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value), isSecret: false))
            })
        let providers: [(any ConfigProvider)?] = [
            InMemoryProvider(name: "flags", values: flagValues), self.environment, file?.provider,
        ]
        reader = ConfigReader(providers: providers.compactMap(\.self))
    }

    /// Returns a string; nil if not set.
    mutating func string(_ key: String) async throws(DaemonError) -> String? {
        try await value(key, "a string") { reader, key in try await reader.fetchString(forKey: key) }
    }

    mutating func bool(_ key: String) async throws(DaemonError) -> Bool? {
        try await value(key, "true or false") { reader, key in try await reader.fetchBool(forKey: key) }
    }

    /// Returns a list of strings, separated by commas in the environment.
    mutating func strings(_ key: String) async throws(DaemonError) -> [String]? {
        try await value(key, "a list of strings") { reader, key in try await reader.fetchStringArray(forKey: key) }
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) async throws(DaemonError) -> Int? {
        try await value(key, "an integer", in: range) { reader, key in try await reader.fetchInt(forKey: key) }
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) async throws(DaemonError) -> Double? {
        try await value(key, "a number", in: range) { reader, key in try await reader.fetchDouble(forKey: key) }
    }

    /// Returns a value from a fixed set of words.
    mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ key: String, _ type: Choice.Type
    ) async throws(DaemonError) -> Choice? {
        guard let text = try await string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.invalid(key, "expected one of \(words), found \"\(text)\"")
        }
        return choice
    }

    /// Returns the names directly below a key of the file.
    func names(below key: String) -> [String] {
        var names: [String] = []
        for found in file?.keys ?? [] where found.name.hasPrefix(key + ".") {
            let name = String(found.name.dropFirst(key.count + 1).prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Whether a key of the file is a mapping without members.
    func isEmpty(_ key: String) -> Bool { file?.keys.contains { $0.name == key && $0.isEmpty } ?? false }

    /// Reads settings that only the file can contain, because the user chooses their names, which a variable name
    /// cannot represent.
    mutating func inFile<Value>(
        _ read: (inout SettingsReader) async throws(DaemonError) -> Value
    ) async throws(DaemonError) -> Value {
        var reader = SettingsReader(flags: [:], environment: [:], file: file)
        let value = try await read(&reader)
        knownKeys.formUnion(reader.knownKeys)
        return value
    }

    /// Checks that all keys of the file are known.
    ///
    /// - Throws: An error with the first unknown key.
    func rejectUnknownKeys() throws(DaemonError) {
        if let file, let unknown = file.keys.first(where: { !$0.isEmpty && !knownKeys.contains($0.name) }) {
            throw DaemonError(.configuration, "\(file.path):\(unknown.line): unknown key \(unknown.name)")
        }
    }

    /// Variables with the prefix that were not asked for.
    ///
    /// Not an error: in Kubernetes, a service named jobline sets JOBLINE_PORT and JOBLINE_SERVICE_HOST in every
    /// container.
    var unknownVariables: [String] { environmentNames.filter { !knownNames.contains($0) } }

    /// Returns the error for an invalid value.
    static func invalid(_ key: String, _ message: String) -> DaemonError {
        DaemonError(.configuration, "\(key): \(message)")
    }

    private mutating func value<Number: Comparable>(
        _ key: String, _ kind: String, in range: ClosedRange<Number>,
        _ fetch: (ConfigReader, ConfigKey) async throws -> Number?
    ) async throws(DaemonError) -> Number? {
        let expected = "\(kind) from \(range.lowerBound) to \(range.upperBound)"
        guard let number = try await value(key, expected, fetch) else { return nil }
        guard range.contains(number) else { throw Self.invalid(key, "expected \(expected), found \(number)") }
        return number
    }

    private mutating func value<Value>(
        _ key: String, _ expected: String, _ fetch: (ConfigReader, ConfigKey) async throws -> Value?
    ) async throws(DaemonError) -> Value? {
        knownKeys.insert(key)
        let configKey = ConfigKey(key)
        if let lookup = try? environment?.value(forKey: AbsoluteConfigKey(configKey), type: .string) {
            knownNames.insert(lookup.encodedKey)
        }
        do {
            return try await fetch(reader, configKey)
        } catch {
            throw Self.invalid(key, "expected \(expected)")
        }
    }
}

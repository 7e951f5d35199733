internal import Configuration
internal import Glibc
internal import SystemPackage
internal import Yams

/// Reads settings from flags, environment and file, in this order, and remembers every key it was asked for, so that what
/// stands in the file or the environment and was never asked for can be named as unknown.
struct SettingsReader {
    private static let environmentPrefix = "JOBLINE_"

    private let reader: ConfigReader
    /// nil where no variable is ours: to ask it for each of some hundred keys takes half as long as all else at the start.
    private let environment: (any ConfigProvider)?
    private let environmentNames: [String]
    private let file: SettingsFile?
    private var knownKeys: Set<String> = []
    private var knownNames: Set<String> = []

    /// - Parameters:
    ///   - flags: Values from the command line, by key.
    ///   - environment: The process's environment.
    ///   - file: The configuration file, if one is given.
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

    /// A text, or nil where it is not set.
    mutating func string(_ key: String) async throws(DaemonError) -> String? {
        try await value(key, "a text") { reader, key in try await reader.fetchString(forKey: key) }
    }

    mutating func bool(_ key: String) async throws(DaemonError) -> Bool? {
        try await value(key, "true or false") { reader, key in try await reader.fetchBool(forKey: key) }
    }

    /// A list of texts; in the environment they are separated by commas.
    mutating func strings(_ key: String) async throws(DaemonError) -> [String]? {
        try await value(key, "a list of texts") { reader, key in try await reader.fetchStringArray(forKey: key) }
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) async throws(DaemonError) -> Int? {
        try await value(key, "a whole number", in: range) { reader, key in try await reader.fetchInt(forKey: key) }
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) async throws(DaemonError) -> Double? {
        try await value(key, "a number", in: range) { reader, key in try await reader.fetchDouble(forKey: key) }
    }

    /// A value that is one of a few words.
    mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ key: String, _ type: Choice.Type
    ) async throws(DaemonError) -> Choice? {
        guard let text = try await string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.bad(key, "expected one of \(words), found \"\(text)\"")
        }
        return choice
    }

    /// The names that stand in the file directly below a key.
    func names(below key: String) -> [String] {
        var names: [String] = []
        for found in file?.keys ?? [] where found.name.hasPrefix(key + ".") {
            let name = String(found.name.dropFirst(key.count + 1).prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// True if a key stands in the file to hold other keys, and holds none.
    func isEmpty(_ key: String) -> Bool { file?.keys.contains { $0.name == key && $0.isEmpty } ?? false }

    /// Reads settings that only the file can have: where names are the user's own, a variable cannot tell them from words.
    mutating func inFile<Value>(
        _ read: (inout SettingsReader) async throws(DaemonError) -> Value
    ) async throws(DaemonError) -> Value {
        var reader = SettingsReader(flags: [:], environment: [:], file: file)
        let value = try await read(&reader)
        knownKeys.formUnion(reader.knownKeys)
        return value
    }

    /// Checks that every key in the file was asked for.
    ///
    /// - Throws: The first one that was not.
    func rejectUnknownKeys() throws(DaemonError) {
        if let file, let unknown = file.keys.first(where: { !$0.isEmpty && !knownKeys.contains($0.name) }) {
            throw DaemonError(.configuration, "\(file.path):\(unknown.line): unknown key \(unknown.name)")
        }
    }

    /// Variables with our prefix that were never asked for.
    ///
    /// They are no error, because others name variables, too: beside a service named jobline, Kubernetes sets JOBLINE_PORT and
    /// JOBLINE_SERVICE_HOST in every container.
    var unknownVariables: [String] { environmentNames.filter { !knownNames.contains($0) } }

    /// The error for a value that does not fit.
    static func bad(_ key: String, _ message: String) -> DaemonError {
        DaemonError(.configuration, "\(key): \(message)")
    }

    private mutating func value<Number: Comparable>(
        _ key: String, _ kind: String, in range: ClosedRange<Number>,
        _ fetch: (ConfigReader, ConfigKey) async throws -> Number?
    ) async throws(DaemonError) -> Number? {
        let expected = "\(kind) from \(range.lowerBound) to \(range.upperBound)"
        guard let number = try await value(key, expected, fetch) else { return nil }
        guard range.contains(number) else { throw Self.bad(key, "expected \(expected), found \(number)") }
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
            throw Self.bad(key, "expected \(expected)")
        }
    }
}

internal import Configuration

/// Provider of the values in the text of a configuration file.
///
/// Does not read the file again, so that a concurrent write cannot result in values that differ from the checked keys.
struct SettingsText: ConfigProvider {
    let providerName = "file"
    private let values: YAMLSnapshot

    /// Parses YAML.
    ///
    /// - Throws: If it is not a mapping of keys to values, lists and mappings.
    init(_ text: String) throws {
        values = try YAMLSnapshot(
            data: Array(text.utf8).span.bytes, providerName: providerName, parsingOptions: .default)
    }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try values.value(forKey: key, type: type)
    }

    func fetchValue(forKey key: AbsoluteConfigKey, type: ConfigType) async throws -> LookupResult {
        try values.value(forKey: key, type: type)
    }

    func snapshot() -> any ConfigSnapshot { values }

    func watchValue<Return: ~Copyable>(
        forKey key: AbsoluteConfigKey, type: ConfigType,
        updatesHandler: (ConfigUpdatesAsyncSequence<Result<LookupResult, any Error>, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchValueFromValue(forKey: key, type: type, updatesHandler: updatesHandler)
    }

    func watchSnapshot<Return: ~Copyable>(
        updatesHandler: (ConfigUpdatesAsyncSequence<any ConfigSnapshot, Never>) async throws -> Return
    ) async throws -> Return {
        try await watchSnapshotFromSnapshot(updatesHandler: updatesHandler)
    }
}

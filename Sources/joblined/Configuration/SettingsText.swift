internal import Configuration

/// The values of a configuration file, from its text.
///
/// Not from the file again: whoever writes it meanwhile would have its keys checked, and other values taken.
struct SettingsText: ConfigProvider {
    let providerName = "file"
    private let values: YAMLSnapshot

    /// - Throws: If it is not a YAML mapping of keys to values, lists and mappings.
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

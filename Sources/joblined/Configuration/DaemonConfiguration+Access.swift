internal import JoblineServer

// Keys of access.

extension DaemonConfiguration {
    static func accessRules(_ settings: inout SettingsReader) async throws(DaemonError) -> AccessRules {
        AccessRules(
            read: try await members("access.read", &settings), write: try await members("access.write", &settings))
    }

    /// Returns the members of a list; nil if there is none, which means everybody.
    private static func members(
        _ key: String, _ settings: inout SettingsReader
    ) async throws(DaemonError) -> AccessRules.Members? {
        let users = try await settings.strings("\(key).users")
        let groups = try await settings.strings("\(key).groups")
        guard users != nil || groups != nil else {
            // An empty list cannot mean everybody.
            if settings.isEmpty(key) {
                throw SettingsReader.invalid(
                    key, "has no users or groups; remove the key to allow everybody, or deny everybody with users: []")
            }
            return nil
        }
        return AccessRules.Members(
            users: try await HostAccounts.numbers(.user, users ?? [], "\(key).users"),
            groups: try await HostAccounts.numbers(.group, groups ?? [], "\(key).groups"))
    }
}

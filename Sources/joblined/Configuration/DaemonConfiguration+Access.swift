internal import JoblineServer

// The keys of access, each once.

extension DaemonConfiguration {
    static func accessRules(_ settings: inout SettingsReader) async throws(DaemonError) -> AccessRules {
        AccessRules(
            read: try await members("access.read", &settings), write: try await members("access.write", &settings))
    }

    /// - Returns: nil where nothing is said of it; then it is for everybody.
    private static func members(
        _ key: String, _ settings: inout SettingsReader
    ) async throws(DaemonError) -> AccessRules.Members? {
        let users = try await settings.strings("\(key).users")
        let groups = try await settings.strings("\(key).groups")
        guard users != nil || groups != nil else {
            // Whoever wrote that did not mean everybody.
            if settings.isEmpty(key) {
                throw SettingsReader.bad(
                    key, "names nobody; leave it out for everybody, or let nobody in with users: []")
            }
            return nil
        }
        return AccessRules.Members(
            users: try await HostAccounts.numbers(.user, users ?? [], "\(key).users"),
            groups: try await HostAccounts.numbers(.group, groups ?? [], "\(key).groups"))
    }
}

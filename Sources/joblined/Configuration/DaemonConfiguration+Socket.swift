internal import JoblineServer

// Keys of the sockets with their own format.

extension DaemonConfiguration {
    static func socketMode(_ settings: inout SettingsReader) async throws(DaemonError) -> UInt32? {
        guard let text = try await settings.string("socketMode") else { return nil }
        // A string, because YAML reads 0660 as an octal number and 660 as a decimal one.
        guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8), mode <= 0o777 else {
            throw SettingsReader.invalid(
                "socketMode", "expected three octal digits such as 0660, found \"\(text)\"")
        }
        guard mode & 0o222 != 0 else {
            throw SettingsReader.invalid(
                "socketMode", "\(text) lets nobody connect, which needs write permission, as in 0660")
        }
        return mode
    }

    static func httpAddresses(_ settings: inout SettingsReader) async throws(DaemonError) -> [HTTPAddress] {
        var addresses: [HTTPAddress] = []
        for text in try await settings.strings("http.addresses") ?? [] {
            guard let address = HTTPAddress(text) else {
                throw SettingsReader.invalid(
                    "http.addresses",
                    "expected a loopback address and a port such as 127.0.0.1:8420 or [::1]:8420, found \"\(text)\"")
            }
            addresses.append(address)
        }
        return addresses
    }

    static func socketGroup(_ settings: inout SettingsReader) async throws(DaemonError) -> UInt32? {
        guard let name = try await settings.string("socketGroup") else { return nil }
        return try await HostAccounts.numbers(.group, [name], "socketGroup").first
    }
}

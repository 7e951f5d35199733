internal import LibC

/// Folders that the sandbox of a systemd service hides.
enum HiddenFolder {
    /// Returns a clause with the way out for a program that the sandbox may hide; nil for any other.
    ///
    /// - Parameters:
    ///   - program: Path of the program.
    ///   - isService: Whether systemd started this process.
    static func advice(on program: String, isService: Bool = getenv("INVOCATION_ID") != nil) -> String? {
        guard isService else { return nil }
        for (folders, setting, way) in settings {
            for folder in folders where program.hasPrefix(folder + "/") {
                return "\(setting) in the unit of the service hides \(folder) from it: move the program to /usr/local, "
                    + "/opt or /srv, or set \(way) with systemctl edit joblined"
            }
        }
        return nil
    }

    private static let settings: [(folders: [String], setting: String, way: String)] = [
        (["/home", "/root", "/run/user"], "ProtectHome=", "ProtectHome=read-only"),
        (["/tmp", "/var/tmp"], "PrivateTmp=", "PrivateTmp=no"),
    ]
}

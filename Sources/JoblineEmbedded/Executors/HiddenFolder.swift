internal import LibC

/// Folders that a service of systemd may not see as everybody else does.
enum HiddenFolder {
    /// A clause about a program that is not to be found, if the sandbox of the service may be why.
    ///
    /// - Parameters:
    ///   - program: Its path.
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

/// Version of daemon, command-line tool and SDK, which are released together.
package enum ProductVersion {
    /// Semantic version.
    package static let current = "0.1.0"
}

/// The version of daemon, command line and SDK, which are released together.
package enum ProductVersion {
    /// Semantic version.
    package static let current = "0.1.0"
}

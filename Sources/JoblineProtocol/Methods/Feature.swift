/// What a server can do beyond the base of the contract, in the names that `rpc.hello` has for it.
package enum Feature {
    /// `Sidecar.WatchJobs`.
    package static let watch = "watch"
}

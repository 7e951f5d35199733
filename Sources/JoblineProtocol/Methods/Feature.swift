/// Names of the optional features in `rpc.hello`.
package enum Feature {
    /// `Sidecar.WatchJobs`.
    package static let watch = "watch"
}

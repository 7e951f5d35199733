/// The version of the wire contract; within one version things are only added.
package enum ProtocolVersion {
    package static let current = 1
}

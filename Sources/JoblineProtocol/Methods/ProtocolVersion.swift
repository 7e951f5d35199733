/// Version of the wire protocol. Within a version, changes are only additions.
package enum ProtocolVersion {
    package static let current = 1
}

package import FuzzSupport

/// Property that must hold for any input; each has its own kind of input.
package enum Property: String, CaseIterable, Sendable {
    /// Frame decoding does not depend on how the stream is divided, and buffers at most one frame.
    case frames
    /// Requests, replies and all messages round-trip.
    case messages
    /// Every call of the SDK ends exactly once, whatever the peer sends.
    case client
    /// The server replies to every request exactly once, and leaves no resources behind.
    case connection

    /// Checks one input.
    ///
    /// - Parameter input: Bytes of a ``FuzzInput``.
    /// - Throws: The violation.
    package func check(_ input: [UInt8]) async throws(Violation) {
        let input = FuzzInput(input)
        switch self {
        case .frames: try FrameProperty.check(input)
        case .messages: try MessageProperty.check(input)
        case .client: try ClientProperty.check(input)
        case .connection: try await ConnectionProperty.check(input)
        }
    }

    /// Returns initial inputs, for all of which the property holds.
    package func inputs(from seeds: Seeds) -> [[UInt8]] {
        let wires =
            switch self {
            case .frames: seeds.requests + seeds.replies
            case .messages: seeds.objects
            case .client: seeds.replies
            case .connection: seeds.requests
            }
        return wires.enumerated().map { FuzzInput.bytes(seed: UInt32($0), wire: $1) }
    }
}

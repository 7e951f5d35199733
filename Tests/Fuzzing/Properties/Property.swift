package import FuzzSupport

/// What has to hold whatever comes over the wire; each has its own sort of input.
package enum Property: String, CaseIterable, Sendable {
    /// The frame decoder yields the same however a stream is cut, and holds no more than a frame.
    case frames
    /// Requests, replies and every message of the contract come back as they were written.
    case messages
    /// Every call of the SDK ends exactly once, whatever the peer sends.
    case client
    /// The server answers every request exactly once, and nothing is left over.
    case connection

    /// Checks one input.
    ///
    /// - Parameter input: As ``FuzzInput`` reads it.
    /// - Throws: What does not hold.
    package func check(_ input: [UInt8]) async throws(Violation) {
        let input = FuzzInput(input)
        switch self {
        case .frames: try FrameProperty.check(input)
        case .messages: try MessageProperty.check(input)
        case .client: try ClientProperty.check(input)
        case .connection: try await ConnectionProperty.check(input)
        }
    }

    /// Inputs to begin with, of which none breaks the property.
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

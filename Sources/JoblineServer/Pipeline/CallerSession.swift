internal import JoblineBackend
internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Caller of one connection: identity, rights, and services that answer its requests.
///
/// Confined to the event loop of the connection.
final class CallerSession {
    /// Decodes and validates the parameters, and calls the method's service.
    typealias Answer = @Sendable (Method, _ params: ByteBuffer?, RequestContext) async throws -> any JSONEncodable

    let peer: PeerCredentials
    /// Number of the connection, which is its lane in fair queues.
    let connection: Int
    let answer: Answer
    let logger: Logger
    private var access: AccessControl.Answer?

    init(peer: PeerCredentials, connection: Int, answer: @escaping Answer, logger: Logger) {
        self.peer = peer
        self.connection = connection
        self.answer = answer
        self.logger = logger
    }

    var caller: Caller { peer.caller }

    /// Returns the rights of the caller by the rules in force.
    func rights(by control: AccessControl) -> AccessRights {
        if let access, control.isCurrent(access) { return access.rights }
        let answer = control.answer(for: peer)
        access = answer
        return answer.rights
    }
}

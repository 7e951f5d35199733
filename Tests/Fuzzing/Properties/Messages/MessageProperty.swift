import FuzzSupport
import JoblineProtocol
import NIOCore

/// Envelopes and messages round-trip, and errors can be encoded.
enum MessageProperty {
    private static let parameters = distinct(Method.allCases.map(\.parameters)) { ObjectIdentifier($0) }
    private static let results = distinct(Method.allCases.map(\.result)) { ObjectIdentifier($0) }

    static func check(_ input: FuzzInput) throws(Violation) {
        let body = ByteBuffer(bytes: input.wire)
        try checkDocument(body)
        try checkServerMessage(body)
        for form in [Frame.Form.framed, .bare] { try checkRequest(Frame(form: form, body: body)) }
    }

    // MARK: Requests

    private static func checkRequest(_ frame: Frame) throws(Violation) {
        let request: Request
        do throws(Request.Rejection) {
            request = try Request(frame)
        } catch {
            return try checkReply(to: error.id, .failure(error.error))
        }
        let written = request.json()
        guard (try? Request(Frame(form: frame.form, body: written))) == request else {
            throw Violation("\(request) does not come back from \(String(buffer: written))")
        }
        guard let method = Method(rawValue: request.method) else {
            // Tries the parameters with every method, so that a finding for one method is a seed for all.
            let params = request.params ?? frame.body
            for type in parameters { try checkParameters(params, as: type, of: .rpcPing) }
            return
        }
        try checkParameters(request.params, as: method.parameters, of: method)
        if let params = request.params { try checkRoundTrip(of: params, as: method.result) }
    }

    /// Decodes parameters as the server does.
    private static func checkParameters<Value: Parameters>(
        _ params: ByteBuffer?, as type: Value.Type, of method: Method
    ) throws(Violation) {
        if let params { try checkRoundTrip(of: params, as: type) }
        do throws(WireError) {
            let _: Value = try method.decode(params)
        } catch {
            try checkReply(to: nil, .failure(error))
        }
    }

    // MARK: Replies

    private static func checkServerMessage(_ body: ByteBuffer) throws(Violation) {
        switch try? ServerMessage(Frame(form: .framed, body: body)) {
        case .reply(let id, let outcome):
            try checkReply(to: id, outcome)
            guard case .success(let result) = outcome else { return }
            for type in results { try checkRoundTrip(of: result, as: type) }
        case .notification(_, let params):
            if let params { try checkRoundTrip(of: params, as: JSONDocument.self) }
        case nil: break
        }
    }

    /// Writes a reply as the server does, and reads it as a client does.
    private static func checkReply(to id: RequestID?, _ outcome: Result<ByteBuffer, WireError>) throws(Violation) {
        let (bytes, _) = Frame.encode(.framed) { writer in
            writer.reply(id: id, outcome.map { JSONDocument(compact: $0) })
        }
        var decoder = FrameDecoder(limits: .replies)
        decoder.append(bytes)
        guard let frame = try? decoder.next(), case .reply(let sameID, let same)? = try? ServerMessage(frame),
            sameID == id, same == outcome
        else {
            throw Violation("a reply to \(String(describing: id)) does not come back from \(String(buffer: bytes))")
        }
    }

    // MARK: JSON

    /// Checks that a copied text is well formed, and so is its copy. A skipped text need not be copyable: it can
    /// contain repeated names and numbers out of range.
    private static func checkDocument(_ text: ByteBuffer) throws(Violation) {
        guard let document = try? JSONDocument(json: text) else { return }
        guard (try? JSONReader.read(text) { (reader) throws(JSONError) in try reader.skip() }) != nil else {
            throw Violation("\(String(buffer: text)) is JSON only where it is copied")
        }
        try checkRoundTrip(of: document)
    }

    private static func distinct<Kind>(_ types: [Kind], by identity: (Kind) -> ObjectIdentifier) -> [Kind] {
        var seen: Set<ObjectIdentifier> = []
        return types.filter { seen.insert(identity($0)).inserted }
    }
}

internal import JoblineProtocol
internal import Logging
internal import NIOCore

/// Facts about a request whose outcome is decided, for metrics and log.
struct RequestRecord {
    /// nil if the method is unknown.
    let method: Method?
    let id: RequestID?
    let traceparent: String?
    /// nil if the request was refused before any work.
    var arrival: ServerInstant?
    var requestBytes = 0
    var replyBytes = 0
    /// Whether its service was called, or its result was cached.
    var isCarriedOut = false
    /// Whether the request still waits for its predecessor on the connection.
    var isQueued = false

    init(_ method: Method?, _ id: RequestID?, traceparent: String? = nil, isQueued: Bool = false) {
        self.method = method
        self.id = id
        self.traceparent = traceparent
        self.isQueued = isQueued
    }

    init(_ request: PipelineRequest, arrival: ServerInstant, replyBytes: Int, isCarriedOut: Bool) {
        method = request.method
        id = request.id
        traceparent = request.traceparent
        self.arrival = arrival
        requestBytes = request.params?.readableBytes ?? 0
        self.replyBytes = replyBytes
        self.isCarriedOut = isCarriedOut
    }

    /// Fields of the log line. The id is the caller's own text, so only its kind is shown.
    func metadata(_ outcome: RequestOutcome, at instant: ServerInstant) -> Logger.Metadata {
        let kind =
            switch id {
            case .integer: "integer"
            case .string: "string"
            case nil: "none"
            }
        var metadata: Logger.Metadata = [
            "method": "\(method?.rawValue ?? "unknown")", "id": "\(kind)", "code": "\(outcome.description)",
        ]
        if let trace = traceparent.flatMap(TraceID.init(traceparent:)) { metadata["trace"] = "\(trace.text)" }
        if let arrival {
            metadata["request-bytes"] = "\(requestBytes)"
            metadata["reply-bytes"] = "\(replyBytes)"
            metadata["microseconds"] = "\(arrival.microseconds(to: instant))"
        }
        return metadata
    }
}

internal import Jobline

extension JoblineError {
    /// Message for a person: the failure, the service's name for it, and whether to retry.
    var explanation: String {
        var text = message
        var facts: [String] = []
        if let type = wire?.type { facts.append(type) }
        if let path = wire?.path, !message.contains(path) { facts.append("at \(path)") }
        if let name = wire?.quotaName, let value = wire?.quotaValue { facts.append("\(name): \(value)") }
        if let id = wire?.serviceRequestID { facts.append("request \(id) of the service") }
        if attempts > 1 { facts.append("\(attempts) attempts") }
        if !facts.isEmpty { text += " (" + facts.joined(separator: ", ") + ")" }
        if let cause, wire == nil { text += ": \(cause)" }
        if let advice { text += "; \(advice)" }
        return Terminal.plain(text)
    }

    private var advice: String? {
        if outcomeUnknown { return nil }
        switch code {
        case .throttled, .unavailable:
            guard let hint = wire?.retryAfterMilliseconds else { return "try again later" }
            return hint < 0 ? "do not retry automatically" : "try again in \(hint) ms"
        case .timeout: return "try again, or use a larger --timeout"
        case .connectionLost: return "try again"
        default: return nil
        }
    }
}

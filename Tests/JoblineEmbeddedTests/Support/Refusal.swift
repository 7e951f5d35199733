import JoblineBackend
import JoblineProtocol

/// What a service refuses a call with; nil where it does not.
func refusal<Value>(_ call: () async throws -> Value) async -> ServiceError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? ServiceError
    }
}

import JoblineBackend
import JoblineProtocol

/// Returns the error of a refused call; nil if the call succeeds.
func refusal<Value>(_ call: () async throws -> Value) async -> ServiceError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? ServiceError
    }
}

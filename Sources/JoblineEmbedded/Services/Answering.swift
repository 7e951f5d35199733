internal import JoblineBackend
internal import JoblineProtocol

/// Answers a request of a service: what is not meant for callers stays inside.
func answering<Response>(_ body: () async throws -> Response) async throws -> Response {
    do {
        return try await body()
    } catch let error as ServiceError {
        throw error
    } catch let error as CancellationError {
        throw error
    } catch {
        throw ServiceError(.failed, error.logText, processed: true, cause: error)
    }
}

/// Says of a place that a request names which member named it.
func naming<Value>(_ member: String, _ place: () throws(PlaceError) -> Value) throws(ServiceError) -> Value {
    do {
        return try place()
    } catch {
        throw ServiceError(.invalid, error.message, path: member)
    }
}

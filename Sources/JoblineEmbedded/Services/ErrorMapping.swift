internal import JoblineBackend
internal import JoblineProtocol

/// Performs a request of a service, and turns errors that are not meant for callers into a ``ServiceError``.
func mapServiceErrors<Response>(_ body: () async throws -> Response) async throws -> Response {
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

/// Evaluates a location of a request, and adds the path of the member to the error.
func mapPathErrors<Value>(
    _ member: String, _ location: () throws(PathError) -> Value
) throws(ServiceError) -> Value {
    do {
        return try location()
    } catch {
        throw ServiceError(.invalid, error.message, path: member)
    }
}

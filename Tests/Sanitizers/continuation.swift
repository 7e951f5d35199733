// Checked continuations are awaited inside of libswift_Concurrency, where `continuation.c` cannot go between, unless the
// optimizer has put a copy into the program. Here are such copies, under the names that Swift 6.3 gives them on Linux.

/// Same declaration as in the standard library.
@_silgen_name("$ss23withCheckedContinuation9isolation8function_xScA_pSgYi_SSyScCyxs5NeverOGXEtYalF")
public func checked<T>(
    isolation: isolated (any Actor)?, function: String, _ body: (CheckedContinuation<T, Never>) -> Void
) async -> sending T {
    await withUnsafeContinuation(isolation: isolation) { continuation in
        body(CheckedContinuation(continuation: continuation, function: function))
    }
}

/// Same declaration as in the standard library.
@_silgen_name("$ss31withCheckedThrowingContinuation9isolation8function_xScA_pSgYi_SSyScCyxs5Error_pGXEtYaKlF")
public func checkedThrowing<T>(
    isolation: isolated (any Actor)?, function: String, _ body: (CheckedContinuation<T, any Error>) -> Void
) async throws -> sending T {
    try await withUnsafeThrowingContinuation(isolation: isolation) { continuation in
        body(CheckedContinuation(continuation: continuation, function: function))
    }
}

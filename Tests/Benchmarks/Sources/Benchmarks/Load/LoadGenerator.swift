internal import CLoad
internal import Glibc

/// Connections to a server, and requests to make over them from one thread.
final class LoadGenerator {
    private let load: OpaquePointer
    private let socket: String

    /// Connects.
    ///
    /// - Parameters:
    ///   - socket: Where the server listens.
    ///   - connections: How many.
    ///   - depth: Requests in flight on each of them, 1 to 9000.
    ///   - firstNumber: What the requests are numbered from that have a number.
    init(to socket: String, _ requests: LoadRequests, connections: Int, depth: Int, firstNumber: UInt64 = 0) throws {
        var failure = load_failure()
        let load = requests.bytes.withUnsafeBufferPointer { bytes in
            requests.ranges.withUnsafeBufferPointer { ranges in
                socket.withCString { path in
                    var options = load_options(
                        path: path, wire: requests.wire, bytes: bytes.baseAddress, byte_count: bytes.count,
                        greeting_count: requests.greetingBytes, requests: ranges.baseAddress,
                        request_count: ranges.count, connections: UInt32(connections), depth: UInt32(depth),
                        first_number: firstNumber, seed: .random(in: 1...UInt64.max))
                    return load_open(&options, &failure)
                }
            }
        }
        guard let load else { throw failure.error(socket) }
        self.load = load
        self.socket = socket
    }

    deinit { load_close(load) }

    /// Asks, and waits for all replies.
    ///
    /// - Parameters:
    ///   - seconds: How long.
    ///   - rate: Requests a second that are due, whether or not there are replies; without it each reply is followed by the
    ///     next request.
    ///   - most: Requests at most.
    ///   - inTurn: Asks one thing after the other instead of any.
    func run(seconds: Double, rate: Double = 0, most: Int = 0, inTurn: Bool = false) throws -> LoadResult {
        var options = load_run_options(seconds: seconds, rate: rate, most: UInt64(most), in_turn: inTurn)
        var counts = [UInt64](repeating: 0, count: Int(LOAD_BUCKETS))
        var failure = load_failure()
        var result = load_result()
        let done = counts.withUnsafeMutableBufferPointer { counts in
            result.latencies = counts.baseAddress
            return load_run(load, &options, &result, &failure)
        }
        guard done else { throw failure.error(socket) }
        var latencies = Latencies()
        for (bucket, count) in counts.enumerated() where count > 0 {
            latencies.record(load_bucket_middle(bucket), count: count)
        }
        return LoadResult(
            replies: Int(result.replies), errors: Int(result.errors), replyBytes: Int(result.reply_bytes),
            seconds: result.seconds, processorSeconds: result.processor_seconds, latencies: latencies)
    }

    /// Makes the first requests, in turn, before anything counts.
    func warmUp(_ count: Int) throws {
        let result = try run(seconds: 600, most: count, inTurn: true)
        guard result.errors == 0 else { throw BenchmarkError("\(socket) does not know what it is asked for") }
    }
}

/// Result of a load.
struct LoadResult: Sendable {
    let replies: Int
    /// Number of replies that were errors.
    let errors: Int
    let replyBytes: Int
    let seconds: Double
    /// Processor time of the generator.
    let processorSeconds: Double
    let latencies: Latencies

    /// Replies a second.
    var rate: Double { Double(replies) / seconds }
}

extension load_failure {
    fileprivate func error(_ socket: String) -> BenchmarkError {
        BenchmarkError(
            "the load generator cannot \(String(cString: action)), at \(socket): \(String(cString: strerror(code)))")
    }
}

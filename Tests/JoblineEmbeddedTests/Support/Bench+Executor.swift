import JoblineBackend

@testable import JoblineEmbedded

extension Bench {
    /// Line of an executor that has processed `a.txt`.
    static let processedLine = #"echo '{"processed":{"input":"a.txt","output":"a.txt.out","characters":13}}'"#

    /// Returns a bench with a shell script as the executor of RxNorm jobs.
    static func executor(_ script: String, change: (inout ExecutorConfiguration) -> Void = { _ in }) throws -> Bench {
        var bench = try Bench(scripts: [.rxNormInference: script])
        bench.configuration.executors[.rxNormInference].map { executor in
            var executor = executor
            change(&executor)
            bench.configuration.executors[.rxNormInference] = executor
        }
        bench.configuration.executorGrace = .milliseconds(200)
        return bench
    }
}

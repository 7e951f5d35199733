internal import Jobline

/// Looks at jobs again and again until all of them have ended.
struct Vigil: Sendable {
    let family: any JobFamily
    let client: JoblineClient
    let surroundings: Surroundings

    /// Time between the first two looks; grows by half with each, up to the longest.
    static let shortestPause = Duration.milliseconds(200)
    static let longestPause = Duration.seconds(2)
    /// Time for one look.
    static let longestLook = Duration.seconds(30)

    /// Waits for the end of all jobs.
    ///
    /// - Parameters:
    ///   - references: The jobs.
    ///   - patience: When to give up; nil for never.
    ///   - changed: Called with each new state of a job and the one before, the state at first included.
    func run(
        _ references: [JobReference], patience: Duration?, changed: (Job, _ former: String?) -> Void
    ) async throws {
        let deadline = patience.map { surroundings.now() + $0 }
        var open = references
        var states: [JobReference: String] = [:]
        var pause = Self.shortestPause
        while true {
            var goingOn: [JobReference] = []
            for reference in open {
                var options = CallOptions(timeout: Self.longestLook)
                if let deadline {
                    let remaining = deadline - surroundings.now()
                    guard remaining > .zero else { throw Self.outOfPatience(open.count, of: references.count) }
                    options.timeout = min(Self.longestLook, remaining)
                }
                let job = try await family.describe(reference, client, options: options)
                if states[reference] != job.state { changed(job, states[reference]) }
                states[reference] = job.state
                if job.standing == .goingOn { goingOn.append(reference) }
            }
            open = goingOn
            if open.isEmpty { return }
            // Between three and five quarters, so that many waiting programs do not ask all at once.
            var next = pause * (0.75 + 0.5 * surroundings.fraction())
            if let deadline {
                next = min(next, max(.zero, deadline - surroundings.now()))
            }
            try await surroundings.sleep(next)
            pause = min(pause * 1.5, Self.longestPause)
        }
    }

    private static func outOfPatience(_ open: Int, of all: Int) -> CommandFailure {
        CommandFailure(
            message: all == 1 ? "the job has not ended in time" : "\(open) of \(all) jobs have not ended in time",
            status: .timeout)
    }
}

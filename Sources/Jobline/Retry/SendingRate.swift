internal import LibC

/// Adaptive rate limit of one client: a token bucket whose rate drops when a request is throttled, and recovers along a
/// cubic curve that is flat around the rate at the last throttling.
///
/// Unlimited until the first throttling. The current time is always passed in.
struct SendingRate: Sendable {
    /// Decision about an attempt.
    enum Slot: Sendable, Hashable {
        /// Send now.
        case now
        /// Wait first. A token is reserved; ``giveBack()`` returns it if the attempt is not sent.
        case after(Duration)
        /// The wait exceeds the limit; no token is reserved.
        case tooLate(Duration)
    }

    /// Factor applied to the rate after throttling.
    static let beta = 0.7
    /// Steepness of the recovery, in requests per second per second cubed.
    static let scale = 0.4
    /// Minimum rate, in requests per second.
    static let minimumRate = 0.5
    /// Minimum capacity of the bucket, in tokens.
    static let minimumCapacity = 1.0
    /// Weight of the newest half second in the measured rate.
    static let smoothing = 0.8

    /// Whether a request has ever been throttled.
    private(set) var isEnabled = false
    /// Tokens per second.
    private(set) var rate = 0.0
    private var capacity = 0.0
    /// Tokens available; negative while attempts wait for their turns.
    private var tokens = 0.0
    private var filled = 0.0

    /// Measured rate, in requests sent per second.
    private(set) var measuredRate = 0.0
    private var measuredUntil: Double
    private var sent = 0.0

    /// Rate at the last throttling.
    private var lastMaximum = 0.0
    private var throttled: Double

    init(now: Duration) {
        measuredUntil = Self.halfSecond(now / .seconds(1))
        throttled = now / .seconds(1)
    }

    /// Admits an attempt, now or after a wait.
    ///
    /// - Parameters:
    ///   - now: Current time.
    ///   - limit: Maximum wait.
    mutating func admit(now: Duration, within limit: Duration) -> Slot {
        guard isEnabled else { return .now }
        fill(now / .seconds(1))
        let missing = 1 - tokens
        let wait = Duration.seconds(max(0, missing) / rate)
        guard missing <= 0 || wait < limit else { return .tooLate(wait) }
        tokens -= 1
        return missing <= 0 ? .now : .after(wait)
    }

    /// Returns the token of an attempt that was not sent.
    mutating func giveBack() { tokens = min(capacity, tokens + 1) }

    /// Updates the rate after a response.
    ///
    /// - Parameters:
    ///   - isThrottled: Whether the daemon throttled the request.
    ///   - now: Current time.
    mutating func answered(isThrottled: Bool, now: Duration) {
        let now = now / .seconds(1)
        measure(now)
        let next: Double
        if isThrottled {
            lastMaximum = isEnabled ? min(measuredRate, rate) : measuredRate
            throttled = now
            isEnabled = true
            next = lastMaximum * Self.beta
        } else {
            // Time until the curve is back at the last maximum.
            let k = cbrt(lastMaximum * (1 - Self.beta) / Self.scale)
            next = Self.scale * pow(now - throttled - k, 3) + lastMaximum
        }
        setRate(min(next, 2 * measuredRate), now)
    }

    private mutating func setRate(_ wanted: Double, _ now: Double) {
        fill(now)
        rate = max(wanted, Self.minimumRate)
        capacity = max(wanted, Self.minimumCapacity)
        tokens = min(tokens, capacity)
    }

    private mutating func fill(_ now: Double) {
        tokens = min(capacity, tokens + max(0, now - filled) * rate)
        filled = now
    }

    /// Measures the rate over half seconds, smoothed.
    private mutating func measure(_ now: Double) {
        sent += 1
        let until = Self.halfSecond(now)
        guard until > measuredUntil else { return }
        measuredRate = sent / (until - measuredUntil) * Self.smoothing + measuredRate * (1 - Self.smoothing)
        sent = 0
        measuredUntil = until
    }

    private static func halfSecond(_ now: Double) -> Double { (now * 2).rounded(.down) / 2 }
}

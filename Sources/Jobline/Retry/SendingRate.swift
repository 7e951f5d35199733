internal import LibC

/// How fast one client may send, learnt from what the daemon refuses: a token bucket whose rate falls when a request is
/// throttled, and comes back along a cubic curve that is flat around the rate at which that happened.
///
/// All bounds are off until the first throttling. Values alone: time is handed in.
struct SendingRate: Sendable {
    /// What an attempt has to do.
    enum Admission: Sendable, Hashable {
        /// Go ahead.
        case now
        /// Wait first. Its turn is taken: ``giveBack()`` if it does not come to that.
        case after(Duration)
        /// Its turn would come too late, after this time; nothing was taken.
        case tooLate(Duration)
    }

    /// What is left of the rate after throttling.
    static let beta = 0.7
    /// How steep the way back is, in requests a second by seconds cubed.
    static let scale = 0.4
    /// Lowest rate, in requests a second.
    static let minimumRate = 0.5
    /// Least tokens that the bucket holds.
    static let minimumCapacity = 1.0
    /// Share of the newest half second in the measured rate.
    static let smoothing = 0.8

    /// True from the first throttling on.
    private(set) var isEnabled = false
    /// Tokens a second.
    private(set) var rate = 0.0
    private var capacity = 0.0
    /// Below zero while attempts wait for their turns.
    private var tokens = 0.0
    private var filled = 0.0

    /// Requests a second that were really sent.
    private(set) var measuredRate = 0.0
    private var measuredUntil: Double
    private var sent = 0.0

    /// The rate at which throttling came last.
    private var lastMaximum = 0.0
    private var throttled: Double

    init(now: Duration) {
        measuredUntil = Self.halfSecond(now / .seconds(1))
        throttled = now / .seconds(1)
    }

    /// An attempt wants to be sent.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - limit: How long it can wait.
    mutating func admit(now: Duration, within limit: Duration) -> Admission {
        guard isEnabled else { return .now }
        fill(now / .seconds(1))
        let missing = 1 - tokens
        let wait = Duration.seconds(max(0, missing) / rate)
        guard missing <= 0 || wait < limit else { return .tooLate(wait) }
        tokens -= 1
        return missing <= 0 ? .now : .after(wait)
    }

    /// An attempt that had its turn taken was not sent.
    mutating func giveBack() { tokens = min(capacity, tokens + 1) }

    /// The daemon has answered an attempt.
    ///
    /// - Parameters:
    ///   - isThrottled: True if it asked for fewer.
    ///   - now: The time.
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
            // The time after which the curve is back at the last maximum.
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

    /// Counts over half seconds, and smooths.
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

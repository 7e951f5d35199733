package import JoblineBackend
package import JoblineProtocol
internal import Synchronization

/// Admits or refuses requests by three budgets: the client's, the method's and the service's.
///
/// The budgets are checked in this order. A request takes a token from each of them only if all have one, so a refused
/// request spends nothing.
package final class RateLimiter: Sendable {
    /// Budget that a token is taken from.
    package enum Scope: String, Sendable, Hashable {
        /// Budget of one user and class of method.
        case client
        /// Budget of one method, shared by all users.
        case method
        /// Budget of one service, shared by all users.
        case service
    }

    /// Refusal of one request.
    package struct Refusal: Sendable, Hashable {
        /// First budget without a token.
        package let scope: Scope
        /// Nanoseconds after which the request passes, all else equal.
        package let wait: Int64

        /// Wait in milliseconds, rounded up: a request sent after it passes.
        package var retryAfterMilliseconds: Int {
            Int(wait / 1_000_000) + (wait % 1_000_000 == 0 ? 0 : 1)
        }
    }

    /// Decisions since the start, for methods that have a limit.
    package struct Counts: Sendable, Hashable {
        /// Requests within every limit.
        package var passed = 0
        /// Refused requests, by the first budget without a token.
        package var refused: [Scope: Int] = [:]
        /// Requests that passed only because of shadow mode, by the first budget without a token.
        package var shadowed: [Scope: Int] = [:]
    }

    /// Counters by scope, without a dictionary on the hot path.
    private struct ScopeCounts {
        private var client = 0
        private var method = 0
        private var service = 0

        mutating func add(_ scope: Scope) {
            switch scope {
            case .client: client += 1
            case .method: method += 1
            case .service: service += 1
            }
        }

        /// Counters that are not zero.
        var byScope: [Scope: Int] { [.client: client, .method: method, .service: service].filter { $0.value > 0 } }
    }

    private struct Client: Hashable {
        let caller: Caller
        let limitClass: MethodDescriptor.LimitClass

        /// Hashes the caller only: it has two entries at most.
        func hash(into hasher: inout Hasher) { hasher.combine(caller) }
    }

    /// Rates that apply to a method; nil where a budget is not limited.
    private struct Budgets {
        let limitClass: MethodDescriptor.LimitClass
        let client: GCRA.Rate?
        let method: GCRA.Rate?
        let service: GCRA.Rate?

        init?(of method: Method, _ limits: Limits) {
            let descriptor = method.descriptor
            switch descriptor.limitClass {
            case .unlimited: return nil
            case .read: client = limits.clientRead
            case .write: client = limits.clientWrite
            }
            limitClass = descriptor.limitClass
            self.method = limits.methods[method]
            service = limits.services[descriptor.service]
        }
    }

    private struct State {
        var limits: Limits
        /// Budgets by method index; nil for a method without limits.
        var budgets: [Budgets?]
        var clients: [Client: GCRA] = [:]
        var methods: [Method: GCRA] = [:]
        var services: [Substring: GCRA] = [:]
        var sweepAt = RateLimiter.firstSweep
        var passed = 0
        var refused = ScopeCounts()
        var shadowed = ScopeCounts()

        init(_ limits: Limits) {
            self.limits = limits
            budgets = Self.budgets(limits)
        }

        static func budgets(_ limits: Limits) -> [Budgets?] { Method.allCases.map { Budgets(of: $0, limits) } }
    }

    /// Number of clients from which full buckets are removed.
    private static let firstSweep = 1024
    /// Maximum number of clients with a bucket.
    private static let maximumClients = 65_536

    private let state: Mutex<State>

    package init(_ limits: Limits) { state = Mutex(State(limits)) }

    /// Decisions since the start.
    package var counts: Counts {
        state.withLock {
            Counts(passed: $0.passed, refused: $0.refused.byScope, shadowed: $0.shadowed.byScope)
        }
    }

    /// Number of clients with a bucket.
    var clientCount: Int { state.withLock(\.clients.count) }

    /// Admits a request and takes its tokens, or refuses it and takes none.
    ///
    /// - Parameters:
    ///   - method: Method of the request.
    ///   - now: Current time in nanoseconds.
    /// - Returns: nil if the request passes.
    package func refusal(of method: Method, caller: Caller, now: Int64) -> Refusal? {
        state.withLock { state -> Refusal? in
            guard let budgets = state.budgets[method.index] else { return nil }
            let client = Client(caller: caller, limitClass: budgets.limitClass)
            var refusal: Refusal?
            func look(_ scope: Scope, _ bucket: GCRA, _ rate: GCRA.Rate) {
                let wait = bucket.wait(at: now, rate)
                guard wait > 0 else { return }
                // The first empty budget is the reason. The longest wait is the advice: all budgets have a token by then.
                refusal = Refusal(scope: refusal?.scope ?? scope, wait: max(refusal?.wait ?? 0, wait))
            }
            let known = budgets.client == nil ? nil : state.clients.index(forKey: client)
            if let rate = budgets.client, let known { look(.client, state.clients.values[known], rate) }
            if let rate = budgets.method, let bucket = state.methods[method] { look(.method, bucket, rate) }
            if let rate = budgets.service, let bucket = state.services[method.descriptor.service] {
                look(.service, bucket, rate)
            }
            if let refusal {
                guard state.limits.shadow else {
                    state.refused.add(refusal.scope)
                    return refusal
                }
                state.shadowed.add(refusal.scope)
                return nil
            }
            state.passed += 1
            if let rate = budgets.client {
                if let known {
                    state.clients.values[known].take(at: now, rate)
                } else {
                    Self.makeRoom(in: &state, now: now)
                    state.clients[client, default: GCRA()].take(at: now, rate)
                }
            }
            if let rate = budgets.method { state.methods[method, default: GCRA()].take(at: now, rate) }
            if let rate = budgets.service {
                state.services[method.descriptor.service, default: GCRA()].take(at: now, rate)
            }
            return nil
        }
    }

    /// Removes full buckets once there are many, and the fullest one at the maximum.
    private static func makeRoom(in state: inout State, now: Int64) {
        guard state.clients.count >= state.sweepAt else { return }
        state.clients = state.clients.filter { !$0.value.isFull(at: now) }
        if state.clients.count >= maximumClients, let fullest = state.clients.min(by: { $0.value < $1.value }) {
            state.clients[fullest.key] = nil
        }
        state.sweepAt = min(max(firstSweep, state.clients.count * 2), maximumClients)
    }
}

extension RateLimiter {
    /// Rates in force.
    package struct Limits: Sendable {
        /// Read rate of one client; nil if not limited.
        package var clientRead: GCRA.Rate?
        /// Write rate of one client; nil if not limited.
        package var clientWrite: GCRA.Rate?
        /// Methods with a limit of their own.
        package var methods: [Method: GCRA.Rate]
        /// Services with a limit of their own.
        package var services: [Substring: GCRA.Rate]
        /// Whether requests over a limit are only counted, and pass.
        package var shadow: Bool

        package init(
            clientRead: GCRA.Rate? = nil, clientWrite: GCRA.Rate? = nil, methods: [Method: GCRA.Rate] = [:],
            services: [Substring: GCRA.Rate] = [:], shadow: Bool = false
        ) {
            self.clientRead = clientRead
            self.clientWrite = clientWrite
            self.methods = methods
            self.services = services
            self.shadow = shadow
        }
    }
}

extension RateLimiter {
    /// Replaces the limits, for every request from now on.
    ///
    /// A bucket keeps its tokens when its rate changes: a reload grants nobody a second burst.
    ///
    /// - Parameters:
    ///   - limits: New limits.
    ///   - now: Current time in nanoseconds.
    package func replace(_ limits: Limits, now: Int64) {
        state.withLock { state in
            let old = state.limits
            for limitClass in [MethodDescriptor.LimitClass.read, .write] where old[limitClass] != limits[limitClass] {
                for client in state.clients.keys where client.limitClass == limitClass {
                    state.clients[client] = state.clients[client].flatMap {
                        Self.carried($0, from: old[limitClass], to: limits[limitClass], now)
                    }
                }
            }
            for (method, bucket) in state.methods {
                state.methods[method] = Self.carried(bucket, from: old.methods[method], to: limits.methods[method], now)
            }
            for (service, bucket) in state.services {
                state.services[service] = Self.carried(
                    bucket, from: old.services[service], to: limits.services[service], now)
            }
            state.limits = limits
            state.budgets = State.budgets(limits)
        }
    }

    /// Returns the bucket under its new rate; nil if it is no longer limited.
    private static func carried(_ bucket: GCRA, from old: GCRA.Rate?, to new: GCRA.Rate?, _ now: Int64) -> GCRA? {
        guard let old, let new else { return nil }
        return bucket.carried(from: old, to: new, at: now)
    }
}

extension RateLimiter.Limits {
    /// Rate of one client for a class of methods.
    fileprivate subscript(limitClass: MethodDescriptor.LimitClass) -> GCRA.Rate? {
        switch limitClass {
        case .read: clientRead
        case .write: clientWrite
        case .unlimited: nil
        }
    }
}

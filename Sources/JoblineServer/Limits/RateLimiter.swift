package import JoblineProtocol
internal import Synchronization

/// Decides whether a request may pass, by three budgets: the client's, the method's and the service's.
///
/// They are looked at in this order, and a token is taken from them only if all have one: a refused request costs no budget.
package final class RateLimiter: Sendable {
    /// Whose budget is spent.
    package enum Scope: String, Sendable, Hashable {
        /// That of one user id and class of method.
        case client
        /// That of one method, all users together.
        case method
        /// That of one service, all users together.
        case service
    }

    /// Why a request does not pass.
    package struct Refusal: Sendable, Hashable {
        /// The first budget that had no token.
        package let scope: Scope
        /// Nanoseconds after which the request passes, all else equal.
        package let wait: Int64

        /// The wait in whole milliseconds, rounded up so that a request sent then really passes.
        package var retryAfterMilliseconds: Int {
            Int(wait / 1_000_000) + (wait % 1_000_000 == 0 ? 0 : 1)
        }
    }

    /// What was decided since the start about requests that a limit is about.
    package struct Counts: Sendable, Hashable {
        /// Requests within every limit.
        package var passed = 0
        /// Requests that were refused, by the first budget that had no token.
        package var refused: [Scope: Int] = [:]
        /// Requests that passed only because limits are in shadow, by the same.
        package var shadowed: [Scope: Int] = [:]
    }

    /// So many of each scope.
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

        /// Those of which there are any.
        var byScope: [Scope: Int] { [.client: client, .method: method, .service: service].filter { $0.value > 0 } }
    }

    private struct Client: Hashable {
        let uid: UInt32
        let limitClass: MethodDescriptor.LimitClass

        /// Hardly anybody has more than two: not worth the text of the class.
        func hash(into hasher: inout Hasher) { hasher.combine(uid) }
    }

    /// The rates that a method has to keep to; nil where there is none.
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
        /// What each method takes from, by its index; nil for one that is not limited.
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

    /// Clients remembered before full buckets are looked for the first time.
    private static let firstSweep = 1024
    /// Clients remembered at most.
    private static let maximumClients = 65_536

    private let state: Mutex<State>

    package init(_ limits: Limits) { state = Mutex(State(limits)) }

    /// What was decided since the start.
    package var counts: Counts {
        state.withLock {
            Counts(passed: $0.passed, refused: $0.refused.byScope, shadowed: $0.shadowed.byScope)
        }
    }

    /// Clients whose buckets are not known to be full.
    var clientCount: Int { state.withLock(\.clients.count) }

    /// Lets a request pass and takes its tokens, or says why not and takes none.
    ///
    /// - Parameters:
    ///   - method: What is asked for.
    ///   - uid: Who asks.
    ///   - now: The present in nanoseconds.
    /// - Returns: nil if the request passes.
    package func refusal(of method: Method, uid: UInt32, now: Int64) -> Refusal? {
        state.withLock { state -> Refusal? in
            guard let budgets = state.budgets[method.index] else { return nil }
            let client = Client(uid: uid, limitClass: budgets.limitClass)
            var refusal: Refusal?
            func look(_ scope: Scope, _ bucket: GCRA, _ rate: GCRA.Rate) {
                let wait = bucket.wait(at: now, rate)
                guard wait > 0 else { return }
                // The first budget gives the reason, the longest wait the advice: only then do all of them have a token.
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

    /// Forgets full buckets, which say nothing, once there are many; beyond the maximum forgets the fullest.
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
    /// The rates in force, looked up by what they apply to.
    package struct Limits: Sendable {
        /// One client's reads; nil: not limited.
        package var clientRead: GCRA.Rate?
        /// One client's writes; nil: not limited.
        package var clientWrite: GCRA.Rate?
        /// Methods with a limit of their own.
        package var methods: [Method: GCRA.Rate]
        /// Services with a limit of their own.
        package var services: [Substring: GCRA.Rate]
        /// True: count what would be refused, and let it pass.
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
    /// Puts other limits in force, for every request from now on.
    ///
    /// A bucket whose rate stays keeps its state. One whose rate changes keeps the tokens that it has, so that whoever has spent a
    /// burst does not get another one.
    ///
    /// - Parameters:
    ///   - limits: The new limits.
    ///   - now: The present in nanoseconds.
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

    /// nil where there is no limit any more, and so no bucket.
    private static func carried(_ bucket: GCRA, from old: GCRA.Rate?, to new: GCRA.Rate?, _ now: Int64) -> GCRA? {
        guard let old, let new else { return nil }
        return bucket.carried(from: old, to: new, at: now)
    }
}

extension RateLimiter.Limits {
    /// The rate of one client's requests of a class.
    fileprivate subscript(limitClass: MethodDescriptor.LimitClass) -> GCRA.Rate? {
        switch limitClass {
        case .read: clientRead
        case .write: clientWrite
        case .unlimited: nil
        }
    }
}

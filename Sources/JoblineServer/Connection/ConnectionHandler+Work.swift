internal import JoblineProtocol

extension ConnectionHandler {
    /// A request on its way through a service, or to it.
    struct Work {
        /// nil while it waits for its turn.
        var task: Task<Void, Never>?
        let method: Method
        let id: RequestID?
        let traceparent: String?
        /// Where it waits for its turn and then takes a place; nil if it does neither.
        let requestClass: WorkScheduler.RequestClass?
        let arrival: ServerInstant
        let requestBytes: Int
        /// How many jobs it watches; nil for a request that is no watch.
        let watchedJobs: Int?

        var details: RequestDetails {
            RequestDetails(arrival: arrival, requestBytes: requestBytes, isBegun: task != nil, watchedJobs: watchedJobs)
        }
    }

    /// What is put down of what was done about a request, or was to be done.
    struct RequestDetails {
        let arrival: ServerInstant
        let requestBytes: Int
        /// False for one whose turn had not come.
        let isBegun: Bool
        var watchedJobs: Int?
    }
}

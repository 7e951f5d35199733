internal import JoblineBackend
internal import JoblineProtocol
internal import NIOCore

/// Request as a door hands it to the pipeline: a known method, parameters that are not decoded yet, and its times.
struct PipelineRequest: Sendable {
    let method: Method
    /// JSON object; nil counts as an empty one.
    var params: ByteBuffer?
    let arrival: ContinuousClock.Instant
    /// nil if the request has no deadline.
    let deadline: ContinuousClock.Instant?
    /// Id that the caller gave the request. Only its kind is logged.
    let id: RequestID?
    let traceparent: String?
    /// Maximum size of the result, in bytes.
    let resultBytes: Int
    /// Number of jobs that the request watches; nil if it is no watch.
    let watchedJobs: Int?
}

/// Result of a request as compact JSON, or the error to answer with. nil: the caller gets no answer, and its connection is closed.
typealias PipelineResult = Result<ByteBuffer, WireError>?

/// Door that requests come through. It is told of results on the event loop of its pipeline.
protocol PipelineDoor: AnyObject {
    /// Called at most once for each pending request, when its work has ended or it was withdrawn. Not called for a request that
    /// waits for a slot when its session is abandoned.
    func finished(_ request: PendingRequest, _ result: PipelineResult)
}

/// Request whose work outlasts the call that started it: it waits for a slot, or is at its service.
///
/// Confined to the event loop of its pipeline. Only the pipeline changes it.
final class PendingRequest {
    let key: RequestKey
    let session: CallerSession
    private(set) var request: PipelineRequest
    let door: any PipelineDoor
    /// Pool of the slot that the request needs; nil if it takes none.
    let slotPool: SlotPool?
    let fault: Fault?
    let notify: RequestContext.Notify?
    /// nil while the request waits for a slot.
    var task: Task<Void, Never>?
    /// Whether the outcome is recorded.
    var isRecorded = false

    init(
        _ request: PipelineRequest, _ key: RequestKey, _ session: CallerSession, _ door: any PipelineDoor,
        slotPool: SlotPool?, fault: Fault?, notify: RequestContext.Notify?
    ) {
        self.request = request
        self.key = key
        self.session = session
        self.door = door
        self.slotPool = slotPool
        self.fault = fault
        self.notify = notify
    }

    var isWatch: Bool { request.watchedJobs != nil }

    /// Copies the parameters, so that a request that waits long does not retain the buffer that it was read into.
    func copyParams() {
        request.params = request.params.map { ByteBuffer(bytes: $0.readableBytesView) }
    }
}

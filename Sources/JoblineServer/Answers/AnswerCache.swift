package import JoblineProtocol
internal import NIOCore
internal import Synchronization

/// Results that services gave to questions about one record, for as long as they would give them again.
///
/// A result goes before anybody can see its record changed, and is not kept at all if that changed while the service was asked.
/// So whoever has seen a change never gets an answer from before it.
package final class AnswerCache: Sendable {
    /// The same bytes to the same method.
    private struct Question: Hashable {
        let method: Method
        let params: ByteBuffer
    }

    private struct Answer {
        let result: ByteBuffer
        let record: Int64
        /// nil: there is none.
        let end: Timestamp?
    }

    /// Answers that came, or were last used, at about the same time.
    private struct Generation {
        private(set) var answers: [Question: Answer] = [:]
        /// Hardly ever more than one for a record.
        private var questions: [Int64: [Question]] = [:]
        private(set) var bytes = 0

        mutating func insert(_ answer: Answer, to question: Question) {
            remove(question)
            answers[question] = answer
            questions[answer.record, default: []].append(question)
            bytes += AnswerCache.bytes(of: answer, to: question)
        }

        mutating func remove(_ record: Int64) {
            for question in questions.removeValue(forKey: record) ?? [] {
                if let answer = answers.removeValue(forKey: question) {
                    bytes -= AnswerCache.bytes(of: answer, to: question)
                }
            }
        }

        /// - Returns: The answer as it was kept, with the question as it was kept.
        @discardableResult
        mutating func remove(_ question: Question) -> (Question, Answer)? {
            guard let index = answers.index(forKey: question) else { return nil }
            let (kept, answer) = answers.remove(at: index)
            questions[answer.record]?.removeAll { $0 == kept }
            if questions[answer.record]?.isEmpty == true { questions[answer.record] = nil }
            bytes -= AnswerCache.bytes(of: answer, to: kept)
            return (kept, answer)
        }
    }

    private struct State {
        var recent = Generation()
        /// What was recent before; what is used of it becomes recent again, and the rest goes.
        var older = Generation()
        /// Records of which some see the past and others the present.
        var changing: Set<Int64> = []
        /// How often records changed.
        var changes = 0
        /// The records of the last changes.
        var lastChanges = CircularBuffer<Int64>(initialCapacity: AnswerCache.rememberedChanges)
    }

    /// What an answer takes beside its own bytes and the question's: four objects and their places in two tables.
    private static let overhead = 640
    /// More changes than that while a service was asked, and its answer is not kept.
    private static let rememberedChanges = 64

    private let generationBytes: Int
    private let source: any RecordSource
    private let state = Mutex(State())

    /// - Parameters:
    ///   - source: Says which records change, and what time it is.
    ///   - bytes: Memory for all answers, about.
    package init(_ source: any RecordSource, bytes: Int) {
        self.source = source
        generationBytes = bytes / 2
        source.observeRecords(self)
    }

    private static func bytes(of answer: Answer, to question: Question) -> Int {
        answer.result.readableBytes + question.params.readableBytes + overhead
    }

    /// Memory that the answers take, about.
    var bytes: Int { state.withLock { $0.recent.bytes + $0.older.bytes } }

    // MARK: Asking

    /// The result that the service would give.
    ///
    /// - Returns: nil if the service has to be asked.
    func result(of method: Method, _ params: ByteBuffer) -> ByteBuffer? {
        let question = Question(method: method, params: params)
        let answer = state.withLock { state -> Answer? in
            if let answer = state.recent.answers[question] { return answer }
            guard let (question, answer) = state.older.remove(question) else { return nil }
            insert(answer, to: question, in: &state)
            return answer
        }
        guard let answer else { return nil }
        if let end = answer.end, end <= source.now() { return nil }
        return answer.result
    }

    /// How often records have changed; to be taken before a service is asked.
    var changes: Int { state.withLock(\.changes) }

    /// Keeps what a service answered, unless the record changed since.
    ///
    /// - Parameters:
    ///   - basis: What the service put down about its answer.
    ///   - changes: ``changes`` from before the service was asked.
    func keep(_ result: ByteBuffer, of method: Method, _ params: ByteBuffer, _ basis: AnswerBasis, since changes: Int) {
        guard let (record, end) = basis.record else { return }
        // In memory of their own: the buffer of a question belongs to everything that was read with it.
        let question = Question(method: method, params: ByteBuffer(bytes: params.readableBytesView))
        let answer = Answer(result: ByteBuffer(bytes: result.readableBytesView), record: record, end: end)
        guard Self.bytes(of: answer, to: question) <= generationBytes else { return }
        state.withLock { state in
            let missed = state.changes - changes
            guard missed <= state.lastChanges.count, !state.lastChanges.suffix(missed).contains(record),
                !state.changing.contains(record)
            else { return }
            insert(answer, to: question, in: &state)
        }
    }

    private func insert(_ answer: Answer, to question: Question, in state: inout State) {
        if state.recent.bytes + Self.bytes(of: answer, to: question) > generationBytes {
            state.older = state.recent
            state.recent = Generation()
        }
        state.older.remove(question)
        state.recent.insert(answer, to: question)
    }
}

extension AnswerCache: RecordObserver {
    package func willChange(_ records: [Int64]) {
        state.withLock { state in
            for record in records {
                state.changing.insert(record)
                state.recent.remove(record)
                state.older.remove(record)
            }
        }
    }

    package func didChange(_ records: [Int64]) {
        state.withLock { state in
            for record in records {
                state.changing.remove(record)
                state.changes += 1
                if state.lastChanges.count == Self.rememberedChanges { state.lastChanges.removeFirst() }
                state.lastChanges.append(record)
            }
        }
    }
}

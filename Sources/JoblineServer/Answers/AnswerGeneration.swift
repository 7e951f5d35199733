internal import JoblineProtocol
internal import NIOCore

/// What was asked, as a number; two questions may have the same.
struct AnswerQuestion: Hashable {
    private let hash: Int

    init(_ method: Method, _ params: UnsafeRawBufferPointer) {
        var hasher = Hasher()
        hasher.combine(method)
        hasher.combine(bytes: params)
        hash = hasher.finalize()
    }
}

/// Answers that came, or were last used, at about the same time.
///
/// Their bytes are in one piece of memory, one behind the other; those of an answer that is gone stay until all go.
struct AnswerGeneration {
    /// What an answer is known by beside its bytes.
    struct Subject {
        let record: Int64
        /// From when on it is another one; nil: never.
        let end: Timestamp?
    }

    private struct Answer {
        let subject: Subject
        /// Where the parameters begin; the result is behind them.
        let start: Int
        let paramsBytes: Int
        let resultBytes: Int
    }

    private var answers: [AnswerQuestion: Answer] = [:]
    private var questions: [Int64: AnswerQuestion] = [:]
    private var text: [UInt8] = []

    /// What an answer takes beside its bytes: places in two tables that are between half and all full.
    private static let overhead = 192

    /// Memory that an answer takes, about.
    static func bytes(_ params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer) -> Int {
        params.count + result.count + overhead
    }

    /// Memory, about, of all answers.
    var bytes: Int { text.count + answers.count * Self.overhead }

    /// Puts an answer in the place of another one of its record.
    mutating func insert(
        _ subject: Subject, _ params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer,
        to question: AnswerQuestion
    ) {
        remove(subject.record)
        // Two records whose questions have the same number.
        if let other = answers[question] { remove(other.subject.record) }
        answers[question] = Answer(
            subject: subject, start: text.count, paramsBytes: params.count, resultBytes: result.count)
        questions[subject.record] = question
        text += params
        text += result
    }

    /// - Parameter body: Is given the answer and its result, if there is one to these parameters.
    /// - Returns: What `body` returned; nil if there is none.
    func withAnswer<Value>(
        to question: AnswerQuestion, _ params: UnsafeRawBufferPointer,
        _ body: (Subject, UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        guard let answer = answers[question], answer.paramsBytes == params.count else { return nil }
        return text.withUnsafeBytes { text in
            let result = answer.start + answer.paramsBytes
            guard UnsafeRawBufferPointer(rebasing: text[answer.start..<result]).hasSameBytes(as: params) else {
                return nil
            }
            return body(
                answer.subject, UnsafeRawBufferPointer(rebasing: text[result..<result + answer.resultBytes]))
        }
    }

    mutating func remove(_ record: Int64) {
        guard let question = questions.removeValue(forKey: record) else { return }
        answers[question] = nil
        if answers.isEmpty { text.removeAll() }
    }
}

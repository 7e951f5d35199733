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

/// One result, with the parameters that it answers.
struct Answer {
    /// One piece of memory: the parameters, and behind them the result.
    private let text: [UInt8]
    private let paramsBytes: Int
    let record: Int64
    /// From when on it is another one; nil: never.
    let end: Timestamp?

    /// What an answer takes beside its text: the array's head, and places in two tables that are between half and all full.
    private static let overhead = 256

    init(params: ByteBuffer, result: ByteBuffer, record: Int64, end: Timestamp?) {
        var text: [UInt8] = []
        text.reserveCapacity(params.readableBytes + result.readableBytes)
        text += params.readableBytesView
        text += result.readableBytesView
        self.text = text
        paramsBytes = params.readableBytes
        self.record = record
        self.end = end
    }

    /// Memory, about.
    var bytes: Int { text.count + Self.overhead }

    func answers(_ params: UnsafeRawBufferPointer) -> Bool {
        params.count == paramsBytes
            && text.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[..<paramsBytes]).hasSameBytes(as: params) }
    }

    func withResult<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        text.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[paramsBytes...])) }
    }
}

/// Answers that came, or were last used, at about the same time.
struct AnswerGeneration {
    private var answers: [AnswerQuestion: Answer] = [:]
    private var questions: [Int64: AnswerQuestion] = [:]
    private(set) var bytes = 0

    subscript(question: AnswerQuestion) -> Answer? { answers[question] }

    /// Puts an answer in the place of another one of its record.
    mutating func insert(_ answer: Answer, to question: AnswerQuestion) {
        remove(answer.record)
        // Two records whose questions have the same number.
        if let other = answers[question] { remove(other.record) }
        answers[question] = answer
        questions[answer.record] = question
        bytes += answer.bytes
    }

    mutating func remove(_ record: Int64) {
        guard let question = questions.removeValue(forKey: record), let answer = answers.removeValue(forKey: question)
        else { return }
        bytes -= answer.bytes
    }
}

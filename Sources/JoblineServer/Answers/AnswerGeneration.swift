internal import JoblineProtocol
internal import NIOCore

/// What was asked, as a number; two questions may have the same.
struct AnswerQuestion: Hashable {
    private let number: UInt64

    init(_ method: Method, _ params: UnsafeRawBufferPointer) {
        number = params.mixed &+ UInt64(method.index)
    }
}

/// Answers that came, or were last used, at about the same time.
///
/// They are in one piece of memory, one behind the other; the bytes of an answer that is gone stay until all go. The processor
/// waits for memory once for each: the tables are small enough for its caches, and all else of an answer is together.
struct AnswerGeneration {
    /// What an answer is known by beside its bytes.
    struct Subject {
        let record: Int64
        private let endMilliseconds: Int64

        /// From when on it is another one; nil: never.
        var end: Timestamp? { endMilliseconds == .max ? nil : Timestamp(milliseconds: endMilliseconds) }

        init(record: Int64, end: Timestamp?) {
            self.record = record
            endMilliseconds = end?.milliseconds ?? .max
        }
    }

    /// What is before the parameters of an answer, which are before its result.
    private struct Header {
        let subject: Subject
        let paramsBytes: Int
        let resultBytes: Int
    }

    /// Bytes, about, that all answers may take.
    let capacity: Int
    /// Where the headers are.
    private var answers: [AnswerQuestion: Int] = [:]
    private var questions: [Int64: AnswerQuestion] = [:]
    private var text: [UInt8] = []

    /// What an answer takes beside its bytes: places in two tables that are between half and all full.
    private static let overhead = 96

    /// Memory that an answer takes, about.
    static func bytes(_ params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer) -> Int {
        MemoryLayout<Header>.size + params.count + result.count + overhead
    }

    /// Memory, about, of all answers.
    var bytes: Int { text.count + answers.count * Self.overhead }

    /// - Parameter capacity: Memory, about, that all answers may take. None is taken before it is needed, and what is there never has to
    ///   move to make room.
    init(capacity: Int) {
        self.capacity = capacity
        text.reserveCapacity(capacity)
    }

    /// Whether one more answer is within the capacity.
    func hasRoom(for params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer) -> Bool {
        bytes + Self.bytes(params, result) <= capacity
    }

    /// The memory is kept for others: given back, it could hardly be taken again in one piece.
    mutating func removeAll() {
        answers.removeAll(keepingCapacity: true)
        questions.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
    }

    /// Puts an answer in the place of another one of its record.
    mutating func insert(
        _ subject: Subject, _ params: UnsafeRawBufferPointer, _ result: UnsafeRawBufferPointer,
        to question: AnswerQuestion
    ) {
        remove(subject.record)
        // Two records whose questions have the same number.
        if let other = answers[question] { remove(header(at: other).subject.record) }
        answers[question] = text.count
        questions[subject.record] = question
        let header = Header(subject: subject, paramsBytes: params.count, resultBytes: result.count)
        withUnsafeBytes(of: header) { text += $0 }
        text += params
        text += result
    }

    /// - Parameter body: Is given the answer and its result, if there is one to these parameters.
    /// - Returns: What `body` returned; nil if there is none.
    func withAnswer<Value>(
        to question: AnswerQuestion, _ askedParams: UnsafeRawBufferPointer,
        _ body: (Subject, UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        guard let start = answers[question] else { return nil }
        let header = header(at: start)
        return text.withUnsafeBytes { text in
            let params = start + MemoryLayout<Header>.size
            let result = params + header.paramsBytes
            guard UnsafeRawBufferPointer(rebasing: text[params..<result]).hasSameBytes(as: askedParams) else {
                return nil
            }
            return body(header.subject, UnsafeRawBufferPointer(rebasing: text[result..<result + header.resultBytes]))
        }
    }

    private func header(at start: Int) -> Header {
        text.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Header.self) }
    }

    mutating func remove(_ record: Int64) {
        guard let question = questions.removeValue(forKey: record) else { return }
        answers[question] = nil
        if answers.isEmpty { text.removeAll(keepingCapacity: true) }
    }
}

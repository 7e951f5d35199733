import FuzzSupport
import JoblineProtocol
import NIOCore

/// Any message of the contract.
typealias Message = Hashable & JSONCodable
/// Parameters of any method.
typealias Parameters = Constrained & Message

/// Checks that a message is the same after writing and reading it; ignores text that is no such message.
func checkRoundTrip<Value: Message>(of json: ByteBuffer, as type: Value.Type) throws(Violation) {
    guard let value = try? Value(json: json) else { return }
    try checkRoundTrip(of: value)
}

/// Checks that a message is the same after writing and reading it.
func checkRoundTrip<Value: Message>(of value: Value) throws(Violation) {
    let written = value.json()
    guard !written.readableBytesView.contains(where: { $0 < 0x20 }) else {
        throw Violation("\(Value.self) is written with a control character: \(String(buffer: written))")
    }
    let again: Value
    do throws(JSONError) { again = try Value(json: written) } catch {
        throw Violation("\(Value.self) cannot be read as it is written: \(error): \(String(buffer: written))")
    }
    guard again == value, again.json() == written else {
        throw Violation("\(value) comes back as \(again), written as \(String(buffer: written))")
    }
}

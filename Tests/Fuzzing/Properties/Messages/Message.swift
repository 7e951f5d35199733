import FuzzSupport
import JoblineProtocol
import NIOCore

/// What every message of the contract is.
typealias Message = Hashable & JSONCodable
/// What the parameters of every method are.
typealias Parameters = Constrained & Message

/// Reads a message where the text is one, writes it and reads it again: it has to be the same.
func checkRoundTrip<Value: Message>(of json: ByteBuffer, as type: Value.Type) throws(Violation) {
    guard let value = try? Value(json: json) else { return }
    try checkRoundTrip(of: value)
}

/// Writes a message and reads it: it has to be the same.
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

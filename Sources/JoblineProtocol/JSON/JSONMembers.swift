/// Members of an object that are written together, so that space is reserved only once for an object.
///
/// Does not own bytes: its arguments must stay in memory until they are written.
package struct JSONMembers {
    private enum Member {
        case text(StaticString, UnsafeRawBufferPointer)
        case time(StaticString, Timestamp)
        /// Members that are already compact JSON.
        case written(UnsafeRawBufferPointer)
    }

    /// Maximum number of members; avoids an allocation.
    private static let maximumCount = 16
    /// Bytes around a name and a text: comma, four quotes, colon.
    private static let marks = 6

    private var members = InlineArray<16, Member>(repeating: .written(UnsafeRawBufferPointer(start: nil, count: 0)))
    private var count = 0
    /// Whether no text needs escapes.
    private var isPlain = true
    /// Maximum bytes of the members if no text needs escapes.
    private var bytes = 0

    package init() {}

    /// Adds a member with a text; nothing if nil.
    package mutating func add(_ name: StaticString, _ text: UnsafeRawBufferPointer?) {
        guard let text else { return }
        if text.endOfPlain() < text.count { isPlain = false }
        add(.text(name, text), bytes: name.utf8CodeUnitCount + text.count + Self.marks)
    }

    /// Adds a member with a time; nothing if nil.
    package mutating func add(_ name: StaticString, _ time: Timestamp?) {
        guard let time else { return }
        add(.time(name, time), bytes: name.utf8CodeUnitCount + ByteWriter.longestNumber + Self.marks)
    }

    /// Adds the members of a compact JSON object.
    package mutating func add(membersOf object: UnsafeRawBufferPointer) {
        guard object.count > 2 else { return }
        let members = UnsafeRawBufferPointer(rebasing: object[1..<(object.count - 1)])
        add(.written(members), bytes: members.count + Self.marks)
    }

    private mutating func add(_ member: Member, bytes: Int) {
        precondition(count < Self.maximumCount, "an object has more than \(Self.maximumCount) members")
        members[count] = member
        count += 1
        self.bytes += bytes
    }
}

extension JSONWriter {
    /// Writes an object.
    package mutating func object(_ members: JSONMembers) {
        members.write(to: &self)
    }
}

extension JSONMembers {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.open(UInt8(ascii: "{"))
        if isPlain {
            writer.append(atMost: bytes) { bytes in
                for index in 0..<count { Self.put(members[index], isFirst: index == 0, to: &bytes) }
            }
        } else {
            for index in 0..<count { Self.write(members[index], to: &writer) }
        }
        writer.close(UInt8(ascii: "}"))
    }

    private static func put(_ member: Member, isFirst: Bool, to bytes: inout ByteWriter) {
        if !isFirst { bytes.put(UInt8(ascii: ",")) }
        switch member {
        case .text(let name, let text):
            put(name, to: &bytes)
            bytes.put(UInt8(ascii: "\""))
            bytes.put(text)
            bytes.put(UInt8(ascii: "\""))
        case .time(let name, let time):
            put(name, to: &bytes)
            bytes.put(thousandths: time.milliseconds)
        case .written(let members): bytes.put(members)
        }
    }

    private static func put(_ name: StaticString, to bytes: inout ByteWriter) {
        bytes.put(UInt8(ascii: "\""))
        bytes.put(name)
        bytes.put("\":" as StaticString)
    }

    private static func write(_ member: Member, to writer: inout JSONWriter) {
        switch member {
        case .text(let name, let text):
            writer.key(name)
            writer.string(utf8: text)
        case .time(let name, let time): writer.member(name, time)
        case .written(let members): writer.raw(Slice(base: members, bounds: members.indices))
        }
    }
}

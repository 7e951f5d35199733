internal import LibC

extension UnsafeRawBufferPointer {
    @inline(__always)
    package func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let left = baseAddress, let right = other.baseAddress else {
            return count == other.count
        }
        return memcmp(left, right, count) == 0
    }

    /// Where the first byte of this kind is.
    func firstIndex(ofByte byte: UInt8) -> Int? {
        guard let baseAddress, let found = memchr(baseAddress, CInt(byte), count) else { return nil }
        return UnsafeRawPointer(found) - baseAddress
    }

    /// A number that other bytes hardly have, too. Whoever chooses bytes can choose some that have the same.
    package var mixed: UInt64 {
        var mixed = UInt64(truncatingIfNeeded: count)
        func mix(_ word: UInt64) { mixed = (mixed ^ word) &* 0x9E37_79B9_7F4A_7C15 }
        guard count >= 8 else {
            for byte in self { mix(UInt64(byte)) }
            return mixed
        }
        for start in stride(from: 0, to: count - 8, by: 8) {
            mix(loadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
        // It may have begun before the one before it ends.
        mix(loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        return mixed
    }
}

extension StaticString {
    @inline(__always)
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

extension String {
    /// Byte by byte, where == takes for the same what Unicode does.
    func hasSameBytes(as other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { UnsafeRawBufferPointer(left).hasSameBytes(as: UnsafeRawBufferPointer($0)) }
        }
    }
}

internal import LibC

extension UnsafeRawBufferPointer {
    @inline(__always)
    package func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let left = baseAddress, let right = other.baseAddress else {
            return count == other.count
        }
        return memcmp(left, right, count) == 0
    }

    /// Returns the index of the first byte with this value.
    func firstIndex(ofByte byte: UInt8) -> Int? {
        guard let baseAddress, let found = memchr(baseAddress, CInt(byte), count) else { return nil }
        return UnsafeRawPointer(found) - baseAddress
    }

    /// Hash that is fast but not collision-resistant: a caller that chooses the bytes can choose collisions.
    package var fastHash: UInt64 {
        var hash = UInt64(truncatingIfNeeded: count)
        func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15 }
        guard count >= 8 else {
            for byte in self { mix(UInt64(byte)) }
            return hash
        }
        for start in stride(from: 0, to: count - 8, by: 8) {
            mix(loadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
        // Can overlap the previous eight bytes.
        mix(loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        return hash
    }
}

extension StaticString {
    @inline(__always)
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}

extension String {
    /// Compares byte by byte; == would use canonical equivalence.
    func hasSameBytes(as other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { UnsafeRawBufferPointer(left).hasSameBytes(as: UnsafeRawBufferPointer($0)) }
        }
    }
}

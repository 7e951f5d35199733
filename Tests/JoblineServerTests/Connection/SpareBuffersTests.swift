import NIOCore
import Testing

@testable import JoblineServer

/// Memory that is written to again.
@Suite struct SpareBuffersTests {
    private func buffer(_ text: String, capacity: Int = 1000) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(capacity)
        buffer.writeString(text)
        return buffer
    }

    @Test("what is given back comes again empty, with its memory")
    func again() {
        var spares = SpareBuffers()
        spares.giveBack(buffer("somebody's"))
        #expect(spares.bytes >= 1000)
        let again = spares.take()
        #expect(again.readableBytes == 0)
        #expect(again.storageCapacity >= 1000)
        #expect(spares.bytes == 0)
        #expect(spares.take().storageCapacity == 0)
    }

    @Test("what somebody else still reads stays as it is")
    func shared() {
        var spares = SpareBuffers()
        let mine = buffer("mine")
        spares.giveBack(mine)
        var again = spares.take()
        again.writeString("yours")
        #expect(String(buffer: mine) == "mine")
    }

    @Test("one that is too large is not kept, and no more than the most of all")
    func bounded() {
        var spares = SpareBuffers()
        spares.giveBack(buffer("", capacity: SpareBuffers.maximumBufferBytes + 1))
        #expect(spares.bytes == 0)
        for _ in 0..<100 { spares.giveBack(buffer("", capacity: SpareBuffers.maximumBufferBytes)) }
        #expect(spares.bytes == SpareBuffers.maximumBytes)
    }
}

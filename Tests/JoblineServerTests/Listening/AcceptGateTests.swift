import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import JoblineServer

@Suite struct AcceptGateTests {
    /// Counts the reads that get through to the socket.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var count = 0
        func read(context: ChannelHandlerContext) { count += 1 }
    }

    private final class Served: Sendable {
        let count = Atomic(0)
    }

    private final class Stage {
        let listener = EmbeddedChannel()
        private var accepted: [EmbeddedChannel] = []
        let reads = Reads()
        let served = Served()
        let gate: AcceptGate

        init() throws {
            gate = AcceptGate { [served] in served.count.load(ordering: .relaxed) }
            try listener.pipeline.syncOperations.addHandlers([reads, gate])
        }

        /// A channel that is not closed is never freed.
        deinit { for channel in accepted + [listener] { _ = try? channel.finish(acceptAlreadyClosed: true) } }

        func accept(_ count: Int) throws -> [EmbeddedChannel] {
            let children = (0..<count).map { _ in EmbeddedChannel() }
            accepted += children
            for child in children { try listener.writeInbound(child as any Channel) }
            return children
        }

        func close(_ children: [EmbeddedChannel]) throws {
            for child in children {
                try child.close().wait()
                child.embeddedEventLoop.run()
            }
            listener.embeddedEventLoop.run()
        }

        /// Asks for more connections.
        ///
        /// - Returns: How many reads got through so far.
        func read() -> Int {
            listener.read()
            listener.embeddedEventLoop.run()
            return reads.count
        }
    }

    @Test("At the limit of unserved connections nothing is accepted, and one that closes makes room")
    func closes() throws {
        let stage = try Stage()
        #expect(stage.read() == 1)
        let children = try stage.accept(AcceptGate.maximumUnserved - 1)
        #expect(stage.read() == 2)
        let last = try stage.accept(1)
        #expect(stage.read() == 2)
        #expect(stage.read() == 2)
        try stage.close(last)
        #expect(stage.reads.count == 3)
        try stage.close(children)
        #expect(stage.reads.count == 3)
    }

    @Test("Served connections do not count")
    func serves() throws {
        let stage = try Stage()
        let children = try stage.accept(AcceptGate.maximumUnserved)
        #expect(stage.read() == 0)
        stage.served.count.add(1, ordering: .relaxed)
        stage.gate.reconsider()
        stage.listener.embeddedEventLoop.run()
        #expect(stage.reads.count == 1)
        stage.served.count.add(children.count - 1, ordering: .relaxed)
        _ = try stage.accept(AcceptGate.maximumUnserved - 1)
        #expect(stage.read() == 2)
    }
}

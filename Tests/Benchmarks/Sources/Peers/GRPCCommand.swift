internal import ArgumentParser
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import NIOPosix

/// Alternative without jobline: a gRPC server with the jobs in a dictionary. Messages are sent as stored bytes, without coding, in
/// favour of gRPC.
struct GRPCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grpc", abstract: "Answers the unary call /Jobs/Describe with a job.")

    @OptionGroup var jobs: JobOptions

    func run() async throws {
        let transport = HTTP2ServerTransport.Posix(
            address: .unixDomainSocket(path: jobs.socket), transportSecurity: .plaintext,
            eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        let service = try JobService(jobs: jobs.byID { line, _ in Array(line.utf8) })
        try await GRPCServer(transport: transport, services: [service]).serve()
    }
}

struct JobService: RegistrableRPCService {
    let jobs: [String: [UInt8]]

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: MethodDescriptor(fullyQualifiedService: "Jobs", method: "Describe"),
            deserializer: ReadyBytes(), serializer: ReadyBytes()
        ) { request, _ in
            let id = try await ServerRequest(stream: request).message
            guard let job = jobs[String(decoding: id, as: UTF8.self)] else {
                throw RPCError(code: .notFound, message: "no such job")
            }
            return StreamingServerResponse(single: ServerResponse(message: job))
        }
    }
}

/// Messages that are the bytes on the wire.
struct ReadyBytes: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) -> Bytes { Bytes(message) }

    func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) -> [UInt8] {
        serializedMessageBytes.withUnsafeBytes(Array.init)
    }
}

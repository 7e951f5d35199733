/// File generated from the contract.
struct GeneratedFile: Hashable {
    /// Path relative to the root of the package.
    let path: String
    let contents: String

    static let protocolFolder = "Sources/JoblineProtocol/Generated"
    static let backendFolder = "Sources/JoblineBackend/Generated"
    static let serverFolder = "Sources/JoblineServer/Generated"
    static let openRPCFolder = "Sources/COpenRPC/Generated"
    static let clientFolder = "Sources/Jobline/Generated"
    static let awsFolder = "Sources/JoblineAWS/Generated"
    static let fuzzingFolder = "Tests/Fuzzing/Properties/Generated"

    /// Folders that hold nothing but generated files.
    static let folders = [
        protocolFolder, backendFolder, serverFolder, openRPCFolder, clientFolder, awsFolder, fuzzingFolder,
    ]
}

extension Contract {
    /// Returns every generated file, in the order of their paths.
    func render() -> [GeneratedFile] {
        let files =
            protocolFiles() + backendFiles() + serverFiles() + clientFiles() + codableFiles() + awsFiles()
            + fuzzingFiles()
        return files.sorted { $0.path < $1.path }
    }
}

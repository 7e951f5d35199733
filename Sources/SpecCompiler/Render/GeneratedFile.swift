/// A file that the contract is rendered to.
struct GeneratedFile: Hashable {
    /// Relative to the root of the package.
    let path: String
    let contents: String

    /// The folders that hold nothing but generated files.
    static let folders = [
        "Sources/JoblineProtocol/Generated", "Sources/JoblineServer/Generated", "Sources/Jobline/Generated",
        "Tests/Fuzzing/Properties/Generated", "Sources/JoblineBackend/Generated",
    ]
}

extension Contract {
    /// Every file that follows from the contract, in the order of their paths.
    func render() -> [GeneratedFile] {
        (protocolFiles() + backendFiles() + serverFiles() + clientFiles() + codableFiles() + fuzzingFiles()).sorted {
            $0.path < $1.path
        }
    }
}

package import Subprocess
internal import SystemPackage

/// A program that runs to its end.
package enum Command {
    /// Outcome.
    package struct Outcome: Sendable {
        package let status: TerminationStatus
        package let output: String
        package let error: String
    }

    /// Runs a program.
    ///
    /// - Parameters:
    ///   - program: Its path, or a name found in PATH.
    ///   - arguments: What stands behind the name.
    ///   - input: What it reads.
    ///   - environment: Variables beside those of the tests.
    package static func run(
        _ program: String, _ arguments: [String] = [], input: String = "", environment: [String: String] = [:]
    ) async throws -> Outcome {
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        let result = try await Subprocess.run(
            executable, arguments: Arguments(arguments), environment: .inherit(adding: environment),
            input: .string(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }
}

extension Environment {
    /// The environment of the tests, and some variables beside it.
    static func inherit(adding variables: [String: String]) -> Environment {
        .inherit.updating(
            Dictionary(uniqueKeysWithValues: variables.map { (Key(stringLiteral: $0.key), Optional($0.value)) }))
    }
}

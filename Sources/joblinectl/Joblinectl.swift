internal import ArgumentParser
internal import Glibc
internal import Jobline

/// Main command.
@main
struct Joblinectl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joblinectl",
        abstract: "Starts, shows, watches and stops batch jobs through joblined on this host.",
        discussion: """
            Examples:
              joblinectl info
              joblinectl start RxNormInference --input s3://notes/ --output s3://out/
              joblinectl list RxNormInference
              joblinectl wait RxNormInference/ID && echo done
              joblinectl watch RxNormInference/ID Matching/people/ID
              joblinectl top
              joblinectl stop RxNormInference/ID
              joblinectl call Personalize.ListBatchSegmentJobs '{"maxResults":5}'

            start prints the reference of a job, such as RxNormInference/ID or Matching/people/ID, for use with \
            other commands. With -o json, commands print one JSON document a line. joblinectl completion prints \
            scripts for shell completion of commands, families and jobs.

            FAMILY is the kind of job (upper or lower case):
            \(Family.overview)

            The socket is --socket PATH, JOBLINE_SOCKET, or /run/jobline/jobline.sock, in this order.

            Exit status:
            \(ExitStatus.overview)
            """,
        version: "joblinectl \(ProductVersion.current)",
        subcommands: [
            StartCommand.self, DescribeCommand.self, ListCommand.self, WaitCommand.self, WatchCommand.self,
            StopCommand.self, LogsCommand.self, TopCommand.self, CallCommand.self, InfoCommand.self,
            StatisticsCommand.self, HealthCommand.self, MethodsCommand.self, CompletionCommand.self,
        ]
    )

    /// Parses the arguments and runs the command. On failure, prints one line to standard error and exits with a status
    /// for the kind of failure.
    static func main() async {
        // A write to a closed pipe then returns an error.
        signal(SIGPIPE, SIG_IGN)
        if let message = unknownCommand(in: Array(CommandLine.arguments.dropFirst())) { fail(message, .usage) }
        do {
            var command = try await asyncParseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as JoblineError {
            fail(error.explanation, ExitStatus(error.code))
        } catch let error as CommandFailure {
            fail(error.message, error.status)
        } catch let interruption as Interruption {
            Glibc.exit(interruption.status)
        } catch  where exitCode(for: error) == .validationFailure {
            let text = fullMessage(for: error)
            fail(text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text, .usage)
        } catch {
            exit(withError: error)
        }
    }

    /// Returns the error if the first word, or the one after `help`, is not a command; nil otherwise.
    static func unknownCommand(in words: [String]) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        let word = words.first == "help" ? words.dropFirst().first : words.first
        guard let word, !word.hasPrefix("-"), !names.contains(word) else { return nil }
        let advice = Spelling.suggestion(word, names)
        return Terminal.plain(
            "'\(word)' is not a command\(advice.isEmpty ? "; see joblinectl --help" : advice)")
    }

    private static func fail(_ message: String?, _ status: ExitStatus) -> Never {
        if let message { Terminal.note("joblinectl: \(message)") }
        Glibc.exit(status.rawValue)
    }
}

internal import ArgumentParser
internal import Glibc
internal import Jobline

/// The command line.
@main
struct Joblinectl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "joblinectl",
        abstract: "Starts, shows, awaits, watches and stops batch jobs through joblined on this host.",
        discussion: """
            Try these:
              joblinectl info
              joblinectl start RxNormInference --input s3://notes/ --output s3://out/
              joblinectl list RxNormInference
              joblinectl wait RxNormInference/ID && echo done
              joblinectl watch RxNormInference/ID Matching/people/ID
              joblinectl top
              joblinectl stop RxNormInference/ID
              joblinectl call Personalize.ListBatchSegmentJobs '{"maxResults":5}'

            start prints a job's reference, such as RxNormInference/ID or Matching/people/ID, and every other command takes it. \
            With -o json commands print one document a line. Shells complete commands, families and jobs after joblinectl \
            completion, whose help shows how.

            FAMILY is the kind of job, in any case:
            \(Family.overview)

            The socket is --socket PATH, else JOBLINE_SOCKET, else /run/jobline/jobline.sock.

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

    /// Parses and runs; a failure is one line on standard error and an exit status that says what kind it is.
    static func main() async {
        // A write says so where nobody reads any more.
        signal(SIGPIPE, SIG_IGN)
        if let mistake = unknownCommand(in: Array(CommandLine.arguments.dropFirst())) { fail(mistake, .usage) }
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

    /// The reason why the first word, or that behind `help`, is no command; nil if it is one, or no word.
    static func unknownCommand(in words: [String]) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        let word = words.first == "help" ? words.dropFirst().first : words.first
        guard let word, !word.hasPrefix("-"), !names.contains(word) else { return nil }
        let advice = Spelling.advice(word, names)
        return Terminal.plain(
            "'\(word)' is no command\(advice.isEmpty ? "; see joblinectl --help for them" : advice)")
    }

    private static func fail(_ message: String?, _ status: ExitStatus) -> Never {
        if let message { Terminal.note("joblinectl: \(message)") }
        Glibc.exit(status.rawValue)
    }
}

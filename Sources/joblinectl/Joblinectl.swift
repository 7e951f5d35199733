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
              joblinectl wait RxNormInference JOB && echo done
              joblinectl watch RxNormInference/JOB Matching/people/JOB
              joblinectl top
              joblinectl stop RxNormInference JOB
              joblinectl call Personalize.ListBatchSegmentJobs '{"maxResults":5}'

            Of list, describe, wait, watch and all others that print results -o json prints what the service said, one document a \
            line. Shells complete commands, families and jobs after joblinectl completion, whose help shows how.

            FAMILY is the kind of job, in any case:
            \(Family.overview)

            The socket is --socket PATH, else JOBLINE_SOCKET, else /run/jobline/jobline.sock.

            Exit status:
            \(ExitStatus.overview)
            """,
        version: "joblinectl \(ProductVersion.current)",
        subcommands: [
            StartCommand.self, DescribeCommand.self, ListCommand.self, WaitCommand.self, WatchCommand.self,
            StopCommand.self, TopCommand.self, CallCommand.self, InfoCommand.self, StatisticsCommand.self,
            HealthCommand.self, MethodsCommand.self, CompletionCommand.self,
        ]
    )

    /// Parses and runs; a failure is one line on standard error and an exit status that says what kind it is.
    static func main() async {
        // A write says so where nobody reads any more.
        signal(SIGPIPE, SIG_IGN)
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

    private static func fail(_ message: String, _ status: ExitStatus) -> Never {
        Terminal.note("joblinectl: \(message)")
        Glibc.exit(status.rawValue)
    }
}

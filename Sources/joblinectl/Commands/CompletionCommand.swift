internal import ArgumentParser

/// `joblinectl completion`
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print what makes a shell complete joblinectl's words.",
        discussion: """
            Commands, options, families, states and methods are completed; and jobs, the newest first, where joblined answers at \
            once.

            For this shell, and for each new one:
              source <(joblinectl completion bash)
              joblinectl completion bash > /etc/bash_completion.d/joblinectl
              joblinectl completion zsh > ~/.zfunc/_joblinectl
              joblinectl completion fish > ~/.config/fish/completions/joblinectl.fish
            """)

    @Argument(help: "bash, zsh or fish.", completion: .list(CompletionShell.allCases.map(\.rawValue)))
    var shell: String

    func validate() throws {
        guard CompletionShell(rawValue: shell) != nil else {
            throw ValidationError("'\(shell)': bash, zsh and fish are possible")
        }
    }

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else { return }
        try Terminal.line(Joblinectl.completionScript(for: shell))
    }
}

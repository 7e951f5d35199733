internal import ArgumentParser

/// Implements `joblinectl completion`.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a script for shell completion.",
        discussion: """
            Completes commands, options, families, states and methods; and jobs, newest first, if joblined replies \
            within 800 ms.

            To enable it in this shell, and permanently for bash, zsh and fish:
              source <(joblinectl completion bash)
              joblinectl completion bash > /etc/bash_completion.d/joblinectl
              joblinectl completion zsh > ~/.zfunc/_joblinectl
              joblinectl completion fish > ~/.config/fish/completions/joblinectl.fish
            """)

    @Argument(help: "Shell: bash, zsh or fish.", completion: .list(CompletionShell.allCases.map(\.rawValue)))
    var shell: String

    func validate() throws {
        guard CompletionShell(rawValue: shell) != nil else {
            throw ValidationError("unknown shell '\(shell)'; expected bash, zsh or fish")
        }
    }

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else { return }
        try Terminal.line(Joblinectl.completionScript(for: shell))
    }
}

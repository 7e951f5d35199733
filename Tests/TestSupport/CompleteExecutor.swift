internal import Foundation

/// An executor that processes every file of its input, whatever it is.
package enum CompleteExecutor {
    /// The executor as a shell script.
    package static let script = """
        if [ -d success ]; then echo done > success/done.csv; fi
        find "$JOBLINE_INPUT" -type f | while read -r path; do
            name=${path#"$JOBLINE_INPUT"}
            name=${name#/}
            name=${name:-${path##*/}}
            mkdir -p "$(dirname "$name.out")"
            echo done > "$name.out"
            printf '{"processed":{"input":"%s","output":"%s.out"}}\\n' "$name" "$name"
        done
        """

    /// Returns the value of `command:` in the daemon's configuration.
    ///
    /// - Parameter first: A line of shell that it begins with.
    package static func command(first: String = ":", _ arguments: String...) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(["sh", "-c", first + "\n" + script] + arguments), as: UTF8.self)
    }
}

import ArgumentParser
import Jobline
import Testing

@testable import joblinectl

@Suite("Exit status")
struct ExitStatusTests {
    @Test(
        "Each kind of failure has its status",
        arguments: [
            (JoblineError.Code.unreachable, Int32(69)), (.connectionLost, 69), (.timeout, 124), (.throttled, 75),
            (.unavailable, 75), (.invalid, 65), (.refused, 65), (.methodNotFound, 65), (.encoding, 65),
            (.forbidden, 77), (.notFound, 66), (.conflict, 73), (.server, 70), (.decoding, 70),
            (.protocolViolation, 70),
        ])
    func codes(code: JoblineError.Code, status: Int32) {
        #expect(ExitStatus(code).rawValue == status)
    }

    @Test("Each status has one line in the help")
    func help() {
        let help = Joblinectl.helpMessage(columns: 80)
        for status in ExitStatus.allCases { #expect(help.contains("\(status.rawValue)  ")) }
        for family in Family.all { #expect(help.contains("  \(family.name) ")) }
        let longest = help.split(separator: "\n").map(\.count).max() ?? 0
        #expect(longest <= 80)
    }
}

import Testing

@testable import Jobline

@Suite("Refusal by a socket's permissions")
struct SocketDenialTests {
    private func reason(mayConnect: Bool = true, isOfProcess: Bool = false, isOfAccount: Bool = false) -> String {
        SocketDenial.reason(
            "ann",
            .init(name: "jobline", mayConnect: mayConnect, isOfProcess: isOfProcess, isOfAccount: isOfAccount),
            owner: "root")
    }

    @Test("The error names the user, the group, and how to join it")
    func group() {
        #expect(
            reason() == "the user ann is not in the group jobline, whose members may connect: "
                + "sudo usermod -aG jobline ann, and log in again")
        #expect(
            reason(isOfAccount: true) == "the user ann is in the group jobline, whose members may connect, "
                + "but was not at login: log in again")
    }

    @Test("The error names the owner if no group may connect")
    func owner() {
        #expect(reason(mayConnect: false) == "only the user root may connect, and this is ann")
        #expect(reason(isOfProcess: true) == "only the user root may connect, and this is ann")
    }
}

import Testing

@testable import JoblineEmbedded

@Suite("Programs that a service may not see")
struct HiddenFolderTests {
    @Test(
        "The error for a hidden file names the setting that hides it, and the way out",
        arguments: [
            ("/home/ann/rxnorm", "ProtectHome= in the unit of the service hides /home from it"),
            ("/root/bin/rxnorm", "ProtectHome= in the unit of the service hides /root from it"),
            ("/tmp/rxnorm", "PrivateTmp= in the unit of the service hides /tmp from it"),
            ("/var/tmp/a/rxnorm", "PrivateTmp= in the unit of the service hides /var/tmp from it"),
        ])
    func hidden(_ program: String, _ advice: String) {
        let told = HiddenFolder.advice(on: program, isService: true)
        #expect(told?.hasPrefix(advice) == true)
        #expect(told?.contains("systemctl edit joblined") == true)
        #expect(HiddenFolder.advice(on: program, isService: false) == nil)
    }

    @Test("Other files are not hidden", arguments: ["/usr/bin/rxnorm", "/homes/rxnorm", "/opt/home/rxnorm", "rxnorm"])
    func elsewhere(_ program: String) { #expect(HiddenFolder.advice(on: program, isService: true) == nil) }
}

internal import JoblineBackend
internal import JoblineEmbedded
internal import JoblineServer

// Parts of a configuration that can change while the daemon runs.

extension DaemonConfiguration {
    /// Returns this configuration with those values of `new` that can change while the daemon runs.
    func reloaded(with new: DaemonConfiguration) -> DaemonConfiguration {
        var reloaded = self
        reloaded.logLevel = new.logLevel
        reloaded.limits = new.limits
        reloaded.access = new.access
        reloaded.server = new.server
        reloaded.embedded.executors = new.embedded.executors
        // The service manager and the service group received the value at the start.
        reloaded.server.drainTimeout = server.drainTimeout
        reloaded.setsNothing = new.setsNothing
        return reloaded
    }

    /// Returns the changed sections that a reload applies.
    func changes(from other: DaemonConfiguration) -> [String] {
        var changes: [String] = []
        if logLevel != other.logLevel { changes.append("logLevel") }
        if limits != other.limits { changes.append("limits") }
        if access != other.access { changes.append("access") }
        if server != other.server { changes.append("connections") }
        for family in JobFamily.allCases where embedded.executors[family] != other.embedded.executors[family] {
            changes.append("executors.\(family.configurationKey)")
        }
        return changes
    }

    /// Returns the changed keys that require a restart.
    func keysNeedingRestart(for new: DaemonConfiguration) -> [String] {
        var keys: [String] = []
        func compare(_ key: String, _ value: (DaemonConfiguration) -> some Equatable) {
            func differ<Value: Equatable>(_ left: Value, _ right: Value) -> Bool { left != right }
            if differ(value(self), value(new)) { keys.append(key) }
        }
        compare("socket") { $0.socket }
        compare("socketMode") { $0.socketMode }
        compare("socketGroup") { $0.socketGroup }
        compare("http.addresses") { $0.httpAddresses }
        compare("http.socket") { $0.httpSocket }
        compare("stateDirectory") { $0.embedded.stateDirectory }
        compare("region") { $0.embedded.region }
        compare("account") { $0.embedded.accountID }
        compare("drainSeconds") { $0.server.drainTimeout }
        compare("comprehendMedical.retentionSeconds") { $0.embedded.retention }
        compare("comprehendMedical.fileBytes") { $0.embedded.comprehendMedicalFileBytes }
        compare("personalize.openJobs") { $0.embedded.personalizeOpenJobs }
        compare("entityResolution.matchingWorkflows") { $0.embedded.matchingWorkflows }
        compare("entityResolution.idMappingWorkflows") { $0.embedded.idMappingWorkflows }
        compare("entityResolution.oneJobPerWorkflow") { $0.embedded.refusesBusyWorkflows }
        for name in Set((faults + new.faults).map(\.name)).sorted() {
            compare("faults.\(name)") { $0.faults.first { $0.name == name } }
        }
        return keys
    }
}

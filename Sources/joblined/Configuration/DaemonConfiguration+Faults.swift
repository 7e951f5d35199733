internal import JoblineServer

// Keys of faults. The user chooses the names, so they are only supported in the file.

extension DaemonConfiguration {
    static func faults(_ settings: inout SettingsReader) async throws(DaemonError) -> [FaultRule] {
        try await settings.inFile { (settings) async throws(DaemonError) in
            var rules: [FaultRule] = []
            for name in settings.names(below: "faults") { rules.append(try await fault(name, &settings)) }
            return rules
        }
    }

    private static func fault(
        _ name: String, _ settings: inout SettingsReader
    ) async throws(DaemonError) -> FaultRule {
        let key = "faults.\(name)"
        var rule = FaultRule(name: name, methods: try await settings.string("\(key).methods") ?? "")
        rule.share = try await settings.number("\(key).share", in: FaultRule.shares) ?? rule.share
        rule.seed = try await settings.integer("\(key).seed", in: FaultRule.seeds) ?? rule.seed
        rule.throttle = try await settings.bool("\(key).throttle") ?? rule.throttle
        rule.retryAfterMilliseconds = try await settings.integer(
            "\(key).retryAfterMilliseconds", in: FaultRule.advices)
        rule.error = try await settings.string("\(key).error")
        rule.after = try await settings.bool("\(key).after") ?? rule.after
        rule.delayMilliseconds = try await settings.integer("\(key).delayMilliseconds", in: FaultRule.delays)
        return rule
    }
}

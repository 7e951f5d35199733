internal import LibC
internal import SystemPackage

/// An executor that outlived the daemon that started it.
struct OrphanedExecutor {
    /// How often the end of processes that are not our children is looked for; there is nothing to wait on.
    private static let interval = Duration.milliseconds(20)

    let identity: ProcessIdentity
    /// What JOBLINE_OUTPUT is in its environment: a directory that no other job of any daemon has.
    let output: FilePath

    /// Ends what is left of the executor and of what it started: SIGTERM, and SIGKILL after the grace period.
    ///
    /// - Returns: False if something of it is still there.
    func end(grace: Duration) async -> Bool {
        guard identity.boot == ProcessIdentity.currentBoot else { return true }
        for signal in [SIGTERM, SIGKILL] {
            let members = self.members()
            if members.isEmpty { return true }
            for pid in members { kill(pid, signal) }
            await waitForEnd(of: members, within: grace)
        }
        return members().isEmpty
    }

    private func waitForEnd(of members: [Int32], within grace: Duration) async {
        let deadline = ContinuousClock.now + grace
        while members.contains(where: { ProcessStat(of: $0)?.hasEnded == false }), ContinuousClock.now < deadline {
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        }
    }

    /// The processes that are the executor's beyond doubt.
    ///
    /// The executor itself is known by when it began; while it is there, even as a zombie, nobody else can have its number
    /// for a session or a group. What it started may have left both, but has the output directory in its environment.
    func members() -> [Int32] {
        let hasLeader = ProcessStat(of: identity.pid)?.start == identity.start
        guard let names = opendir("/proc") else { return [] }
        defer { closedir(names) }
        var members: [Int32] = []
        while let entry = readdir(names) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = Int32(name), let stat = ProcessStat(of: pid), !stat.hasEnded else { continue }
            let isNear = stat.session == identity.pid || stat.group == identity.pid
            if hasLeader && isNear || stat.start >= identity.start && hasMark(pid) { members.append(pid) }
        }
        return members
    }

    private func hasMark(_ pid: Int32) -> Bool {
        // Linux allows an environment of this size and no more.
        guard let environment = try? ProcFile.read("/proc/\(pid)/environ", limit: 8 << 20) else { return false }
        let mark = Array("JOBLINE_OUTPUT=\(output.string)".utf8)
        return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
    }
}

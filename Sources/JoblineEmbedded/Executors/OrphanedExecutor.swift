internal import Glibc

/// An executor that outlived the daemon that started it.
struct OrphanedExecutor {
    /// How often the end of processes that are not our children is looked for; there is nothing to wait on.
    private static let interval = Duration.milliseconds(20)

    let identity: ProcessIdentity
    /// What JOBLINE_JOB_ID is in its environment.
    let jobID: String

    /// Ends what is left of the executor's process group: SIGTERM, and SIGKILL after the grace period.
    ///
    /// - Returns: False if something of it is still there.
    func end(grace: Duration) async -> Bool {
        guard identity.boot == ProcessIdentity.currentBoot else { return true }
        for signal in [SIGTERM, SIGKILL] {
            let members = self.members()
            if members.isEmpty { return true }
            for pid in members { kill(pid, signal) }
            if await hasEnded(within: grace) { return true }
        }
        return members().isEmpty
    }

    private func hasEnded(within grace: Duration) async -> Bool {
        let deadline = ContinuousClock.now + grace
        while !members().isEmpty {
            guard ContinuousClock.now < deadline, (try? await Task.sleep(for: Self.interval)) != nil else {
                return false
            }
        }
        return true
    }

    /// The processes of the executor's session that are its own beyond doubt.
    ///
    /// The executor itself is known by when it began; while it is there, even as a zombie, nobody else can have its number
    /// for a session. Once it has gone, those are its own that have the job's id in their environment.
    func members() -> [Int32] {
        let leader = ProcessStat(of: identity.pid)
        if let leader, leader.start != identity.start { return [] }
        guard let names = opendir("/proc") else { return [] }
        defer { closedir(names) }
        var members: [Int32] = []
        while let entry = readdir(names) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = Int32(name), let stat = ProcessStat(of: pid), !stat.hasEnded,
                stat.session == identity.pid || stat.group == identity.pid
            else { continue }
            if leader != nil || (stat.start >= identity.start && hasMark(pid)) { members.append(pid) }
        }
        return members
    }

    private func hasMark(_ pid: Int32) -> Bool {
        // Linux allows an environment of this size and no more.
        guard let environment = ProcFile.read("/proc/\(pid)/environ", limit: 8 << 20) else { return false }
        let mark = Array("JOBLINE_JOB_ID=\(jobID)".utf8)
        return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
    }
}

internal import LibC
internal import SystemPackage

/// Executor that outlived the daemon that started it.
struct OrphanedExecutor {
    /// Polling interval for the end of processes; they are not our children, so they cannot be waited for.
    private static let interval = Duration.milliseconds(20)

    let identity: ProcessIdentity
    /// Value of JOBLINE_OUTPUT in its environment, which is unique to the job.
    let output: FilePath

    /// Ends the executor and its descendants: SIGTERM, and SIGKILL after the grace period.
    ///
    /// - Returns: False if a process is still running.
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

    /// Returns the processes that certainly belong to the executor.
    ///
    /// The executor is identified by its start time. While it exists, even as a zombie, its pid cannot be reused as the id of
    /// a session or group. Descendants that left both have the output directory in their environment.
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
        // Maximum size of an environment on Linux.
        guard let environment = try? ProcFile.read("/proc/\(pid)/environ", limit: 8 << 20) else { return false }
        let mark = Array("JOBLINE_OUTPUT=\(output.string)".utf8)
        return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
    }
}

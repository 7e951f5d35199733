internal import SystemPackage

/// Brings a job's output to where the job's request wants it.
///
/// Everything is done by renaming, and what was done before an interruption is recognised when it is done again.
struct Publisher: Sendable {
    let state: StateDirectory

    /// Waits until the output is on the disk. To be done before it is put down that the job ends well.
    func synchronise(_ work: WorkDirectory) throws(Errno) {
        try work.openOutput().synchroniseTree()
    }

    /// Publishes the output of a job: a directory of its own at once, a shared one file by file.
    func publish(_ job: Job, _ work: WorkDirectory) throws {
        let location = try ObjectLocation(uri: job.output)
        if job.key.family.hasOwnOutputDirectory {
            try publishDirectory(work, location)
        } else {
            let target = try Places(state).output(location)
            guard work.hasOutput else { return }
            let output = try work.openOutput()
            // Looked at before anything is moved: a failure publishes nothing.
            try output.checkFit(into: target)
            try output.moveContent(to: target)
        }
    }

    private func publishDirectory(_ work: WorkDirectory, _ location: ObjectLocation) throws {
        guard let name = location.parts.last else { throw PlaceError(.name, "\(location.uri) names no directory") }
        let parent = try ObjectLocation(bucket: location.bucket, key: location.parts.dropLast().joined(separator: "/"))
        let target = try Places(state).output(parent)
        if work.hasOutput {
            try work.moveOutput(to: target, as: name)
        } else {
            // Renamed before the interruption, or lost, which this tells.
            _ = try target.directory(name)
        }
    }
}

extension JobFamily {
    /// Whether the output of each job is a directory of its own.
    var hasOwnOutputDirectory: Bool { service != .personalize }
}

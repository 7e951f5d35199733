internal import JoblineBackend
internal import LibC
internal import SystemPackage

/// Publishes the output of jobs in the buckets.
///
/// Output is renamed to its location; if that is on another file system, it is copied there first. Every step can be repeated
/// after an interruption.
struct Publisher: Sendable {
    let state: StateDirectory

    /// Flushes the output to disk. Must complete before the success of the job is stored.
    func synchronise(_ work: WorkDirectory) throws(Errno) {
        try work.openOutput().synchroniseTree()
    }

    /// Publishes the output of a job: its own directory atomically, a shared one file by file.
    func publish(_ job: Job, _ work: WorkDirectory) throws {
        let location = try ObjectLocation(uri: job.output)
        if job.key.family.hasOwnOutputDirectory {
            try publishDirectory(work, location)
        } else {
            try mergeOutput(work, location)
        }
    }

    /// Throws if the output of a job could not be published, as far as this is known in advance.
    func check(_ job: Job) throws {
        let location = try ObjectLocation(uri: job.output)
        try StatePaths(state).checkOutput(job.key.family.hasOwnOutputDirectory ? location.parent : location)
    }

    private func mergeOutput(_ work: WorkDirectory, _ location: ObjectLocation) throws {
        let target = try StatePaths(state).output(location)
        guard work.hasOutput else { return }
        let output = try work.openOutput()
        let merge = OutputMerge(reserved: work.copyName)
        do {
            try merge.prepare(output, target, uri: location.uri)
        } catch {
            merge.discard(output, target)
            throw error
        }
        try merge.move(output, to: target)
    }

    private func publishDirectory(_ work: WorkDirectory, _ location: ObjectLocation) throws {
        guard let name = location.parts.last else { throw PathError(.name, "\(location.uri) names no directory") }
        let target = try StatePaths(state).output(location.parent)
        if work.hasOutput {
            try target.removeTree(work.copyName)
            if try moved(work, to: target, as: name) { return }
            try copy(work, to: target)
        }
        if try target.entry(Array(work.copyName.utf8CString)) != nil {
            do throws(Errno) {
                try target.move(work.copyName, to: target, as: name)
            } catch {
                try? target.removeTree(work.copyName)
                throw error
            }
        } else {
            // Already renamed before the interruption; throws if the output is lost.
            _ = try target.directory(name)
        }
    }

    /// Returns false if the target is on another file system.
    private func moved(
        _ work: WorkDirectory, to target: borrowing DirectoryHandle, as name: String
    ) throws(Errno) -> Bool {
        do throws(Errno) {
            try work.openOutput().shareTree(with: target.sharingGroup)
            try work.moveOutput(to: target, as: name)
            return true
        } catch {
            // Returned for mounts, subvolumes and project quotas.
            guard error.rawValue == EXDEV else { throw error }
            return false
        }
    }

    private func copy(_ work: WorkDirectory, to target: borrowing DirectoryHandle) throws(Errno) {
        do throws(Errno) {
            let copy = try target.privateDirectory(work.copyName)
            try work.openOutput().copyContent(to: copy, sharingWith: target.sharingGroup)
            try target.synchronise()
            try work.markOutputCopied()
        } catch {
            try? target.removeTree(work.copyName)
            throw error
        }
    }
}

extension JobFamily {
    /// Whether each job has its own output directory.
    var hasOwnOutputDirectory: Bool { service != .personalize }
}

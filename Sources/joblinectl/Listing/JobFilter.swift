internal import ArgumentParser
internal import Jobline

/// Conditions that every listed job must meet.
struct JobFilter: Sendable {
    var name: String?
    /// Common state, or status of a service.
    var status: String?
    var before: Timestamp?
    var after: Timestamp?
    var solution: String?

    /// Returns the error if no job of a family can meet the conditions.
    func rejection(_ family: Family) -> ValidationError? {
        let service = family.kind.service
        if name != nil, service == "EntityResolution" {
            return ValidationError("--name is not supported for \(family.name)")
        }
        if solution != nil, service != "Personalize" {
            return ValidationError("--solution is not supported for \(family.name)")
        }
        if let status, family.state(status) == nil { return Family.unknownState(status, of: [family]) }
        return nil
    }

    /// Returns the condition to send to the service: the most selective one that it supports.
    ///
    /// Never `before`: the service would list the oldest jobs first.
    func request(to family: Family) -> Job.Filter? {
        switch family.kind.service {
        case "ComprehendMedical":
            if let name { return .name(name) }
            if let status, let state = family.state(status),
                let word = ComprehendMedical.JobStatus.known.first(where: { JobState($0) == state })
            {
                return .status(word)
            }
            return after.map { .submittedAfter($0) }
        case "Personalize": return solution.map { .solutionVersion(arn: $0) }
        default: return nil
        }
    }

    /// Whether there are conditions that the service does not check.
    func needsLocalCheck(_ family: Family) -> Bool {
        let count = [name != nil, status != nil, before != nil, after != nil, solution != nil].count { $0 }
        return count > (request(to: family) == nil ? 0 : 1)
    }

    /// Whether a job of a family meets all conditions.
    func includes(_ job: Job, of family: Family) -> Bool {
        if let name, job.name != name { return false }
        if let status, job.state != family.state(status) { return false }
        if let solution, job.solution != solution { return false }
        if before == nil, after == nil { return true }
        guard let submitted = job.submitted else { return false }
        if let before, submitted >= before { return false }
        if let after, submitted <= after { return false }
        return true
    }
}

extension Job {
    /// Trained model of the job, if the list contains it.
    fileprivate var solution: String? {
        switch original {
        case .batchSegmentSummary(let job): job.solutionVersionARN
        case .batchInferenceSummary(let job): job.solutionVersionARN
        default: nil
        }
    }
}

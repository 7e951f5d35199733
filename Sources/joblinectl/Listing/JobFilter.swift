internal import ArgumentParser
internal import Jobline

/// Conditions that listed jobs have to meet, all of them.
struct JobFilter: Sendable {
    var name: String?
    /// A word of all services or of one.
    var status: String?
    var before: Timestamp?
    var after: Timestamp?
    var solution: String?

    /// The reason why no job of a family can meet the conditions; nil if jobs can.
    func obstacle(_ family: Family) -> ValidationError? {
        let service = family.kind.service
        if name != nil, service == "EntityResolution" { return ValidationError("\(family.name) has no --name") }
        if solution != nil, service != "Personalize" { return ValidationError("\(family.name) has no --solution") }
        if let status, family.state(status) == nil { return Family.unknownState(status, of: [family]) }
        return nil
    }

    /// Condition to send to the service: the most selective one that it supports.
    ///
    /// `before` is never asked for: the service then lists the oldest jobs first.
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

    /// True if conditions are left that the service has not been asked to filter by.
    func sieves(_ family: Family) -> Bool {
        let count = [name != nil, status != nil, before != nil, after != nil, solution != nil].count { $0 }
        return count > (request(to: family) == nil ? 0 : 1)
    }

    /// True if a job of a family meets all conditions.
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
    /// The trained model that the job uses, as far as a list tells.
    fileprivate var solution: String? {
        switch original {
        case .batchSegmentSummary(let job): job.solutionVersionARN
        case .batchInferenceSummary(let job): job.solutionVersionARN
        default: nil
        }
    }
}

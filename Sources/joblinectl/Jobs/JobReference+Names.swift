internal import ArgumentParser
internal import Jobline

extension JobReference {
    /// Part of the reference after the family: the id, or `WORKFLOW/ID`.
    var argument: String { workflow.map { "\($0)/\(id)" } ?? id }

    /// Short form for display; for Personalize the name, which is shorter than the ARN.
    var shortName: String {
        guard id.hasPrefix("arn:"), workflow == nil, let slash = id.lastIndex(of: "/") else { return argument }
        return String(id[id.index(after: slash)...])
    }

    /// Form in tables: `FAMILY/[WORKFLOW/]ID`, or `FAMILY/NAME` for Personalize. Commands accept it.
    var fullName: String { "\(family.rawValue)/\(shortName)" }

    /// Parses references, or a family followed by jobs of it. Ignores repetitions.
    ///
    /// - Parameters:
    ///   - words: Words on the command line.
    ///   - workflow: Value of `--workflow`, for `FAMILY JOB...`.
    static func read(_ words: [String], workflow: String? = nil) throws -> [JobReference] {
        let references: [JobReference]
        if let family = words.first.flatMap(Family.named) {
            guard words.count > 1 else {
                throw ValidationError("missing job of \(family.name) after the family")
            }
            references = try words.dropFirst().map { try read($0, of: family, workflow: workflow) }
        } else {
            guard workflow == nil else {
                throw ValidationError("--workflow requires the form FAMILY JOB; use FAMILY/WORKFLOW/JOB")
            }
            references = try words.map { word in
                guard let reference = JobReference(word) else { throw parseError(in: word) }
                return reference
            }
        }
        var seen: Set<JobReference> = []
        return references.filter { seen.insert($0).inserted }
    }

    /// Parses a word after a family: a job of it, or a complete reference.
    private static func read(_ word: String, of family: Family, workflow: String?) throws -> JobReference {
        if let workflow {
            guard family.kind.hasWorkflows else {
                throw ValidationError("--workflow is not supported for \(family.name)")
            }
            guard !word.isEmpty, !word.contains("/") else {
                throw ValidationError("'\(word)' is not the id of a job of \(family.name), which --workflow requires")
            }
            return JobReference(family: family.kind, id: word, workflow: workflow)
        }
        // A workflow can have the name of a family, but a reference with the same family takes precedence.
        if let reference = JobReference(word), reference.family == family.kind || !family.kind.hasWorkflows {
            return reference
        }
        guard let reference = JobReference("\(family.name)/\(word)") else { throw parseError(in: word, of: family) }
        return reference
    }

    /// Returns the error for an invalid reference.
    private static func parseError(in word: String) -> ValidationError {
        let name = String(word.prefix { $0 != "/" })
        guard let family = Family.named(name), name.count < word.count else {
            let advice = Spelling.suggestion(name, Family.all.map(\.name))
            return ValidationError(
                "'\(word)' is neither a family nor FAMILY/JOB\(advice.isEmpty ? "; see joblinectl --help" : advice)")
        }
        return parseError(in: String(word.dropFirst(name.count + 1)), of: family)
    }

    private static func parseError(in word: String, of family: Family) -> ValidationError {
        if word.isEmpty { return ValidationError("the name of a job of \(family.name) cannot be empty") }
        return ValidationError(
            "'\(word)' is not a job of \(family.name); use WORKFLOW/JOB, or JOB with --workflow WORKFLOW")
    }

    /// Returns the reference with the ARN, if a job of Personalize is given by name; returns itself if no job has the
    /// name.
    func resolved(by client: JoblineClient) async throws(JoblineError) -> JobReference {
        guard isName else { return self }
        for try await job in client.jobs(family, pageSize: 100) where job.name == id { return job.reference }
        return self
    }

    /// Whether it contains the name of a Personalize job, which the service does not accept.
    var isName: Bool { family.service == "Personalize" && !id.hasPrefix("arn:") }
}

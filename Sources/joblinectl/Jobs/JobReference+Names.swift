internal import ArgumentParser
internal import Jobline

extension JobReference {
    /// The part of the reference behind its family: the id, or `WORKFLOW/ID`.
    var argument: String { workflow.map { "\($0)/\(id)" } ?? id }

    /// The same for a person: jobs of Personalize by their names, which are shorter than their ARNs.
    var shortName: String {
        guard id.hasPrefix("arn:"), workflow == nil, let slash = id.lastIndex(of: "/") else { return argument }
        return String(id[id.index(after: slash)...])
    }

    /// The reference as tables show it: `FAMILY/[WORKFLOW/]ID`, of Personalize `FAMILY/NAME`. Commands take either.
    var fullName: String { "\(family.rawValue)/\(shortName)" }

    /// Reads what the command line names jobs with: references, or a family and jobs of it.
    ///
    /// - Parameters:
    ///   - words: The words; each job once is enough.
    ///   - workflow: The value of `--workflow`, for `FAMILY JOB...`.
    static func read(_ words: [String], workflow: String? = nil) throws -> [JobReference] {
        let references: [JobReference]
        if let family = words.first.flatMap(Family.named) {
            guard words.count > 1 else {
                throw ValidationError("which job of \(family.name)? Name it behind the family")
            }
            references = try words.dropFirst().map { try read($0, of: family, workflow: workflow) }
        } else {
            guard workflow == nil else {
                throw ValidationError("--workflow is for FAMILY JOB; write FAMILY/WORKFLOW/JOB")
            }
            references = try words.map { word in
                guard let reference = JobReference(word) else { throw mistake(in: word) }
                return reference
            }
        }
        var seen: Set<JobReference> = []
        return references.filter { seen.insert($0).inserted }
    }

    /// Reads a word behind a family: a job of it, or a reference that names its family itself.
    private static func read(_ word: String, of family: Family, workflow: String?) throws -> JobReference {
        if let workflow {
            guard family.kind.hasWorkflows else { throw ValidationError("\(family.name) has no --workflow") }
            guard !word.isEmpty, !word.contains("/") else {
                throw ValidationError("'\(word)': with --workflow a job of \(family.name) is its id alone")
            }
            return JobReference(family: family.kind, id: word, workflow: workflow)
        }
        // A workflow may be called like a family, but not like the reference of one of its own jobs.
        if let reference = JobReference(word), reference.family == family.kind || !family.kind.hasWorkflows {
            return reference
        }
        guard let reference = JobReference("\(family.name)/\(word)") else { throw mistake(in: word, of: family) }
        return reference
    }

    /// The reason why a word is no reference.
    private static func mistake(in word: String) -> ValidationError {
        let name = String(word.prefix { $0 != "/" })
        guard let family = Family.named(name), name.count < word.count else {
            let advice = Spelling.advice(name, Family.all.map(\.name))
            return ValidationError(
                "'\(word)' is neither a family nor FAMILY/JOB\(advice.isEmpty ? "; see joblinectl --help" : advice)")
        }
        return mistake(in: String(word.dropFirst(name.count + 1)), of: family)
    }

    private static func mistake(in word: String, of family: Family) -> ValidationError {
        if word.isEmpty { return ValidationError("a job of \(family.name) has a name that is not empty") }
        return ValidationError(
            "'\(word)': a job of \(family.name) is WORKFLOW/JOB, or JOB with --workflow WORKFLOW")
    }

    /// Returns the reference with the ARN where a job of Personalize was named by its name; itself where no job has it.
    func resolved(by client: JoblineClient) async throws(JoblineError) -> JobReference {
        guard isName else { return self }
        for try await job in client.jobs(family, pageSize: 100) where job.name == id { return job.reference }
        return self
    }

    /// True if a job of Personalize is named by its name, which the service does not take.
    var isName: Bool { family.service == "Personalize" && !id.hasPrefix("arn:") }
}

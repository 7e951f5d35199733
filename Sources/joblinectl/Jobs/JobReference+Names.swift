internal import ArgumentParser
internal import Jobline

extension JobReference {
    /// What `describe` and `wait` take behind the family: the id, or `WORKFLOW/ID`.
    var argument: String { workflow.map { "\($0)/\(id)" } ?? id }

    /// The same for a person: jobs of Personalize by their names, which are shorter than their ARNs.
    var shortName: String {
        guard id.hasPrefix("arn:"), workflow == nil, let slash = id.lastIndex(of: "/") else { return argument }
        return String(id[id.index(after: slash)...])
    }

    /// What a person calls the job where there are others of other families.
    var fullName: String { "\(family.rawValue)/\(shortName)" }

    /// Reads what the command line names jobs with: `FAMILY JOB...`, or `FAMILY/JOB...`.
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
            references = try words.dropFirst().map { try JobReference($0, of: family, workflow: workflow) }
        } else {
            guard workflow == nil else {
                throw ValidationError("--workflow is for FAMILY JOB; write FAMILY/WORKFLOW/JOB")
            }
            references = try words.map(full)
        }
        var seen: Set<JobReference> = []
        return references.filter { seen.insert($0).inserted }
    }

    private static func full(_ word: String) throws -> JobReference {
        if let reference = JobReference.personalize(arn: word) { return reference }
        guard let slash = word.firstIndex(of: "/"), let family = Family.named(word[..<slash]) else {
            throw ValidationError(
                "'\(word)' is neither a family nor FAMILY/JOB; see joblinectl --help for the families")
        }
        return try JobReference(String(word[word.index(after: slash)...]), of: family, workflow: nil)
    }

    private init(_ text: String, of family: Family, workflow: String?) throws {
        guard !text.isEmpty else { throw ValidationError("a job of \(family.name) has a name that is not empty") }
        guard family.kind.hasWorkflows else {
            guard workflow == nil else { throw ValidationError("\(family.name) has no --workflow") }
            self.init(family: family.kind, id: text)
            return
        }
        if let workflow {
            self.init(family: family.kind, id: text, workflow: workflow)
            return
        }
        // A workflow has no slash in its name, but one in its ARN.
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == (text.hasPrefix("arn:") ? 3 : 2), !parts.contains("") else {
            throw ValidationError("'\(text)': a job of \(family.name) is WORKFLOW/JOB, or JOB with --workflow WORKFLOW")
        }
        self.init(
            family: family.kind, id: String(parts[parts.count - 1]), workflow: parts.dropLast().joined(separator: "/"))
    }

    /// With the ARN where a job of Personalize was named by its name, which is taken once and for ever.
    func resolved(by client: JoblineClient) async throws -> JobReference {
        guard family.service == "Personalize", !id.hasPrefix("arn:") else { return self }
        for try await job in client.jobs(family, pageSize: 100) where job.name == id { return job.reference }
        // Let the service say in its own words that there is none.
        return self
    }
}

internal import ArgumentParser

/// The kinds of jobs.
enum Families {
    static let all: [any JobFamily] =
        ComprehendMedicalFamily.all + PersonalizeFamily.all + EntityResolutionFamily.all

    /// One line each, for the help.
    static var overview: String {
        let width = all.map(\.name.count).max() ?? 0
        return all.map { family in
            "  " + family.name + String(repeating: " ", count: width - family.name.count + 2) + family.summary
        }.joined(separator: "\n")
    }

    /// How to start one of each, for the help.
    static var examples: String { all.map { "  joblinectl start \($0.example)" }.joined(separator: "\n") }
}

/// A kind of job, named on the command line.
struct FamilyArgument: ExpressibleByArgument, Sendable {
    let family: any JobFamily

    init?(argument: String) {
        guard let family = Families.all.first(where: { $0.name.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self.family = family
    }

    static var allValueStrings: [String] { Families.all.map(\.name) }
    var defaultValueDescription: String { family.name }
}

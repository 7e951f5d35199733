internal import Yams

extension ServiceParser {
    func operations(_ fields: Fields, _ service: Service) -> [Operation] {
        guard let entry = fields.required("operations"), let operations = fields.mapping(entry, "operations") else {
            return []
        }
        return operations.entries.compactMap { operation(operations, $0, service) }
    }

    private func operation(_ owner: Fields, _ entry: Fields.Entry, _ service: Service) -> Operation? {
        let subject = "operation \(entry.key)"
        guard let fields = owner.mapping(entry, subject) else { return nil }
        fields.allow(
            "summary", "limit", "retry", "pages", "job", "notifies", "errors", "answeredBy", "http", "request",
            "response")
        let limit = fields.required("limit") == nil ? nil : fields.word("limit", Operation.LimitClass.self)
        let retry = fields.required("retry") == nil ? nil : fields.word("retry", Operation.RetrySafety.self)
        let operation = Operation(
            template: entry.key, summary: fields.requiredText("summary"), limitClass: limit ?? .write,
            retrySafety: retry ?? .never, pages: pages(fields), job: job(fields),
            notifies: fields.optionalText("notifies"), errors: raisedErrors(fields, service),
            answeredBy: fields.word("answeredBy", Operation.Answerer.self) ?? .service, http: http(fields),
            request: fields.required("request").map { members(fields, $0) } ?? [], response: response(fields),
            location: entry.location)
        checkPlaceholders(operation, fields, entry, service)
        checkPages(operation, fields)
        checkJob(operation, fields)
        checkToken(operation, fields)
        checkInvalidTypes(operation.request, fields.subject, among: operation.errors)
        checkNotification(operation, fields, service)
        checkHTTP(operation, fields)
        checkSummary(operation, fields, service)
        return operation
    }

    private func response(_ fields: Fields) -> Operation.Response {
        guard let entry = fields.required("response") else { return .members([]) }
        if entry.node.scalar?.string == "document" { return .document }
        let members = members(fields, entry)
        checkInvalidTypes(members, "\(fields.subject), response", among: nil)
        return .members(members)
    }

    private func pages(_ fields: Fields) -> Operation.Pages? {
        guard let entry = fields.entry("pages"), let pages = fields.mapping(entry, fields.subject + ", pages") else {
            return nil
        }
        pages.allow("token", "limit", "items")
        return Operation.Pages(
            token: pages.requiredText("token"), limit: pages.requiredText("limit"), items: pages.requiredText("items"))
    }

    private func job(_ fields: Fields) -> Operation.JobMembers? {
        guard let entry = fields.entry("job"), let job = fields.mapping(entry, fields.subject + ", job") else {
            return nil
        }
        job.allow("family", "id", "workflow")
        return Operation.JobMembers(
            family: job.optionalText("family"), id: job.requiredText("id"), workflow: job.optionalText("workflow"))
    }

    private func raisedErrors(_ fields: Fields, _ service: Service) -> [Operation.RaisedError] {
        guard let entry = fields.required("errors") else { return [] }
        guard let items = entry.node.sequence else {
            fields.note("\(fields.subject): \"errors\" is a list", entry)
            return []
        }
        return items.compactMap { item in
            let pair = item.mapping?.first
            guard let word = pair?.key.scalar?.string ?? item.scalar?.string else {
                fields.note("\(fields.subject): an error is a kind, or a kind and its own type", entry)
                return nil
            }
            if let kind = ErrorKind(rawValue: word) {
                if let type = pair?.value.scalar?.string ?? service.errors[kind] {
                    return Operation.RaisedError(kind: kind, type: type)
                }
                fields.note("\(fields.subject): the service has no type for \(word)", entry)
            } else if word.hasSuffix("Exception"), pair == nil {
                return Operation.RaisedError(kind: nil, type: word)
            } else {
                fields.note("\(fields.subject): unknown kind of error \"\(word)\"", entry)
            }
            return nil
        }
    }
}

// MARK: - Checks across the parts of an operation

extension ServiceParser {
    private func checkPlaceholders(
        _ operation: Operation, _ fields: Fields, _ entry: Fields.Entry, _ service: Service
    ) {
        if operation.isForFamilies, service.families.isEmpty {
            fields.note("\(fields.subject): \(Operation.placeholder) needs \"families\" in the file", entry)
        }
        if operation.summary.contains(Operation.clausePlaceholder), !operation.isForFamilies {
            fields.note(
                "\(fields.subject): \(Operation.clausePlaceholder) in the summary needs \(Operation.placeholder) in the name",
                entry)
        }
        let rest = operation.baseName
        if rest.isEmpty || !rest.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) {
            fields.note("\(fields.subject): a name is made of letters, digits and \(Operation.placeholder)", entry)
        }
    }

    private func checkPages(_ operation: Operation, _ fields: Fields) {
        guard let pages = operation.pages, let entry = fields.entry("pages") else { return }
        for name in [pages.token, pages.limit] where !operation.request.contains(where: { $0.name == name }) {
            fields.note("\(fields.subject): \"pages\" names \"\(name)\", which is no member of the request", entry)
        }
        guard case .members(let response) = operation.response else { return }
        for name in [pages.token, pages.items] where !response.contains(where: { $0.name == name }) {
            fields.note("\(fields.subject): \"pages\" names \"\(name)\", which is no member of the response", entry)
        }
    }

    private func checkJob(_ operation: Operation, _ fields: Fields) {
        guard let job = operation.job, let entry = fields.entry("job") else { return }
        if operation.isForFamilies == (job.family != nil) {
            fields.note(
                "\(fields.subject): \"job\" has a family, or the operation's name \(Operation.placeholder)", entry)
        }
        let isAbout = operation.request.contains { $0.name == job.id && $0.required && $0.type.builtin == .string }
        let isStarted = operation.startedJobID?.type.builtin == .string
        if !isAbout, !isStarted {
            fields.note(
                "\(fields.subject): \"job\" names \"\(job.id)\", which is no string that the request requires "
                    + "or the response has", entry)
        }
        if let workflow = job.workflow,
            !operation.request.contains(where: { $0.name == workflow && $0.required && $0.type.builtin == .string })
        {
            fields.note(
                "\(fields.subject): \"job\" names \"\(workflow)\", which is no string that the request requires", entry)
        }
    }

    private func checkToken(_ operation: Operation, _ fields: Fields) {
        let hasToken = operation.request.contains(where: \.isToken)
        if hasToken != (operation.retrySafety == .token) {
            fields.note("\(fields.subject): \"retry: token\" and a member with \"token: true\" go together")
        }
    }

    /// - Parameter errors: Errors of the operation if the members belong to a request; nil for other members, which
    ///   cannot have their own error type.
    func checkInvalidTypes(_ members: [Member], _ subject: String, among errors: [Operation.RaisedError]?) {
        for member in members {
            guard let type = member.invalidType else { continue }
            if errors == nil {
                diagnostics.note(
                    "\(subject), member \(member.name): \"invalid\" belongs to a member of a request",
                    at: member.location)
            } else if errors?.contains(where: { $0.kind == nil && $0.type == type }) == false {
                diagnostics.note(
                    "\(subject), member \(member.name): \"invalid\" names \"\(type)\", which \"errors\" does not list",
                    at: member.location)
            }
        }
    }

    private func checkNotification(_ operation: Operation, _ fields: Fields, _ service: Service) {
        guard let structure = operation.notifies, let entry = fields.entry("notifies") else { return }
        if !service.structures.contains(where: { $0.name == structure }) {
            fields.note(
                "\(fields.subject): \"notifies\" names \"\(structure)\", which is no structure of the file", entry)
        }
    }

    private func checkSummary(_ operation: Operation, _ fields: Fields, _ service: Service) {
        guard let entry = fields.entry("summary") else { return }
        let longest = service.families.map(\.clause).max { $0.count < $1.count } ?? ""
        let summary = operation.summary.replacing(Operation.clausePlaceholder, with: longest)
        if summary.count > Operation.maximumSummary {
            fields.note("\(fields.subject): the summary has more than \(Operation.maximumSummary) characters", entry)
        }
    }
}
